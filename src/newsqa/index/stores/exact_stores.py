"""The stores that compare with everything: obviously right, and fast up to some 10,000 texts."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from newsqa.index.stores.bm25 import (
    Statistics,
    fit,
    joined,
    query_terms,
    rounded_lengths,
    saturation,
)
from newsqa.index.stores.ties import (
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
    """Scores every text that holds a term. See `newsqa.protocols.LexicalStore`.

    Reading is thread-safe; writing has one thread.
    """

    def __init__(self) -> None:
        self._documents: list[list[str]] = []  # by row
        self._lengths = array("q")
        self._postings: dict[str, tuple[array[int], array[int]]] = {}  # rows, counts
        self._keys: Keys = np.empty(0, dtype=np.int64)
        self._live: NDArray[np.bool_] = np.empty(0, dtype=bool)
        self._rounded: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._terms = 0

    def __len__(self) -> int:
        return int(self._live.sum())

    @property
    def total_terms(self) -> int:
        """Length of all texts together, in terms."""
        return self._terms

    @property
    def statistics(self) -> Statistics:
        """What BM25 must know of these texts."""
        return Statistics(len(self), self._terms, self.frequency)

    def add(self, keys: Keys, documents: Sequence[Sequence[str]]) -> None:
        """See `newsqa.protocols.LexicalStore.add`."""
        new = checked_keys(keys, len(documents), self._keys[self._live])
        lines = [joined(document).split() for document in documents]
        for row, terms in enumerate(lines, start=len(self._documents)):
            self._documents.append(terms)
            self._lengths.append(len(terms))
            for term, count in Counter(terms).items():
                rows, counts = self._postings.setdefault(term, (array("q"), array("q")))
                rows.append(row)
                counts.append(count)
        self._terms += sum(map(len, lines))
        self._keys = np.concatenate([self._keys, new])
        self._live = np.concatenate([self._live, np.ones(len(new), dtype=bool)])
        self._rounded = rounded_lengths(np.array(self._lengths, dtype=np.int64))

    def remove(self, keys: Keys) -> None:
        """See `newsqa.protocols.LexicalStore.remove`."""
        gone = self._live & np.isin(self._keys, keys)
        self._terms -= sum(self._lengths[row] for row in np.flatnonzero(gone).tolist())
        self._live = self._live & ~gone

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
        whole = statistics or self.statistics
        scores = np.zeros(len(self._keys))
        for term in query_terms(terms):
            rows, counts = self._posting(term)
            if len(rows):
                part = saturation(counts, self._rounded[rows], whole.average)
                scores[rows] += whole.idf(term) * part
        found = (scores > 0) & self._live
        if allowed is not None:
            found &= np.isin(self._keys, allowed)
        return ranked(self._keys[found], scores[found], k, WORD_DECIMALS)

    def phrase(self, terms: Sequence[str]) -> Keys:
        """See `newsqa.protocols.LexicalStore.phrase`."""
        wanted = [fit(term) for term in terms]
        if not wanted:
            return np.empty(0, dtype=np.int64)
        rows = set.intersection(*(set(self._posting(term)[0].tolist()) for term in wanted))
        hits = [row for row in rows if self._live[row] and _follow(self._documents[row], wanted)]
        return np.sort(self._keys[np.array(hits, dtype=np.int64)])

    def frequency(self, term: str) -> int:
        """See `newsqa.protocols.LexicalStore.frequency`."""
        rows, _ = self._posting(fit(term))
        return int(self._live[rows].sum())

    def near(self, term: str, edits: int) -> Keys:
        """See `newsqa.protocols.LexicalStore.near`."""
        from rapidfuzz.distance import OSA

        wanted = fit(term)
        held = [w for w in self._postings if OSA.distance(w, wanted, score_cutoff=edits) <= edits]
        rows = {row for near in held for row in self._postings[near][0]}
        hits = [row for row in rows if self._live[row]]
        return np.sort(self._keys[np.array(hits, dtype=np.int64)])

    def _posting(self, term: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        rows, counts = self._postings.get(term, ((), ()))
        return np.array(rows, dtype=np.int64), np.array(counts, dtype=np.int64)


def _follow(document: list[str], wanted: list[str]) -> bool:
    """Whether ``wanted`` stands in ``document`` one term after another."""
    n = len(wanted)
    return any(document[i : i + n] == wanted for i in range(len(document) - n + 1))
