"""Verify the whole index; repair what can be rebuilt from the articles.

A damaged cache is mended from the articles; damaged articles only a backup brings back.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from random import Random

import numpy as np

from newsqa.errors import IndexDamagedError, IndexFileError, IndexNotFoundError
from newsqa.index import caches
from newsqa.index.caches import CacheFolder, Caches, Stamp
from newsqa.index.catalog import (
    CatalogReader,
    Generation,
    Recipe,
    Stored,
    audit,
    check_format,
    has_database,
    text_sha256,
)
from newsqa.index.chunking import Chunker
from newsqa.index.head import DATABASE, check_head, delete_leftovers, read_head, write_head
from newsqa.index.locking import CACHES, held
from newsqa.index.reports import Damage, Verification
from newsqa.index.stores import LOCAL_STORES
from newsqa.index.update import WriteContext, writing
from newsqa.protocols import Encoder, Stores

_SAMPLE = 64  # vectors made again with --deep
_NEAR = 1e-3  # largest difference between two makings of one vector
_STEP = 512


def verify(
    folder: Path,
    encoder: Encoder | None,
    *,
    deep: bool = False,
    stores: Stores = LOCAL_STORES,
) -> Verification:
    """Check every row, every cache and the head; with ``deep``, make things again and compare.

    Raises:
        IndexNotFoundError: There is no index at ``folder``.
        IndexFileError: It has another format.
    """
    database = folder / DATABASE
    if not has_database(database):
        raise IndexNotFoundError(folder)
    with contextlib.suppress(IndexDamagedError, OSError):  # the audit names it
        check_format(database)
    damaged = [Damage(what, reason) for what, reason in audit(database)]
    try:
        catalog = CatalogReader(database)
    except IndexFileError as error:
        return Verification((*damaged, Damage(DATABASE, str(error))))
    try:
        newest = catalog.newest()
        damaged += _head(folder, newest)
        if newest is not None:
            cached = CacheFolder(folder, catalog, catalog.recipe(newest.recipe), stores)
            damaged += _caches(cached, newest)
            if deep and not damaged:
                damaged += _deep(cached, newest, encoder)
    except IndexFileError as error:
        if not damaged:
            damaged.append(Damage(DATABASE, str(error)))
    finally:
        catalog.close()
    return Verification(tuple(damaged))


def _head(folder: Path, newest: Generation | None) -> list[Damage]:
    try:
        read_head(folder)
        check_head(folder, newest)
    except ValueError:
        return [Damage("head", "not what was written", mendable=True)]
    except IndexDamagedError as error:
        return [Damage("head", str(error))]
    return []


def _caches(cached: CacheFolder, newest: Generation) -> list[Damage]:
    """Every published cache on the disk is as written, and one of each kind serves the present."""
    damaged: list[Damage] = []
    for kind in caches.KINDS:
        sound = False
        for stamp in cached.stamps():
            path = stamp.folder(cached.index, kind)
            if not path.exists():
                continue  # of an older generation, and taken away already
            reason = cached.complaint(kind, stamp)
            if reason is None:
                sound = True
            else:
                damaged.append(Damage(f"cache {path.name}", reason, mendable=True))
        if not sound and newest.articles and not any(kind in d.what for d in damaged):
            damaged.append(Damage(f"cache of {kind}", "missing", mendable=True))
    return damaged


def repair(context: WriteContext) -> Verification:
    """Make the caches (and an unreadable head) again from the articles; return what is left.

    Raises:
        IndexLockedError: Somebody else is changing the index.
    """
    folder = context.folder
    with writing(context, "the repair") as writer, held(folder, CACHES, wait_s=60.0):
        newest = writer.newest()
        if newest is None:
            raise IndexNotFoundError(folder)
        delete_leftovers(folder)
        write_head(folder, newest.generation, newest.publish_id)
        catalog = CatalogReader(folder / DATABASE)
        try:
            recipe = catalog.recipe(newest.recipe)
            stamp = Stamp(newest.generation, newest.publish_id)
            keys = catalog.passage_keys(recipe.recipe, newest.generation).keys
            context.caches(catalog, recipe).save(keys, stamp)
            caches.clean(folder, stamp)
        except IndexDamagedError:
            pass  # articles are damaged: what follows says which
        finally:
            catalog.close()
    return verify(folder, context.encoder, stores=context.stores)


# -- making things again --


def _deep(cached: CacheFolder, newest: Generation, encoder: Encoder | None) -> list[Damage]:
    catalog, recipe = cached.catalog, cached.recipe
    keys = catalog.passage_keys(recipe.recipe, newest.generation).keys
    damaged = _cache_contents(cached)
    if encoder is None or encoder.fingerprint != recipe.fingerprint:
        return damaged
    chunker = Chunker(encoder, recipe.cut)
    sample = set(Random(newest.generation).sample(keys.tolist(), min(_SAMPLE, len(keys))))
    for at in range(0, len(keys), _STEP):
        stored = catalog.passages(keys[at : at + _STEP].tolist(), newest.generation)
        damaged += _cut_again(stored, catalog, newest, recipe, chunker)
        embedded = [item for item in stored if item.key in sample]
        damaged += _embedded_again(embedded, catalog, recipe, encoder)
    return damaged


def _cut_again(
    stored: list[Stored],
    catalog: CatalogReader,
    newest: Generation,
    recipe: Recipe,
    chunker: Chunker,
) -> list[Damage]:
    """Cut the articles that begin among these passages again and compare."""
    if not chunker.is_current:
        return []  # made by rules this program no longer has
    damaged = []
    for item in stored:
        if item.key != catalog.first_key(item.revision_id, recipe.recipe):
            continue
        article = catalog.article(item.passage.article_id, item.passage.version, newest.generation)
        keys = catalog.passage_keys_of(recipe.recipe, [item.revision_id]).keys.tolist()
        there = [s.passage for s in catalog.passages(keys, newest.generation)]
        if there != chunker.chunk(article):
            reason = "its passages are not those its text gives"
            damaged.append(Damage(f"article {item.passage.article_id!r}", reason))
    return damaged


def _embedded_again(
    stored: list[Stored], catalog: CatalogReader, recipe: Recipe, encoder: Encoder
) -> list[Damage]:
    if not stored:
        return []
    chunker = Chunker(encoder, recipe.cut)
    texts = [chunker.embedded_text(item.passage) for item in stored]
    keys = np.array([item.key for item in stored], dtype=np.int64)
    there = catalog.vectors(keys, recipe.encoder, recipe.dim)
    apart = np.abs(there - encoder.encode_passages(texts)).max(axis=1)
    damaged = []
    for item, words, distance in zip(stored, texts, apart.tolist(), strict=True):
        if text_sha256(words) != item.embedded:
            damaged.append(Damage(f"passage {item.key}", "its vector is filed under another text"))
        elif distance > _NEAR:
            damaged.append(Damage(f"passage {item.key}", f"its vector is off by {distance:.2g}"))
    return damaged


def _cache_contents(cached: CacheFolder) -> list[Damage]:
    """The newest caches hold what the catalog gives for their keys."""
    loaded = next((found for stamp in cached.stamps() if (found := cached.load(stamp))), None)
    if loaded is None:
        return []
    damaged = []
    if not _same_vectors(loaded, cached):
        damaged.append(Damage("cache of vectors", "not those of the articles", mendable=True))
    if not _same_words(loaded, cached):
        damaged.append(Damage("cache of words", "not those of the articles", mendable=True))
    return damaged


def _same_vectors(loaded: Caches, cached: CacheFolder) -> bool:
    recipe = cached.recipe
    for at in range(0, len(loaded.keys), _STEP):
        keys = loaded.keys[at : at + _STEP]
        there = cached.catalog.vectors(keys, recipe.encoder, recipe.dim)
        if not np.array_equal(there, loaded.vectors.store.vectors(keys)):
            return False
    return True


def _same_words(loaded: Caches, cached: CacheFolder) -> bool:
    texts = terms = 0
    for keys, documents in cached.documents(loaded.keys, loaded.words.stamp.generation):
        texts += len(keys)
        terms += sum(map(len, documents))
    return (texts, terms) == (len(loaded.words.store), loaded.words.store.total_terms)
