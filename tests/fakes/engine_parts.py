"""Stand-ins that are quick and always the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from newsqa.protocols import Vectors


class FakeEncoder:
    """Adds up one fixed random direction for each word: texts that share words are close.

    ``encoded`` counts the passages it was given, so that a test can see what was not redone.
    """

    def __init__(self, name: str = "fake", dim: int = 32, max_tokens: int = 256) -> None:
        self._name = name
        self._dim = dim
        self._max_tokens = max_tokens
        self.encoded = 0
        self._directions: dict[str, Vectors] = {}

    @property
    def name(self) -> str:
        return self._name

    @property
    def fingerprint(self) -> str:
        return blake2b(f"{self._name} {self._dim} {self._max_tokens}".encode()).hexdigest()[:32]

    @property
    def dim(self) -> int:
        return self._dim

    @property
    def max_tokens(self) -> int:
        return self._max_tokens

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        return self._rows(questions)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.encoded += len(texts)
        return self._rows(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def _rows(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self._dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.casefold()) or [""]:
                row += self._direction(word)
            row /= np.linalg.norm(row)
        return rows

    def _direction(self, word: str) -> Vectors:
        if word not in self._directions:
            digest = blake2b(f"{self._name} {word}".encode(), digest_size=8).digest()
            random = np.random.default_rng(int.from_bytes(digest, "big"))
            self._directions[word] = random.standard_normal(self._dim).astype(np.float32)
        return self._directions[word]
