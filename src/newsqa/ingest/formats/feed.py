"""RSS and Atom feed files: one article an entry, in the feed's own words and with its day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any
from xml.sax import SAXException

from newsqa.ingest.draft import Batch, Draft, EmptyError, RefusedError, SkippedError, finished
from newsqa.ingest.fields.dates import parse_day
from newsqa.ingest.formats.html_fragment import text_of

MAX_ENTRIES = 10_000
BATCH_ENTRIES = 100
_ENTITY = re.compile(rb"<!\s*ENTITY", re.IGNORECASE)


def parse_feed(content: bytes) -> Iterator[Batch]:
    """Yield the entries of a feed in batches. An entry is known by its address, else its own id.

    Raises:
        SkippedError: It is XML, but no feed.
        RefusedError: It cannot be read as XML, declares entities, or has too many entries.
        EmptyError: There is no entry in it.
    """
    import feedparser

    # Entities of their own multiply and fetch; in UTF-16 they would be spelt otherwise.
    if _ENTITY.search(content.replace(b"\0", b"")):
        raise RefusedError("declares XML entities, which are not expanded")
    # A stream: feedparser would take bytes or text for the name of a file or an address.
    found = feedparser.parse(BytesIO(content), sanitize_html=True, resolve_relative_uris=False)
    if not found.version:
        if found.bozo:
            error = found.get("bozo_exception")
            raise RefusedError(f"cannot be read as a feed: {str(error)[:100]}")
        raise SkippedError("XML, but neither RSS nor Atom")
    if not found.entries:
        if isinstance(found.get("bozo_exception"), SAXException):
            raise RefusedError("the feed is cut off or damaged before its first entry")
        raise EmptyError
    if len(found.entries) > MAX_ENTRIES:
        raise RefusedError(f"more than {MAX_ENTRIES:,} entries")
    batch = Batch(last=False)
    for number, entry in enumerate(found.entries, start=1):
        _take(batch, number, entry, found.feed)
        if number % BATCH_ENTRIES == 0:
            yield batch
            batch = Batch(last=False)
    if found.bozo and not found.entries[-1].get("title"):
        batch.failed.append((None, "the feed is cut off or damaged; what could be read is in"))
    batch.last = True
    yield batch


def _take(batch: Batch, number: int, entry: Any, feed: Any) -> None:
    try:
        batch.drafts.append(finished(_draft(entry, feed, number)))
    except EmptyError:
        batch.skipped.append((number, "empty"))
    except RefusedError as error:
        batch.failed.append((number, str(error)))


def _draft(entry: Any, feed: Any, number: int) -> Draft:
    contents = [str(part.get("value") or "") for part in entry.get("content") or ()]
    markup = max([*contents, str(entry.get("summary") or "")], key=len)
    url = str(entry.get("link") or "")
    source = entry.get("source") or {}
    published, updated = _day(entry, "published"), _day(entry, "updated")
    return Draft(
        body=text_of(markup),
        title=text_of(str(entry.get("title") or "")),
        published=published or updated,  # an RDF feed has one day, which feedparser calls updated
        updated=updated,
        source=text_of(str(source.get("title") or feed.get("title") or "")),
        byline=str(entry.get("author") or ""),
        url=url,
        language=str(feed.get("language") or ""),
        record_id="" if url.startswith(("http://", "https://")) else str(entry.get("id") or ""),
        line=number,
    )


def _day(entry: Any, name: str) -> date | None:
    """Return the day as it is written; else, of odd forms, the one that feedparser reads in UTC."""
    if name not in entry:
        return None
    written = parse_day(str(entry.get(name) or "").strip())
    parts = entry.get(f"{name}_parsed")
    return written or (date(parts[0], parts[1], parts[2]) if parts else None)
