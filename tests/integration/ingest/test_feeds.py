"""Feeds: which entry is which, who wrote it, on which day, and what its body says."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from newsqa.ingest import parse, walk
from newsqa.types import Article, day
from tests.samples import LIMITS

pytest.importorskip("feedparser")

NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
)


def entries(tmp_path: Path, *items: str, name: str = "a.rss") -> list[Article]:
    """The articles of a feed with these items; none of them fails."""
    text = f'<?xml version="1.0"?><rss version="2.0" {NAMESPACES}><channel><title>Post</title>'
    path = tmp_path / name
    path.write_text(f"{text}{''.join(items)}</channel></rss>", encoding="utf-8")
    return articles(path)


def articles(path: Path) -> list[Article]:
    items = list(parse(walk([path]).files, limits=LIMITS))
    assert not [problem for item in items for problem in item.failed]
    return [article for item in items for article in item.articles]


def item(fields: str = "", body: str = "The mill burned on Saturday.", link: str = "mill") -> str:
    return (
        f"<item><title>Mill</title><link>https://post.example/{link}</link>{fields}"
        f"<description>{body}</description></item>"
    )


def test_entries_of_one_address_are_told_apart_by_their_guid(tmp_path: Path) -> None:
    items = [
        item(f"<guid isPermaLink='false'>blog-{n}</guid>", f"At {n} the fire was out.", "live")
        for n in (1, 2, 3)
    ]
    found = entries(tmp_path, *items)
    assert [a.article_id for a in found] == [f"post.example#blog-{n}" for n in (1, 2, 3)]
    assert {a.url for a in found} == {"https://post.example/live"}


@pytest.mark.parametrize(
    ("guid", "article_id"),
    [
        ("https://post.example/?p=12", "https://post.example/?p=12"),
        ("tag:post.example,2026:12", "tag:post.example,2026:12"),
        ("12", "post.example#12"),
        ("", "https://post.example/mill"),
    ],
)
def test_the_id_of_an_entry(guid: str, article_id: str, tmp_path: Path) -> None:
    [article] = entries(tmp_path, item(f"<guid isPermaLink='false'>{guid}</guid>"))
    assert article.article_id == article_id


def test_a_guid_that_all_entries_share_is_none(tmp_path: Path) -> None:
    items = [item("<guid isPermaLink='false'>0</guid>", link=link) for link in ("a", "b")]
    ids = [article.article_id for article in entries(tmp_path, *items)]
    assert ids == ["https://post.example/a", "https://post.example/b"]


@pytest.mark.parametrize(
    ("fields", "byline"),
    [
        ("<dc:creator>Ada Lund</dc:creator><dc:creator>Sten H</dc:creator>", "Ada Lund, Sten H"),
        ("<author>ada@post.example (Ada Lund)</author>", "Ada Lund"),
        ("<author>ada@post.com (Ada Lund)</author>", "Ada Lund"),
        ("<author>Ada Lund &lt;ada@post.example&gt;</author>", "Ada Lund"),
        ("<author>ada@post.example</author>", ""),
        ("<author>desk@post.museum</author>", ""),
        (
            "<author>ada@post.example (Ada Lund)</author><author>s@post.example (Sten)</author>",
            "Ada Lund, Sten",
        ),
        ("<dc:creator>Ada Lund and Sten Hollis</dc:creator>", "Ada Lund and Sten Hollis"),
        ("<dc:creator>Ada Lund</dc:creator><dc:creator>Ada Lund</dc:creator>", "Ada Lund"),
        (
            "<atom:author><atom:name>Ada Lund</atom:name><atom:email>a@b.com</atom:email>"
            "</atom:author><atom:author><atom:name>Sten Hollis</atom:name></atom:author>",
            "Ada Lund, Sten Hollis",
        ),
    ],
)
def test_all_authors_stand_in_the_byline_by_name(fields: str, byline: str, tmp_path: Path) -> None:
    [article] = entries(tmp_path, item(fields))
    assert article.byline == byline


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Sat, 28 Feb 2026 23:40:00 -0500", "2026-02-28"),
        ("Sat, 28 Feb 26 23:40:00 -0500", "2026-02-28"),
        ("Sat, 28 Feb 2026 00:10:00 +1200", "2026-02-28"),
        ("28 Feb 2026 23:40 EST", "2026-02-28"),
        ("2026-02-28T23:40:00-05:00", "2026-02-28"),
        ("2026-02-28 23:40:00 PST", "2026-02-28"),
        ("Saturday, February 28, 2026 - 23:40", "2026-02-28"),
        ("Feb 28, 2026 11:40 PM", "2026-02-28"),
        ("28-Feb-2026 23:40", "2026-02-28"),
        ("02/28/2026 23:40", "2026-02-28"),
        ("Sat Feb 28 23:40:00 PST 2026", "2026-02-28"),
        ("20260228T234000-0500", "2026-02-28"),
        ("Sat, 30 Feb 2026 10:00:00 GMT", None),
        ("03/02/2026", None),
        ("28 February", None),
        ("23:40", None),
        ("last week", None),
    ],
)
def test_a_day_is_taken_as_it_is_written(written: str, read: str | None, tmp_path: Path) -> None:
    [article] = entries(tmp_path, item(f"<pubDate>{written}</pubDate>"))
    assert day(article.published) == read


@pytest.mark.parametrize(
    ("markup", "body"),
    [
        ("<p>The fee is 40<sup>3</sup> crowns.</p>", "The fee is 40 crowns."),
        ("<table><tr><td>Garrow 12</td><td>04 Orr</td></tr></table>", "Garrow 12 | 04 Orr"),
        ("<p>It was <s>nine</s> ten.</p><ol><li>Orr</li></ol>", "It was ten.\n\n1. Orr"),
        (escape("<p>The mill &amp; the shed</p>"), "The mill & the shed"),
        (escape("First line<br>second &#8220;line&#8221;"), "First line\n\nsecond “line”"),
        ("Wolf &amp;amp; Sons", "Wolf & Sons"),
        ("<p>Use the &lt;b&gt; tag</p>", "Use the <b> tag"),
        ('<div style="display:none">Preview</div><p>Text.</p>', "Text."),
    ],
)
def test_the_body_is_what_a_reader_of_the_feed_sees(markup: str, body: str, tmp_path: Path) -> None:
    [article] = entries(tmp_path, item(body=escape(markup)))
    assert article.body == body


def test_plain_text_in_an_atom_feed_is_no_markup(tmp_path: Path) -> None:
    path = tmp_path / "a.atom"
    path.write_text(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Post</title><entry><id>tag:p,1:1</id>'
        '<title type="text">Rye &lt; barley</title><summary type="text">Rye is &lt; 9 crowns and '
        "barley &gt; 8.</summary></entry></feed>",
        encoding="utf-8",
    )
    [article] = articles(path)
    assert (article.title, article.body) == ("Rye < barley", "Rye is < 9 crowns and barley > 8.")
