"""Convert between stored rows and the types of `newsqa.types`; each row read is checked.

The hash of a row, a set or a text is how a stored value is known to be what was written.
"""

from __future__ import annotations

import sqlite3
import struct
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b, sha256
from typing import Any, TypeAlias

from newsqa.errors import IndexDamagedError
from newsqa.index.catalog.schema import COLUMNS
from newsqa.text.near_duplicates import text_code
from newsqa.types import Article, Passage, Span, Version

Value: TypeAlias = int | float | str | bytes | None


def row_hash(*values: Value) -> bytes:
    """Return 16 bytes over the columns of a row, types and lengths included."""
    return blake2b(b"".join(_coded(value) for value in values), digest_size=16).digest()


def _coded(value: Value) -> bytes:
    if value is None:
        return b"n"
    if isinstance(value, str):
        # The same bytes come out for text that a damaged row no longer decodes.
        raw, tag = value.encode("utf-8", "surrogateescape"), b"s"
    elif isinstance(value, bytes):
        raw, tag = value, b"b"
    else:
        raw, tag = repr(value).encode(), b"i" if isinstance(value, int) else b"f"
    return tag + struct.pack("<q", len(raw)) + raw


class SetDigest:
    """SQLite aggregate: 16 bytes over a set of rows, whatever their order (XOR of row hashes).

    Adding a row and taking it away are the same step, so a change of one row costs one row.
    """

    def __init__(self) -> None:
        self._bits = 0

    def step(self, *values: Value) -> None:
        """Add the row, or take it away where it is there."""
        self._bits ^= int.from_bytes(row_hash(*values), "big")

    def finalize(self) -> bytes:
        """Return the digest of all rows so far."""
        return self._bits.to_bytes(16, "big")


def combined(digests: Iterable[bytes]) -> bytes:
    """Return the digest of the symmetric difference of the sets."""
    bits = 0
    for digest in digests:
        bits ^= int.from_bytes(digest, "big")
    return bits.to_bytes(16, "big")


def ordinal(value: date | None) -> int | None:
    """Return a day as its proleptic ordinal: the form of every date in the catalog."""
    return None if value is None else value.toordinal()


def content_hash(article: Article) -> bytes:
    """Return 16 bytes over everything that makes a new version when it changes."""
    return row_hash(
        article.title,
        article.body,
        article.source,
        article.byline,
        ordinal(article.published),
        ordinal(article.updated),
        article.url,
        article.language,
        pairs_text((span.start, span.end) for span in article.furniture),
        " ".join(map(str, article.pages)),
    )


def pairs_text(pairs: Iterable[tuple[int, int]]) -> str:
    """Return spans as ``start end start end ...``: how they are stored."""
    return " ".join(f"{start} {end}" for start, end in pairs)


def text_sha256(text: str) -> bytes:
    """Return the SHA-256 of a text in UTF-8: what a vector is keyed by."""
    return sha256(text.encode()).digest()


_TEXT = ", ".join(f"t.{column}" for column in COLUMNS["texts"])
_PASSAGE = ", ".join(f"p.{column}" for column in COLUMNS["passages"])
_N_TEXT = len(COLUMNS["texts"])
_N_PASSAGE = len(COLUMNS["passages"])

TEXT_SQL = f"SELECT {_TEXT}, t.row_hash, b.body FROM texts t JOIN bodies b USING (content_sha256)"
PASSAGE_SQL = f"""
SELECT {_PASSAGE}, p.row_hash, {_TEXT}, t.row_hash,
    substr(b.body, p.start + 1, p.stop - p.start), %s
FROM json_each(?) j CROSS JOIN passages p ON p.key = j.value
CROSS JOIN texts t ON t.text_key = p.text_key
CROSS JOIN bodies b ON b.content_sha256 = t.content_sha256
ORDER BY p.key
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """A passage with its number and what its vector is filed under."""

    key: int
    revision_id: int
    embedded: bytes
    passage: Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One published state of the index."""

    generation: int
    publish_id: str
    change: str
    at: str
    recipe: int
    articles: int
    digest: bytes


