"""The delta: changes since the caches were written, kept in memory and searched beside them.

Removed passages are those the caches hold and that are no longer current; added ones are the other
way round. Added ones are scored exactly, with the word counts of caches and delta together.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from newsqa.index.caches import Caches
from newsqa.index.catalog import CatalogReader, Recipe
from newsqa.index.chunking import document
from newsqa.index.stores import ExactVectors, ExactWords
from newsqa.protocols import Statistics

if TYPE_CHECKING:
    from newsqa.protocols import Keys, Vectors

MOST_PASSAGES = 2_000
MOST_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Documents:
    """Keep the terms of some passages, so that the next delta need not compute them again."""

    keys: Keys
    terms: tuple[list[str], ...]

    def of(self, keys: Keys) -> dict[int, list[str]]:
        """Return the terms of those of ``keys`` that are known, by key."""
        asked = set(keys.tolist())
        pairs = zip(self.keys.tolist(), self.terms, strict=True)
        return {key: terms for key, terms in pairs if key in asked}


@dataclass(frozen=True, slots=True)
class Delta:
    """Removed and added passages relative to the caches, ready to be searched."""

    removed: Keys
    added: Keys
    matrix: Vectors  # of the added passages, row for row
    removed_documents: Documents
    added_documents: Documents
    vectors: ExactVectors
    words: ExactWords
    statistics: Statistics  # of everything current

    @property
    def is_long(self) -> bool:
        """Whether the caches should be written anew."""
        cached = self.statistics.texts - len(self.added) + len(self.removed)
        return outgrown(len(self.removed) + len(self.added), cached)


def outgrown(changed: int, cached: int) -> bool:
    """Whether a delta of ``changed`` passages should be merged into the caches."""
    return changed > MOST_PASSAGES or changed > MOST_SHARE * cached


def make_delta(
    catalog: CatalogReader,
    recipe: Recipe,
    generation: int,
    current: Keys,
    caches: Caches,
    before: Delta | None,
) -> Delta:
    """Return the delta between the caches and what is current, reusing that of ``before``."""
    cached_words = caches.words.store
    removed = np.setdiff1d(caches.keys, current, assume_unique=True)
    added = np.setdiff1d(current, caches.keys, assume_unique=True)
    before_added = before.added_documents if before else None
    before_removed = before.removed_documents if before else None
    added_documents = _documents(catalog, generation, added, before_added)
    removed_documents = _documents(catalog, generation, removed, before_removed)
    matrix = _matrix(catalog, recipe, added, before)
    words = ExactWords(added, added_documents.terms)
    lost: Counter[str] = Counter()
    for terms in removed_documents.terms:
        lost.update(set(terms))
    lost_terms = sum(map(len, removed_documents.terms))

    def frequency(term: str) -> int:
        return cached_words.frequency(term) - lost[term] + words.frequency(term)

    total_terms = cached_words.total_terms - lost_terms + words.total_terms
    return Delta(
        removed=removed,
        added=added,
        matrix=matrix,
        removed_documents=removed_documents,
        added_documents=added_documents,
        vectors=ExactVectors(added, matrix),
        words=words,
        statistics=Statistics(len(current), total_terms, frequency),
    )


def _documents(
    catalog: CatalogReader, generation: int, keys: Keys, before: Documents | None
) -> Documents:
    known = before.of(keys) if before else {}
    missing = [key for key in keys.tolist() if key not in known]
    for stored in catalog.passages(missing, generation) if missing else ():
        known[stored.key] = document(stored.passage)
    present = [key for key in keys.tolist() if key in known]
    return Documents(np.array(present, dtype=np.int64), tuple(known[key] for key in present))


def _matrix(catalog: CatalogReader, recipe: Recipe, keys: Keys, before: Delta | None) -> Vectors:
    matrix = np.zeros((len(keys), recipe.dim), dtype=np.float32)
    missing = np.ones(len(keys), dtype=bool)
    if before is not None and len(before.added):
        at = np.minimum(np.searchsorted(before.added, keys), len(before.added) - 1)
        known = before.added[at] == keys
        matrix[known] = before.matrix[at[known]]
        missing &= ~known
    if missing.any():
        matrix[missing] = catalog.vectors(keys[missing], recipe.encoder, recipe.dim)
    return matrix
