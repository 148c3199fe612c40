"""Maintain an index: sync, roll back, purge, compact, back up, restore."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from newsqa.errors import IndexDamagedError, IndexFileError, IndexNotFoundError
from newsqa.files.atomic import move_into_place, replace_file, sha256_of, sync_path, temp_path
from newsqa.index import caches, locking
from newsqa.index import catalog as db
from newsqa.index.caches import Stamp
from newsqa.index.catalog import CatalogReader, Generation, Root, SeenFile
from newsqa.index.head import DATABASE, acknowledge, delete_leftovers, read_head, write_head
from newsqa.index.locking import LOCKS
from newsqa.index.reports import Report
from newsqa.index.update import (
    UpdateSession,
    WriteContext,
    new_recipe,
    own_recipe,
    walk_paths,
    writing,
)

_WAIT_S = 60.0
FEEDBACK = "feedback.jsonl"
# What a backup must not be written over, beside the database and what SQLite keeps by it.
_OWN = {"head", FEEDBACK, *(f"{name}.{end}" for name in LOCKS for end in ("lock", "json"))}


def sync(context: WriteContext, folder: Path, *, dry_run: bool = False) -> Report:
    """Make the index agree with a folder; with ``dry_run`` only report what that would do."""
    walk = walk_paths([folder])
    with writing(context, str(folder)) as writer:
        newest = writer.newest()
        recipe = own_recipe(context, writer) if newest else new_recipe(context, writer)
        session = UpdateSession(context, writer, recipe)
        session.take(walk, [folder], (), empty=True)
        if not dry_run:
            session.prepare()
        counts = session.plan(exactly=True, under=folder.resolve())
        if dry_run:
            report = session.report(newest.generation if newest else 0, counts)
            return replace(report, plan=session.change.planned())
        report = session.finish("sync", counts)
        session.remember(report, [folder], forget=False, under=folder.resolve())
        return report


def rollback(context: WriteContext, generation: int) -> Report:
    """Make the articles of an earlier generation current again, as a new generation."""
    with writing(context, f"generation {generation}") as writer:
        session = UpdateSession(context, writer, own_recipe(context, writer))
        counts = session.change.plan_rollback(generation)
        session.change.queue_planned()
        session.prepare()
        return session.finish("rollback", counts)


def purge(context: WriteContext, article_ids: Sequence[str]) -> Report:
    """Erase articles with their history and refuse their ids.

    Raises:
        UnknownArticleError: Nothing of one of them is stored.
        IndexFileError: They are erased, but a reader still holds bytes; the message says which.
    """
    ids = list(dict.fromkeys(article_ids))
    folder = context.folder
    with (
        writing(context, "the purge") as writer,
        locking.held(folder, locking.CACHES, wait_s=_WAIT_S),
    ):
        if writer.newest() is None:
            raise IndexNotFoundError(folder)
        delete_leftovers(folder)  # a killed restore leaves a whole database, its words included
        state = db.purge(writer, ids, secrets.token_hex(8))
        acknowledge(folder, state)
        _drop_feedback(folder / FEEDBACK, set(ids))
        # Before the new ones are made: until they are gone, so are not its words.
        caches.clean(folder, Stamp(state.generation, state.publish_id))
        remains = db.vacuum(writer)
        _write_caches(context, state)
    if remains is not None:
        raise IndexFileError(
            f"purged, but its bytes remain in {remains}; "
            "`newsqa index compact` when no program reads the index takes them away"
        )
    return Report(generation=state.generation, removed=len(ids))


def _drop_feedback(path: Path, article_ids: set[str]) -> None:
    """Drop the lines that quote one of these articles, and unreadable lines."""
    if not path.is_file():
        return
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    kept = [line for line in lines if line and not _quotes(line, article_ids)]
    replace_file(path, "".join(f"{line}\n" for line in kept))


def _quotes(line: str, article_ids: set[str]) -> bool:
    try:
        return any(value in article_ids for value in _strings(json.loads(line)))
    except ValueError:
        return True


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def compact(context: WriteContext, keep: int | None = None) -> dict[str, int]:
    """Write the caches anew, drop leftovers, and with ``keep`` all older history.

    Returns:
        How many texts and vectors were erased, and bytes of the database before and after.
    """
    folder = context.folder
    with (
        writing(context, "the compaction") as writer,
        locking.held(folder, locking.CACHES, wait_s=_WAIT_S),
    ):
        newest = writer.newest()
        if newest is None:
            raise IndexNotFoundError(folder)
        own_recipe(context, writer)
        delete_leftovers(folder)
        before = _size(folder)
        erased = [db.drop_history(writer, keep)] if keep is not None else []
        erased.append(db.drop_leftovers(writer))
        db.vacuum(writer)
        _write_caches(context, newest)
        return {
            "texts": sum(e.texts for e in erased),
            "vectors": sum(e.vectors for e in erased),
            "bytes_before": before,
            "bytes_after": _size(folder),
        }


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob(f"{DATABASE}*"))


def _write_caches(context: WriteContext, state: Generation) -> None:
    catalog = CatalogReader(context.folder / DATABASE)
    try:
        keys = catalog.passage_keys(state.recipe, state.generation).keys
        stamp = Stamp(state.generation, state.publish_id)
        context.caches(catalog, catalog.recipe(state.recipe)).save(keys, stamp)
        caches.clean(context.folder, stamp)
    finally:
        catalog.close()


def backup(folder: Path, target: Path) -> Generation:
    """Copy the whole index, history included, into one file, while questions and writes go on.

    What a killed backup left beside that file is deleted.

    Raises:
        IndexFileError: It could not be written; nothing is left of it.
    """
    database = folder / DATABASE
    if not db.has_database(database):
        raise IndexNotFoundError(folder)
    if not target.parent.is_dir():
        raise IndexFileError(f"{target.parent} is not a folder; no backup was made")
    if _is_own(folder, target):
        raise IndexFileError(f"{target} is a file of the index; give the backup another name")
    try:
        with temp_path(target) as path:
            db.copy_database(database, path)
            move_into_place(path, target)
    except OSError as error:
        raise IndexFileError(f"no backup was made at {target}: {error}") from error
    catalog = CatalogReader(target)
    try:
        newest = catalog.newest()
    finally:
        catalog.close()
    if newest is None:
        raise IndexNotFoundError(folder)
    return newest


def _is_own(folder: Path, path: Path) -> bool:
    """Whether ``path`` is a file of the index itself, however it is spelled."""
    path = path.resolve()
    own = path.name in _OWN or path.name in {f"{DATABASE}{end}" for end in ("", "-wal", "-shm")}
    return own and path.parent == folder.resolve()


def restore(folder: Path, source: Path) -> Generation:
    """Put a backup in the place of the index, under a new generation.

    Running servers take it up with their next question. What the index held before is gone.

    Raises:
        IndexDamagedError: The backup is not sound; nothing has changed.
        IndexLockedError: Somebody else is changing the index.
        IndexFileError: It has another format, or the system failed; nothing has changed.
    """
    if not source.is_file():
        raise IndexFileError(f"no backup at {source}")
    if _is_own(folder, source):
        raise IndexFileError(f"{source} is the index itself, no backup of it; nothing was restored")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with (
            locking.held(folder),
            locking.held(folder, locking.CACHES, wait_s=_WAIT_S),
            tempfile.TemporaryDirectory(dir=folder, prefix=".restore-") as temp_folder,
        ):
            copy = Path(temp_folder) / DATABASE
            shutil.copyfile(source, copy)
            db.check_format(copy)
            damage = db.audit(copy)
            if damage:
                what, reason = damage[0]
                raise IndexDamagedError(f"{source} is damaged ({what}: {reason}); not restored")
            state = db.renumbered_copy(
                copy, Path(temp_folder) / "new.db", _highest(folder), secrets.token_hex(8)
            )
            _put_in_place(folder, Path(temp_folder) / "new.db", state)
            return state
    except OSError as error:
        raise IndexFileError(f"{source} was not restored: {error}") from error


def _highest(folder: Path) -> int:
    """Return the highest generation known of this index, from whatever is readable."""
    known = [0]
    with contextlib.suppress(OSError, ValueError):
        if head := read_head(folder):
            known.append(head.generation)
    known += [stamp.generation for stamp in caches.all_stamps(folder) if stamp]
    database = folder / DATABASE
    if database.is_file():
        with contextlib.suppress(IndexFileError, OSError):
            known.append(db.last_generation(database))
    return max(known)


def _put_in_place(folder: Path, new: Path, state: Generation) -> None:
    """Replace the database; its old WAL must never be read with the new one."""
    database = folder / DATABASE
    sync_path(new)  # before anything of the old one goes
    if database.exists():
        db.checkpoint(database)
    for end in ("-wal", "-shm"):
        Path(f"{database}{end}").unlink(missing_ok=True)
    move_into_place(new, database)
    write_head(folder, state.generation, state.publish_id)
    caches.clean(folder, Stamp(state.generation, state.publish_id))


def changed_files(roots: Sequence[Root], files: Sequence[SeenFile]) -> list[str]:
    """Return the changed, new and deleted files, named as their PATH was given, in order."""
    from newsqa import ingest

    seen = {file.path: file for file in files}
    present: set[Path] = set()
    names: list[str] = []
    for root in roots:
        try:
            walk = ingest.walk([root.path])
        except OSError:
            continue
        for file in walk.files:
            if file.path not in present and _differs(file.path, seen.get(file.path)):
                names.append(_named(root, file.path))
            present.add(file.path)
    gone = [file for path, file in seen.items() if path not in present and not path.is_file()]
    known = {root.path: root for root in roots}
    names += [
        _named(known.get(file.root, Root(file.root, str(file.root))), file.path) for file in gone
    ]
    return sorted(names)


def _differs(path: Path, seen: SeenFile | None) -> bool:
    if seen is None:
        return True
    try:
        stat = path.stat()
        if (stat.st_size, stat.st_mtime_ns) == (seen.size, seen.mtime_ns):
            return False
        return sha256_of(path) != seen.sha256
    except OSError:
        return True


def _named(root: Root, path: Path) -> str:
    if path == root.path:
        return root.given
    return os.path.join(root.given, os.path.relpath(path, root.path))
