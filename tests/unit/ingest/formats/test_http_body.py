from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest

from newsqa.ingest.draft import RefusedError
from newsqa.ingest.formats.http_body import CutOffError, decode_body

brotli = pytest.importorskip("brotli")
zstandard = pytest.importorskip("zstandard")

PAGE = b"<html><body><p>" + b"The swans of Elder Mere are back on the ice, the warden says. " * 40
Coder = Callable[[bytes], bytes]


def chunked(body: bytes) -> bytes:
    parts = [body[at : at + 90] for at in range(0, len(body), 90)]
    return b"".join(b"%X;note=1\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"


def raw_deflate(body: bytes) -> bytes:
    coder = zlib.compressobj(wbits=-15)
    return coder.compress(body) + coder.flush()


CODED: list[tuple[list[tuple[str, str]], list[Coder]]] = [
    ([("Transfer-Encoding", "chunked")], [chunked]),
    ([("Content-Encoding", "gzip")], [gzip.compress]),
    ([("content-encoding", "X-GZip")], [gzip.compress]),
    ([("Content-Encoding", "deflate")], [zlib.compress]),
    ([("Content-Encoding", "deflate")], [raw_deflate]),
    ([("Content-Encoding", "br")], [brotli.compress]),
    ([("Content-Encoding", "zstd")], [zstandard.compress]),
    ([("Transfer-Encoding", "gzip, chunked")], [gzip.compress, chunked]),
    ([("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")], [gzip.compress, chunked]),
    ([("Content-Encoding", "gzip, gzip")], [gzip.compress, gzip.compress]),
    ([("Content-Encoding", "gzip"), ("Content-Encoding", "br")], [gzip.compress, brotli.compress]),
    ([("Content-Encoding", "identity")], []),
    ([("Content-Encoding", "UTF-8")], []),
]


@pytest.mark.parametrize(("headers", "coders"), CODED)
def test_a_coded_body_is_decoded(headers: list[tuple[str, str]], coders: list[Coder]) -> None:
    body = PAGE
    for code in coders:
        body = code(body)
    assert decode_body(body, [*headers, ("Content-Length", str(len(body)))], 10**6) == PAGE


@pytest.mark.parametrize(("headers", "_"), CODED)
def test_a_body_that_was_decoded_before_is_kept(
    headers: list[tuple[str, str]], _: list[Coder]
) -> None:
    assert decode_body(PAGE, headers, 10**6) == PAGE


@pytest.mark.parametrize(("headers", "coders"), [case for case in CODED if case[1]])
def test_a_coded_body_that_breaks_off_is_not_taken(
    headers: list[tuple[str, str]], coders: list[Coder]
) -> None:
    body = PAGE
    for code in coders:
        body = code(body)
    with pytest.raises(CutOffError):
        decode_body(body[: len(body) * 2 // 3], headers, 10**6)


def test_a_plain_body_must_be_as_long_as_announced() -> None:
    assert decode_body(PAGE, [("Content-Length", str(len(PAGE)))], 10**6) == PAGE
    with pytest.raises(CutOffError):
        decode_body(PAGE, [("Content-Length", str(len(PAGE) + 1))], 10**6)


@pytest.mark.parametrize(
    ("coding", "code"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("zstd", zstandard.compress),
    ],
)
def test_a_bomb_is_decoded_only_up_to_the_limit(coding: str, code: Coder) -> None:
    found = decode_body(code(bytes(50_000_000)), [("Content-Encoding", coding)], 100_000)
    assert 100_000 < len(found) < 10_000_000


def test_an_unknown_coding_and_damage_are_named() -> None:
    with pytest.raises(RefusedError, match="not known"):
        decode_body(PAGE, [("Content-Encoding", "snappy")], 10**6)
    with pytest.raises(RefusedError, match="damaged"):
        decode_body(b"\x1f\x8b\x08" + PAGE, [("Content-Encoding", "gzip")], 10**6)
