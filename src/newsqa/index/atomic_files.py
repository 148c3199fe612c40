"""File operations that survive a crash: complete and synced before they have their name."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any


def sync_file(path: Path) -> None:
    """Force a file's bytes, or a folder's names, onto the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_file(path: Path, text: str) -> None:
    """Put ``text`` at ``path``: a reader sees the old or the new whole, also after a crash."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    beside = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_file(path.parent)


def make_folder(path: Path, fill: Callable[[Path], None]) -> None:
    """Make a folder whole: filled beside, every file synced, then renamed to ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=path.parent, prefix=".new-"))
    try:
        fill(beside)
        for inner in sorted(beside.rglob("*"), reverse=True):
            sync_file(inner)
        sync_file(beside)
        beside.rename(path)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    sync_file(path.parent)


# Made beside what they replace; they stay only where their maker was killed.
_LEFT = (".restore-*", ".feedback.jsonl-*", ".head-*")


def clear_left(folder: Path) -> None:
    """Delete what killed restores and purges left. The caller holds both locks."""
    for pattern in _LEFT:
        for path in list(folder.glob(pattern)):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def write_head(folder: Path, generation: int, publish_id: str) -> None:
    """Acknowledge a generation: from here on a database that lacks it is damaged."""
    replace_file(folder / "head", _head_text(generation, publish_id))


def _head_text(generation: int, publish_id: str) -> str:
    head = {"generation": generation, "publish_id": publish_id}
    # A flipped bit must not pass for a generation that was lost.
    check = sha256(f"{generation} {publish_id}".encode()).hexdigest()
    return json.dumps({**head, "check": check}) + "\n"


def read_head(folder: Path) -> tuple[int, str] | None:
    """Return the acknowledged generation and publish id, None before the first.

    Raises:
        ValueError: The file is not what `write_head` wrote.
    """
    try:
        text = (folder / "head").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    found: Any = json.loads(text)
    if not isinstance(found, dict) or not isinstance(found.get("generation"), int):
        raise ValueError("not a head")
    head = found["generation"], str(found.get("publish_id"))
    if text != _head_text(*head):
        raise ValueError("not the head that was written")
    return head
