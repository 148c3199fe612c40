"""The tail: what has changed since the caches were written, kept in memory.

Dead passages are those the caches hold and that are no longer current; new ones are the other
way round. New ones are scored exactly, with the word counts of caches and tail together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from newsqa.index.catalog import CatalogReader, Recipe
from newsqa.index.chunking import document
from newsqa.index.stores import ExactVectors, ExactWords, FaissStore, Statistics, TantivyStore

if TYPE_CHECKING:
    from newsqa.protocols import Keys, Vectors

MOST_PASSAGES = 2_000
MOST_SHARE = 0.1
SMALL = 5_000


@dataclass(frozen=True, slots=True)
class Words:
    """The terms of some passages, kept so that the next tail need not make them again."""

    keys: Keys
    documents: tuple[list[str], ...]

    def taken(self, keys: Keys) -> dict[int, list[str]]:
        """Return those of ``keys`` that are here."""
        wanted = set(keys.tolist())
        pairs = zip(self.keys.tolist(), self.documents, strict=True)
        return {key: terms for key, terms in pairs if key in wanted}


@dataclass(frozen=True, slots=True)
class Tail:
    """Dead and new passages relative to the caches, ready to be searched."""

    dead: Keys
    keys: Keys
    matrix: Vectors
    living: Words
    dying: Words
    vectors: ExactVectors
    words: ExactWords
    statistics: Statistics
    lost: Counter[str] = field(default_factory=Counter)

    @property
    def is_long(self) -> bool:
        """Whether the caches should be written anew."""
        base = self.statistics.texts - len(self.keys) + len(self.dead)
        return outgrown(len(self.dead) + len(self.keys), base)


def outgrown(changed: int, base: int) -> bool:
    """Whether a tail of this many passages should be folded into caches of that many."""
    return changed > MOST_PASSAGES or changed > MOST_SHARE * base


def make_tail(
    catalog: CatalogReader,
    recipe: Recipe,
    generation: int,
    current: Keys,
    base: tuple[Keys, FaissStore, TantivyStore],
    before: Tail | None,
) -> Tail:
    """Work out the tail, taking over what the one before already knows."""
    base_keys, _, words = base
    dead = np.setdiff1d(base_keys, current, assume_unique=True)
    new = np.setdiff1d(current, base_keys, assume_unique=True)
    living = _words(catalog, generation, new, before.living if before else None)
    dying = _words(catalog, generation, dead, before.dying if before else None)
    matrix = _matrix(catalog, recipe, new, before)
    vectors = ExactVectors(recipe.dim)
    vectors.add(new, matrix)
    exact = ExactWords()
    exact.add(new, living.documents)
    lost: Counter[str] = Counter()
    for document_terms in dying.documents:
        lost.update(set(document_terms))
    terms = words.total_terms - sum(map(len, dying.documents)) + exact.total_terms

    def frequency(term: str) -> int:
        return words.frequency(term) - lost[term] + exact.frequency(term)

    whole = Statistics(len(current), terms, frequency)
    return Tail(dead, new, matrix, living, dying, vectors, exact, whole, lost)


def _words(catalog: CatalogReader, generation: int, keys: Keys, before: Words | None) -> Words:
    known = before.taken(keys) if before else {}
    missing = [key for key in keys.tolist() if key not in known]
    for stored in catalog.passages(missing, generation) if missing else ():
        known[stored.key] = document(stored.passage)
    held: Sequence[int] = [key for key in keys.tolist() if key in known]
    return Words(np.array(held, dtype=np.int64), tuple(known[key] for key in held))


def _matrix(catalog: CatalogReader, recipe: Recipe, keys: Keys, before: Tail | None) -> Vectors:
    matrix = np.zeros((len(keys), recipe.dim), dtype=np.float32)
    missing = np.ones(len(keys), dtype=bool)
    if before is not None and len(before.keys):
        at = np.minimum(np.searchsorted(before.keys, keys), len(before.keys) - 1)
        known = before.keys[at] == keys
        matrix[known] = before.matrix[at[known]]
        missing &= ~known
    if missing.any():
        matrix[missing] = catalog.vectors(keys[missing], recipe.encoder, recipe.dim)
    return matrix
