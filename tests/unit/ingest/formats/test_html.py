from __future__ import annotations

from datetime import date

import pytest

from newsqa.ingest.draft import RefusedError
from newsqa.ingest.formats.html import parse_html

PROSE = "<p>The ferry between Skarrow and Ullay stops for nine days, the harbour office said.</p>"
MORE = "<p>“We have bread for a week,” said Sten Hollis, who keeps the shop on the island.</p>"
TEXT = (
    "The ferry between Skarrow and Ullay stops for nine days, the harbour office said.\n\n"
    "“We have bread for a week,” said Sten Hollis, who keeps the shop on the island."
)


def page(head: str = "", body: str = "") -> bytes:
    article = f"<article>{PROSE}{body}{MORE}</article>"
    return f"<html><head>{head}</head><body>{article}</body></html>".encode()


def test_paragraphs_are_apart_and_nothing_else_comes_in() -> None:
    assert parse_html(page()).body == TEXT


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>Hidden words stand here, and nobody is to find them.</p>",
        "<p style='color:red; display : none'>Hidden words stand here, and nobody finds them.</p>",
        "<div style='visibility:hidden'><p>Hidden words stand here for nobody at all.</p></div>",
        "<div aria-hidden='true'><p>Hidden words stand here for nobody at all.</p></div>",
        "<script>document.write('Hidden words stand here')</script>",
        "<template><p>Hidden words stand here, and nobody is to find them.</p></template>",
        "<!-- <p>Hidden words stand here, and nobody is to find them.</p> -->",
        "<style>p::after { content: 'Hidden words stand here' }</style>",
        "<noscript><p>Hidden words stand here, and nobody is to find them.</p></noscript>",
    ],
)
def test_what_a_reader_cannot_see_is_not_in_the_body(hidden: str) -> None:
    assert parse_html(page(body=hidden)).body == TEXT


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2026-03-03T23:30:00-05:00">',
        '<meta name="date" content="2026-03-03">',
        '<meta itemprop="datePublished" content="3 March 2026">',
        '<script type="application/ld+json">[{"@type":"Organization","datePublished":"1990-01-01"},'
        '{"@type":"NewsArticle","datePublished":"2026-03-03"}]</script>',
        '<link rel="canonical" href="https://n.example/2026/03/03/ferry">',
    ],
)
def test_the_day_is_read_from_metadata(head: str) -> None:
    assert parse_html(page(head)).published == date(2026, 3, 3)


def test_a_time_element_counts_where_it_is_the_only_day() -> None:
    one = '<time datetime="2026-03-03T10:00">3 March</time>'
    assert parse_html(page(body=one)).published == date(2026, 3, 3)
    assert parse_html(page(body=one + '<time datetime="2026-01-01">then</time>')).published is None
    marked = '<time itemprop="datePublished" datetime="2026-01-02">then</time>'
    assert parse_html(page(body=one + marked)).published == date(2026, 1, 2)


def test_a_day_printed_in_the_text_is_not_the_articles() -> None:
    assert (
        parse_html(page(body="<p>The ramp was last mended on 4 May 1998 by hand.</p>")).published
        is None
    )


def test_bad_metadata_is_passed_over() -> None:
    head = (
        '<script type="application/ld+json">{"datePublished": </script>'
        '<script type="application/ld+json">{"@graph": 5, "datePublished": ["x"]}</script>'
        '<meta name="date" content="soon">'
    )
    assert parse_html(page(head)).published is None


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ('<link rel="canonical" href="https://n.example/a?id=1">', "https://n.example/a?id=1"),
        ('<link rel="Canonical" href="//n.example/a">', "https://n.example/a"),
        ('<meta property="og:url" content="https://n.example/b">', "https://n.example/b"),
        ('<link rel="canonical" href="https://n.example/">', ""),
        ('<link rel="canonical" href="/a">', ""),
        ('<link rel="canonical" href="javascript:alert(1)">', ""),
        ('<base href="http://127.0.0.1:9/">', ""),
        ('<link rel="canonical" href="https://[">', ""),
    ],
)
def test_the_address_is_the_articles_own_or_none(head: str, url: str) -> None:
    draft = parse_html(page(head))
    assert draft.url == url
    assert "127" not in draft.source


def test_the_sites_name_is_taken_off_the_title() -> None:
    head = (
        "<title>Ferry stops – again | The Lantern</title>"
        '<meta property="og:site_name" content="The Lantern">'
    )
    draft = parse_html(page(head))
    assert (draft.title, draft.source) == ("Ferry stops – again", "The Lantern")


def test_a_headline_printed_above_the_text_is_not_in_the_body() -> None:
    content = page("<title>Ferry stops</title>").replace(
        b"<article>", b"<article><h1>Ferry stops</h1>"
    )
    assert parse_html(content).body == TEXT


@pytest.mark.parametrize(
    "content",
    [
        b"<html></html>",
        b"<p",
        b"<html><body><nav><a href=a>News</a> <a href=b>Sport</a></nav></body></html>",
        b"just words",
        b"<!--" * 1000,
    ],
)
def test_a_page_without_an_article_is_refused(content: bytes) -> None:
    with pytest.raises(RefusedError, match="no article text found"):
        parse_html(content)


def test_the_declared_charset_is_believed() -> None:
    content = page('<meta charset="windows-1251">', "<p>Президент заявил, что выборы пройдут.</p>")
    russian = content.decode().replace("“", '"').replace("”", '"').encode("cp1251")
    assert "Президент заявил" in parse_html(russian).body
