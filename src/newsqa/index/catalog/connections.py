"""Connections to ``newsqa.db``, for the writer and for readers, with translated errors."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from newsqa.errors import IndexDamagedError, IndexFileError
from newsqa.index.catalog.rows import SetDigest, row_hash
from newsqa.index.catalog.schema import FORMAT, SCRATCH

BUSY_S = 30.0


class DatabaseFailedError(IndexFileError, OSError):
    """SQLite met a system error: a full disk, a missing right, a failing device."""


@contextlib.contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """Translate SQLite errors: corruption becomes IndexDamagedError, I/O DatabaseFailedError."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if _is_damage(str(error)):
            raise IndexDamagedError(_damage(path, error)) from error
        raise DatabaseFailedError(f"{path}: {error}") from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        raise IndexDamagedError(_damage(path, error)) from error


def _is_damage(message: str) -> bool:
    signs = ("malformed", "decode to UTF-8", "no such table", "no such column", "schema", "corrupt")
    return any(sign in message for sign in signs)


def _damage(path: Path, error: Exception) -> str:
    return (
        f"{path}: {error}; `newsqa index verify` lists the damage, `restore` brings a backup back"
    )


def has_database(path: Path) -> bool:
    """Whether a database file lies there.

    Raises:
        IndexFileError: The system does not let us look.
    """
    try:
        return path.is_file()
    except OSError as error:
        raise IndexFileError(f"{path} cannot be read: {error.strerror}") from error


def format_of(db: sqlite3.Connection, path: Path) -> int | None:
    """Return the format of a database, which is this program's; None if the database is empty.

    Raises:
        IndexFileError: It has another format; the message says what to do.
        IndexDamagedError: It does not say its format.
    """
    if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        return None
    sql = "SELECT name, value, row_hash FROM meta WHERE name = 'format'"
    row = db.execute(sql).fetchone()
    value = str(row[1]) if row else ""
    if not value.isdecimal() or row_hash(*row[:-1]) != row[-1]:
        raise IndexDamagedError(
            f"{path} does not say its format; `newsqa index verify` lists the damage, "
            "`restore` brings a backup back"
        )
    if int(value) != FORMAT:
        raise IndexFileError(
            f"{path} has format {value}, this newsqa reads format {FORMAT}; build another index "
            "with `newsqa index build PATH --index DIR`, from the files or from what "
            "`newsqa export` of the newsqa that wrote it gives"
        )
    return FORMAT


def check_format(path: Path) -> None:
    """Raise what `format_of` raises for the database at ``path``."""
    file = ReaderFile(path)
    try:
        with sqlite_errors(path), contextlib.closing(file.connect()) as db:
            format_of(db, path)
    finally:
        file.close()


def connect_writer(path: Path) -> sqlite3.Connection:
    """Open for changing, creating the file if need be. The caller holds the writer lock."""
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        # Before the first table: erased bytes are overwritten from the beginning.
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA cell_size_check = ON")
        db.execute("PRAGMA cache_size = -32768")
        db.execute("PRAGMA temp_store = FILE")
        register(db)
        db.executescript(SCRATCH)
    except BaseException:
        db.close()
        raise
    return db


def register(db: sqlite3.Connection) -> None:
    """Register our SQL functions on the connection."""
    db.create_function("row_hash", -1, row_hash, deterministic=True)
    db.create_aggregate("set_digest", -1, SetDigest)  # type: ignore[arg-type]


class ReaderFile:
    """How readers open the database file: in place, immutable, or through a private copy."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writable = os.access(path.parent, os.W_OK) and os.access(path, os.W_OK)
        self._copy: tempfile.TemporaryDirectory[str] | None = None
        self._uri = f"{path.absolute().as_uri()}?mode=rw"
        if not self.writable:
            self._uri = self._read_only_uri()

    def _read_only_uri(self) -> str:
        """Without a WAL the file alone is the whole truth; with one, SQLite must replay it."""
        wal = self.path.with_name(self.path.name + "-wal")
        if not wal.exists() or not wal.stat().st_size:
            return f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
        self._copy = tempfile.TemporaryDirectory(prefix="newsqa-")
        copy = Path(self._copy.name) / self.path.name
        shutil.copyfile(self.path, copy)
        shutil.copyfile(wal, copy.with_name(copy.name + "-wal"))
        return f"{copy.as_uri()}?mode=rw"

    def identity(self) -> tuple[int, ...]:
        """Return what changes when the file is replaced (or, unwritable, rewritten)."""
        stat = os.stat(self.path)
        if self.writable:
            return stat.st_dev, stat.st_ino
        return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns

    def connect(self) -> sqlite3.Connection:
        """Open for reading alone; used by one thread, closed by any."""
        db = sqlite3.connect(
            self._uri,
            uri=True,
            timeout=BUSY_S,
            isolation_level=None,
            check_same_thread=False,
        )
        db.execute("PRAGMA query_only = ON")
        db.execute("PRAGMA cell_size_check = ON")
        register(db)
        return db

    def copy_to(self, target: Path) -> None:
        """Copy the database as it is now into a new file, while writes go on."""
        source = self.connect()
        copy = sqlite3.connect(target)
        try:
            source.backup(copy)
            # One file must be all of it.
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()
            source.close()

    def close(self) -> None:
        """Drop the private copy, if there is one."""
        if self._copy is not None:
            self._copy.cleanup()
            self._copy = None


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Run a block in one transaction: all of it or nothing."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            # After a full disk SQLite may have rolled back by itself.
            with contextlib.suppress(sqlite3.Error):
                db.execute("ROLLBACK")
        raise
