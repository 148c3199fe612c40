"""Parsing files one after another, each within its limits, in the order they were given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from newsqa.errors import Problem
from newsqa.ingest.draft import Batch
from newsqa.ingest.read_file import CannotReadError, read_once
from newsqa.ingest.sandbox.client import Hands, WorkerStoppedError
from newsqa.ingest.types import EMPTY, InputFile, Limits, Parsed
from newsqa.ingest.walk import format_of

PARSER_RECIPE = "ingest-5"  # changes whenever the same bytes may give another article


def never(_file: InputFile, _sha256: str) -> bool:
    """Know no file: everything is parsed."""
    return False


def parse(
    files: Iterable[InputFile],
    *,
    limits: Limits,
    known: Callable[[InputFile, str], bool] = never,
) -> Iterator[Parsed]:
    """Parse ``files`` and yield what they hold, in their order.

    Each file is read once, and these bytes are hashed and parsed. The parsing is done in another
    process, which is stopped where it goes over ``limits``: that file fails with the reason, and
    the next goes on. One item comes for a file, several for a JSONL file (`Parsed.last`).

    Args:
        known: Told a file and the SHA-256 of its bytes; where it says True the file is not
            parsed, and its item says ``unchanged``.
    """
    hands = Hands(limits)
    try:
        for file in files:
            yield from _parse_one(file, hands, limits, known)
    finally:
        hands.close()


def _parse_one(
    file: InputFile, hands: Hands, limits: Limits, known: Callable[[InputFile, str], bool]
) -> Iterator[Parsed]:
    try:
        content, digest = read_once(file, limits.max_file_mb)
    except CannotReadError as error:
        yield Parsed(file=file, sha256="", failed=(Problem(file.name, str(error)),))
        return
    if not content:
        yield Parsed(file=file, sha256=digest, skipped=(Problem(file.name, EMPTY),))
        return
    if known(file, digest):
        yield Parsed(file=file, sha256=digest, unchanged=True)
        return
    done = 0
    try:
        for batch in hands.parse(format_of(file.path) or "text", file.article_key, content):
            done += len(batch.drafts) + len(batch.skipped) + len(batch.failed)
            yield _parsed(file, digest, batch)
    except WorkerStoppedError as error:
        reason = f"stopped after {done} records: {error}" if done else str(error)
        yield Parsed(file=file, sha256=digest, failed=(Problem(file.name, reason),))


def _parsed(file: InputFile, digest: str, batch: Batch) -> Parsed:
    return Parsed(
        file=file,
        sha256=digest,
        articles=tuple(draft.article(file.article_key) for draft in batch.drafts),
        skipped=tuple(_problem(file, *left) for left in batch.skipped),
        failed=tuple(_problem(file, *left) for left in batch.failed),
        last=batch.last,
    )


def _problem(file: InputFile, place: int | str | None, reason: str) -> Problem:
    if isinstance(place, str):
        return Problem(f"{file.name}/{place}", reason)
    return Problem(file.name if place is None else f"{file.name}#{place}", reason)
