"""Vectors through faiss. The only module that may import it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from newsqa.index.stores.ties import (
    VECTOR_DECIMALS,
    check_k,
    checked_keys,
    checked_query,
    checked_vectors,
    settled,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from newsqa.protocols import Keys, Scored, Vectors

FILE_NAME = "vectors.faiss"
_PART_BYTES = 1 << 20

# (up to so many vectors, faiss factory string), smallest first; the last has no limit.
# Flat compares with every vector: recall 1 by definition, 3 ms a query at 50,000 vectors of 384
# dimensions on one core. An approximate kind goes in here when its recall has been measured.
KINDS: tuple[tuple[int | None, str], ...] = ((None, "Flat"),)


def kind_for(n: int) -> str:
    """Return the faiss factory string for ``n`` vectors."""
    return next(kind for limit, kind in KINDS if limit is None or n <= limit)


class FaissStore:
    """See `newsqa.protocols.VectorStore`. Reading is thread-safe; writing has one thread."""

    def __init__(self, dim: int) -> None:
        self._adopt(_empty(dim, 0))

    def _adopt(self, index: Any) -> None:
        self._index = index
        self._inner = _faiss().downcast_index(index.index)
        self._live: NDArray[np.bool_] = np.ones(index.ntotal, dtype=bool)
        self._number_rows()

    def _number_rows(self) -> None:
        self._keys: Keys = _faiss().vector_to_array(self._index.id_map)  # by row
        self._by_key = np.argsort(self._keys, kind="stable")
        self._ordered = self._keys[self._by_key]

    def __len__(self) -> int:
        return int(self._live.sum())

    @property
    def kind(self) -> str:
        """The faiss factory string of the index in use."""
        return kind_for(len(self))

    @property
    def keys(self) -> Keys:
        """All keys that can be found, ascending."""
        living: Keys = self._ordered[self._live[self._by_key]]
        return living

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """See `newsqa.protocols.VectorStore.add`."""
        rows = checked_vectors(vectors, int(self._index.d))
        new = checked_keys(keys, len(rows), self.keys)
        if not self._live.all() and np.isin(new, self._keys).any():
            self._adopt(self._packed())
        self._index.add_with_ids(rows, new)
        self._live = np.concatenate([self._live, np.ones(len(new), dtype=bool)])
        self._number_rows()

    def remove(self, keys: Keys) -> None:
        """See `newsqa.protocols.VectorStore.remove`."""
        live = self._live.copy()
        live[self._rows(np.asarray(keys, dtype=np.int64))] = False
        self._live = live

    def search(self, vector: Vectors, k: int, *, allowed: Keys | None = None) -> Scored:
        """See `newsqa.protocols.VectorStore.search`."""
        check_k(k)
        query = checked_query(vector, int(self._index.d))[None]
        live = self._live
        if allowed is not None:
            live = np.zeros(len(live), dtype=bool)
            rows = self._rows(np.asarray(allowed, dtype=np.int64))
            live[rows] = self._live[rows]
        selected = _selecting(live)

        def fetch(n: int) -> tuple[Keys, Vectors]:
            scores, rows = self._inner.search(query, n, params=selected)
            found = rows[0] >= 0
            return self._keys[rows[0][found]], scores[0][found]

        return settled(fetch, k, int(live.sum()), VECTOR_DECIMALS)

    def vectors(self, keys: Keys) -> Vectors:
        """Return the vectors of these keys, in this order.

        Raises:
            KeyError: A key is not stored.
        """
        rows = self._rows(np.asarray(keys, dtype=np.int64))
        if len(rows) != len(keys):
            raise KeyError("a key is not stored")
        return np.asarray(self._inner.reconstruct_batch(rows), dtype=np.float32)

    def write(self, folder: Path) -> None:
        """Write everything that can be found into ``folder``, which is made if it is not there.

        Raises:
            OSError: It could not be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        # Not by its own writer: that one takes no notice when the last bytes find no room.
        with (folder / FILE_NAME).open("wb") as file:
            _write(self._packed(), file)

    @classmethod
    def read(cls, folder: Path) -> FaissStore:
        """Return a store as it was written.

        faiss does not notice a flipped bit: compare the file's checksum first.
        """
        store = cls.__new__(cls)
        store._adopt(_faiss().read_index(str(folder / FILE_NAME)))
        return store

    def _rows(self, keys: Keys) -> NDArray[np.int64]:
        """Return the rows of those of ``keys`` that are stored, dead or alive."""
        ordered = self._ordered
        at = np.searchsorted(ordered, keys)
        at[at == len(ordered)] = 0
        stored = ordered[at] == keys if len(ordered) else np.zeros(len(keys), dtype=bool)
        found: NDArray[np.int64] = self._by_key[at[stored]]
        return found

    def _packed(self) -> Any:
        """Return an index of the living vectors, by key: the same as a fresh build makes."""
        keys = self.keys
        if np.array_equal(self._keys, keys) and kind_for(0) == kind_for(len(keys)):
            return self._index  # as it was made, it is that already
        packed = _empty(int(self._index.d), len(keys))
        if len(keys):
            packed.add_with_ids(self.vectors(keys), keys)
        return packed


def _faiss() -> Any:
    # Untyped on purpose: its stubs know the C++ signatures, not the Python ones.
    import faiss

    return faiss


def _write(index: Any, file: BinaryIO) -> None:
    failed: list[OSError] = []

    def write(part: bytes) -> int:
        try:
            return file.write(part)
        except OSError as error:
            failed.append(error)
            raise

    try:
        _faiss().write_index(index, _faiss().PyCallbackIOWriter(write, _PART_BYTES))
    except Exception as error:
        reason = failed[0] if failed else error
        raise OSError(f"vectors could not be written: {reason}") from error


def _empty(dim: int, n: int) -> Any:
    """Return an index without vectors, of the kind that suits ``n`` of them."""
    faiss = _faiss()
    return faiss.index_factory(dim, f"IDMap2,{kind_for(n)}", faiss.METRIC_INNER_PRODUCT)


def _selecting(live: NDArray[np.bool_]) -> Any:
    """Return search parameters that let faiss look at the rows that are True only.

    A bit a row beats a hash set of ids at every size: at 50,000 vectors 0.1 ms for 10 rows
    (set 0.2), 4 ms for 40,000 (set 6).
    """
    if live.all():
        return None
    bits = np.packbits(live, bitorder="little")
    faiss = _faiss()
    return faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
