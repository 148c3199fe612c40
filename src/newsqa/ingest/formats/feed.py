"""RSS and Atom feed files: one article an entry, in the feed's own words and with its day."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from email.utils import parsedate
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from xml.sax import SAXException

from newsqa.ingest.draft import Batch, Draft, EmptyError, RefusedError, SkippedError, finished
from newsqa.ingest.fields.dates import parse_day
from newsqa.ingest.formats.html_fragment import text_of

MAX_ENTRIES = 10_000
BATCH_ENTRIES = 100
_MARKUP = re.compile(
    r"&lt;(p|div|a|b|i|em|strong|span|ul|ol|li|h\d|blockquote|table)\b.*&lt;/\1&gt;|"
    r"&lt;(?:br|img)\b[^&]*/?&gt;",
    re.IGNORECASE | re.DOTALL,
)
_REFERENCE = re.compile(r"&(?:#\d{2,6}|#x[0-9a-f]{2,5}|[a-z]{2,8});", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ADDRESS = re.compile(r"<[^<>]*@[^<>]*>|\S+@\S+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:\S", re.IGNORECASE)
_TLD_CHARS = 4  # feedparser takes no more letters for the end of a mail address
_ENTITY = re.compile(rb"<!\s*ENTITY", re.IGNORECASE)


def parse_feed(content: bytes) -> Iterator[Batch]:
    """Yield the entries of a feed in batches. An entry is known by its guid, else its address.

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
    # Only words are taken from its HTML; making it safe would lose which of them are hidden.
    feed = feedparser.parse(BytesIO(content), sanitize_html=False, resolve_relative_uris=False)
    if not feed.version:
        if feed.bozo:
            error = feed.get("bozo_exception")
            raise RefusedError(f"cannot be read as a feed: {str(error)[:100]}")
        raise SkippedError("XML, but neither RSS nor Atom")
    if not feed.entries:
        if isinstance(feed.get("bozo_exception"), SAXException):
            raise RefusedError("the feed is cut off or damaged before its first entry")
        raise EmptyError
    if len(feed.entries) > MAX_ENTRIES:
        raise RefusedError(f"more than {MAX_ENTRIES:,} entries")
    batch = Batch(last=False)
    ids = Counter(str(entry.get("id") or "") for entry in feed.entries)
    for number, entry in enumerate(feed.entries, start=1):
        guid = str(entry.get("id") or "")
        _take(batch, number, entry, feed.feed, guid if ids[guid] == 1 else "")
        if number % BATCH_ENTRIES == 0:
            yield batch
            batch = Batch(last=False)
    if feed.bozo and not feed.entries[-1].get("title"):
        batch.failed.append((None, "the feed is cut off or damaged; what could be read is in"))
    batch.last = True
    yield batch


def _take(batch: Batch, number: int, entry: Any, feed: Any, guid: str) -> None:
    try:
        batch.drafts.append(finished(_draft(entry, feed, number, guid)))
    except EmptyError:
        batch.skipped.append((number, "empty"))
    except RefusedError as error:
        batch.failed.append((number, str(error)))


def _draft(entry: Any, feed: Any, number: int, guid: str) -> Draft:
    bodies = [_text(part) for part in entry.get("content") or ()]
    bodies.append(_text(entry.get("summary_detail") or {"value": entry.get("summary")}))
    url = str(entry.get("link") or "")
    is_web = url.startswith(("http://", "https://"))
    source = entry.get("source") or {}
    published, updated = _day(entry, "published"), _day(entry, "updated")
    return Draft(
        body=max(bodies, key=len),
        title=_text(entry.get("title_detail") or {"value": entry.get("title")}),
        published=published or updated,  # an RDF feed has one day, which feedparser calls updated
        updated=updated,
        source=_text({"value": source.get("title") or feed.get("title")}),
        byline=_authors(entry),
        url=url,
        language=str(feed.get("language") or ""),
        record_id=_id(guid, url) or ("" if is_web else str(entry.get("id") or "")),
        line=number,
    )


def _id(guid: str, url: str) -> str:
    """Return a guid; one that is no address is unique in its site only and gets the site's name."""
    try:
        host = urlsplit(url).netloc if url.startswith(("http://", "https://")) else ""
    except ValueError:
        host = ""
    return guid if not (guid and host) or _SCHEME.match(guid) else f"{host}#{guid}"


def _text(part: Any) -> str:
    """Return the words of a title or a body; what was escaped once too often is read once more."""
    value = str(part.get("value") or "")
    if part.get("type") == "text/plain" and not _TAG.search(value):
        return unescape(value) if _REFERENCE.search(value) else value
    if not _TAG.search(value) and _MARKUP.search(value):
        value = unescape(value)
    text = text_of(value)
    return unescape(text) if _REFERENCE.search(text) else text


def _authors(entry: Any) -> str:
    """Return the names of all authors; mail addresses are left out."""
    people = entry.get("authors") or [{"name": entry.get("author")}]
    names = [name for person in people if (name := _name(person))]
    return ", ".join(dict.fromkeys(names))


def _name(person: Any) -> str:
    """Return a person's name; feedparser leaves parts of long mail addresses in it."""
    name, address = str(person.get("name") or ""), str(person.get("email") or "")
    name = re.sub(r"<[^<>]*>", "", name) if address else _ADDRESS.sub("", name)
    if address and "(" in name:
        name = name[name.index("(") + 1 :].rstrip(") ")
    elif address and name.islower() and len(address.rpartition(".")[2]) == _TLD_CHARS:
        name = ""
    return " ".join(unescape(name).strip(" ()").split())


def _day(entry: Any, name: str) -> date | None:
    """Return the day as it is written, without a change of time zone."""
    written = " ".join(str(entry.get(name) or "").split())
    if not written:
        return None
    if day := parse_day(written):
        return day
    if parts := parsedate(written):  # RFC 822, which allows years of two digits
        try:
            return date(*parts[:3])
        except ValueError:
            return None
    return _unambiguous_day(written)


def _unambiguous_day(written: str) -> date | None:
    """Return the day of another form, if it is one and the same however it is read."""
    from dateutil import parser

    days = set()
    for default in (datetime(2001, 2, 3), datetime(2004, 5, 6)):
        for day_first, year_first in ((False, False), (True, False), (False, True)):
            try:
                moment = parser.parse(
                    written,
                    default=default,
                    dayfirst=day_first,
                    yearfirst=year_first,
                    ignoretz=True,
                )
            except (ValueError, OverflowError):
                return None
            days.add(moment.date())
    return days.pop() if len(days) == 1 else None
