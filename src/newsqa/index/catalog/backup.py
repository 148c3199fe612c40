"""Copy the database while writes go on, and restore such a copy."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from newsqa.errors import IndexDamagedError, IndexFileError
from newsqa.index.catalog.connections import ReaderFile, connect_writer, sqlite_errors, transaction
from newsqa.index.catalog.rows import Generation
from newsqa.index.catalog.schema import insertion
from newsqa.index.catalog.writer import CatalogWriter, now


def copy_database(path: Path, target: Path) -> None:
    """Copy the database as it is at this moment into one new file."""
    file = ReaderFile(path)
    try:
        with sqlite_errors(path):
            file.copy_to(target)
    finally:
        file.close()


def renumbered_copy(source: Path, target: Path, above: int, publish_id: str) -> Generation:
    """Copy a backup to ``target`` and publish its state there under a number never used here.

    Args:
        source: A backup that was audited.
        target: The new file, complete and synced on return.
        above: The highest generation known here.
        publish_id: Of the generation this makes.
    """
    shutil.copyfile(source, target)
    with sqlite_errors(target), CatalogWriter(target) as writer:
        old = writer.newest()
        if old is None:
            raise IndexFileError(f"{source} holds no published index")
        number = max(above + 1, writer.next_generation())
        row = (number, publish_id, "restore", now(), old.recipe, old.articles, old.digest)
        with transaction(writer.db):
            writer.db.execute(insertion("generations"), row)
        newest = writer.newest()
        assert newest is not None
    for end in ("-wal", "-shm"):
        Path(f"{target}{end}").unlink(missing_ok=True)
    return newest


def last_generation(path: Path) -> int:
    """Return the highest generation a database ever had, whatever its format; 0 if none."""
    file = ReaderFile(path)
    try:
        with sqlite_errors(path):
            db = file.connect()
            try:
                sql = "SELECT seq FROM sqlite_sequence WHERE name = 'generations'"
                row = db.execute(sql).fetchone()
            finally:
                db.close()
    finally:
        file.close()
    return int(row[0]) if row else 0


def checkpoint(path: Path) -> None:
    """Checkpoint the WAL of a database that is about to be replaced, if it is readable."""
    with contextlib.suppress(IndexFileError, IndexDamagedError, OSError), sqlite_errors(path):
        db = connect_writer(path)
        try:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            db.close()
