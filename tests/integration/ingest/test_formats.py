"""Feeds, mails, Word files, web archives and packed files: their rules, one by one.

Whole samples are in `test_ingest_samples` and `test_ingest_built`, limits in `test_ingest_bounds`.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from newsqa.ingest import Parsed, parse, walk
from newsqa.ingest.formats.html_fragment import text_of
from newsqa.ingest.sandbox.worker import replies
from newsqa.types import Article, day
from tests.samples import LIMITS

STORM = (
    "A storm closed the harbour of Ostrey on Monday. Two boats were lost, the harbour office said."
)
PAGE = (
    "<html><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>"
    f"<p>{STORM}</p><p>The harbour opens again on Thursday, weather permitting.</p>"
    "</article></body></html>"
)


def read(tmp_path: Path, name: str, content: bytes) -> tuple[list[Article], list[str]]:
    """Parse one file in the worker; return its articles, and what was left out and why."""
    path = tmp_path / name
    path.write_bytes(content)
    items: Sequence[Parsed] = list(parse(walk([path]).files, limits=LIMITS))
    assert [item.last for item in items] == [False] * (len(items) - 1) + [True]
    problems = [problem for item in items for problem in (*item.skipped, *item.failed)]
    shown = [f"{p.path.removeprefix(str(tmp_path) + '/')}: {p.reason}" for p in problems]
    return [article for item in items for article in item.articles], shown


def failed(tmp_path: Path, name: str, content: bytes) -> str:
    path = tmp_path / name
    path.write_bytes(content)
    items = list(parse(walk([path]).files, limits=LIMITS))
    assert not [article for item in items for article in item.articles]
    [problem] = [problem for item in items for problem in item.failed]
    return problem.reason


def row(article: Article) -> tuple[str, str, str | None, str, str]:
    return (article.article_id, article.title, day(article.published), article.source, article.body)


# ---- feeds

RSS = f"""<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Ostrey Packet</title>
<language>en-gb</language>
<item><title>Storm &amp; tide</title><link>https://packet.example/storm</link><guid>g1</guid>
<pubDate>Tue, 03 Mar 2026 23:30:00 +0100</pubDate><dc:creator>Jonas Pell</dc:creator>
<description>Short.</description>
<content:encoded><![CDATA[<p>{STORM}</p><p>More <b>boats</b> came.</p><script>x()</script>]]>
</content:encoded></item>
<item><title>Empty</title><guid>g2</guid></item></channel></rss>"""
ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Wire</title>
<entry><title type="html">One &lt;i&gt;storm&lt;/i&gt;</title><id>tag:wire.example,2026:1</id>
<published>2026-03-02T10:00:00Z</published><updated>2026-03-05T10:00:00Z</updated>
<author><name>Ana Wit</name></author><content type="text">{STORM}</content></entry></feed>"""
RDF = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Lantern</title></channel>
<item><title>Storm</title><link>https://lantern.example/1</link><description>{STORM}</description>
<dc:date>2026-03-04</dc:date></item></rdf:RDF>"""


def test_an_rss_feed(tmp_path: Path) -> None:
    [article], left_out = read(tmp_path, "packet.rss", RSS.encode())
    body = f"{STORM}\n\nMore boats came."
    assert row(article) == (
        "packet.example#g1",
        "Storm & tide",
        "2026-03-03",
        "Ostrey Packet",
        body,
    )
    assert (article.byline, article.language) == ("Jonas Pell", "en-gb")
    assert left_out == ["packet.rss#2: empty"]


def test_an_atom_feed_and_an_rdf_one(tmp_path: Path) -> None:
    [article], left_out = read(tmp_path, "wire.atom", ATOM.encode())
    assert row(article)[:4] == ("tag:wire.example,2026:1", "One storm", "2026-03-02", "Wire")
    assert (day(article.updated), article.byline, article.body) == ("2026-03-05", "Ana Wit", STORM)
    assert left_out == []
    [old], _ = read(tmp_path, "lantern.xml", RDF.encode())
    assert row(old) == ("https://lantern.example/1", "Storm", "2026-03-04", "Lantern", STORM)


def test_xml_that_is_no_feed_is_skipped_and_a_broken_feed_fails(tmp_path: Path) -> None:
    assert read(tmp_path, "a.xml", b"<map><road/></map>") == (
        [],
        ["a.xml: XML, but neither RSS nor Atom"],
    )
    assert "feed" in failed(tmp_path, "b.rss", b"<<<%%%")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(encoding: str, tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    text = RSS.replace('<?xml version="1.0"?>', f'<?xml version="1.0"?>{bomb}')
    assert failed(tmp_path, "bomb.rss", text.encode(encoding)).startswith("declares XML entities")


# ---- mails

PLAIN = f"""From: "Ostrey Packet" <news@packet.example>
Subject: =?utf-8?q?Storm_in_=C3=96strey?=
Date: Tue, 03 Mar 2026 23:30:00 -0500
Message-ID: <m1@packet.example>
Archived-At: <https://packet.example/m1>
Content-Type: text/plain; charset=iso-8859-1

