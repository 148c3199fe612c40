"""JSONL files, plain or gzipped: one record a line, read in batches of bounded size.

A bad line is named with its number and its reason, and the others go in. Lines of white space
are no records. Of a key that stands twice in a record the last one counts, as in Python's json.
"""

from __future__ import annotations

import codecs
import json
import zlib
from collections.abc import Iterator
from typing import Any

from newsqa.ingest.draft import Batch, Draft, EmptyError, RefusedError, finished
from newsqa.ingest.fields.dates import parse_day
from newsqa.text.analysis import clean
from newsqa.types import Span

BATCH_RECORDS = 256
BATCH_BYTES = 4_000_000
MAX_LINE_BYTES = 20_000_000
MAX_RATIO = 100  # of decompressed to compressed size, looked at beyond the first 10 MB
MAX_INFLATED_BYTES = 2_000_000_000
_CHUNK = 1 << 16
_FREE_INFLATED_BYTES = 10_000_000

TEXTS = {
    "title": ("title", "headline"),
    "source": ("source", "publisher"),
    "byline": ("byline", "author", "authors"),
    "url": ("url",),
    "language": ("language", "lang"),
}
PUBLISHED = ("date", "published")
UPDATED = ("updated", "modified")


def parse_jsonl(content: bytes, *, gzipped: bool) -> Iterator[Batch]:
    """Yield the records of a file in batches; the last one says so.

    Raises:
        EmptyError: There is no record in the file.
    """
    batch, size, seen = Batch(last=False), 0, False
    try:
        for number, line in enumerate(_lines(content, gzipped), start=1):
            if line is not None and not line.strip():
                continue
            seen = True
            _take(batch, number, line)
            size += len(line or b"")
            if len(batch.drafts) + len(batch.failed) >= BATCH_RECORDS or size >= BATCH_BYTES:
                yield batch
                batch, size = Batch(last=False), 0
    except RefusedError as error:
        batch.failed.append((None, str(error)))
        seen = True
    if not seen:
        raise EmptyError
    batch.last = True
    yield batch


def _take(batch: Batch, number: int, line: bytes | None) -> None:
    try:
        if line is None:
            raise RefusedError(f"a line of more than {MAX_LINE_BYTES // 1_000_000} MB")
        batch.drafts.append(finished(_draft(_record(line), number)))
    except EmptyError:
        batch.skipped.append((number, "empty"))
    except RefusedError as error:
        batch.failed.append((number, str(error)))


