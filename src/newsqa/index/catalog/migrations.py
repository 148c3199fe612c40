"""From the format of an earlier release to this one's: forward only, in one transaction.

A format is the number in ``meta``; each step of `STEPS` brings a database one format on. A step
leaves exactly the tables that `newsqa.index.catalog.schema` describes, statement for statement, and
a hash on every row that it writes.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from newsqa.errors import IndexDamagedError, IndexFileError
from newsqa.index.catalog import schema
from newsqa.index.catalog.connections import ReaderFile, in_our_words, register, transaction
from newsqa.index.catalog.hashing import row_hash

_LOG = logging.getLogger(__name__)

_SKETCHES = (
    """CREATE TABLE sketches (
    text_key INTEGER PRIMARY KEY REFERENCES texts, wording INTEGER NOT NULL,
    sketch BLOB NOT NULL, row_hash BLOB NOT NULL)""",
    "CREATE INDEX sketches_wording ON sketches (wording)",
    """CREATE TABLE likenesses (
    one INTEGER NOT NULL, other INTEGER NOT NULL, row_hash BLOB NOT NULL,
    PRIMARY KEY (one, other)) WITHOUT ROWID""",
    "CREATE INDEX likenesses_other ON likenesses (other)",
)

_ENCODINGS = """CREATE TABLE encodings (
    text_key INTEGER PRIMARY KEY REFERENCES texts, encoding TEXT NOT NULL,
    row_hash BLOB NOT NULL)"""


def _room_for_sketches(db: sqlite3.Connection) -> None:
    """Make the tables of near-duplicates, empty: the next change fills them."""
    for statement in _SKETCHES:
        db.execute(statement)


def _room_for_encodings(db: sqlite3.Connection) -> None:
    """Make the table of encodings, empty: it is filled as files are read."""
    db.execute(_ENCODINGS)


STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {
    1: _room_for_sketches,
    2: _room_for_encodings,
}


def format_of(db: sqlite3.Connection, path: Path) -> int | None:
    """Return the format of a database; None if it is empty.

    Raises:
        IndexDamagedError: It says none that was ever written.
        IndexFileError: A later release wrote it.
    """
    if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        return None
    sql = "SELECT name, value, row_hash FROM meta WHERE name = 'format'"
    row = db.execute(sql).fetchone()
    value = str(row[1]) if row else ""
    if value.isdecimal() and int(value) > schema.FORMAT:
        raise _too_new(path, value)
    if not value.isdecimal() or row_hash(*row[:-1]) != row[-1]:
        raise IndexDamagedError(
            f"{path} does not say its format; `newsqa index verify` lists the damage, "
            "`restore` brings a backup back"
        )
    return int(value)


def _too_new(path: Path, found: str) -> IndexFileError:
    return IndexFileError(
        f"{path} has format {found}, this newsqa reads formats up to {schema.FORMAT}; use the "
        "newsqa that wrote it or a later one, or build another index with "
        "`newsqa index build PATH --index DIR`"
    )


def backup_of(path: Path, found: int) -> Path:
    """Return where the database is kept as it was before it was brought forward."""
    return path.with_name(f"{path.stem}.format-{found}{path.suffix}")


def backups(path: Path) -> list[Path]:
    """Return the copies that earlier migrations left beside the database."""
    return sorted(path.parent.glob(f"{path.stem}.format-*{path.suffix}"))


def bring_forward(db: sqlite3.Connection, path: Path, found: int) -> None:
    """Bring the open database from format ``found`` to this release's, or leave it as it is.

    Its state before lies in `backup_of` afterwards. The caller holds the writer lock.

    Raises:
        IndexFileError: It could not be done; the message says why, nothing has changed.
    """
    kept = backup_of(path, found)
    try:
        _keep(path, kept)
        with in_our_words(path):
            migrate(db, found)
    except (OSError, sqlite3.Error) as error:
        raise IndexFileError(
            f"{path} could not be brought from format {found} to {schema.FORMAT} and is as it "
            f"was: {error}; make room or give the right to write, then try again"
        ) from error
    _LOG.warning(
        "%s was brought from format %d to %d; as it was before, it lies in %s, which may be "
        "deleted",
        *(path, found, schema.FORMAT, kept),
    )


def _keep(path: Path, kept: Path) -> None:
    """Copy the database whole and synced, WAL included, before anything is changed."""
    beside = kept.with_name(f".{kept.name}-new")
    file = ReaderFile(path)
    try:
        beside.unlink(missing_ok=True)
        with in_our_words(path):
            file.copy_to(beside)
        _sync(beside)
        beside.replace(kept)
        _sync(path.parent)
    finally:
        file.close()
        beside.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def migrate(db: sqlite3.Connection, found: int) -> None:
    """Run the steps from ``found`` on, all in one transaction."""
    with transaction(db):
        for number in range(found, schema.FORMAT):
            STEPS[number](db)
        sql = schema.insertion("meta", "INSERT OR REPLACE")
        db.execute(sql, ("format", str(schema.FORMAT)))


def _format_in(file: ReaderFile, path: Path) -> int | None:
    db = file.connect()
    try:
        return format_of(db, path)
    finally:
        db.close()


def is_old(path: Path) -> bool:
    """Whether a release before this one wrote the database, and it was not brought forward.

    Raises:
        IndexFileError: A later release wrote it.
        IndexDamagedError: It is no database, or does not say its format.
    """
    file = ReaderFile(path)
    try:
        with in_our_words(path):
            found = _format_in(file, path)
    finally:
        file.close()
    return found is not None and found < schema.FORMAT


def reading_file(path: Path) -> ReaderFile:
    """Return the database for reading in this release's format.

    One of an earlier format is brought forward in a private copy, and stays as it is.

    Raises:
        IndexFileError: A later release wrote it.
        IndexDamagedError: It is no database, or does not say its format.
    """
    file = ReaderFile(path)
    try:
        with in_our_words(path):
            found = _format_in(file, path)
            if found is not None and found < schema.FORMAT:
                _LOG.warning(
                    "%s has format %d and cannot be changed; a private copy is read", path, found
                )
                _migrate_copy(file.make_private(), found)
    except BaseException:
        file.close()
        raise
    return file


def _migrate_copy(path: Path, found: int) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    try:
        register(db)
        migrate(db, found)
    finally:
        db.close()
