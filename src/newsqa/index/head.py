"""The head file: the last acknowledged generation, kept beside the database.

A database that lacks that generation was lost or replaced: SQLite drops a damaged WAL silently.
"""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from newsqa.errors import IndexDamagedError, IndexFileError
from newsqa.files.atomic import replace_file
from newsqa.index.catalog import Generation

DATABASE = "newsqa.db"


class Head(NamedTuple):
    """The last acknowledged generation, and the publish id that proves it."""

    generation: int
    publish_id: str


def write_head(folder: Path, generation: int, publish_id: str) -> None:
    """Acknowledge a generation: from here on a database that lacks it is damaged."""
    replace_file(folder / "head", _head_text(generation, publish_id))


def _head_text(generation: int, publish_id: str) -> str:
    head = {"generation": generation, "publish_id": publish_id}
    # A flipped bit must not pass for a generation that was lost.
    check = sha256(f"{generation} {publish_id}".encode()).hexdigest()
    return json.dumps({**head, "check": check}) + "\n"


def read_head(folder: Path) -> Head | None:
    """Return the acknowledged generation and publish id, None before the first.

    Raises:
        ValueError: The file is not what `write_head` wrote.
    """
    try:
        text = (folder / "head").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    content: Any = json.loads(text)
    if not isinstance(content, dict) or not isinstance(content.get("generation"), int):
        raise ValueError("not a head")
    head = Head(content["generation"], str(content.get("publish_id")))
    if text != _head_text(*head):
        raise ValueError("not the head that was written")
    return head


def check_head(folder: Path, newest: Generation | None) -> None:
    """Raise IndexDamagedError if the database lacks what was acknowledged.

    Raises:
        IndexFileError: The system would not tell what was.
    """
    try:
        head = read_head(folder)
    except ValueError:
        return  # `verify` reports it; the next change writes it anew
    except OSError as error:
        raise IndexFileError(f"{folder / 'head'} cannot be read: {error.strerror}") from error
    if head is None:
        return
    number = newest.generation if newest else 0
    if number < head.generation or (
        newest and number == head.generation and newest.publish_id != head.publish_id
    ):
        raise IndexDamagedError(
            f"{folder / DATABASE} is at generation {number}, but generation {head.generation} was "
            "acknowledged: a file was lost or replaced; `newsqa index restore FILE` brings a "
            "backup back"
        )


def catch_up(folder: Path, newest: Generation) -> None:
    """Acknowledge a generation whose writer ended before it could do so."""
    try:
        head = read_head(folder)
    except (ValueError, OSError):
        head = None
    if head != (newest.generation, newest.publish_id):
        acknowledge(folder, newest)


def acknowledge(folder: Path, state: Generation) -> None:
    """Record on disk that this generation was published and must not be lost.

    Raises:
        IndexFileError: It could not be; the change is visible all the same.
    """
    try:
        write_head(folder, state.generation, state.publish_id)
    except OSError as error:
        raise IndexFileError(
            f"generation {state.generation} is published, but {folder / 'head'} could not be "
            f"written ({error.strerror or error}); the same command again sets that right"
        ) from error


# Temporary files of writers; they stay only where their maker was killed.
_LEFT = (".restore-*", ".feedback.jsonl-*", ".head-*")


def delete_leftovers(folder: Path) -> None:
    """Delete the leftovers of killed restores and purges. The caller holds both locks."""
    for pattern in _LEFT:
        for path in list(folder.glob(pattern)):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
