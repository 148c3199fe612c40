"""Decode the body of an HTTP response: transfer codings, then content codings.

Capture tools differ: some store the body as it was sent, some decode it and keep the header. A body
that does not begin like what its header says is therefore taken as already decoded.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator

from newsqa.ingest.draft import RefusedError

_CHUNK_HEAD = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_STEP_BYTES = 1 << 16
_ZSTD_STEP_BYTES = 256
_GZIP = (b"\x1f\x8b",)
_ZSTD = (b"\x28\xb5\x2f\xfd",)


class CutOffError(RefusedError):
    """The body ends before its coding says that it does."""


def decode_body(body: bytes, headers: Iterable[tuple[str, str]], max_bytes: int) -> bytes:
    """Return the body without its codings; at most ``max_bytes + 1`` bytes are decoded.

    Raises:
        CutOffError: It breaks off.
        RefusedError: It is damaged, or coded in a way that is not known.
    """
    fields = [(name.lower(), value.lower()) for name, value in headers]
    for field in ("transfer-encoding", "content-encoding"):
        for coding in reversed(list(_codings(fields, field))):
            body = _without(coding, body, max_bytes)
    if _is_short(body, fields):
        raise CutOffError("the page breaks off: it is shorter than its header says")
    return body


def _codings(fields: Iterable[tuple[str, str]], field: str) -> Iterator[str]:
    """Yield the names of the codings in the order in which they were applied."""
    for name, value in fields:
        if name == field:
            yield from (part for part in re.split(r"[\s,;\"]+", value) if part)


def _is_short(body: bytes, fields: list[tuple[str, str]]) -> bool:
    """Tell whether a body without codings has fewer bytes than were announced."""
    names = {name for name, value in fields if value.strip() != "identity"}
    lengths = [value for name, value in fields if name == "content-length" and value.isdigit()]
    coded = names & {"transfer-encoding", "content-encoding"}
    return not coded and len(set(lengths)) == 1 and len(body) < int(lengths[0])


def _without(coding: str, body: bytes, max_bytes: int) -> bytes:
    if coding == "chunked":
        return _dechunked(body)
    if coding in ("gzip", "x-gzip"):
        return _inflated(body, max_bytes, 31) if body.startswith(_GZIP) else body
    if coding == "deflate":
        return _deflated(body, max_bytes)
    if coding == "br":
        return _brotli(body, max_bytes)
    if coding == "zstd":
        return _zstd(body, max_bytes) if body.startswith(_ZSTD) else body
    if coding in ("identity", "none", "binary", "utf-8", "8bit"):  # the last are often sent
        return body
    raise RefusedError(f"its body is coded in a way that is not known ({coding[:20]})")


def _dechunked(body: bytes) -> bytes:
    """Join the chunks; a body that does not begin with the size of one has none."""
    parts: list[bytes] = []
    at = 0
    while head := _CHUNK_HEAD.match(body, at):
        size = int(head[1], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(body[head.end() : head.end() + size])
        at = head.end() + size
        if at > len(body):
            raise CutOffError("the page breaks off within a chunk")
        at += 2 if body.startswith(b"\r\n", at) else body.startswith(b"\n", at)
    if not parts:
        return body
    raise CutOffError("the page breaks off: its last chunk is missing")


def _inflated(body: bytes, max_bytes: int, window_bits: int) -> bytes:
    """Inflate all members of a gzip body, or one stream of another kind."""
    parts, size = [], 0
    while body:
        decoder = zlib.decompressobj(window_bits)
        try:
            parts.append(decoder.decompress(body, max_bytes + 1 - size))
        except zlib.error as error:
            raise RefusedError(f"its compressed body is damaged ({str(error)[:60]})") from None
        size += len(parts[-1])
        if size > max_bytes:
            break
        if not decoder.eof:
            raise CutOffError("the page breaks off: its compressed body ends too early")
        body = decoder.unused_data if decoder.unused_data.startswith(_GZIP) else b""
    return b"".join(parts)


def _deflated(body: bytes, max_bytes: int) -> bytes:
    """Inflate a ``deflate`` body: by the standard with zlib's header, but many send it without."""
    looks_like_zlib = len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0
    if looks_like_zlib:
        return _inflated(body, max_bytes, 15)
    return body if body.lstrip()[:1] == b"<" else _inflated(body, max_bytes, -15)


def _brotli(body: bytes, max_bytes: int) -> bytes:
    """Decode Brotli, which has no mark at its beginning: text is told by its first character."""
    import brotli

    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return body
    decoder = brotli.Decompressor()
    parts, size, rest = [], 0, body
    try:
        while size <= max_bytes and not decoder.is_finished():
            part = decoder.process(rest, output_buffer_limit=_STEP_BYTES)
            rest = b""
            if not part and decoder.can_accept_more_data():
                raise CutOffError("the page breaks off: its compressed body ends too early")
            parts.append(part)
            size += len(part)
    except brotli.error as error:
        raise RefusedError(f"its compressed body is damaged ({str(error)[:60]})") from None
    return b"".join(parts)


def _zstd(body: bytes, max_bytes: int) -> bytes:
    """Decode Zstandard; the little input of a step bounds what it may expand to."""
    import zstandard

    decoder = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()
    parts: list[bytes] = []
    size = 0
    try:
        for at in range(0, len(body), _ZSTD_STEP_BYTES):
            parts.append(decoder.decompress(body[at : at + _ZSTD_STEP_BYTES]))
            size += len(parts[-1])
            if decoder.eof or size > max_bytes:
                return b"".join(parts)
    except zstandard.ZstdError as error:
        raise RefusedError(f"its compressed body is damaged ({str(error)[:60]})") from None
    raise CutOffError("the page breaks off: its compressed body ends too early")
