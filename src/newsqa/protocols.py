"""The swap points: what any encoder, store or reader must promise.

This module is the contract; ``tests/contract`` runs one set of checks against every
implementation. Write a class with these methods and newsqa can use it: there is no
base class to inherit and no registry to join.

Keys are the catalog's passage numbers (int64, never reused, ascending in the order of storing).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

from newsqa.types import Candidate, Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors: TypeAlias = NDArray[np.float32]  # shape (n, dim), C order, unit rows
    Keys: TypeAlias = NDArray[np.int64]  # shape (n,), ascending, no key twice

Scored: TypeAlias = list[tuple[int, float]]  # (key, score), best first, equal scores by key


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


class VectorStore(Protocol):
    """Finds the stored vectors with the largest inner product with a query vector."""

    def __len__(self) -> int:
        """Return how many vectors can be found."""
        ...

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Store ``vectors``, shape (len(keys), dim), under keys that are not there yet.

        Raises:
            ValueError: A key is there already, or a shape is wrong.
        """
        ...

    def remove(self, keys: Keys) -> None:
        """Make these keys unfindable; a key that is not there is ignored."""
        ...

    def search(self, vector: Vectors, k: int, *, allowed: Keys | None = None) -> Scored:
        """Return the k best of the allowed keys (all, if None), fewer only if there are fewer.

        ``vector`` has shape (dim,). ``allowed`` is applied before ranking, never after; keys in
        it that are not stored are ignored. A score is an inner product: higher is better, 1.0 is
        a perfect match.
        """
        ...


class LexicalStore(Protocol):
    """Finds texts by their terms (`newsqa.text.analysis.terms`) with BM25, k1 = 1.2, b = 0.75."""

    def __len__(self) -> int:
        """Return how many texts can be found."""
        ...

    def add(self, keys: Keys, documents: Sequence[Sequence[str]]) -> None:
        """Store texts, given as their terms in order, under keys that are not there yet."""
        ...

    def remove(self, keys: Keys) -> None:
        """Make these keys unfindable; a key that is not there is ignored."""
        ...

    def search(self, terms: Sequence[str], k: int, *, allowed: Keys | None = None) -> Scored:
        """Return the k best of the allowed keys that hold at least one of ``terms``.

        ``allowed`` is applied before ranking. A score is BM25, higher is better, above 0.
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


class Reader(Protocol):
    """Reads each passage together with the question: does it answer, and with which words?"""

    @property
    def name(self) -> str:
        """What the user calls the reader."""
        ...

    def read(self, question: str, passages: Sequence[Passage]) -> list[Candidate]:
        """Return one candidate for each passage, in the order given.

        Spans are offsets into the article, not into the passage. Scores are comparable
        between passages and do not depend on which others are read beside them. Every
        sentence of ``passage.sentences`` is scored.
        """
        ...
