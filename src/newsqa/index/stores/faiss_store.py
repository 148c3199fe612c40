"""Vectors through faiss. The only module that may import it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from newsqa.index.stores.ties import (
    VECTOR_DECIMALS,
    check_k,
    checked_keys,
    checked_query,
    checked_vectors,
    rows_of,
    settled,
    shared,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from newsqa.protocols import Keys, Scored, Vectors

FILE_NAME = "vectors.faiss"
# Flat compares with every vector: recall 1 by definition, 3 ms a query at 50,000 vectors of 384
# dimensions on one core. An approximate kind goes in here when its recall has been measured.
_FACTORY = "IDMap2,Flat"
_PART_BYTES = 1 << 20


class FaissStore:
    """Search a faiss index. See `newsqa.protocols.VectorStore`."""

    def __init__(self, index: Any) -> None:
        self._dim = int(index.d)
        self._keys: Keys = _faiss().vector_to_array(index.id_map)  # by row, ascending
        self._index = index  # owns the inner one
        self._inner = _faiss().downcast_index(index.index)

    def __len__(self) -> int:
        return len(self._keys)

    def search(self, vector: Vectors, k: int, *, allowed: Keys | None = None) -> Scored:
        """See `newsqa.protocols.VectorStore.search`."""
        check_k(k)
        query = checked_query(vector, self._dim)[None]
        selected = np.ones(len(self._keys), dtype=bool)
        if allowed is not None:
            selected[:] = False
            selected[rows_of(self._keys, shared(self._keys, allowed))] = True
        parameters = _selecting(selected)

        def fetch(n: int) -> tuple[Keys, Vectors]:
            scores, rows = self._inner.search(query, n, params=parameters)
            hits = rows[0] >= 0
            return self._keys[rows[0][hits]], scores[0][hits]

        return settled(fetch, k, int(selected.sum()), VECTOR_DECIMALS)

    def vectors(self, keys: Keys) -> Vectors:
        """See `newsqa.protocols.VectorStore.vectors`."""
        rows = rows_of(self._keys, keys)
        return np.asarray(self._inner.reconstruct_batch(rows), dtype=np.float32)


class FaissBackend:
    """Build, write and open faiss indexes. See `newsqa.protocols.Backend`."""

    name = "faiss"

    def build(self, batches: Iterable[tuple[Keys, Vectors]]) -> FaissStore:
        """See `newsqa.protocols.Backend.build`."""
        return FaissStore(_index_of(batches))

    def write(self, batches: Iterable[tuple[Keys, Vectors]], folder: Path) -> None:
        """See `newsqa.protocols.Backend.write`."""
        folder.mkdir(parents=True, exist_ok=True)
        # Not by its own writer: that one takes no notice when the last bytes find no room.
        with (folder / FILE_NAME).open("wb") as file:
            _write(_index_of(batches), file)

    def open(self, folder: Path) -> FaissStore:
        """See `newsqa.protocols.Backend.open`; faiss itself does not notice a flipped bit."""
        return FaissStore(_faiss().read_index(str(folder / FILE_NAME)))


def _faiss() -> Any:
    # Untyped on purpose: its stubs know the C++ signatures, not the Python ones.
    import faiss

    return faiss


def _index_of(batches: Iterable[tuple[Keys, Vectors]]) -> Any:
    faiss = _faiss()
    index: Any = None
    before: Keys | None = None
    for keys, vectors in batches:
        rows = checked_vectors(vectors, None if index is None else int(index.d))
        before = checked_keys(keys, len(rows), before)
        if index is None:
            index = faiss.index_factory(rows.shape[1], _FACTORY, faiss.METRIC_INNER_PRODUCT)
        index.add_with_ids(rows, before)
    if index is None:
        raise ValueError("at least one batch is needed: it tells the length of a vector")
    return index


def _write(index: Any, file: BinaryIO) -> None:
    errors: list[OSError] = []

    def write(part: bytes) -> int:
        try:
            return file.write(part)
        except OSError as error:
            errors.append(error)
            raise

    try:
        _faiss().write_index(index, _faiss().PyCallbackIOWriter(write, _PART_BYTES))
    except Exception as error:
        reason = errors[0] if errors else error
        raise OSError(f"vectors could not be written: {reason}") from error


def _selecting(selected: NDArray[np.bool_]) -> Any:
    """Return search parameters that let faiss look at the rows that are True only.

    A bit a row beats a hash set of ids at every size: at 50,000 vectors 0.1 ms for 10 rows
    (set 0.2), 4 ms for 40,000 (set 6).
    """
    if selected.all():
        return None
    bits = np.packbits(selected, bitorder="little")
    faiss = _faiss()
    return faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
