"""Web archives (WARC): the HTML pages of their responses.

Where a page does not say its address, it is that of the record. Where it does not say its day, the
day it was fetched is no day of publication, but the day since which it is known: it is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

from newsqa.ingest.draft import Batch, Draft, EmptyError, RefusedError, finished
from newsqa.ingest.fields.dates import parse_day
from newsqa.ingest.formats.archives import BOUNDS, Bounds
from newsqa.ingest.formats.html import parse_html

MAX_PAGE_BYTES = 20_000_000


def parse_warc(content: bytes, bounds: Bounds = BOUNDS) -> Iterator[Batch]:
    """Yield the pages of a web archive, one batch each, named by the number of their record.

    Raises:
        EmptyError: There is no response in it.
    """
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    total = number = 0
    most = min(bounds.total_bytes, bounds.most(len(content)))
    records = ArchiveIterator(
        BytesIO(content), record_types=WarcRecordType.response, parse_http=True, strict_mode=True
    )
    for number, record in enumerate(records, start=1):
        batch = Batch(last=False)
        page = record.reader.read(MAX_PAGE_BYTES + 1)
        total += len(page)
        if number > bounds.members or total > most:
            batch.failed.append((None, "more pages than are read of one archive"))
            batch.last = True
            yield batch
            return
        _take(batch, number, record, page)
        yield batch
    if not number:
        raise EmptyError
    yield Batch()


def _take(batch: Batch, number: int, record: Any, page: bytes) -> None:
    kind = str(record.http_content_type or "").lower()
    status = getattr(record.http_headers, "status_code", None)
    try:
        if kind not in ("text/html", "application/xhtml+xml"):
            batch.skipped.append((number, f"no HTML page ({kind or 'no type'})"))
        elif status not in (None, 200):
            batch.skipped.append((number, f"answered with status {status}"))
        elif len(page) > MAX_PAGE_BYTES:
            batch.failed.append((number, f"larger than {MAX_PAGE_BYTES // 1_000_000} MB"))
        else:
            batch.drafts.append(finished(_draft(record, page, number)))
    except EmptyError:
        batch.skipped.append((number, "empty"))
    except RefusedError as error:
        batch.failed.append((number, str(error)))
    except MemoryError:
        raise
    except Exception as error:  # parsers of hostile pages raise anything at all
        batch.failed.append((number, f"cannot be parsed ({type(error).__name__})"))


def _draft(record: Any, page: bytes, number: int) -> Draft:
    draft = parse_html(page)
    return replace(
        draft,
        url=draft.url or str(record.headers.get("WARC-Target-URI") or "").strip("<>"),
        published=draft.published or parse_day(str(record.headers.get("WARC-Date") or "")),
        line=number,
    )
