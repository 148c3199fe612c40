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

from newsqa.ingest.draft import Batch, RefusedError
from newsqa.ingest.formats.records import Row, in_batches

MAX_LINE_BYTES = 20_000_000
MAX_RATIO = 100  # of decompressed to compressed size, looked at beyond the first 10 MB
MAX_INFLATED_BYTES = 2_000_000_000
_CHUNK = 1 << 16
_FREE_INFLATED_BYTES = 10_000_000


def parse_jsonl(content: bytes, *, gzipped: bool) -> Iterator[Batch]:
    """Yield the records of a file in batches; the last one says so.

    Raises:
        EmptyError: There is no record in the file.
    """
    return in_batches(_rows(content, gzipped))


def _rows(content: bytes, gzipped: bool) -> Iterator[Row]:
    try:
        for number, line in enumerate(_lines(content, gzipped), start=1):
            if line is None:
                why = f"a line of more than {MAX_LINE_BYTES // 1_000_000} MB"
                yield number, RefusedError(why), 0
            elif line.strip():
                try:
                    yield number, _record(line), len(line)
                except RefusedError as error:
                    yield number, error, len(line)
    except RefusedError as error:
        yield None, error, 0


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
            compressed = stream.unconsumed_tail
            if not compressed:
                compressed = content[at : at + _CHUNK]
                at += len(compressed)
            if not compressed:
                raise RefusedError("the gzip data is cut off")
            try:
                piece = stream.decompress(compressed, _CHUNK)
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
