"""Mails (EML): subject, sender and day from the headers, the text from the plain or HTML part."""

from __future__ import annotations

import codecs
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from typing import cast

from newsqa.ingest.draft import Draft, EmptyError, RefusedError
from newsqa.ingest.fields.encoding import Decoded, decode
from newsqa.ingest.formats.html_fragment import text_of


def parse_mail(content: bytes) -> Draft:
    """Return the article of a mail; its id is the Message-ID, its source the sender's name.

    Raises:
        RefusedError: It has no headers of a mail.
        EmptyError: It has no text.
    """
    message = message_from_bytes(content, policy=default)
    if not any(message[name] for name in ("From", "Date", "Subject", "Message-ID")):
        raise RefusedError("no mail: it has no From, Date, Subject or Message-ID")
    body, encoding = _text(message)
    return Draft(
        body=body,
        encoding=encoding,
        title=_header(message, "Subject"),
        published=_day(message),
        source=_sender(message),
        url=_header(message, "Archived-At").strip("<> "),
        language=_header(message, "Content-Language"),
        record_id=_header(message, "Message-ID").strip("<> "),
    )


def _text(message: EmailMessage) -> tuple[str, str]:
    """Return the text and the encoding it was read in."""
    plain = message.get_body(preferencelist=("plain",))
    if plain is not None and (found := _decoded(cast(EmailMessage, plain))).text.strip():
        return found.text, found.encoding
    markup = message.get_body(preferencelist=("html",))
    if markup is None:
        raise EmptyError
    found = _decoded(cast(EmailMessage, markup))
    return text_of(found.text), found.encoding


def _decoded(part: EmailMessage) -> Decoded:
    raw = part.get_payload(decode=True)
    content = raw if isinstance(raw, bytes) else b""
    try:
        name = codecs.lookup(part.get_content_charset() or "utf-8").name
        return Decoded(content.decode(name), name)
    except (LookupError, UnicodeDecodeError):  # a charset that is unknown, or not the one used
        return decode(content)


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
