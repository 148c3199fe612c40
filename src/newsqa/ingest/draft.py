"""A draft: one article as its parser found it, on the way from the worker to the catalog.

`finished` is the only way to a draft that may leave the worker: texts cleaned, dates put in
order, furniture marked. After that the body is never changed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from newsqa.ingest.fields import furniture
from newsqa.ingest.fields.dates import dateline
from newsqa.text.analysis import clean
from newsqa.types import Article, Span, day

MAX_BODY_CHARS = 20_000_000
MAX_FIELD_CHARS = 1_000


class RefusedError(Exception):
    """The input is no article that can be indexed; the message is the reason people are shown."""


class SkippedError(Exception):
    """The input is no article, and none was to be expected; the message is the reason."""


class EmptyError(Exception):
    """There is nothing in the input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a parser found; ``record_id`` is the record's own id, ``line`` its line in a JSONL.

    ``member`` is its path where it lies in an archive. ``furniture`` is None where the record does
    not say: then it is looked for. ``encoding`` is what the bytes of its text were read in.
    """

    body: str
    title: str = ""
    published: date | None = None
    updated: date | None = None
    source: str = ""
    byline: str = ""
    url: str = ""
    language: str = ""
    record_id: str = ""
    line: int | None = None
    member: str = ""
    furniture: tuple[Span, ...] | None = None
    pages: tuple[int, ...] = ()
    encoding: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the form that goes through the pipe."""
        form = asdict(self)
        form["published"], form["updated"] = day(self.published), day(self.updated)
        if self.furniture is not None:
            form["furniture"] = [[span.start, span.end] for span in self.furniture]
        return form

    @classmethod
    def from_dict(cls, form: dict[str, Any]) -> Draft:
        """Return the draft that `to_dict` wrote."""
        said = form["furniture"]
        spans = None if said is None else tuple(Span(start, end) for start, end in said)
        days = {name: _day(form[name]) for name in ("published", "updated")}
        return cls(**{**form, **days, "furniture": spans, "pages": tuple(form["pages"])})

    def article(self, article_key: str) -> Article:
        """Return the article; its id is the record's own, else its url, else the key."""
        place = f"{article_key}/{self.member}" if self.member else article_key
        place = place if self.line is None else f"{place}#{self.line}"
        return Article(
            article_id=self.record_id or self.url or place,
            title=self.title,
            body=self.body,
            published=self.published,
            updated=self.updated,
            source=self.source,
            byline=self.byline,
            url=self.url,
            language=self.language,
            furniture=self.furniture or (),
            pages=self.pages,
            encoding=self.encoding,
        )


def finished(draft: Draft) -> Draft:
    """Return the draft as it is stored.

    A missing date is taken from an explicit dateline. ``updated`` is kept where it is later than
    ``published``, or stands alone. Only an http(s) address is kept as url. Furniture is looked for
    unless the record says where it is.

    Raises:
        EmptyError: The body is white space.
        RefusedError: The body or the id is too long.
    """
    # A parser that keeps pages has cleaned its body already: cleaning may not move an offset.
    body = draft.body if draft.pages else clean(draft.body)
    if not body.strip():
        raise EmptyError
    if len(body) > MAX_BODY_CHARS:
        raise RefusedError(f"longer than {MAX_BODY_CHARS:,} characters")
    record_id = clean(draft.record_id) if draft.record_id.strip() else ""
    if len(record_id) > MAX_FIELD_CHARS:
        raise RefusedError(f"the id is longer than {MAX_FIELD_CHARS:,} characters")
    title, said = _line(draft.title), draft.furniture
    published = draft.published or dateline(body)
    later = draft.updated and (published is None or draft.updated > published)
    return replace(
        draft,
        body=body,
        title=title,
        record_id=record_id,
        published=published,
        updated=draft.updated if later else None,
        source=_line(draft.source),
        byline=_line(draft.byline),
        url=_web_address(_line(draft.url)),
        language=_line(draft.language)[:35],
        furniture=furniture.spans(body, title=title) if said is None else said,
    )


def _line(text: str) -> str:
    """One line without control characters, at most MAX_FIELD_CHARS long."""
    spaced = "".join(c for c in clean(text) if c.isspace() or (c >= " " and c != "\x7f"))
    shown = " ".join(spaced.split())
    return shown if len(shown) <= MAX_FIELD_CHARS else shown[: MAX_FIELD_CHARS - 1] + "…"


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc and " " not in url else ""


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


@dataclass(slots=True)
class Batch:
    """What one message of the worker says: drafts, and the places left out (None: the file).

    A place is the number of a record, or the path of a file in an archive.
    """

    drafts: list[Draft] = field(default_factory=list)
    skipped: list[tuple[int | str | None, str]] = field(default_factory=list)
    failed: list[tuple[int | str | None, str]] = field(default_factory=list)
    last: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Return the form that goes through the pipe."""
        return {
            "drafts": [draft.to_dict() for draft in self.drafts],
            "skipped": self.skipped,
            "failed": self.failed,
            "last": self.last,
        }

    @classmethod
    def from_dict(cls, form: dict[str, Any]) -> Batch:
        """Return the batch that `to_dict` wrote."""
        return cls(
            [Draft.from_dict(draft) for draft in form["drafts"]],
            [(line, str(reason)) for line, reason in form["skipped"]],
            [(line, str(reason)) for line, reason in form["failed"]],
            bool(form["last"]),
        )
