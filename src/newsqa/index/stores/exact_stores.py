"""Exact stores: compare the query with everything; obviously right, fast up to 10,000 texts."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from newsqa.index.stores.bm25 import fit, joined, query_terms, rounded_lengths, saturation
from newsqa.index.stores.ties import (
    VECTOR_DECIMALS,
    WORD_DECIMALS,
    check_k,
    checked_keys,
    checked_query,
    checked_vectors,
    ranked,
    rows_of,
)
from newsqa.protocols import Statistics
from newsqa.text.analysis import contains_run

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from newsqa.protocols import Keys, Scored, Vectors


class ExactVectors:
    """Multiply the query with every vector. See `newsqa.protocols.VectorStore`."""

    def __init__(self, keys: Keys, vectors: Vectors) -> None:
        self._vectors = checked_vectors(vectors)
        self._keys = checked_keys(keys, len(self._vectors))

    def __len__(self) -> int:
        return len(self._keys)

    def search(self, vector: Vectors, k: int, *, allowed: Keys | None = None) -> Scored:
        """See `newsqa.protocols.VectorStore.search`."""
        check_k(k)
        query = checked_query(vector, self._vectors.shape[1])
        keys, vectors = self._keys, self._vectors
        if allowed is not None:
            kept = np.isin(keys, allowed)
            keys, vectors = keys[kept], vectors[kept]
        return ranked(keys, vectors @ query, k, VECTOR_DECIMALS)

    def vectors(self, keys: Keys) -> Vectors:
        """See `newsqa.protocols.VectorStore.vectors`."""
        rows: Vectors = self._vectors[rows_of(self._keys, keys)]
        return rows


class ExactWords:
    """Score every text that holds a term. See `newsqa.protocols.LexicalStore`."""

    def __init__(self, keys: Keys, documents: Sequence[Sequence[str]]) -> None:
        self._keys = checked_keys(keys, len(documents))
        self._documents = [joined(document).split() for document in documents]
        self._postings: dict[str, tuple[array[int], array[int]]] = {}  # rows, counts
        for row, terms in enumerate(self._documents):
            for term, count in Counter(terms).items():
                rows, counts = self._postings.setdefault(term, (array("q"), array("q")))
                rows.append(row)
                counts.append(count)
        lengths = [len(document) for document in self._documents]
        self._lengths = rounded_lengths(np.array(lengths, dtype=np.int64))
        self.total_terms = sum(lengths)

    def __len__(self) -> int:
        return len(self._keys)

    def search(
        self,
        terms: Sequence[str],
        k: int,
        *,
        allowed: Keys | None = None,
        statistics: Statistics | None = None,
    ) -> Scored:
        """See `newsqa.protocols.LexicalStore.search`."""
        check_k(k)
        whole = statistics or Statistics(len(self), self.total_terms, self.frequency)
        scores = np.zeros(len(self._keys))
        for term in query_terms(terms):
            rows, counts = self._posting(term)
            if len(rows):
                part = saturation(counts, self._lengths[rows], whole.average)
                scores[rows] += whole.idf(term) * part
        matches = scores > 0
        if allowed is not None:
            matches &= np.isin(self._keys, allowed)
        return ranked(self._keys[matches], scores[matches], k, WORD_DECIMALS)

    def phrase(self, terms: Sequence[str]) -> Keys:
        """See `newsqa.protocols.LexicalStore.phrase`."""
        run = [fit(term) for term in terms]
        if not run:
            return np.empty(0, dtype=np.int64)
        rows = set.intersection(*(set(self._posting(term)[0].tolist()) for term in run))
        return self._keys_at(row for row in rows if contains_run(self._documents[row], run))

    def frequency(self, term: str) -> int:
        """See `newsqa.protocols.LexicalStore.frequency`."""
        return len(self._posting(fit(term))[0])

    def near(self, term: str, edits: int) -> Keys:
        """See `newsqa.protocols.LexicalStore.near`."""
        from rapidfuzz.distance import OSA

        asked = fit(term)
        close = [w for w in self._postings if OSA.distance(w, asked, score_cutoff=edits) <= edits]
        return self._keys_at({row for word in close for row in self._postings[word][0]})

    def _keys_at(self, rows: Iterable[int]) -> Keys:
        return self._keys[np.array(sorted(rows), dtype=np.int64)]

    def _posting(self, term: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        rows, counts = self._postings.get(term, ((), ()))
        return np.array(rows, dtype=np.int64), np.array(counts, dtype=np.int64)
