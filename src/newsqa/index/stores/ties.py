"""One order for every store: best score first, equal scores by key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from newsqa.protocols import Keys, Scored, Vectors

    Scores = NDArray[np.floating]

# Scores that agree this far are equal, so that the last bits of float32 arithmetic, which
# depend on the order of summing, never decide a rank. BM25 scores reach 40, where float32 has
# steps of 4e-6; inner products of unit vectors stay below 1, where it has steps of 6e-8.
VECTOR_DECIMALS = 6
WORD_DECIMALS = 4


def ranked(keys: Keys, scores: Scores, k: int, decimals: int) -> Scored:
    """Return the k best of ``keys``, given in any order; scores come back rounded."""
    rounded = np.round(scores.astype(np.float64), decimals)
    order = np.lexsort((keys, -rounded))[:k]
    return list(zip(keys[order].tolist(), rounded[order].tolist(), strict=True))


def settled(
    fetch: Callable[[int], tuple[Keys, Scores]], k: int, total: int, decimals: int
) -> Scored:
    """Return the k best of an engine that breaks ties its own way.

    Asks for more until the last score fetched is below the k-th: then no equal score was left
    out, and ties at the cut go by key as they do everywhere else.

    Args:
        fetch: Returns the n best keys and their scores, best first; fewer if there are fewer.
        k: How many are wanted.
        total: How many there can be at most.
        decimals: How far scores must agree to be equal.
    """
    limit = min(total, k + 16)
    while True:
        if limit < 1:
            return []
        keys, scores = fetch(limit)
        if len(keys) < limit or limit == total:
            break
        if round(float(scores[-1]), decimals) < round(float(scores[k - 1]), decimals):
            break
        limit = min(total, limit * 4)
    return ranked(keys, scores, k, decimals)


def check_k(k: int) -> None:
    """Raise ValueError unless at least one result is asked for."""
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")


def checked_keys(keys: Keys, n: int, before: Keys | None = None) -> Keys:
    """Return ``keys`` as int64 if they belong to n items and ascend.

    Args:
        keys: The keys of a batch.
        n: How many vectors or texts came with them.
        before: The keys of the batch before: these must come after them.

    Raises:
        ValueError: Their number is not n, or they do not ascend.
    """
    new = np.asarray(keys, dtype=np.int64)
    if new.shape != (n,):
        raise ValueError(f"got {n} items for keys of shape {new.shape}")
    last = new[:0] if before is None else before[-1:]
    if not (np.diff(np.concatenate([last, new])) > 0).all():
        raise ValueError("keys must ascend, none given twice")
    return new


def shared(ordered: Keys, keys: Keys) -> Keys:
    """Return those of ``keys`` that are in ``ordered``, which ascends: a merge, not a sort."""
    asked = np.asarray(keys, dtype=np.int64)
    if not len(ordered):
        return asked[:0]
    at = np.searchsorted(ordered, asked)
    at[at == len(ordered)] = 0
    stored: Keys = asked[ordered[at] == asked]
    return stored


def rows_of(ordered: Keys, keys: Keys) -> NDArray[np.int64]:
    """Return where ``keys`` stand in ``ordered``, which ascends.

    Raises:
        KeyError: One is not there.
    """
    if len(shared(ordered, keys)) != len(keys):
        raise KeyError("a key is not stored")
    return np.searchsorted(ordered, keys)


def checked_vectors(vectors: Vectors, dim: int | None = None) -> Vectors:
    """Return ``vectors`` as C-ordered float32.

    Raises:
        ValueError: The shape is not (n, dim).
    """
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[1] != (dim or rows.shape[1]):
        raise ValueError(f"vectors of shape (n, {dim or 'dim'}) needed, got {rows.shape}")
    return rows


def checked_query(vector: Vectors, dim: int) -> Vectors:
    """Return one query vector as float32.

    Raises:
        ValueError: The shape is not (dim,).
    """
    query = np.ascontiguousarray(vector, dtype=np.float32)
    if query.shape != (dim,):
        raise ValueError(f"a vector of shape ({dim},) needed, got {query.shape}")
    return query