{STORM} Caf\xe9.
"""
HTML_MAIL = f"""From: wire@wire.example
Subject: Storm
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p>{STORM}</p><style>p {{}}</style><p>Second.</p>
--b
Content-Type: text/plain; name=notes.txt
Content-Disposition: attachment; filename=notes.txt

Not this.
--b--
"""
BARE = f"Subject: No more\nContent-Type: text/plain; charset=klingon\n\n{STORM}\n"


def test_mails(tmp_path: Path) -> None:
    [plain], _ = read(tmp_path, "a.eml", PLAIN.encode("latin-1"))
    assert row(plain)[:4] == ("m1@packet.example", "Storm in Östrey", "2026-03-03", "Ostrey Packet")
    assert plain.body.strip() == f"{STORM} Café."
    assert plain.url == "https://packet.example/m1"
    [html], _ = read(tmp_path, "b.eml", HTML_MAIL.encode())
    assert row(html) == ("b.eml", "Storm", None, "wire@wire.example", f"{STORM}\n\nSecond.")
    [bare], _ = read(tmp_path, "c.eml", BARE.encode())
    assert (bare.article_id, bare.title, bare.body.strip()) == ("c.eml", "No more", STORM)
    assert failed(tmp_path, "d.eml", b"\x00\x01 no mail").startswith("no mail")


# ---- Word files


def word(*paragraphs: tuple[str, str], cells: Sequence[str] = (), **told: str) -> bytes:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    for style, text in paragraphs:
        document.add_paragraph(text, style=style)
    if cells:
        table = document.add_table(rows=1, cols=len(cells))
        for cell, text in zip(table.rows[0].cells, cells, strict=True):
            cell.text = text
    for name, value in told.items():
        setattr(document.core_properties, name, value)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_word_files(tmp_path: Path) -> None:
    titled = word(
        ("Title", "Storm in Ostrey"),
        ("Normal", "By Jonas Pell"),
        ("Normal", "Published: 3 March 2026"),
        *[("Normal", STORM)],
        cells=("Boats lost", "2"),
    )
    [article], _ = read(tmp_path, "a.docx", titled)
    assert row(article)[:3] == ("a.docx", "Storm in Ostrey", "2026-03-03")
    assert (article.byline, article.body) == ("Jonas Pell", f"{STORM}\n\nBoats lost | 2")
    [told], _ = read(tmp_path, "b.docx", word(("Normal", STORM), title="Told", author="A. Wit"))
    assert (told.title, told.byline, told.body, told.published) == ("Told", "A. Wit", STORM, None)
    [plain], _ = read(tmp_path, "c.docx", word(("Normal", STORM), author=""))
    assert (plain.title, plain.body) == ("c", STORM)
    assert "damaged zip" in failed(tmp_path, "d.docx", titled[:2000])
    assert failed(tmp_path, "e.docx", zipped({"a.txt": b"x"})).startswith("no Word file")


# ---- web archives


def warc(*records: tuple[str, str, str], packed: bool = False) -> bytes:
    out = b""
    for url, kind, page in records:
        http = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n{page}".encode()
        head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\n"
        head += "WARC-Date: 2026-03-07T10:00:00Z\r\n"
        head += (
            f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-0000000000{len(out) % 90 + 10}>\r\n"
        )
        head += "Content-Type: application/http; msgtype=response\r\n"
        head += f"Content-Length: {len(http)}\r\n\r\n"
        record = head.encode() + http + b"\r\n\r\n"
        out += gzip.compress(record) if packed else record
    return out


@pytest.mark.parametrize(("name", "packed"), [("a.warc", False), ("a.warc.gz", True)])
def test_web_archives(name: str, packed: bool, tmp_path: Path) -> None:
    pytest.importorskip("fastwarc")
    said = '<meta property="article:published_time" content="2026-03-03">'
    said += '<link rel="canonical" href="https://packet.example/own">'
    content = warc(
        (
            "https://packet.example/1",
            "text/html; charset=utf-8",
            PAGE.format(title="Storm", head=""),
        ),
        ("https://packet.example/2", "image/png", "PNG"),
        ("https://packet.example/3", "text/html", PAGE.format(title="Storm two", head=said)),
        ("https://packet.example/4", "text/html", "<html><body></body></html>"),
        packed=packed,
    )
    articles, left_out = read(tmp_path, name, content)
    assert [row(article)[:3] for article in articles] == [
        ("https://packet.example/1", "Storm", "2026-03-07"),
        ("https://packet.example/own", "Storm two", "2026-03-03"),
    ]
    assert all(article.body.startswith(STORM) for article in articles)
    assert left_out == [
        f"{name}#2: no HTML page (image/png)",
        f"{name}#4: no article text found",
    ]


def test_a_broken_web_archive(tmp_path: Path) -> None:
    pytest.importorskip("fastwarc")
    articles, left_out = read(tmp_path, "b.warc", b"no archive at all\n" * 20)
    assert articles == []
    assert len(left_out) == 1


# ---- packed files


def zipped(members: dict[str, bytes], **options: Any) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content, **options)
    return out.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            item = tarfile.TarInfo(name)
            item.size = len(content)
            archive.addfile(item, io.BytesIO(content))
    return out.getvalue()


MEMBERS = {
    "news/storm.txt": f"Storm in Ostrey\n\n{STORM}".encode(),
    "two.jsonl": b'{"id": "x", "text": "One."}\n{"text": "Two."}\nbad\n',
    "picture.png": b"PNG",
    ".hidden.txt": b"Hidden.",
    "inner.zip": zipped({"a.txt": b"A."}),
    "empty.txt": b"",
}
NAMED = [
    "picture.png: unsupported format (.png)",
    ".hidden.txt: hidden",
    "inner.zip: an archive within an archive",
    "empty.txt: empty",
]


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.zip", zipped),
        ("a.tar.gz", tarred),
        ("a.tgz", tarred),
        ("a.tar", lambda members: tarred(members, "w")),
    ],
)
def test_packed_files_are_read_as_if_they_lay_in_a_folder(
    name: str, make: Callable[[dict[str, bytes]], bytes], tmp_path: Path
) -> None:
    articles, left_out = read(tmp_path, name, make(MEMBERS))
    assert [(a.article_id, a.body) for a in articles] == [
        (f"{name}/news/storm.txt", STORM),
        ("x", "One."),
        (f"{name}/two.jsonl#2", "Two."),
    ]
    assert articles[0].title == "Storm in Ostrey"
    bad = next(line for line in left_out if "invalid JSON" in line)
    assert bad.startswith(f"{name}/two.jsonl#3: ")
    assert sorted({*left_out} - {bad}) == sorted(f"{name}/{line}" for line in NAMED)


@pytest.mark.parametrize("make", [zipped, tarred])
@pytest.mark.parametrize(
    "escape", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "..\\out.txt", "C:\\out.txt"]
)
def test_a_path_that_leads_out_is_refused_and_nothing_is_written(
    escape: str, make: Callable[[dict[str, bytes]], bytes], tmp_path: Path
) -> None:
    name = "a.zip" if make is zipped else "a.tar.gz"
    articles, left_out = read(tmp_path, name, make({escape: b"Out.", "in.txt": b"In."}))
    assert [article.body for article in articles] == ["In."]
    assert len(left_out) == 1
    assert left_out[0].endswith("its path leads out of the archive")
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_links_and_devices_are_not_followed(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, kind in (
            ("a.txt", tarfile.SYMTYPE),
            ("b.txt", tarfile.LNKTYPE),
            ("c.txt", tarfile.FIFOTYPE),
        ):
            item = tarfile.TarInfo(name)
            item.type, item.linkname = kind, "/etc/passwd"
            archive.addfile(item)
    articles, left_out = read(tmp_path, "links.tgz", out.getvalue())
    assert articles == []
    assert [line.partition(": ")[2] for line in left_out] == [
        "a link; links are not followed",
        "a link; links are not followed",
        "not a regular file",
    ]


def test_of_an_archive_that_is_cut_off_the_beginning_is_read(tmp_path: Path) -> None:
    content = tarred(MEMBERS)
    articles, left_out = read(tmp_path, "cut.tar.gz", content[: len(content) * 2 // 3])
    assert articles[0].body == STORM
    assert left_out[-1].startswith("cut.tar.gz: damaged tar archive")


def test_names_with_backslashes_are_paths(tmp_path: Path) -> None:
    members = {"june\\": b"", "june\\tull\\a.txt": b"A sank.", "june\\b.txt": b"B rose."}
    articles, left_out = read(tmp_path, "june.zip", zipped(members))
    assert [article.article_id for article in articles] == [
        "june.zip/june/tull/a.txt",
        "june.zip/june/b.txt",
    ]
    assert left_out == []
    outside = {"..\\a.txt": b"A.", "C:\\b.txt": b"B.", "\\c.txt": b"C."}
    _, left_out = read(tmp_path, "out.zip", zipped({**outside, "d.txt": b"A boat sank."}))
    assert [why.rpartition(": ")[2] for why in left_out] == [
        "its path leads out of the archive"
    ] * 3


@pytest.mark.parametrize("damage", ["checksum", "method", "data"])
def test_a_member_that_cannot_be_unpacked_does_not_cost_the_others(
    damage: str, tmp_path: Path
) -> None:
    content = bytearray(zipped({name: STORM.encode() * 3 for name in ("a.txt", "b.txt", "c.txt")}))
    member = content.index(b"b.txt")
    entry = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    if damage == "checksum":
        content[entry + 16] ^= 0xFF
    elif damage == "method":
        content[entry + 10] = content[member - 22] = 9  # Deflate64
    else:
        content[member + 5 : member + 15] = b"\xff" * 10
    articles, left_out = read(tmp_path, "news.zip", bytes(content))
    assert [article.article_id for article in articles] == ["news.zip/a.txt", "news.zip/c.txt"]
    [reason] = left_out
    assert reason.startswith(("news.zip/b.txt: damaged (", "news.zip/b.txt: cannot be unpacked ("))


@pytest.mark.parametrize("name", ["cut.zip", "cut.tar.gz", "cut.tar"])
def test_broken_archives_fail(name: str, tmp_path: Path) -> None:
    content = zipped(MEMBERS) if name == "cut.zip" else b"no tar" * 200
    assert failed(tmp_path, name, content[: len(content) * 2 // 3]).startswith("damaged")


# ---- text out of HTML


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain\n words", "plain words"),
        ("<p>a<p>b &amp; c<br>d", "a\n\nb & c\n\nd"),
        ("a<script>x</script><!-- no -->b<style>y</style> c", "ab c"),
        ("<ul><li>one</li><li>two <b>bold</b></li></ul>tail", "one\n\ntwo bold\n\ntail"),
        ("", ""),
        ("<", "<"),
    ],
)
def test_fragments(markup: str, text: str) -> None:
    assert text_of(markup) == text


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from newsqa.ingest.sandbox.worker import parser_for

    monkeypatch.setitem(sys.modules, "feedparser", None)
    [batch] = replies(parser_for("feed"), b"<rss/>", "a.rss")
    [(_, reason)] = batch.skipped
    assert "install newsqa[formats]" in reason
