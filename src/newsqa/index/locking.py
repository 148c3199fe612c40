"""One writer at a time: a lock that ends with its holder, and a note of who holds it."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from newsqa.errors import IndexFileError, IndexLockedError
from newsqa.files.atomic import replace_file

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
