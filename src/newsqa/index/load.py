"""From the catalog to a snapshot: loading the caches, making them where they are no good.

Caches are loaded for the newest generation that has them; everything after it is the tail.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from newsqa.errors import IndexDamagedError, IndexFileError, IndexLockedError
from newsqa.index import caches, locking
from newsqa.index.caches import Cache, Source, Stamp
from newsqa.index.catalog import CatalogReader, Generation, Recipe
from newsqa.index.delta import make_tail, outgrown
from newsqa.index.filter_columns import Columns
from newsqa.index.snapshot import Snapshot
from newsqa.index.stores import FaissStore, TantivyStore

if TYPE_CHECKING:
    from newsqa.protocols import Keys

_LOG = logging.getLogger(__name__)
_WAIT_S = 60.0

Pair = tuple[Cache[FaissStore], Cache[TantivyStore]]
_SAVERS = {"vectors": caches.save_vectors, "words": caches.save_words}
_READERS: dict[str, Callable[[Path], Any]] = {
    "vectors": FaissStore.read,
    "words": TantivyStore.read,
}


def columns_of(catalog: CatalogReader, state: Generation) -> Columns:
    """Return the columns of everything current.

    Raises:
        IndexDamagedError: Fewer or more articles or passages are there than were published. (A
            damaged page can make rows vanish without making one wrong.)
    """
    shared = catalog.shared(state.recipe, state.generation)
    texts = catalog.texts(state.generation)
    wanted = state.articles, catalog.passage_count(state.recipe, state.generation)
    if (len(texts), len(shared.keys)) != wanted:
        raise IndexDamagedError(
            f"{catalog.path}: {len(texts)} articles with {len(shared.keys)} passages are there, "
            f"{wanted[0]} with {wanted[1]} were published; `newsqa index verify` lists the damage"
        )
    return Columns.of(shared, texts)


def first_snapshot(folder: Path, catalog: CatalogReader, state: Generation) -> Snapshot:
    """Load the caches of an index, or make them, and return the state as a snapshot."""
    recipe = catalog.recipe(state.recipe)
    columns = columns_of(catalog, state)
    pair = usable(folder, catalog, recipe, columns.keys)
    if pair is None:
        stamp = Stamp(state.generation, state.publish_id)
        pair = made_together(folder, Source(catalog, recipe), columns.keys, stamp)
    return with_tail(catalog, state, recipe, columns, pair, None)


def with_tail(
    catalog: CatalogReader,
    state: Generation,
    recipe: Recipe,
    columns: Columns,
    pair: Pair,
    before: Snapshot | None,
) -> Snapshot:
    """Return the snapshot of ``state`` over these caches."""
    known = before.tail if before is not None and before.recipe == recipe else None
    stores = (pair[0].keys, pair[0].store, pair[1].store)
    tail = make_tail(catalog, recipe, state.generation, columns.keys, stores, known)
    return Snapshot(catalog, state, recipe, columns, pair, tail)


def later_snapshot(folder: Path, before: Snapshot, state: Generation) -> Snapshot:
    """Return the newest state from an earlier one of the same recipe: only what changed is read."""
    catalog = before.catalog
    closed = catalog.closed(state.generation, before.generation)
    texts = catalog.texts(state.generation, since=before.generation)
    shared = catalog.shared_of(state.recipe, [row.text_key for row in texts])
    columns = before.columns.changed(closed, shared, texts)
    pair = before.caches
    changed = len(np.setxor1d(pair[0].keys, columns.keys, assume_unique=True))
    if outgrown(changed, len(pair[0].keys)):
        # Whoever changed so much has probably written newer caches.
        pair = usable(folder, catalog, before.recipe, columns.keys) or pair
    return with_tail(catalog, state, before.recipe, columns, pair, before)


def folded(folder: Path, snapshot: Snapshot) -> Snapshot:
    """Write the caches of this state and return it over them, without a tail."""
    stamp = Stamp(snapshot.generation, snapshot.publish_id)
    source = Source(snapshot.catalog, snapshot.recipe)
    pair = made_together(folder, source, snapshot.columns.keys, stamp, fresh=True)
    state = snapshot.state
    return with_tail(snapshot.catalog, state, snapshot.recipe, snapshot.columns, pair, None)


def usable(folder: Path, catalog: CatalogReader, recipe: Recipe, current: Keys) -> Pair | None:
    """Return the newest caches whose checksums hold, if they are near enough to the present."""
    for stamp in caches.stamps(folder, catalog.publish_ids()):
        vectors = caches.load(folder, "vectors", stamp, recipe, FaissStore.read)
        words = caches.load(folder, "words", stamp, recipe, TantivyStore.read)
        if vectors is None or words is None:
            continue
        changed = len(np.setxor1d(vectors.keys, current, assume_unique=True))
        # Twice what a writer folds at: between its publishing and its folding others may open.
        if not outgrown(changed // 2, len(vectors.keys)):
            return vectors, words
    return None


def made_together(
    folder: Path, source: Source, keys: Keys, stamp: Stamp, *, fresh: bool = False
) -> Pair:
    """Make the caches and write them, or keep them in memory with a warning.

    Whole ones on the disk are taken from there; with ``fresh``, only those of this very state.
    """
    catalog = source.catalog
    if not catalog.writable:
        _LOG.warning("%s cannot be written: its caches are made in memory", folder)
        return caches.make_vectors(source, keys, stamp), caches.make_words(source, keys, stamp)
    try:
        with locking.held(folder, locking.CACHES, wait_s=_WAIT_S):
            # Whoever held the lock may have made them just now.
            pair = None if fresh else usable(folder, catalog, source.recipe, keys)
            if pair is None:
                pair = saved_pair(folder, source, keys, stamp)
                caches.clean(folder, stamp)
            return pair
    except IndexLockedError:
        _LOG.warning("%s: another process is writing the caches; making them in memory", folder)
    except (IndexFileError, OSError) as error:
        _LOG.warning("%s: %s; its caches are made in memory", folder, error)
    return caches.make_vectors(source, keys, stamp), caches.make_words(source, keys, stamp)


def saved_pair(folder: Path, source: Source, keys: Keys, stamp: Stamp) -> Pair:
    """Make both caches on the disk. The caller holds the caches lock.

    Raises:
        OSError: They could not be written; nothing is left of the one that failed.
    """
    vectors: Cache[FaissStore] = _saved(folder, "vectors", source, keys, stamp)
    words: Cache[TantivyStore] = _saved(folder, "words", source, keys, stamp)
    return vectors, words


def _saved(folder: Path, kind: str, source: Source, keys: Keys, stamp: Stamp) -> Cache[Any]:
    there = caches.load(folder, kind, stamp, source.recipe, _READERS[kind])
    if there is not None and np.array_equal(there.keys, keys):
        return there
    _SAVERS[kind](folder, source, keys, stamp)
    # What was written is what everybody else will read.
    written = caches.load(folder, kind, stamp, source.recipe, _READERS[kind])
    if written is None:
        raise OSError(f"the cache of {kind} could not be read back")
    return written


def write_ahead(folder: Path, source: Source, keys: Keys, stamp: Stamp) -> Pair | None:
    """Write the caches of a generation that is about to be published; None if that failed."""
    try:
        return saved_pair(folder, source, keys, stamp)
    except OSError as error:
        _LOG.warning("%s: %s; the caches will be made when the index is opened", folder, error)
        return None
