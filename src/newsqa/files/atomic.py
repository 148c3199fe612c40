"""Atomic file writes: complete and synced before a file or folder has its name."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO


def sync_path(path: Path) -> None:
    """Force a file's bytes, or a folder's names, onto the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def temp_path(target: Path) -> Iterator[Path]:
    """Yield a path for a file that is to replace ``target``; what is still there goes at the end.

    What killed writers left for the same target is deleted first. By each file lies a lock, held
    as long as its writer lives; where the system has no locks, all stays.
    """
    _delete_leftovers(target)
    path = target.with_name(f".{target.name}-{secrets.token_hex(4)}")
    with open(f"{path}.lock", "xb") as lock:
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)  # at most another's look at it is waited for
        try:
            yield path
        finally:
            _delete(path)


def _delete_leftovers(target: Path) -> None:
    ours = re.compile(re.escape(f".{target.name}") + r"-[0-9a-f]{8}\.lock")
    locks: list[Path] = []
    with contextlib.suppress(OSError):  # a folder that may be written, and not read
        locks += [path for path in target.parent.iterdir() if ours.fullmatch(path.name)]
    for path in locks:
        with contextlib.suppress(OSError), path.open("r+b") as lock:  # gone, or another user's
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # an OSError: its writer lives
            _delete(path.with_suffix(""))


def _delete(path: Path) -> None:
    """Delete a file, what SQLite keeps by it, and last its lock."""
    for end in ("", "-journal", ".lock"):
        Path(f"{path}{end}").unlink(missing_ok=True)


def move_into_place(path: Path, target: Path) -> None:
    """Sync a file and rename it to ``target``: readers see the old or the new one, never half."""
    sync_path(path)
    path.replace(target)
    sync_path(target.parent)


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """Yield a stream whose content replaces ``target`` at the end of the block, if it succeeds."""
    with temp_path(target) as path:
        with path.open("xb") as stream:
            yield stream
        move_into_place(path, target)


def replace_file(target: Path, content: str | bytes) -> None:
    """Replace the content of a file; readers see the old or the new one, even after a crash."""
    with replacing(target) as stream:
        stream.write(content.encode() if isinstance(content, str) else content)


def make_folder(target: Path, fill: Callable[[Path], None]) -> None:
    """Make a folder whole: fill a temporary one, sync every file, then rename it to ``target``."""
    target.parent.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(dir=target.parent, prefix=".new-"))
    try:
        fill(path)
        for inner in sorted(path.rglob("*"), reverse=True):
            sync_path(inner)
        sync_path(path)
        path.rename(target)
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    sync_path(target.parent)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
