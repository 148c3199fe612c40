"""The index folder as one object: build, open, change and read it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import RLock
from typing import Any

from newsqa.errors import IndexNotFoundError, UnknownArticleError
from newsqa.index import load, maintenance, update, verify
from newsqa.index.caches import Cache, CacheFolder
from newsqa.index.catalog import CatalogReader, Generation, Listing, Recipe
from newsqa.index.head import DATABASE, check_head
from newsqa.index.reports import Report, Verification
from newsqa.index.snapshot import Snapshot
from newsqa.index.stores import LOCAL_STORES
from newsqa.index.update import WriteContext, check_encoder, roots_of
from newsqa.protocols import Encoder, Progress, Stores
from newsqa.settings import Settings
from newsqa.types import Article, Version


class Index:
    """An open index. Reading is thread-safe and takes no lock of the folder."""

    def __init__(
        self,
        folder: Path,
        catalog: CatalogReader,
        encoder: Encoder,
        settings: Settings,
        stores: Stores = LOCAL_STORES,
    ) -> None:
        self.folder = folder
        self.encoder = encoder
        self.settings = settings
        self._stores = stores
        self._catalog = catalog
        self._retired: list[CatalogReader] = []
        self._snapshot: Snapshot | None = None
        self._lock = RLock()

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        encoder: Encoder,
        settings: Settings,
        stores: Stores = LOCAL_STORES,
    ) -> Index:
        """Open an index for reading and changing; no model is loaded and nothing is written.

        Raises:
            IndexNotFoundError: There is none at ``folder``.
            IndexMismatchError: It was built with another encoder.
            IndexDamagedError: It lacks what was acknowledged, or is no database.
            IndexFileError: It has another format; the message says what to do.
        """
        folder = Path(folder)
        catalog = CatalogReader(folder / DATABASE)
        try:
            index = cls(folder, catalog, encoder, settings, stores)
            check_head(folder, catalog.newest())
            check_encoder(encoder, catalog.recipe(index._state().recipe))
        except BaseException:
            catalog.close()
            raise
        return index

    @classmethod
    def build(
        cls,
        paths: Sequence[Path],
        folder: Path,
        *,
        encoder: Encoder,
        settings: Settings,
        progress: Progress | None = None,
        allow: Sequence[str] = (),
        stores: Stores = LOCAL_STORES,
    ) -> Report:
        """Make exactly the articles under ``paths`` current; history is kept.

        Without paths the stored articles are cut and embedded anew. A build that was stopped goes
        on where it stopped. An article whose file failed this time keeps its current version.

        Raises:
            FileNotFoundError: One of ``paths`` does not exist.
            CorpusError: No article could be read; nothing has changed.
            IndexLockedError: Somebody else is changing the index.
            IndexFileError: The system failed; the index is as it was.
        """
        context = WriteContext(Path(folder), encoder, settings, progress, stores)
        return update.build(context, [Path(path) for path in paths], allow)

    def close(self) -> None:
        """Close all connections; snapshots can no longer fetch passages."""
        for catalog in [self._catalog, *self._retired]:
            catalog.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- changing --

    def add(
        self,
        paths: Sequence[Path],
        *,
        progress: Progress | None = None,
        allow: Sequence[str] = (),
    ) -> Report:
        """Make new and changed articles under ``paths`` current; others stay.

        Raises:
            See `build`.
        """
        context = self._context(progress)
        return self._changed(update.add(context, [Path(path) for path in paths], allow))

    def rebuild(self, *, progress: Progress | None = None) -> Report:
        """Cut and embed the stored articles anew, with the settings in force; see `build`."""
        return self._changed(update.build(self._context(progress), [], ()))

    def remove(self, article_ids: Sequence[str]) -> Report:
        """Hide articles from the next question on; their history is kept.

        Raises:
            UnknownArticleError: One is not current; the message names it, nothing has changed.
        """
        return self._changed(update.remove(self._context(None), article_ids))

    def sync(
        self, folder: Path, *, dry_run: bool = False, progress: Progress | None = None
    ) -> Report:
        """Make the index agree with a folder: as `add`, and what is gone there is removed.

        Only articles that came from files in ``folder`` are removed. With ``dry_run`` nothing is
        published; the report says what would be.

        Raises:
            See `build`.
        """
        report = maintenance.sync(self._context(progress), Path(folder), dry_run=dry_run)
        return report if dry_run else self._changed(report)

    def rollback(self, generation: int, *, progress: Progress | None = None) -> Report:
        """Make the articles of an earlier generation current again; purged ones stay away.

        Raises:
            UnknownArticleError: There is no such generation, or it is no longer kept.
        """
        return self._changed(maintenance.rollback(self._context(progress), generation))

    def purge(self, article_ids: Sequence[str], *, progress: Progress | None = None) -> Report:
        """Erase articles for good, history, vectors and cached words included; refuse their ids.

        Backups made earlier still hold them.

        Raises:
            UnknownArticleError: Nothing of one of them is stored; nothing has changed.
            IndexFileError: Erased, but a reader still holds bytes; the message says which.
        """
        try:
            return maintenance.purge(self._context(progress), article_ids)
        finally:
            with self._lock:
                self._snapshot = None

    def compact(self, *, keep: int | None = None) -> dict[str, int]:
        """Merge the delta into the caches and free unused space; questions go on meanwhile.

        Args:
            keep: Also erase texts that none of the last ``keep`` generations held.

        Returns:
            ``texts`` and ``vectors`` erased, ``bytes_before`` and ``bytes_after``.
        """
        report = maintenance.compact(self._context(None), keep)
        with self._lock:
            self._snapshot = None
        return report

    def backup(self, target: Path) -> int:
        """Copy everything into one file while questions and writes go on; return its generation."""
        return maintenance.backup(self.folder, Path(target)).generation

    @staticmethod
    def restore(folder: Path, source: Path) -> int:
        """Put a backup in the place of the index at ``folder``; return the new generation.

        Raises:
            IndexDamagedError: The backup is not sound; nothing has changed.
            IndexLockedError: Somebody else is changing the index.
        """
        return maintenance.restore(Path(folder), Path(source)).generation

    def _context(self, progress: Progress | None) -> WriteContext:
        return WriteContext(self.folder, self.encoder, self.settings, progress, self._stores)

    def _changed(self, report: Report) -> Report:
        """Merge a long delta into the caches after the change is visible to everybody.

        Questions go on meanwhile, over the delta: writing the caches may take a minute.
        """
        snapshot = self.snapshot()
        if snapshot.delta.is_long:
            folded = load.folded(self._caches(snapshot.recipe), snapshot)
            with self._lock:
                if self._snapshot is snapshot:  # else a later change was taken up
                    self._snapshot = folded
        return report

    # -- reading --

    def snapshot(self) -> Snapshot:
        """Return the newest state; microseconds when nothing has changed.

        Raises:
            IndexMismatchError: The index was rebuilt with another encoder.
            IndexDamagedError: A row that is needed is not what was written.
        """
        with self._lock:
            if self._catalog.replaced():
                self._reopen()
            known = self._snapshot
            if known is not None and known.generation == self._catalog.newest_number():
                return known
            state = self._state()
            if known is not None and known.recipe.recipe == state.recipe:
                self._snapshot = load.later_snapshot(self._caches(known.recipe), known, state)
            else:
                recipe = self._catalog.recipe(state.recipe)
                check_encoder(self.encoder, recipe)
                self._snapshot = load.first_snapshot(self._caches(recipe), state)
            return self._snapshot

    def _caches(self, recipe: Recipe) -> CacheFolder:
        return self._context(None).caches(self._catalog, recipe)

    def _state(self) -> Generation:
        state = self._catalog.newest()
        if state is None:
            raise IndexNotFoundError(self.folder, unfinished=True)
        return state

    def _reopen(self) -> None:
        """Reopen the catalog: another file is at the path since a backup was restored."""
        catalog = CatalogReader(self.folder / DATABASE)
        self._retired.append(self._catalog)  # other threads may still be reading from it
        self._catalog = catalog
        self._snapshot = None

    def article(self, article_id: str, version: int | None = None) -> Article:
        """Return a stored version of an article, with the list of its versions.

        Raises:
            UnknownArticleError: There is no such article or version.
            IndexDamagedError: It is not what was written.
        """
        try:
            return self._catalog.article(article_id, version, self._catalog.newest_number())
        except UnicodeEncodeError:  # a lone surrogate: no stored id has one
            raise UnknownArticleError(f"no article {article_id!r}") from None

    def versions(self, article_id: str) -> tuple[Version, ...]:
        """Return the versions an article ever had, also a removed one; of a purged one, none."""
        try:
            return self._catalog.versions(article_id, self._catalog.newest_number())
        except UnicodeEncodeError:  # a lone surrogate: no stored id has one
            return ()

    def articles(self, *, contains: str = "", offset: int = 0, limit: int = 50) -> Listing:
        """Return current articles whose title, source or id holds ``contains``, newest first."""
        catalog = self._catalog
        return catalog.listing(catalog.newest_number(), contains, offset, limit)

    def current(self) -> Iterator[Article]:
        """Yield the articles current now, by id; later changes have no effect on it.

        Raises:
            IndexDamagedError: One is not what was written.
        """
        catalog = self._catalog
        generation = catalog.newest_number()
        listed = catalog.listing(generation, "", 0, -1).articles
        for article_id, version in sorted((item.article_id, item.version) for item in listed):
            try:
                yield catalog.article(article_id, version, generation)
            except UnknownArticleError:  # purged since: what is erased is not handed out
                continue

    def describe(self) -> dict[str, Any]:
        """Return the JSON form of `newsqa index info`."""
        snapshot = self.snapshot()
        first, last = snapshot.dates()
        catalog = self._catalog
        newest = catalog.newest()
        return {
            "articles": snapshot.article_count,
            "versions": catalog.version_count(snapshot.generation),
            "passages": len(snapshot),
            "tokens": catalog.token_count(snapshot.generation),
            "generation": snapshot.generation,
            "changed": newest and newest.at,
            "encoder": snapshot.recipe.encoder_name,
            "fingerprint": snapshot.recipe.fingerprint,
            "sources": snapshot.sources(),
            "first": first and first.isoformat(),
            "last": last and last.isoformat(),
            "paths": [root.given for root in catalog.roots()],
            "caches": {
                "vectors": self._described("vectors", snapshot.caches.vectors),
                "words": self._described("words", snapshot.caches.words),
            },
            "tail": {"new": len(snapshot.delta.added), "dead": len(snapshot.delta.removed)},
        }

    def _described(self, kind: str, cache: Cache[Any]) -> dict[str, Any]:
        return {
            "generation": cache.stamp.generation,
            "passages": len(cache.keys),
            "on_disk": cache.stamp.folder(self.folder, kind).is_dir(),
        }

    def verify(self, *, deep: bool = False) -> Verification:
        """Check every row, every cache and the head; with ``deep``, make a part again."""
        return verify.verify(self.folder, self.encoder, deep=deep, stores=self._stores)

    def repair(self, *, progress: Progress | None = None) -> Verification:
        """Make the caches again from the articles; return what is still damaged then."""
        verification = verify.repair(self._context(progress))
        with self._lock:
            self._snapshot = None
        return verification

    def changed_paths(self, *, under: Path | None = None) -> list[str]:
        """Return the files under the remembered PATHs that changed, appeared or are gone.

        Each is shown as its PATH was given. Files are hashed only where time or size differ.

        Args:
            under: Look in this folder instead, whatever it was called when it was indexed.
        """
        roots, files = self._catalog.roots(), self._catalog.files()
        if under is not None:
            root = roots_of([under])[0]
            roots, files = [root], [file for file in files if file.path.is_relative_to(root.path)]
        return maintenance.changed_files(roots, files)


def exists(folder: Path) -> bool:
    """Whether a database lies in ``folder``."""
    return os.path.isfile(Path(folder) / DATABASE)
