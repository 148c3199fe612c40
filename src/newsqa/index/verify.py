"""Checking the whole index, and making again what can be made again.

A damaged cache is mended from the articles; damaged articles only a backup brings back.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from random import Random

import numpy as np

from newsqa.errors import IndexDamagedError, IndexFileError, IndexNotFoundError
from newsqa.index import caches
from newsqa.index import chunking as passages
from newsqa.index.atomic_files import clear_left, read_head, write_head
from newsqa.index.caches import Cache, Source, Stamp
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
from newsqa.index.load import saved_pair
from newsqa.index.locking import CACHES, held
from newsqa.index.reports import Damage, Verification
from newsqa.index.stores import FaissStore, TantivyStore
from newsqa.index.update import DATABASE, Tools, check_head, writing
from newsqa.protocols import Encoder
from newsqa.text import analysis as text

_SAMPLE = 64  # vectors made again with --deep
_NEAR = 1e-3  # largest difference between two makings of one vector
_STEP = 512


def verify(folder: Path, encoder: Encoder | None, *, deep: bool = False) -> Verification:
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
    found = [Damage(what, reason) for what, reason in audit(database)]
    try:
        catalog = CatalogReader(database)
    except IndexFileError as error:
        return Verification((*found, Damage(DATABASE, str(error))))
    try:
        newest = catalog.newest()
        found += _head(folder, newest)
        if newest is not None:
            recipe = catalog.recipe(newest.recipe)
            found += _caches(folder, catalog, newest, recipe)
            if deep and not found:
                found += _deep(folder, catalog, newest, recipe, encoder)
    except IndexFileError as error:
        if not found:
            found.append(Damage(DATABASE, str(error)))
    finally:
        catalog.close()
    return Verification(tuple(found))


def _head(folder: Path, newest: Generation | None) -> list[Damage]:
    try:
        read_head(folder)
        check_head(folder, newest)
    except ValueError:
        return [Damage("head", "not what was written", mendable=True)]
    except IndexDamagedError as error:
        return [Damage("head", str(error))]
    return []


def _caches(
    folder: Path, catalog: CatalogReader, newest: Generation, recipe: Recipe
) -> list[Damage]:
    """Every published cache on the disk is as written, and one of each kind serves the present."""
    found: list[Damage] = []
    for kind in caches.KINDS:
        sound = False
        for stamp in caches.stamps(folder, catalog.publish_ids()):
            name = stamp.folder(folder, kind).name
            if not (folder / "cache" / name).exists():
                continue  # of an older generation, and taken away already
            reason = caches.complaint(folder, kind, stamp, recipe)
            if reason is None:
                sound = True
            else:
                found.append(Damage(f"cache {name}", reason, mendable=True))
        if not sound and newest.articles and not any(kind in d.what for d in found):
            found.append(Damage(f"cache of {kind}", "missing", mendable=True))
    return found


def repair(tools: Tools) -> Verification:
    """Make the caches (and an unreadable head) again from the articles; return what is left.

    Raises:
        IndexLockedError: Somebody else is changing the index.
    """
    folder = tools.folder
    with writing(tools, "the repair") as writer, held(folder, CACHES, wait_s=60.0):
        newest = writer.newest()
        if newest is None:
            raise IndexNotFoundError(folder)
        clear_left(folder)
        write_head(folder, newest.generation, newest.publish_id)
        catalog = CatalogReader(folder / DATABASE)
        try:
            recipe = catalog.recipe(newest.recipe)
            stamp = Stamp(newest.generation, newest.publish_id)
            keys = catalog.shared(recipe.recipe, newest.generation).keys
            saved_pair(folder, Source(catalog, recipe, tools.progress), keys, stamp)
            caches.clean(folder, stamp)
        except IndexDamagedError:
            pass  # articles are damaged: what follows says which
        finally:
            catalog.close()
    return verify(folder, tools.encoder)


# -- making things again --


def _deep(
    folder: Path,
    catalog: CatalogReader,
    newest: Generation,
    recipe: Recipe,
    encoder: Encoder | None,
) -> list[Damage]:
    keys = catalog.shared(recipe.recipe, newest.generation).keys
    found = _cache_contents(folder, catalog, recipe)
    if encoder is None or encoder.fingerprint != recipe.fingerprint:
        return found
    sample = set(Random(newest.generation).sample(keys.tolist(), min(_SAMPLE, len(keys))))
    for at in range(0, len(keys), _STEP):
        stored = catalog.passages(keys[at : at + _STEP].tolist(), newest.generation)
        found += _cut_again(stored, catalog, newest, recipe, encoder)
        found += _embedded_again([s for s in stored if s.key in sample], catalog, recipe, encoder)
    return found


def _cut_again(
    stored: list[Stored],
    catalog: CatalogReader,
    newest: Generation,
    recipe: Recipe,
    encoder: Encoder,
) -> list[Damage]:
    """Cut the articles that begin among these passages again and compare."""
    way = json.loads(recipe.cut)
    if (way["text"], way["passages"]) != (text.TEXT_RECIPE, passages.PASSAGE_RECIPE):
        return []  # made by rules this program no longer has
    found = []
    for item in stored:
        if item.key != catalog.first_key(item.text_key, recipe.recipe):
            continue
        article = catalog.article(item.passage.article_id, item.passage.version, newest.generation)
        again = passages.split(
            article,
            text.sentences(article.body, article.furniture),
            count_tokens=encoder.count_tokens,
            max_tokens=way["max_tokens"],
            overlap=way["overlap"],
        )
        keys = catalog.shared_of(recipe.recipe, [item.text_key]).keys.tolist()
        there = [s.passage for s in catalog.passages(keys, newest.generation)]
        if there != again:
            reason = "its passages are not those its text gives"
            found.append(Damage(f"article {item.passage.article_id!r}", reason))
    return found


def _embedded_again(
    stored: list[Stored], catalog: CatalogReader, recipe: Recipe, encoder: Encoder
) -> list[Damage]:
    if not stored:
        return []
    way = json.loads(recipe.cut)
    texts = [
        passages.embedded_text(
            item.passage, count_tokens=encoder.count_tokens, max_tokens=way["max_tokens"]
        )
        for item in stored
    ]
    keys = np.array([item.key for item in stored], dtype=np.int64)
    there = catalog.vectors(keys, recipe.encoder, recipe.dim)
    apart = np.abs(there - encoder.encode_passages(texts)).max(axis=1)
    found = []
    for item, words, distance in zip(stored, texts, apart.tolist(), strict=True):
        if text_sha256(words) != item.embedded:
            found.append(Damage(f"passage {item.key}", "its vector is filed under another text"))
        elif distance > _NEAR:
            found.append(Damage(f"passage {item.key}", f"its vector is off by {distance:.2g}"))
    return found


def _cache_contents(folder: Path, catalog: CatalogReader, recipe: Recipe) -> list[Damage]:
    """The caches hold what the catalog gives for their keys."""
    for stamp in caches.stamps(folder, catalog.publish_ids()):
        vectors = caches.load(folder, "vectors", stamp, recipe, FaissStore.read)
        words = caches.load(folder, "words", stamp, recipe, TantivyStore.read)
        if vectors is None or words is None:
            continue
        source = Source(catalog, recipe)
        found = []
        if not _same_vectors(vectors, source):
            found.append(Damage("cache of vectors", "not those of the articles", mendable=True))
        again = caches.make_words(source, words.keys, stamp).store
        same = (len(again), again.total_terms) == (len(words.store), words.store.total_terms)
        if not same:
            found.append(Damage("cache of words", "not those of the articles", mendable=True))
        return found
    return []


def _same_vectors(cache: Cache[FaissStore], source: Source) -> bool:
    for at in range(0, len(cache.keys), _STEP):
        keys = cache.keys[at : at + _STEP]
        recipe = source.recipe
        there = source.catalog.vectors(keys, recipe.encoder, recipe.dim)
        if not np.array_equal(there, cache.store.vectors(keys)):
            return False
    return True
