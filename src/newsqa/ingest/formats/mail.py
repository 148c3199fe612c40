"""Mails (EML): subject, sender and day from the headers, the text from all text parts in order.

What a mail quotes of another is furniture: it is not the sender's. A mail that is attached, or
forwarded in the text, is an article of its own, with its own sender and day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from typing import cast

from newsqa.ingest.draft import Batch, Draft, EmptyError, RefusedError, finished
from newsqa.ingest.fields import furniture
from newsqa.ingest.fields.encoding import Decoded, decode
from newsqa.ingest.formats.html_fragment import text_of
from newsqa.ingest.formats.mail_quotes import mark_quotes, quoted, split_forward, without_marks
from newsqa.text.analysis import clean
from newsqa.types import Span

MAX_DEPTH = 5  # of mails attached to mails
MAX_PARTS = 1_000
_STUB_CHARS = 800
_STUB = re.compile(
    r"(?:not|n['’]t|cannot|unable to) (?:\w+ ){0,3}(?:support|display|view|read|show|see)|"
    r"html[ -](?:mail|e-?mail|message|version|format|capable|compatible|enabled)|"
    r"(?:view|read|see|open) (?:\w+ ){0,6}(?:in (?:your|a) (?:web )?browser|online)|"
    r"(?:web|online) version|view (?:this|it) online",
    re.IGNORECASE,
)
_STUB_SHARE = 0.25  # of the words of the HTML part: a plain part with fewer is no full version


@dataclass(slots=True)
class _Content:
    """The text of a mail, what of it is quoted, and what is attached."""

    text: str = ""
    quotes: list[Span] = field(default_factory=list)
    encodings: list[str] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)

    def append(self, text: str, quotes: list[Span], encoding: str) -> None:
        """Add the text of a part below what is there."""
        if not text.strip():
            return
        ends = len(self.text) - len(self.text.rstrip("\n"))
        gap = "\n" * max(0, 2 - ends) if self.text else ""
        shift = len(self.text) + len(gap)
        self.text += gap + text
        self.quotes += [Span(span.start + shift, span.end + shift) for span in quotes]
        self.encodings.append(encoding)


def parse_mail(content: bytes) -> Draft | Iterator[Batch]:
    """Return the article of a mail, or a batch with those of the mails that it holds as well.

    The id of an article is the Message-ID, its source the sender's name.

    Raises:
        RefusedError: It has no headers of a mail.
        EmptyError: It has no text.
    """
    message = message_from_bytes(content, policy=default)
    if not any(message[name] for name in ("From", "Date", "Subject", "Message-ID")):
        raise RefusedError("no mail: it has no From, Date, Subject or Message-ID")
    batch = Batch()
    _take(batch, message, depth=0)
    if not (batch.drafts or batch.failed or batch.skipped):
        raise EmptyError
    if len(batch.drafts) == 1 and not (batch.failed or batch.skipped):
        return batch.drafts[0]
    return iter([batch])


def _take(batch: Batch, message: EmailMessage, *, depth: int) -> None:
    """Add the articles of a mail and of those within it."""
    content = _Content()
    _read(message, content)
    own, forward = split_forward(content.text)
    quotes = [span for span in content.quotes if span.end <= len(own)]
    draft = Draft(
        body=own,
        encoding=content.encodings[0] if content.encodings else "",
        title=_header(message, "Subject"),
        published=_day(message),
        source=_sender(message),
        url=_header(message, "Archived-At").strip("<> "),
        language=_header(message, "Content-Language"),
        record_id=_header(message, "Message-ID").strip("<> "),
    )
    _add(batch, draft, quotes)
    if forward is not None:
        forwarded = Draft(
            body=forward.body,
            encoding=draft.encoding,
            title=forward.title or draft.title,
            published=forward.published,
            source=forward.sender,
        )
        _add(batch, forwarded, [])
    for name in content.attachments:
        batch.skipped.append((_next(batch), f"attachment {name!r} is not read"))
    for attached in content.mails:
        if depth < MAX_DEPTH:
            _take(batch, attached, depth=depth + 1)
        else:
            batch.skipped.append((_next(batch), "a mail attached to a mail, too deep"))


def _next(batch: Batch) -> int:
    """Return the number of the next article or attachment of a mail."""
    return len(batch.drafts) + len(batch.skipped) + len(batch.failed) + 1


def _add(batch: Batch, draft: Draft, quotes: list[Span]) -> None:
    """Add one article; those without an id are numbered from the second on."""
    number = _next(batch)
    if not draft.body.strip():
        return
    spans = _united([*quotes, *quoted(draft.body)])
    others = furniture.spans(draft.body, title=" ".join(draft.title.split()))
    line = None if number == 1 else number
    draft = replace(draft, furniture=tuple(_united([*spans, *others])), line=line)
    try:
        batch.drafts.append(finished(draft))
    except EmptyError:
        batch.skipped.append((line, "empty"))
    except RefusedError as error:
        batch.failed.append((line, str(error)))


def _united(spans: list[Span]) -> list[Span]:
    """Return the spans in order, those that overlap as one."""
    united: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if united and span.start <= united[-1].end:
            united[-1] = Span(united[-1].start, max(united[-1].end, span.end))
        else:
            united.append(span)
    return united


def _read(part: EmailMessage, content: _Content, *, count: int = 0) -> None:
    """Read a part and those within it, in the order in which a mail program shows them."""
    kind = part.get_content_type()
    if count > MAX_PARTS:
        raise RefusedError(f"more than {MAX_PARTS:,} parts")
    if kind == "message/rfc822":
        inner = part.get_payload(0) if part.is_multipart() else None
        if isinstance(inner, EmailMessage):
            content.mails.append(inner)
    elif kind == "multipart/alternative":
        _read_best(list(_parts(part)), content, count + 1)
    elif part.is_multipart():
        for at, inner_part in enumerate(_parts(part)):
            _read(inner_part, content, count=count + 1 + at)
    elif part.get_content_disposition() == "attachment":
        content.attachments.append(_name(part))
    elif kind in ("text/plain", "text/html"):
        _read_text(part, content)
    elif part.get_filename() and not kind.startswith("image/"):
        content.attachments.append(_name(part))


def _parts(part: EmailMessage) -> Iterator[EmailMessage]:
    for inner in part.iter_parts():
        yield cast(EmailMessage, inner)


def _name(part: EmailMessage) -> str:
    return " ".join(str(part.get_filename() or part.get_content_type()).split())[:100]


def _read_text(part: EmailMessage, content: _Content) -> None:
    decoded = _decoded(part)
    if part.get_content_type() == "text/html":
        text, quotes = without_marks(text_of(decoded.text, change=mark_quotes))
        content.append(text, quotes, decoded.encoding)
    else:
        content.append(clean(decoded.text), [], decoded.encoding)


def _read_best(parts: list[EmailMessage], content: _Content, count: int) -> None:
    """Read one of several forms of the same text: the plain one, unless it is a stub."""
    forms: list[tuple[str, _Content]] = []
    for part in parts:
        form = _Content()
        _read(part, form, count=count)
        forms.append((part.get_content_type(), form))
    plain = [form for kind, form in forms if kind == "text/plain" and form.text.strip()]
    others = [form for kind, form in forms if kind != "text/plain" and form.text.strip()]
    best = plain[0] if plain else None
    if others and (best is None or _is_stub(best.text, others[-1].text)):
        best = others[-1]
    if best is not None:
        content.append(best.text, best.quotes, best.encodings[0])
    for _, form in forms:
        content.mails += form.mails
        content.attachments += form.attachments


def _is_stub(plain: str, other: str) -> bool:
    """Whether a plain part only points to the other one, or is a small part of it."""
    short = len(plain) < _STUB_CHARS and len(plain) < len(other) + _STUB_CHARS // 4
    if short and _STUB.search(plain):
        return len([line for line in plain.splitlines() if len(line) > 60]) < 4
    return len(plain.split()) < _STUB_SHARE * len(other.split())


def _decoded(part: EmailMessage) -> Decoded:
    raw = part.get_payload(decode=True)
    content = raw if isinstance(raw, bytes) else b""
    markup = part.get_content_type() == "text/html"
    return decode(content, markup=markup, charset=part.get_content_charset() or "")


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message[name] or "").split())


def _sender(message: EmailMessage) -> str:
    try:
        addresses = message["From"].addresses
    except AttributeError:  # no From, or one that cannot be read
        return ""
    return str(addresses[0].display_name or addresses[0].addr_spec) if addresses else ""


def _day(message: EmailMessage) -> date | None:
    """Return the day in the sender's own time zone."""
    try:
        return parsedate_to_datetime(_header(message, "Date")).date()
    except (ValueError, TypeError):
        return None
