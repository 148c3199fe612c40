"""Change an index: plan, publish by one transaction, acknowledge.

The writer lock is held from beginning to end of a change, never by a reader.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from newsqa.errors import CorpusError, IndexFileError, IndexMismatchError
from newsqa.index import caches, locking
from newsqa.index.build import Builder, IngestStats, limits_of
from newsqa.index.caches import CacheFolder, Stamp
from newsqa.index.catalog import (
    CatalogReader,
    CatalogWriter,
    Change,
    Counts,
    Generation,
    Recipe,
    Root,
    find_duplicates,
    sqlite_errors,
)
from newsqa.index.chunking import chunking_parameters
from newsqa.index.delta import outgrown
from newsqa.index.head import DATABASE, acknowledge, catch_up, check_head
from newsqa.index.load import write_ahead
from newsqa.index.reports import Report
from newsqa.index.stores import LOCAL_STORES
from newsqa.protocols import Encoder, Progress, Stores
from newsqa.settings import Settings

if TYPE_CHECKING:
    from newsqa.ingest import Parsed, Walk

_WAIT_S = 60.0
_SMALL = 5_000  # passages: caches of so few are always written with a build


@dataclass(frozen=True, slots=True)
class WriteContext:
    """What a change needs: folder, encoder, settings, stores."""

    folder: Path
    encoder: Encoder
    settings: Settings
    progress: Progress | None = None
    stores: Stores = LOCAL_STORES
    parse: Callable[..., Iterator[Parsed]] | None = None  # `ingest.parse` unless a test says else

    def caches(self, catalog: CatalogReader, recipe: Recipe) -> CacheFolder:
        """Return the caches of the index, as made from ``catalog`` by ``recipe``."""
        return CacheFolder(self.folder, catalog, recipe, self.stores, self.progress)


@contextlib.contextmanager
def writing(context: WriteContext, what: str) -> Iterator[CatalogWriter]:
    """Hold the writer lock and an open catalog; report a system error as ``what`` not indexed."""
    database = context.folder / DATABASE
    try:
        context.folder.mkdir(parents=True, exist_ok=True)
        with (
            locking.held(context.folder),
            sqlite_errors(database),
            CatalogWriter(database) as writer,
        ):
            newest = writer.newest()
            check_head(context.folder, newest)
            if newest is not None:
                catch_up(context.folder, newest)
            yield writer
    except FileNotFoundError:
        raise  # a PATH that does not exist is the caller's mistake
    except OSError as error:
        raise IndexFileError(
            f"{what} was not indexed; the index is as it was: {error.strerror or error}"
        ) from error


def build(context: WriteContext, paths: Sequence[Path], allow: Sequence[str]) -> Report:
    """Make exactly the articles under ``paths`` current; without paths, cut and embed anew."""
    is_new = not context.folder.exists()
    try:
        return _build(context, paths, allow)
    except CorpusError:
        if is_new:  # leave no folder that holds no index
            shutil.rmtree(context.folder, ignore_errors=True)
        raise


def _build(context: WriteContext, paths: Sequence[Path], allow: Sequence[str]) -> Report:
    walk = walk_paths(paths)
    with writing(context, _named(paths)) as writer:
        newest = writer.newest()
        if newest is None and not paths:
            raise CorpusError("there are no stored articles to build from; give a PATH")
        recipe = new_recipe(context, writer)
        session = UpdateSession(context, writer, recipe)
        if newest is not None and newest.recipe != recipe.recipe:
            session.change.queue_all_versions()
        if paths:
            session.take(walk, paths, allow, replacing=True)
        session.prepare()
        counts = session.plan(exactly=bool(paths))
        report = session.finish("build", counts, ahead=True)
        if paths:
            session.remember(report, paths, forget=True, base=walk.base)
        return report


def add(context: WriteContext, paths: Sequence[Path], allow: Sequence[str]) -> Report:
    """Make the articles under ``paths`` current; others stay as they are."""
    walk = walk_paths(paths)
    with writing(context, _named(paths)) as writer:
        session = UpdateSession(context, writer, own_recipe(context, writer))
        session.take(walk, paths, allow)
        session.prepare()
        report = session.finish("add", session.plan(exactly=False))
        session.remember(report, paths, forget=False)
        return report


def remove(context: WriteContext, article_ids: Sequence[str]) -> Report:
    """Hide these articles from the next generation on."""
    with writing(context, "the removal") as writer:
        session = UpdateSession(context, writer, own_recipe(context, writer))
        return session.finish("remove", session.change.plan_removal(article_ids))


def new_recipe(context: WriteContext, writer: CatalogWriter) -> Recipe:
    """Return the recipe of an index that is built with this encoder and these settings."""
    encoder = context.encoder
    cut = chunking_parameters(encoder, context.settings)
    return writer.recipe(encoder.name, encoder.fingerprint, encoder.dim, cut)


def own_recipe(context: WriteContext, writer: CatalogWriter) -> Recipe:
    """Return the recipe of the index, if this program and encoder can follow it.

    Raises:
        IndexMismatchError: They cannot; the index must be built anew.
    """
    newest = writer.newest()
    if newest is None:
        raise IndexFileError(f"{context.folder} was never built; `newsqa index build PATH`")
    recipe = writer.stored_recipe(newest.recipe)
    check_encoder(context.encoder, recipe)
    # The size of passages is the index's own; only rules this program lacks are refused.
    asked = chunking_parameters(context.encoder, context.settings, like=recipe.cut)
    if asked != recipe.cut:
        raise IndexMismatchError("recipe", built_with=recipe.cut, asked_for=asked)
    return recipe


def check_encoder(encoder: Encoder, recipe: Recipe) -> None:
    """Raise IndexMismatchError unless the index holds vectors of this encoder."""
    if encoder.fingerprint != recipe.fingerprint:
        built = f"{recipe.encoder_name} ({recipe.fingerprint[:12]})"
        asked = f"{encoder.name} ({encoder.fingerprint[:12]})"
        raise IndexMismatchError("encoder", built_with=built, asked_for=asked)


class UpdateSession:
    """Run one change, from reading files to acknowledging the new generation."""

    def __init__(self, context: WriteContext, writer: CatalogWriter, recipe: Recipe) -> None:
        self._context = context
        self._writer = writer
        self._recipe = recipe
        self.change = Change(writer)
        self._builder = Builder(
            writer, self.change, recipe, context.encoder, context.progress, _counter
        )

    def take(
        self,
        walk: Walk,
        paths: Sequence[Path],
        allow: Sequence[str],
        *,
        empty: bool = False,
        replacing: bool = False,
    ) -> None:
        """Read the files under ``paths``; unless ``replacing``, under this index's own keys.

        Raises:
            CorpusError: Not one article could be read, unless nothing there is fine (``empty``).
        """
        from newsqa import ingest
        from newsqa.index.article_keys import with_keys

        if not replacing:
            walk = with_keys(walk, self._writer, self._context.folder)
        self.change.allow(allow)
        stats = self._builder.stats
        stats.skipped += walk.skipped
        stats.failed += walk.failed
        for problem in walk.failed:
            self.change.note_failed(Path(os.path.abspath(problem.path)))

        def known(file: ingest.InputFile, sha256: str) -> bool:
            return (
                self._writer.find_parse(sha256, file.article_key, ingest.PARSER_RECIPE) is not None
            )

        stream = (self._context.parse or ingest.parse)(
            walk.files, limits=limits_of(self._context.settings), known=known
        )
        uploads = self._context.folder.resolve()
        self._builder.take(stream, _root_finder(paths), replacing=replacing, uploads=uploads)
        if not stats.admitted and not (empty and not stats.failed):
            raise _nothing_read(paths, stats)
        self.change.queue_incoming()

    def prepare(self) -> None:
        """Make the passages and vectors that are queued and missing."""
        self._builder.cut_queued()
        self._builder.embed_queued()

    def plan(self, *, exactly: bool, under: Path | None = None) -> Counts:
        """Work out what the change means."""
        return self.change.plan_arrivals(exactly=exactly, under=under)

    def finish(self, kind: str, counts: Counts, *, ahead: bool = False) -> Report:
        """Publish and acknowledge, unless there is nothing to publish.

        Args:
            kind: The name of the change.
            counts: What was planned.
            ahead: Write the caches first where they would change much.
        """
        find_duplicates(self._writer, self.change, self._tell)
        newest = self._writer.newest()
        if newest is None or counts or newest.recipe != self._recipe.recipe:
            newest = self._published(kind, ahead)
        return self.report(newest.generation, counts)

    def remember(
        self,
        report: Report,
        paths: Sequence[Path],
        *,
        forget: bool,
        under: Path | None = None,
        base: Path | None = None,
    ) -> None:
        """Note the files that the articles of a finished change came from.

        Raises:
            IndexFileError: They could not be noted; the change is visible all the same.
        """
        try:
            self.change.remember_files(roots_of(paths), forget=forget, under=under, base=base)
        except OSError as error:
            raise IndexFileError(
                f"generation {report.generation} is published, but the files it came from could "
                f"not be noted ({error}); the same command again sets that right"
            ) from error

    def _tell(self, stage: str, done: int, total: int | None, detail: str) -> None:
        if self._context.progress is not None:
            self._context.progress(stage, done, total, detail)

    def report(self, generation: int, counts: Counts) -> Report:
        """Return what the change did, or would do."""
        stats = self._builder.stats
        return Report(
            generation=generation,
            indexed=counts.indexed,
            unchanged=counts.unchanged,
            removed=counts.removed,
            skipped=tuple(stats.skipped),
            failed=tuple(stats.failed),
        )

    def _published(self, kind: str, ahead: bool) -> Generation:
        folder = self._context.folder
        stamp = Stamp(self._writer.next_generation(), secrets.token_hex(8))
        if not ahead or not self._worth_writing(stamp):
            return self._acknowledged(kind, stamp)
        # Held until the generation is published: an opener would take the caches for leftovers.
        with locking.held(folder, locking.CACHES, wait_s=_WAIT_S):
            catalog = CatalogReader(folder / DATABASE)
            try:
                later = self.change.later_keys(self._recipe.recipe)
                written = write_ahead(self._context.caches(catalog, self._recipe), later, stamp)
            finally:
                catalog.close()
            state = self._acknowledged(kind, stamp)
            if written:
                caches.clean(folder, stamp)
            return state

    def _acknowledged(self, kind: str, stamp: Stamp) -> Generation:
        state = self.change.publish(kind, self._recipe.recipe, stamp.publish_id)
        acknowledge(self._context.folder, state)
        return state

    def _worth_writing(self, stamp: Stamp) -> bool:
        """Whether the change is too large, or the index small enough, not to be a tail."""
        later = self.change.later_keys(self._recipe.recipe)
        if len(later) <= _SMALL:
            return True
        keys = caches.newest_keys(self._context.folder, self._recipe, stamp.generation)
        if keys is None:
            return True
        changed = len(np.setxor1d(keys, later, assume_unique=True))
        return outgrown(changed, len(keys))


def _nothing_read(paths: Sequence[Path], stats: IngestStats) -> CorpusError:
    message = f"no article could be read from {_named(paths)}; the index is as it was"
    return CorpusError(message, [*stats.failed, *stats.skipped])


def _counter() -> tuple[str, Callable[[str], int]]:
    """Return a token counter and its name."""
    from newsqa.models import open_token_counter

    count = open_token_counter()
    return ("cl100k_base" if count.exact else "estimate", count)


def walk_paths(paths: Sequence[Path]) -> Walk:
    """Find the files first: a PATH that does not exist is reported before anything is opened."""
    from newsqa import ingest

    return ingest.walk(paths)


def _named(paths: Sequence[Path]) -> str:
    return ", ".join(str(path) for path in paths) or "the stored articles"


def roots_of(paths: Sequence[Path]) -> list[Root]:
    """Return PATHs as they are remembered."""
    return [Root(Path(path).resolve(), str(path)) for path in paths]


def _root_finder(paths: Sequence[Path]) -> Callable[[Path], Path]:
    roots = [Path(path).resolve() for path in paths]

    def find(path: Path) -> Path:
        return next((root for root in roots if path.is_relative_to(root)), path)

    return find
