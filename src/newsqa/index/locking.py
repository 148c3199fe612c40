"""One writer at a time: a lock that ends with its holder, and a note of who holds it.

The same kind of lock tells the file that is being made from the one whose maker was killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from newsqa.errors import IndexFileError, IndexLockedError
from newsqa.index.atomic_files import replace_file

WRITER = "writer"
CACHES = "caches"
LOCKS = (WRITER, CACHES)


@contextlib.contextmanager
def held(folder: Path, name: str = WRITER, *, wait_s: float = 0.0) -> Iterator[None]:
    """Hold a lock of the index folder for the length of the block.

    Raises:
        IndexLockedError: Another holds it; the message says who. Known within ``wait_s``.
        IndexFileError: The folder cannot be written.
    """
    lock = FileLock(folder / f"{name}.lock", timeout=wait_s, is_singleton=False, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise IndexLockedError(_held_by(folder, name)) from None
    except OSError as error:
        raise IndexFileError(f"{folder} cannot be changed: {error.strerror or error}") from error
    note = folder / f"{name}.json"
    try:
        with contextlib.suppress(OSError):  # the note is a courtesy, the lock is the guard
            replace_file(note, json.dumps(_self()) + "\n")
        yield
    finally:
        with contextlib.suppress(OSError):
            note.unlink(missing_ok=True)
        lock.release()


@contextlib.contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Give a name for a file that is to replace ``target``; what still has it goes at the end.

    What killed makers left for the same target is deleted first. By each file lies a lock, held
    as long as its maker lives; where the system has no locks, all stays.
    """
    _clear_beside(target)
    path = target.with_name(f".{target.name}-{secrets.token_hex(4)}")
    with open(f"{path}.lock", "xb") as lock:
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)  # at most another's look at it is waited for
        try:
            yield path
        finally:
            _delete(path)


def _clear_beside(target: Path) -> None:
    ours = re.compile(re.escape(f".{target.name}") + r"-[0-9a-f]{8}\.lock")
    found: list[Path] = []
    with contextlib.suppress(OSError):  # a folder that may be written, and not read
        found += [path for path in target.parent.iterdir() if ours.fullmatch(path.name)]
    for path in found:
        with contextlib.suppress(OSError), path.open("r+b") as lock:  # gone, or another user's
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # an OSError: its maker lives
            _delete(path.with_suffix(""))


def _delete(path: Path) -> None:
    """Delete a file, what SQLite keeps by it, and last its lock."""
    for end in ("", "-journal", ".lock"):
        Path(f"{path}{end}").unlink(missing_ok=True)


def _self() -> dict[str, Any]:
    return {
        "pid": os.getpid(),
        "host": os.uname().nodename,
        "command": " ".join(sys.argv)[:500],
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _held_by(folder: Path, name: str) -> str:
    try:
        holder = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        who = "process {pid} on {host} ({command}) since {since}".format(**holder)
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return f"index {str(folder)!r} is being changed by {who}; try again when it is done"
