"""Load a snapshot from the catalog and its caches; rebuild caches that cannot be used.

Caches are loaded for the newest generation that has them; everything after it is the delta.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from newsqa.errors import IndexDamagedError, IndexFileError, IndexLockedError
from newsqa.index import caches as caching
from newsqa.index import locking
from newsqa.index.caches import CacheFolder, Caches, Stamp
from newsqa.index.catalog import CatalogReader, Generation
from newsqa.index.delta import Delta, make_delta, outgrown
from newsqa.index.filter_columns import Columns
from newsqa.index.snapshot import Snapshot

if TYPE_CHECKING:
    from newsqa.protocols import Keys

_LOG = logging.getLogger(__name__)
_WAIT_S = 60.0


def columns_of(catalog: CatalogReader, state: Generation) -> Columns:
    """Return the columns of everything current.

    Raises:
        IndexDamagedError: Fewer or more articles or passages are there than were published. (A
            damaged page can make rows vanish without making one wrong.)
    """
    passages = catalog.passage_keys(state.recipe, state.generation)
    texts = catalog.texts(state.generation)
    published = state.articles, catalog.passage_count(state.recipe, state.generation)
    if (len(texts), len(passages.keys)) != published:
        raise IndexDamagedError(
            f"{catalog.path}: {len(texts)} articles with {len(passages.keys)} passages are there, "
            f"{published[0]} with {published[1]} were published; `newsqa index verify` lists the "
            "damage"
        )
    return Columns.of(passages, texts)


def first_snapshot(folder: CacheFolder, state: Generation) -> Snapshot:
    """Load the caches of an index, or make them, and return the state as a snapshot."""
    columns = columns_of(folder.catalog, state)
    caches = usable(folder, columns.keys) or made_or_loaded(folder, columns.keys, _stamp(state))
    return _snapshot(folder, state, columns, caches, None)


def _stamp(state: Generation) -> Stamp:
    return Stamp(state.generation, state.publish_id)


def _snapshot(
    folder: CacheFolder,
    state: Generation,
    columns: Columns,
    caches: Caches,
    before: Delta | None,
) -> Snapshot:
    catalog, recipe = folder.catalog, folder.recipe
    delta = make_delta(catalog, recipe, state.generation, columns.keys, caches, before)
    return Snapshot(catalog, state, recipe, columns, caches, delta)


def later_snapshot(folder: CacheFolder, before: Snapshot, state: Generation) -> Snapshot:
    """Return the newest snapshot from an earlier one of the same recipe; read only the changes."""
    catalog = folder.catalog
    closed = catalog.closed(state.generation, before.generation)
    texts = catalog.texts(state.generation, since=before.generation)
    passages = catalog.passage_keys_of(state.recipe, [row.revision_id for row in texts])
    columns = before.columns.changed(closed, passages, texts)
    caches = before.caches
    changed = len(np.setxor1d(caches.keys, columns.keys, assume_unique=True))
    if outgrown(changed, len(caches.keys)):
        # Whoever changed so much has probably written newer caches.
        caches = usable(folder, columns.keys) or caches
    return _snapshot(folder, state, columns, caches, before.delta)


def folded(folder: CacheFolder, snapshot: Snapshot) -> Snapshot:
    """Write the caches of this state and return a snapshot over them, without a delta."""
    stamp = _stamp(snapshot.state)
    caches = made_or_loaded(folder, snapshot.columns.keys, stamp, fresh=True)
    return _snapshot(folder, snapshot.state, snapshot.columns, caches, None)


def usable(folder: CacheFolder, current: Keys) -> Caches | None:
    """Return the newest sound caches, if few passages have changed since."""
    for stamp in folder.stamps():
        caches = folder.load(stamp)
        if caches is None:
            continue
        changed = len(np.setxor1d(caches.keys, current, assume_unique=True))
        # Twice what a writer folds at: between its publishing and its folding others may open.
        if not outgrown(changed // 2, len(caches.keys)):
            return caches
    return None


def made_or_loaded(folder: CacheFolder, keys: Keys, stamp: Stamp, *, fresh: bool = False) -> Caches:
    """Load or write the caches; build them in memory, with a warning, if the disk refuses.

    Whole ones on the disk are taken from there; with ``fresh``, only those of this very state.
    """
    index = folder.index
    if not folder.catalog.writable:
        _LOG.warning("%s cannot be written: its caches are made in memory", index)
        return folder.build(keys, stamp)
    try:
        with locking.held(index, locking.CACHES, wait_s=_WAIT_S):
            # Whoever held the lock may have made them just now.
            caches = None if fresh else usable(folder, keys)
            if caches is None:
                caches = folder.save(keys, stamp)
                caching.clean(index, stamp)
            return caches
    except IndexLockedError:
        _LOG.warning("%s: another process is writing the caches; making them in memory", index)
    except (IndexFileError, OSError) as error:
        _LOG.warning("%s: %s; its caches are made in memory", index, error)
    return folder.build(keys, stamp)


def write_ahead(folder: CacheFolder, keys: Keys, stamp: Stamp) -> bool:
    """Write the caches of a generation that is about to be published; return whether it worked."""
    try:
        folder.save(keys, stamp)
    except OSError as error:
        _LOG.warning(
            "%s: %s; the caches will be made when the index is opened", folder.index, error
        )
        return False
    return True
