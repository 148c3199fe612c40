"""Hashes over rows, sets and texts: how a stored value is known to be what was written."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import date
from hashlib import blake2b, sha256
from typing import TypeAlias

from newsqa.types import Article

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


def text_code(text: str) -> int:
    """Return a 64-bit code that texts share when they differ in white space alone."""
    digest = blake2b(" ".join(text.split()).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def text_sha256(text: str) -> bytes:
    """Return the SHA-256 of a text in UTF-8: what a vector is keyed by."""
    return sha256(text.encode()).digest()
