"""Word files, web archives and packed files made of our own texts: three sound ones, one broken.

The texts are beside their table in tests/data/ingest-built; packed files hold samples of
tests/data/ingest too, so that feeds and mails, Word files and web archives come out of each kind.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from newsqa.ingest import parse, walk
from tests.samples import LIMITS, compare

SAMPLES = Path(__file__).parents[2] / "data" / "ingest"
TEXTS = SAMPLES.with_name("ingest-built")
EXPECTED: dict[str, Any] = json.loads((TEXTS / "expected.json").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Told:
    """A text of ours: its first lines are headline, author and day."""

    title: str
    byline: str
    printed: str
    paragraphs: tuple[str, ...]

    @classmethod
    def read(cls, name: str) -> Told:
        content = (TEXTS / f"{name}.txt").read_text(encoding="utf-8").strip()
        title, heading, *paragraphs = content.split("\n\n")
        byline, printed = heading.split("\n")
        return cls(title, byline, printed, tuple(paragraphs))

    @property
    def iso(self) -> str:
        return f"{datetime.strptime(self.printed, 'Published: %d %B %Y'):%Y-%m-%d}"


def word(name: str, title: str = "Title") -> bytes:
    """A Word file; the headline in a style, or, without one, in the file's properties."""
    told, document = Told.read(name), pytest.importorskip("docx").Document()
    if title:
        document.add_paragraph(told.title, style=title)
        document.add_paragraph(told.byline)
        document.add_paragraph(told.printed)
    else:
        document.core_properties.title = told.title
        document.core_properties.author = told.byline.removeprefix("By ")
    for paragraph in told.paragraphs:
        document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def page(name: str, head: str = "") -> str:
    told = Told.read(name)
    text = "".join(f"<p>{paragraph}</p>" for paragraph in told.paragraphs)
    return (
        f"<html lang=en><head><title>{told.title}</title>{head}</head><body><nav>Home | Sport</nav>"
        f"<article><h1>{told.title}</h1>{text}</article><footer>Imprint</footer></body></html>"
    )


def stated(name: str) -> str:
    """What the head of a page says for machines."""
    told = Told.read(name)
    facts = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": told.title,
        "datePublished": told.iso,
        "author": {"@type": "Person", "name": told.byline.removeprefix("By ")},
        "publisher": {"@type": "Organization", "name": "Corvane Courant"},
    }
    return f'<script type="application/ld+json">{json.dumps(facts)}</script>'


def response(url: str, kind: str, content: str, *, status: str = "200 OK") -> bytes:
    """A record of a web archive, fetched on 1 June 2028."""
    http = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n{content}".encode()
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\n"
        "WARC-Date: 2028-06-01T04:05:06Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{len(content):012d}>\r\n"
        "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def bell_warc() -> bytes:
    site = "https://osmund.example"
    return response(f"{site}/bell", "text/html; charset=utf-8", page("ferry-bell")) + response(
        f"{site}/bell.png", "image/png", "PNG"
    )


def marathon_warc() -> bytes:
    site = "https://belcourt.example"
    head = f'<meta property="article:published_time" content="{Told.read("marathon").iso}">'
    head += f'<link rel="canonical" href="{site}/sport/marathon">'
    records = (
        response(f"{site}/old", "text/html", page("marathon"), status="404 Not Found"),
        response(f"{site}/sport/marathon?from=home", "text/html", page("marathon", head)),
    )
    return b"".join(gzip.compress(record, mtime=0) for record in records)


def mosaic_warc() -> bytes:
    return response("https://corvane.example/mosaic", "text/html", page("mosaic", stated("mosaic")))


def text(name: str) -> bytes:
    return (TEXTS / f"{name}.txt").read_bytes()


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in members.items():
            item = tarfile.TarInfo(name)
            item.size, item.mtime = len(content), int(datetime(2028, 6, 1, tzinfo=UTC).timestamp())
            archive.addfile(item, io.BytesIO(content))
    return out.getvalue()


def town_warc() -> bytes:
    return response("https://arden.example/clock", "text/html", page("clock", stated("clock")))


def isle_warc() -> bytes:
    record = response("https://isle.example/radio", "text/html", page("radio", stated("radio")))
    return gzip.compress(record, mtime=0)


MADE: dict[str, Callable[[], bytes]] = {
    "glacier.docx": lambda: word("glacier"),
    "library.docx": lambda: word("library", title=""),
    "goats.docx": lambda: word("goats", title="Heading 1"),
    "broken.docx": lambda: word("glacier")[:3000],
    "bell.warc": bell_warc,
    "marathon.warc.gz": marathon_warc,
    "mosaic.warc": mosaic_warc,
    "broken.warc": lambda: bell_warc()[40:],
    "garden.zip": lambda: zipped(
        {
            "orchard.txt": text("orchard"),
            "mail/oarsmen.eml": sample("oarsmen.eml"),
            "feeds/beacon.rss": sample("beacon.rss"),
        }
    ),
    "coast.zip": lambda: zipped(
        {"lighthouse.docx": word("lighthouse"), "quarry.atom": sample("quarry.atom")}
    ),
    "town.zip": lambda: zipped({"web.warc": town_warc(), "lime.eml": sample("lime.eml")}),
    "broken.zip": lambda: zipped({"orchard.txt": text("orchard")})[:-30],
    "sky.tar.gz": lambda: tarred(
        {"low/kites.txt": text("kites"), "bakery.eml": sample("bakery.eml")}
    ),
    "moor.tgz": lambda: tarred({"peat.docx": word("peat"), "tramline.rss": sample("tramline.rss")}),
    "isle.tar.gz": lambda: tarred({"web.warc.gz": isle_warc(), "salt.atom": sample("salt.atom")}),
    "broken.tar.gz": lambda: tarred({"low/kites.txt": text("kites")})[:-200],
}


def test_every_sample_is_in_the_table() -> None:
    assert set(MADE) == set(EXPECTED)


@pytest.mark.parametrize("name", MADE)
def test_a_sample_comes_out_as_expected(name: str, tmp_path: Path) -> None:
    if ".warc" in name or name in {"town.zip", "isle.tar.gz"}:
        pytest.importorskip("fastwarc")
    path = tmp_path / name
    path.write_bytes(MADE[name]())
    compare(list(parse(walk([path]).files, limits=LIMITS)), EXPECTED[name], name)