def _record(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise RefusedError("not valid UTF-8") from None
    except json.JSONDecodeError as error:
        raise RefusedError(f"invalid JSON: {error.msg} (column {error.colno})") from None
    except RecursionError:
        raise RefusedError("nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits, NaN
        raise RefusedError(f"invalid number: {str(error).partition(';')[0]}") from None
    if not isinstance(record, dict):
        raise RefusedError("not a JSON object")
    return record


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _draft(record: dict[str, Any], number: int) -> Draft:
    texts = {field: _text(record, names) for field, names in TEXTS.items()}
    text = record.get("text")
    if text is None:
        raise RefusedError("no text")
    if not isinstance(text, str):
        raise RefusedError(f"text is {_json_name(text)}, not a string")
    furniture, pages = _furniture(record, text), _page_offsets(record, text)
    return Draft(
        body=text,
        furniture=furniture,
        pages=pages,
        title=texts["title"],
        source=texts["source"],
        byline=texts["byline"],
        url=texts["url"],
        language=texts["language"],
        record_id=_id(record.get("id")),
        line=number,
        published=parse_day(_text(record, PUBLISHED)),
        updated=parse_day(_text(record, UPDATED)),
    )


def _furniture(record: dict[str, Any], text: str) -> tuple[Span, ...] | None:
    """Read ``furniture``: spans in order and apart; None where the record does not say."""
    given = record.get("furniture")
    if given is None:
        return None
    if not isinstance(given, list) or not all(_is_offsets(pair) for pair in given):
        raise RefusedError("furniture is not a list of [start, end]")
    offsets = [offset for pair in given for offset in pair]
    if any(len(pair) != 2 or pair[0] >= pair[1] for pair in given) or offsets != sorted(offsets):
        raise RefusedError("furniture is not a list of [start, end], in order and apart")
    _check_offsets("furniture", offsets, len(text) + 1, text)
    return tuple(Span(start, end) for start, end in given)


def _page_offsets(record: dict[str, Any], text: str) -> tuple[int, ...]:
    """Read ``page_offsets``, at which the pages of a PDF began."""
    given = record.get("page_offsets")
    if given is None:
        return ()
    if not _is_offsets(given) or given != sorted(given):
        raise RefusedError("page_offsets is not a list of offsets in order")
    _check_offsets("page_offsets", given, len(text) + 1, text)
    return tuple(given)


def _is_offsets(value: object) -> bool:
    return isinstance(value, list) and all(type(item) is int and item >= 0 for item in value)


def _check_offsets(name: str, offsets: list[int], end: int, text: str) -> None:
    if offsets and max(offsets) >= end:
        raise RefusedError(f"{name} runs past the end of the text")
    if offsets and clean(text) != text:
        # They were counted in characters that are not the ones which are stored.
        raise RefusedError(f"{name} with a text that holds NUL, CR, a BOM or half a character")


def _id(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, type(None))):
        raise RefusedError(f"id is {_json_name(value)}, not a string")
    return "" if value is None else str(value)


def _text(record: dict[str, Any], names: tuple[str, ...]) -> str:
    """The first of these fields that says something; a list of strings is joined."""
    for name in names:
        value = record.get(name)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            value = ", ".join(value)
        if value is not None and not isinstance(value, str):
            raise RefusedError(f"{name} is {_json_name(value)}, not a string")
        if value and value.strip():
            return str(value)
    return ""


def _json_name(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "an object" if isinstance(value, dict) else "null")


def _lines(content: bytes, gzipped: bool) -> Iterator[bytes | None]:
    """Yield the lines without their ends; None stands for one that is too long."""
    waiting, too_long, first = bytearray(), False, True
    for chunk in _inflated(content) if gzipped else _chunks(content):
        if first:
            chunk, first = _without_mark(chunk), False
        *whole, tail = chunk.split(b"\n")
        for part in whole:
            waiting += part
            yield None if too_long or len(waiting) > MAX_LINE_BYTES else bytes(waiting)
            waiting, too_long = bytearray(), False
        waiting += tail
        if len(waiting) > MAX_LINE_BYTES:
            waiting, too_long = bytearray(), True
    if waiting or too_long:
        yield None if too_long else bytes(waiting)


def _chunks(content: bytes) -> Iterator[bytes]:
    for at in range(0, len(content), _CHUNK):
        yield content[at : at + _CHUNK]


def _without_mark(chunk: bytes) -> bytes:
    if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise RefusedError("JSONL in UTF-16; it must be UTF-8")
    return chunk.removeprefix(codecs.BOM_UTF8)


def _inflated(content: bytes) -> Iterator[bytes]:
    """Decompress gzip, member after member, never more than a chunk of it at a time.

    Raises:
        RefusedError: It is damaged, cut off, or expands beyond the limits.
    """
    at = total = 0
    while at < len(content):
        stream = zlib.decompressobj(wbits=31)
        while not stream.eof:
            give = stream.unconsumed_tail
            if not give:
                give = content[at : at + _CHUNK]
                at += len(give)
            if not give:
                raise RefusedError("the gzip data is cut off")
            try:
                piece = stream.decompress(give, _CHUNK)
            except zlib.error as error:
                raise RefusedError(f"damaged gzip data ({str(error)[:80]})") from None
            total += len(piece)
            _check_expansion(total, at)
            yield piece
        at -= len(stream.unused_data)
        while content[at : at + 1] == b"\0":  # padding between members
            at += 1


def _check_expansion(total: int, consumed: int) -> None:
    if total > MAX_INFLATED_BYTES:
        raise RefusedError(f"expands to more than {MAX_INFLATED_BYTES // 1_000_000:,} MB")
    if total > _FREE_INFLATED_BYTES and total > MAX_RATIO * consumed:
        raise RefusedError(f"expands more than {MAX_RATIO} times; is it a gzip bomb?")
