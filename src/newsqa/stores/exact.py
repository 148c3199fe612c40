"""The stores that compare with everything: obviously right, and fast up to some 10,000 texts."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from newsqa.stores.bm25 import Statistics, fit, joined, query_terms, rounded_lengths, saturation
from newsqa.stores.ranking import (
    VECTOR_DECIMALS,
    WORD_DECIMALS,
    check_k,
    checked_keys,
    checked_query,
    checked_vectors,
    ranked,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from newsqa.protocols import Keys, Scored, Vectors


class ExactVectors:
    """Multiplies the query with every vector. See `newsqa.protocols.VectorStore`."""

    def __init__(self, dim: int) -> None:
        self._dim = dim
        self._keys: Keys = np.empty(0, dtype=np.int64)
        self._vectors: Vectors = np.empty((0, dim), dtype=np.float32)

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """See `newsqa.protocols.VectorStore.add`."""
        rows = checked_vectors(vectors, self._dim)
        new = checked_keys(keys, len(rows), self._keys)
        self._keys = np.concatenate([self._keys, new])
        self._vectors = np.concatenate([self._vectors, rows])

    def remove(self, keys: Keys) -> None:
        """See `newsqa.protocols.VectorStore.remove`."""
        kept = ~np.isin(self._keys, keys)
        self._keys, self._vectors = self._keys[kept], self._vectors[kept]

    def search(self, vector: Vectors, k: int, *, allowed: Keys | None = None) -> Scored:
        """See `newsqa.protocols.VectorStore.search`."""
        check_k(k)
        query = checked_query(vector, self._dim)
        keys, vectors = self._keys, self._vectors
        if allowed is not None:
            kept = np.isin(keys, allowed)
            keys, vectors = keys[kept], vectors[kept]
        return ranked(keys, vectors @ query, k, VECTOR_DECIMALS)


class ExactWords:
    """Scores every text that holds a term. See `newsqa.protocols.LexicalStore`."""

    def __init__(self) -> None:
        self._keys: list[int] = []
        self._live: list[bool] = []
        self._documents: list[list[str]] = []
        self._lengths = array("q")
        self._postings: dict[str, tuple[array[int], array[int]]] = {}  # rows, counts
        self._terms = 0

    def __len__(self) -> int:
        return sum(self._live)

    @property
    def total_terms(self) -> int:
        """Length of all texts together, in terms."""
        return self._terms

    def add(self, keys: Keys, documents: Sequence[Sequence[str]]) -> None:
        """See `newsqa.protocols.LexicalStore.add`."""
        live = np.array(self._keys, dtype=np.int64)[np.array(self._live, dtype=bool)]
        new = checked_keys(keys, len(documents), live)
        lines = [joined(document).split() for document in documents]
        for key, terms in zip(new.tolist(), lines, strict=True):
            row = len(self._keys)
            self._keys.append(key)
            self._live.append(True)
            self._documents.append(terms)
            self._lengths.append(len(terms))
            self._terms += len(terms)
            for term, count in Counter(terms).items():
                rows, counts = self._postings.setdefault(term, (array("q"), array("q")))
                rows.append(row)
                counts.append(count)

    def remove(self, keys: Keys) -> None:
        """See `newsqa.protocols.LexicalStore.remove`."""
        gone = set(np.asarray(keys).tolist())
        for row, key in enumerate(self._keys):
            if self._live[row] and key in gone:
                self._live[row] = False
                self._terms -= self._lengths[row]

    def search(
        self,
        terms: Sequence[str],
        k: int,
        *,
        allowed: Keys | None = None,
        statistics: Statistics | None = None,
    ) -> Scored:
        """See `newsqa.protocols.LexicalStore.search`.

        ``statistics`` describes the collection these texts are a part of; if None, they are all
        of it.
        """
        check_k(k)
        whole = statistics or Statistics(len(self), self._terms, self.frequency)
        scores = np.zeros(len(self._keys))
        lengths = rounded_lengths(np.array(self._lengths, dtype=np.int64))
        for term in query_terms(terms):
            rows, counts = self._posting(term)
            if len(rows):
                part = saturation(counts, lengths[rows], whole.average)
                scores[rows] += whole.idf(term) * part
        keys = np.array(self._keys, dtype=np.int64)
        found = (scores > 0) & np.array(self._live, dtype=bool)
        if allowed is not None:
            found &= np.isin(keys, allowed)
        return ranked(keys[found], scores[found], k, WORD_DECIMALS)

    def phrase(self, terms: Sequence[str]) -> Keys:
        """See `newsqa.protocols.LexicalStore.phrase`."""
        wanted = [fit(term) for term in terms]
        if not wanted:
            return np.empty(0, dtype=np.int64)
        found = set.intersection(*(set(self._posting(term)[0].tolist()) for term in wanted))
        n = len(wanted)
        hits = [
            self._keys[row]
            for row in found
            if self._live[row]
            and any(
                self._documents[row][i : i + n] == wanted
                for i in range(len(self._documents[row]) - n + 1)
            )
        ]
        return np.array(sorted(hits), dtype=np.int64)

    def frequency(self, term: str) -> int:
        """See `newsqa.protocols.LexicalStore.frequency`."""
        rows, _ = self._posting(fit(term))
        return int(np.array(self._live, dtype=bool)[rows].sum())

    def _posting(self, term: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        rows, counts = self._postings.get(term, ((), ()))
        return np.array(rows, dtype=np.int64), np.array(counts, dtype=np.int64)