def check(table: str, row: Sequence[Any], stored: bytes) -> None:
    """Raise IndexDamagedError unless the row is what was written."""
    if row_hash(*row) != stored:
        raise IndexDamagedError(
            f"{table} row {row[0]!r} is not what was written; `newsqa index verify` lists the "
            "damage, `newsqa index restore FILE` brings a backup back"
        )


def generation_of(row: Sequence[Any]) -> Generation:
    """Return the generation of a row of all its columns and the hash."""
    check("generations", row[:-1], row[-1])
    return Generation(**dict(zip(COLUMNS["generations"], row[:-1], strict=True)))


def spans_of(text: str) -> tuple[Span, ...]:
    """Return the spans written as ``start end start end ...``."""
    numbers = [int(number) for number in text.split()]
    return tuple(Span(a, b) for a, b in zip(numbers[::2], numbers[1::2], strict=True))


def day_of(value: int | None) -> date | None:
    """Return the day of a proleptic ordinal."""
    return None if value is None else date.fromordinal(value)


def article_of(row: Sequence[Any], version: int, versions: tuple[Version, ...] = ()) -> Article:
    """Return the article of a row of TEXT_SQL, body and row proved by their hashes."""
    columns, stored, body = row[:_N_TEXT], row[_N_TEXT], row[_N_TEXT + 1]
    check("texts", columns, stored)
    text = dict(zip(COLUMNS["texts"], columns, strict=True))
    if sha256(body.encode()).hexdigest() != text["content_sha256"]:
        raise IndexDamagedError(
            f"the body of {text['article_id']!r} is not what was written; "
            "`newsqa index restore FILE` brings a backup back"
        )
    return Article(
        article_id=text["article_id"],
        title=text["title"],
        body=body,
        version=version,
        published=day_of(text["published"]),
        updated=day_of(text["updated"]),
        source=text["source"],
        byline=text["byline"],
        url=text["url"],
        language=text["language"],
        furniture=spans_of(text["furniture"]),
        pages=tuple(int(page) for page in text["pages"].split()),
        versions=versions,
    )


def stored_of(row: Sequence[Any]) -> Stored:
    """Return the passage of a row of PASSAGE_SQL; it equals its slice of a checked article."""
    columns, rest = row[:_N_PASSAGE], row[_N_PASSAGE + 1 :]
    check("passages", columns, row[_N_PASSAGE])
    check("texts", rest[:_N_TEXT], rest[_N_TEXT])
    own = dict(zip(COLUMNS["passages"], columns, strict=True))
    text = dict(zip(COLUMNS["texts"], rest[:_N_TEXT], strict=True))
    words, version = rest[_N_TEXT + 1 :]
    span = Span(own["start"], own["stop"])
    if len(words) != len(span) or text_code(words) != own["text_code"]:
        raise IndexDamagedError(
            f"the body of {text['article_id']!r} is not what was written at {span.start}; "
            "`newsqa index restore FILE` brings a backup back"
        )
    pages = [int(page) for page in text["pages"].split()]
    passage = Passage(
        article_id=text["article_id"],
        version=version or 1,
        content_sha256=text["content_sha256"],
        span=span,
        text=words,
        title=text["title"],
        source=text["source"],
        published=day_of(text["published"]),
        url=text["url"],
        page=bisect_right(pages, span.start) if pages else None,
        sentences=spans_of(own["sentences"]),
    )
    return Stored(own["key"], own["text_key"], own["embedded"], passage)


def stored_passages(
    db: sqlite3.Connection, keys_json: str, version_sql: str = "1", values: Sequence[int] = ()
) -> list[Stored]:
    """Return the passages with these keys (a JSON list), by key; unknown ones are left out."""
    sql = PASSAGE_SQL % version_sql
    return [stored_of(row) for row in db.execute(sql, (*values, keys_json))]
