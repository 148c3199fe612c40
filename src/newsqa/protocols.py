"""Define the swap points: what any encoder, store or reader must promise.

This module is the contract; ``tests/contract`` runs one set of checks against every
implementation. Write a class with these methods and newsqa can use it: there is no
base class to inherit and no registry to join.

Keys are the catalog's passage numbers (int64, never reused, ascending in the order of storing).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from newsqa.types import Candidate, Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors: TypeAlias = NDArray[np.float32]  # shape (n, dim), C order, unit rows
    Keys: TypeAlias = NDArray[np.int64]  # shape (n,), ascending, no key twice

Scored: TypeAlias = list[tuple[int, float]]  # (key, score), best first, equal scores by key
Batch = TypeVar("Batch", contravariant=True)
Store = TypeVar("Store", covariant=True)


class Progress(Protocol):
    """Told how far a long piece of work has come."""

    def __call__(self, stage: str, done: int, total: int | None, detail: str = "") -> None:
        """Take note.

        Args:
            stage: "reading", "embedding", "comparing" or "writing".
            done: Items finished: articles when reading or comparing, passages when embedding.
            total: Items in all, or None while that is not known.
            detail: The file at hand, if any.
        """
        ...


class Encoder(Protocol):
    """Turns text into unit vectors. Questions and passages may be treated differently.

    A row depends on its own text alone, never on what else is in the batch.
    """

    @property
    def name(self) -> str:
        """What the user calls the model: a hub id, a folder, or the packaged default."""
        ...

    @property
    def fingerprint(self) -> str:
        """Names weights, tokenizer, pooling, prefix and maximum length, not the runtime.

        Vectors with equal fingerprints may be compared; others may not.
        """
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """How many tokens of a text are read, special tokens included; the rest is ignored."""
        ...

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Return shape (len(questions), dim), float32; every row has L2 norm 1."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), dim), float32; every row has L2 norm 1."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, without special tokens and without a limit."""
        ...


@dataclass(frozen=True, slots=True)
class Statistics:
    """What BM25 must know of a whole collection."""

    texts: int
    terms: int
    frequency: Callable[[str], int]

    def idf(self, term: str) -> float:
        """Return the weight of a term: high for rare ones, above 0 for all."""
        n = min(self.frequency(term), self.texts)
        return log(1 + (self.texts - n + 0.5) / (n + 0.5))

    @property
    def average(self) -> float:
        """Mean length of a text, in terms."""
        return self.terms / self.texts if self.texts else 0.0


class VectorStore(Protocol):
    """Finds the stored vectors with the largest inner product with a query vector.

    A store never changes; any number of threads may use it.
    """

    def __len__(self) -> int:
        """Return how many vectors are stored."""
        ...

    def search(self, vector: Vectors, k: int, *, allowed: Keys | None = None) -> Scored:
        """Return the k best of the allowed keys (all, if None), fewer only if there are fewer.

        ``vector`` has shape (dim,). ``allowed`` is applied before ranking, never after; keys in
        it that are not stored are ignored. A score is an inner product: higher is better, 1.0 is
        a perfect match.
        """
        ...

    def vectors(self, keys: Keys) -> Vectors:
        """Return the vectors of these keys, row for row.

        Raises:
            KeyError: A key is not stored.
        """
        ...


class LexicalStore(Protocol):
    """Finds texts by their terms (`newsqa.text.analysis.terms`) with BM25, k1 = 1.2, b = 0.75.

    A store never changes; any number of threads may use it.
    """

    def __len__(self) -> int:
        """Return how many texts are stored."""
        ...

    @property
    def total_terms(self) -> int:
        """Length of all texts together, in terms."""
        ...

    def search(
        self,
        terms: Sequence[str],
        k: int,
        *,
        allowed: Keys | None = None,
        statistics: Statistics | None = None,
    ) -> Scored:
        """Return the k best of the allowed keys that hold at least one of ``terms``.

        ``allowed`` is applied before ranking. A score is BM25, higher is better, above 0.
        ``statistics`` weighs the terms as those of a collection that these texts are a part of;
        if None, they are all of it.
        """
        ...

    def phrase(self, terms: Sequence[str]) -> Keys:
        """Return the keys of all texts that hold ``terms`` one after another, ascending."""
        ...

    def frequency(self, term: str) -> int:
        """Return how many stored texts hold ``term``."""
        ...

    def near(self, term: str, edits: int) -> Keys:
        """Return the keys of all texts with a term at most ``edits`` (1 or 2) away, ascending.

        One edit puts a character in, leaves one out, replaces one, or swaps two neighbours.
        """
        ...


class Backend(Protocol[Batch, Store]):
    """Makes the stores of one engine: a new one for each generation that is cached.

    Batches hold keys and as many vectors, or texts as lists of terms. Keys ascend throughout;
    there is at least one batch, which may be empty. `ValueError` is raised for other ones.
    """

    @property
    def name(self) -> str:
        """What the engine is called: a cache that another one wrote is not opened."""
        ...

    def build(self, batches: Iterable[tuple[Keys, Batch]]) -> Store:
        """Return a store that leaves nothing on the disk."""
        ...

    def write(self, batches: Iterable[tuple[Keys, Batch]], folder: Path) -> None:
        """Write a store into ``folder``, which is made: its files, or where to find it.

        Raises:
            OSError: It could not be written.
        """
        ...

    def open(self, folder: Path) -> Store:
        """Return the store that was written into ``folder``, whose checksums hold."""
        ...


@dataclass(frozen=True, slots=True)
class Stores:
    """The engines of an index: `newsqa.open` and `newsqa.build` take others."""

    vectors: Backend[Vectors, VectorStore]
    words: Backend[Sequence[Sequence[str]], LexicalStore]


class Reader(Protocol):
    """Reads each passage together with the question: does it answer, and with which words?"""

    @property
    def name(self) -> str:
        """What the user calls the reader."""
        ...

    def read(self, question: str, passages: Sequence[Passage]) -> list[Candidate]:
        """Return one candidate for each passage, in the order given; equal passages will do.

        Spans are offsets into the article, not into the passage. Scores are comparable
        between passages and do not depend on which others are read beside them. Every
        sentence of ``passage.sentences`` is scored.
        """
        ...
