"""The exact stores as engines of an index: slow, and obviously right."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from newsqa.index.stores import ExactVectors, ExactWords
from newsqa.protocols import Stores

if TYPE_CHECKING:
    from newsqa.protocols import Keys, Vectors

Documents = Sequence[Sequence[str]]


class ExactVectorBackend:
    name = "exact"

    def build(self, batches: Iterable[tuple[Keys, Vectors]]) -> ExactVectors:
        return ExactVectors(*_joined(batches))

    def write(self, batches: Iterable[tuple[Keys, Vectors]], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        keys, vectors = _joined(batches)
        np.savez(folder / "vectors.npz", keys=keys, vectors=vectors)

    def open(self, folder: Path) -> ExactVectors:
        with np.load(folder / "vectors.npz", allow_pickle=False) as arrays:
            return ExactVectors(arrays["keys"], arrays["vectors"])


def _joined(batches: Iterable[tuple[Keys, Vectors]]) -> tuple[Keys, Vectors]:
    pairs = list(batches)
    return np.concatenate([keys for keys, _ in pairs]), np.concatenate([rows for _, rows in pairs])


class ExactWordBackend:
    name = "exact"

    def build(self, batches: Iterable[tuple[Keys, Documents]]) -> ExactWords:
        pairs = list(batches)
        documents = [document for _, part in pairs for document in part]
        return ExactWords(np.concatenate([keys for keys, _ in pairs]), documents)

    def write(self, batches: Iterable[tuple[Keys, Documents]], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        pairs = [(keys.tolist(), [list(document) for document in part]) for keys, part in batches]
        (folder / "words.json").write_text(json.dumps(pairs), encoding="utf-8")

    def open(self, folder: Path) -> ExactWords:
        pairs = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        return self.build((np.array(keys, dtype=np.int64), part) for keys, part in pairs)


EXACT_STORES = Stores(ExactVectorBackend(), ExactWordBackend())
