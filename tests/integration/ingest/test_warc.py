"""Web archives: pages as their publishers sent them, and every break named."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from newsqa.ingest import parse, walk
from newsqa.types import Article
from tests.samples import LIMITS

pytest.importorskip("fastwarc")

TEXT = (
    "The old lighthouse of Skarrow was lit again on Friday, after nine dark years, by a girl of "
    "twelve who had asked the council for it in a letter."
)
MORE = "It can be seen for twenty miles, and the fishermen of three harbours have said so."


def page(title: str = "Lighthouse lit", text: str = TEXT) -> str:
    return (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p>"
        f"<p>{MORE}</p></article></body></html>"
    )


def record(
    body: bytes,
    headers: str = "Content-Type: text/html",
    *,
    kind: str = "response",
    warc: str = "",
    url: str = "https://post.example/light",
) -> bytes:
    http = f"HTTP/1.1 200 OK\r\n{headers}\r\n\r\n".encode() + body if kind == "response" else body
    content_type = "application/http; msgtype=response" if kind == "response" else headers
    head = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Date: 2026-03-07T10:00:00Z\r\nWARC-Record-ID: <urn:uuid:1>\r\n{warc}"
        f"Content-Type: {content_type}\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def read(tmp_path: Path, content: bytes, name: str = "a.warc") -> tuple[list[Article], list[str]]:
    """The articles, and why records were left out: those that failed begin with an «!»."""
    path = tmp_path / name
    path.write_bytes(content)
    items = list(parse(walk([path]).files, limits=LIMITS))
    reasons = [problem.reason for item in items for problem in item.skipped]
    reasons += [f"!{problem.reason}" for item in items for problem in item.failed]
    return [article for item in items for article in item.articles], reasons


def chunked(body: bytes) -> bytes:
    parts = [body[at : at + 100] for at in range(0, len(body), 100)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def gzip_chunked(body: bytes) -> bytes:
    return chunked(gzip.compress(body))


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ("Transfer-Encoding: chunked", chunked),
        ("Content-Encoding: gzip", gzip.compress),
        ("Content-Encoding: gzip\r\nTransfer-Encoding: chunked", gzip_chunked),
        ("Content-Encoding: gzip, gzip", lambda b: gzip.compress(gzip.compress(b))),
        ("Content-Encoding: gzip\r\nTransfer-Encoding: chunked", bytes),
    ],
)
def test_a_body_is_decoded(headers: str, code: object, tmp_path: Path) -> None:
    assert callable(code)
    body = record(code(page().encode()), f"Content-Type: text/html\r\n{headers}")
    [article], reasons = read(tmp_path, body)
    assert (article.body, reasons) == (f"{TEXT}\n\n{MORE}", [])


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        ("windows-1250", "cp1250", "Maják ve Skarrově opět svítí, řekla v pátek večer rada města."),
        ("ISO-8859-2", "iso8859-2", "Latarnia morska znów świeci, powiedział w piątek burmistrz."),
        ("windows-1253", "cp1253", "Ο φάρος άναψε ξανά την Παρασκευή, είπε ο δήμαρχος της πόλης."),
        ("x-sjis", "shift_jis", "灯台は金曜日に九年ぶりに再び点灯したと町の評議会が発表した。"),
        ("gb2312", "gbk", "灯塔在周五重新点亮，这是九年来的第一次，市议会在一封信中说。"),
        (
            "iso-2022-jp",
            "iso2022_jp",
            "灯台は金曜日に九年ぶりに再び点灯したと町の評議会が発表した。",
        ),
        (
            "windows-1256",
            "cp1256",
            "أضيئت المنارة من جديد يوم الجمعة، بعد تسع سنوات من الظلام هنا.",
        ),
        ("iso-8859-1", "cp1252", "The lighthouse “Skarrow” was lit – for 9 € a day – by a girl."),
        ("utf-8", "utf-8", "Маяк снова зажгли в пятницу, сообщил городской совет в письме."),
        ("iso-8859-1", "utf-8", "Маяк снова зажгли в пятницу, сообщил городской совет в письме."),
    ],
)
def test_the_charset_of_the_header_counts(
    charset: str, codec: str, text: str, tmp_path: Path
) -> None:
    content = page("Light", text + " " + text).encode(codec, "xmlcharrefreplace")
    [article], _ = read(tmp_path, record(content, f"Content-Type: text/html; charset={charset}"))
    assert article.body.startswith(text)
    resource = record(content, f"text/html; charset={charset}", kind="resource")
    [article], _ = read(tmp_path, resource)
    assert article.body.startswith(text)


ONE = record(page().encode())
TWO = record(page("Second light", TEXT.replace("nine", "ten")).encode(), url="https://p.example/2")


@pytest.mark.parametrize("cut", [3, 40, 300, len(TWO) - 300, len(TWO) - 60, len(TWO) - 20])
@pytest.mark.parametrize("packed", [True, False])
def test_an_archive_that_breaks_off_is_named(cut: int, packed: bool, tmp_path: Path) -> None:
    two = gzip.compress(TWO) if packed else TWO
    cut = max(1, cut * len(two) // len(TWO))
    content = (gzip.compress(ONE) if packed else ONE) + two[:-cut]
    articles, reasons = read(tmp_path, content, "a.warc.gz" if packed else "a.warc")
    assert articles[0].body == f"{TEXT}\n\n{MORE}"
    if cut > 4 or packed:  # without the empty lines at its end, a record is whole
        assert any(reason.startswith("!") for reason in reasons)
    assert all(article.body.endswith(MORE) for article in articles)


def test_whole_archives_have_no_problem(tmp_path: Path) -> None:
    packed = gzip.compress(ONE) + gzip.compress(TWO)
    for content in (ONE + TWO, packed, gzip.compress(ONE + TWO)):
        articles, reasons = read(tmp_path, content, "a.warc.gz")
        assert (len(articles), reasons) == (2, [])


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (record(page().encode(), warc="WARC-Truncated: length\r\n"), "!the page breaks off"),
        (
            record(page().encode()[:250], "Content-Type: text/html\r\nContent-Length: 999"),
            "!the page breaks off",
        ),
        (
            record(
                gzip.compress(page().encode())[:-40],
                "Content-Type: text/html\r\nContent-Encoding: gzip",
            ),
            "!the page breaks off",
        ),
        (record(page().encode(), warc="WARC-Segment-Number: 1\r\n"), "!one of several segments"),
        (record(b"", kind="revisit"), "a revisit"),
        (record(b"x", "Content-Type: image/png"), "no HTML page (image/png)"),
    ],
)
def test_a_record_that_holds_no_whole_page_is_named(
    bad: bytes, reason: str, tmp_path: Path
) -> None:
    [article], [named] = read(tmp_path, bad + TWO)
    assert article.title == "Second light"
    assert named.startswith(reason)


def test_a_resource_is_a_page_without_headers(tmp_path: Path) -> None:
    [article], _ = read(tmp_path, record(page().encode(), "text/html", kind="resource"))
    assert (article.title, article.url) == ("Lighthouse lit", "https://post.example/light")
    _, reasons = read(tmp_path, record(b"log", "text/plain", kind="resource") + TWO)
    assert reasons == ["no HTML page (text/plain)"]


def test_other_records_are_passed_over(tmp_path: Path) -> None:
    others = b"".join(
        record(b"software: x", "application/warc-fields", kind=kind)
        for kind in ("warcinfo", "request", "metadata")
    )
    assert read(tmp_path, others + ONE)[1] == []
