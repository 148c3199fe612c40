"""Web archives (WARC): the HTML pages of their responses and resources.

Where a page does not say its address, it is that of the record. Where it does not say its day, the
day it was fetched is no day of publication, but the day since which it is known: it is taken.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO, RawIOBase
from typing import Any

from newsqa.ingest.draft import Batch, Draft, EmptyError, RefusedError, SkippedError, finished
from newsqa.ingest.fields.dates import parse_day
from newsqa.ingest.formats.archives import BOUNDS, Bounds
from newsqa.ingest.formats.html import parse_html
from newsqa.ingest.formats.http_body import CutOffError, decode_body

MAX_PAGE_BYTES = 20_000_000

_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 16
_NEXT_RECORD = re.compile(rb"\r?\nWARC/[01]\.\d+\r?\nWARC-[A-Z]|\r?\nWARC/[01]\.\d+\r?\nContent-")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{2,30})", re.IGNORECASE)
_CUT_OFF = "the archive breaks off; what could be read is in"


def parse_warc(content: bytes, bounds: Bounds = BOUNDS) -> Iterator[Batch]:
    """Yield the pages of a web archive, one batch each, named by the number of their record.

    Numbered are the records that may hold a page: responses, resources, revisits, segments.

    Raises:
        EmptyError: There is no such record in it.
    """
    from fastwarc.warc import ArchiveIterator

    stream = _Unpacked(content)
    total = number = 0
    most = min(bounds.total_bytes, bounds.most(len(content)))
    problem = ""
    try:
        for record in ArchiveIterator(stream, parse_http=True):
            page = record.reader.read(MAX_PAGE_BYTES + 1)
            total += len(page)
            number += _may_hold_a_page(record)
            if number > bounds.members or total > most:
                problem = "more pages than are read of one archive"
                break
            if _may_hold_a_page(record):
                batch = Batch(last=False)
                _take(batch, number, record, page)
                yield batch
            elif _ends_early(record, page):
                problem = _CUT_OFF
    except OSError as error:
        problem = f"cannot be parsed: the archive is damaged or cut off ({str(error)[:80]})"
    if stream.is_cut_off and not problem:
        problem = _CUT_OFF
    if not number and not problem:
        raise EmptyError
    yield Batch(failed=[(None, problem)] if problem else [])


def _may_hold_a_page(record: Any) -> bool:
    from fastwarc.warc import WarcRecordType

    kinds = WarcRecordType.response | WarcRecordType.resource
    return bool(record.record_type & (kinds | WarcRecordType.revisit | WarcRecordType.continuation))


def _ends_early(record: Any, page: bytes) -> bool:
    """Tell whether fewer bytes came than the record's header says, or the header breaks off."""
    missing = len(page) < min(record.content_length, MAX_PAGE_BYTES)
    return missing or record.headers.get("Content-Length") is None


def _take(batch: Batch, number: int, record: Any, page: bytes) -> None:
    try:
        batch.drafts.append(finished(_draft(record, page, number)))
    except EmptyError:
        batch.skipped.append((number, "empty"))
    except SkippedError as error:
        batch.skipped.append((number, str(error)))
    except RefusedError as error:
        batch.failed.append((number, str(error)))
    except MemoryError:
        raise
    except Exception as error:  # parsers of hostile pages raise anything at all
        batch.failed.append((number, f"cannot be parsed ({type(error).__name__})"))


def _draft(record: Any, page: bytes, number: int) -> Draft:
    """Return the article of a record.

    Raises:
        SkippedError: The record holds no page.
        RefusedError: The record breaks off, or its page cannot be read.
    """
    if _ends_early(record, page) or _NEXT_RECORD.search(page):
        raise CutOffError("the record breaks off")
    content_type = _content_type(record)
    _check_kind(record, content_type)
    if record.headers.get("WARC-Truncated"):
        raise CutOffError("the page breaks off: the crawler did not fetch all of it")
    if len(page) > MAX_PAGE_BYTES:
        raise RefusedError(f"larger than {MAX_PAGE_BYTES // 1_000_000} MB")
    body = decode_body(page, _http_headers(record), MAX_PAGE_BYTES)
    if len(body) > MAX_PAGE_BYTES:
        raise RefusedError(f"larger than {MAX_PAGE_BYTES // 1_000_000} MB")
    charset = _CHARSET.search(content_type)
    draft = parse_html(body, charset=charset[1] if charset else "")
    return replace(
        draft,
        url=draft.url or str(record.headers.get("WARC-Target-URI") or "").strip("<>"),
        published=draft.published or parse_day(str(record.headers.get("WARC-Date") or "")),
        line=number,
    )


def _http_headers(record: Any) -> list[tuple[str, str]]:
    headers = record.http_headers
    return [] if headers is None else [(str(name), str(value)) for name, value in headers.items()]


def _content_type(record: Any) -> str:
    """Return the type of the page: that of the HTTP response, else that of a resource."""
    types = [value for name, value in _http_headers(record) if name.lower() == "content-type"]
    if record.http_headers is None:
        types = [str(record.headers.get("Content-Type") or "")]
    return types[-1] if types else ""


def _check_kind(record: Any, content_type: str) -> None:
    """Raise SkippedError or RefusedError where the record is not one whole HTML page."""
    from fastwarc.warc import WarcRecordType

    if record.record_type == WarcRecordType.revisit:
        raise SkippedError("a revisit: the page had not changed since it was captured before")
    if record.record_type == WarcRecordType.continuation or _is_segment(record):
        raise RefusedError("one of several segments of a page; segments are not put together")
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in ("text/html", "application/xhtml+xml"):
        raise SkippedError(f"no HTML page ({kind or 'no type'})")
    status = getattr(record.http_headers, "status_code", None)
    if status not in (None, 200):
        raise SkippedError(f"answered with status {status}")


def _is_segment(record: Any) -> bool:
    return bool(record.headers.get("WARC-Segment-Number"))


class _Unpacked(RawIOBase):
    """A web archive as a stream, unpacked where it is gzipped, that knows if it is cut off."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._packed = BytesIO(content)
        self._gzipped = content.startswith(_GZIP)
        self._decoder = zlib.decompressobj(31)
        self._position = 0
        self.is_cut_off = False

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes; none at the end."""
        part = self._unpack(size) if self._gzipped else self._packed.read(size)
        self._position += len(part)
        return part

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self._position

    def _unpack(self, size: int) -> bytes:
        size = size if size > 0 else _CHUNK
        while True:
            decoder = self._decoder
            packed = decoder.unconsumed_tail or decoder.unused_data or self._packed.read(_CHUNK)
            if decoder.eof and packed:
                self._decoder = zlib.decompressobj(31)
            if not packed:
                self.is_cut_off = not decoder.eof
                return b""
            try:
                part = self._decoder.decompress(packed, size)
            except zlib.error as error:
                raise OSError(str(error)) from None
            if part:
                return part
