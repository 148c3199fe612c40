"""Records of JSONL and CSV files: from named fields to drafts, in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from newsqa.ingest.draft import Batch, Draft, EmptyError, RefusedError, finished
from newsqa.ingest.fields.dates import parse_day
from newsqa.ingest.walk import printable
from newsqa.text.analysis import clean
from newsqa.types import Span

BATCH_RECORDS = 256
BATCH_BYTES = 4_000_000
MAX_NAMED_KEYS = 12  # of the keys of a record that a refusal names

# The names that each field goes by; the first is preferred.
BODY = ("text", "body", "content")
TEXTS = {
    "title": ("title", "headline"),
    "source": ("source", "publisher"),
    "byline": ("byline", "author", "authors"),
    "url": ("url",),
    "language": ("language", "lang"),
}
PUBLISHED = ("date", "published", "published_at", "date_published", "publish_date")
UPDATED = ("updated", "modified", "updated_at", "date_modified")

# A record with its number and size in bytes; why it is none; or why nothing more can be read.
Row = tuple[int | None, Mapping[str, Any] | RefusedError, int]


def in_batches(rows: Iterable[Row]) -> Iterator[Batch]:
    """Yield the drafts of records in batches of bounded size; the last one says so.

    Raises:
        EmptyError: There is no record.
    """
    batch, size, seen = Batch(last=False), 0, False
    for number, record, length in rows:
        seen = True
        _take(batch, number, record)
        size += length
        if len(batch.drafts) + len(batch.failed) >= BATCH_RECORDS or size >= BATCH_BYTES:
            yield batch
            batch, size = Batch(last=False), 0
    if not seen:
        raise EmptyError
    batch.last = True
    yield batch


def _take(batch: Batch, number: int | None, record: Mapping[str, Any] | RefusedError) -> None:
    try:
        if isinstance(record, RefusedError) or number is None:
            raise record if isinstance(record, RefusedError) else RefusedError("no number")
        batch.drafts.append(finished(draft_of(record, number)))
    except EmptyError:
        batch.skipped.append((number, "empty"))
    except RefusedError as error:
        batch.failed.append((number, str(error)))


def draft_of(record: Mapping[str, Any], number: int) -> Draft:
    """Return the draft of one record; ``number`` is its line in the file.

    Raises:
        RefusedError: It has no text, or a field is of another kind than it must be.
    """
    text = _body(record)
    furniture, pages = _furniture(record, text), _page_offsets(record, text)
    return Draft(
        body=text,
        furniture=furniture,
        pages=pages,
        **{field: _text(record, names) for field, names in TEXTS.items()},
        record_id=_id(record.get("id")),
        line=number,
        published=_day(record, PUBLISHED),
        updated=_day(record, UPDATED),
    )


def names_of(value: object) -> str:
    """Return the names of authors: a string, a mapping with a name, or a list of these."""
    if isinstance(value, Mapping):
        value = value.get("name") or ""
    if isinstance(value, list):
        return ", ".join(filter(None, map(names_of, value)))
    return value.strip() if isinstance(value, str) else ""


def _body(record: Mapping[str, Any]) -> str:
    texts = [record[name] for name in BODY if record.get(name) is not None]
    if not texts:
        raise RefusedError(f"no text: {keys_in_words(record)}; expected {_listed(BODY)}")
    text = next((text for text in texts if not isinstance(text, str) or text.strip()), texts[0])
    if not isinstance(text, str):
        name = next(name for name in BODY if record.get(name) is text)
        raise RefusedError(f"{name} is {_json_name(text)}, not a string")
    return text


def keys_in_words(record: Iterable[str]) -> str:
    """Return the keys of a record as a clause for a message."""
    keys = [printable(str(key))[:40] for key in record]
    if not keys:
        return "the record is empty"
    more = f" and {len(keys) - MAX_NAMED_KEYS} more" if len(keys) > MAX_NAMED_KEYS else ""
    return f"the record has {', '.join(keys[:MAX_NAMED_KEYS])}{more}"


def _listed(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _day(record: Mapping[str, Any], names: tuple[str, ...]) -> date | None:
    return parse_day(_text(record, names))


def _furniture(record: Mapping[str, Any], text: str) -> tuple[Span, ...] | None:
    """Read ``furniture``: spans in order and apart; None where the record does not say."""
    pairs = record.get("furniture")
    if pairs is None:
        return None
    if not isinstance(pairs, list) or not all(_is_offsets(pair) for pair in pairs):
        raise RefusedError("furniture is not a list of [start, end]")
    offsets = [offset for pair in pairs for offset in pair]
    if any(len(pair) != 2 or pair[0] >= pair[1] for pair in pairs) or offsets != sorted(offsets):
        raise RefusedError("furniture is not a list of [start, end], in order and apart")
    _check_offsets("furniture", offsets, len(text) + 1, text)
    return tuple(Span(start, end) for start, end in pairs)


def _page_offsets(record: Mapping[str, Any], text: str) -> tuple[int, ...]:
    """Read ``page_offsets``, at which the pages of a PDF began."""
    offsets = record.get("page_offsets")
    if offsets is None:
        return ()
    if not _is_offsets(offsets) or offsets != sorted(offsets):
        raise RefusedError("page_offsets is not a list of offsets in order")
    _check_offsets("page_offsets", offsets, len(text) + 1, text)
    return tuple(offsets)


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


def _text(record: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The first of these fields that says something; a list of strings or authors is joined."""
    for name in names:
        value = record.get(name)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            value = ", ".join(value)
        elif name in TEXTS["byline"] and isinstance(value, (list, dict)) and names_of(value):
            value = names_of(value)
        if value is not None and not isinstance(value, str):
            raise RefusedError(f"{name} is {_json_name(value)}, not a string")
        if value and value.strip():
            return str(value)
    return ""


def _json_name(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "an object" if isinstance(value, dict) else "null")
