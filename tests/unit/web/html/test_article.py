"""Articles in the reader pane: the quote marked letter for letter, versions, copies, a link."""

from __future__ import annotations

import re

import pytest

from newsqa.types import Copy, Span, Version
from newsqa.web.html import messages
from newsqa.web.html.article import paragraphs_of, render_article, text_fragment
from tests.fakes import engine as fakes
from tests.unit.web.html.test_markup import text_of


def test_the_quote_is_marked_letter_for_letter() -> None:
    article = fakes.article()
    words = "Engineers had found that the eastern barrier left a gap of 11 millimetres."
    start = article.body.index(words)
    html = render_article(article, Span(start, start + len(words)))
    marked = html[html.index("<mark") : html.index("</mark>")]
    assert text_of(marked) == words
    assert 'id="nq-mark" tabindex="-1"' in marked
    assert html.count("<mark") == 1


def test_a_quote_over_two_paragraphs_is_marked_in_both() -> None:
    article = fakes.article()
    html = render_article(article, Span(0, article.body.index(" “We")))
    assert html.count("<mark") == 2
    assert html.count('id="nq-mark"') == 1


def test_furniture_is_left_out_and_that_is_said() -> None:
    html = render_article(fakes.article())
    assert "SHARE" not in html
    assert messages.FURNITURE_LEFT_OUT in text_of(html)
    assert "Tolls will not rise." in html


def test_other_quotes_are_marked_lightly_even_where_they_overlap() -> None:
    article = fakes.article()
    html = render_article(article, Span(4, 20), [Span(10, 30), Span(40, 50)])
    assert text_of(html[html.index("<mark") : html.index("</mark>")]) == article.body[4:20]
    light = html.count('class="nq-also"')
    assert light == 2


@pytest.mark.parametrize("span", [Span(10**6, 10**6 + 5), Span(0, 10**9)])
def test_a_span_past_the_end_is_ignored(span: Span) -> None:
    assert "<mark" not in render_article(fakes.article(), span)


def test_lines_are_paragraphs_only_where_no_blank_line_parts_them() -> None:
    one = fakes.article(body="First line\nsecond line\n\nNew paragraph", furniture=())
    assert len(paragraphs_of(one)) == 2
    wire = fakes.article(body="First.\n  Second.  \nThird.", furniture=())
    assert [p.cut(wire.body) for p in paragraphs_of(wire)] == ["First.", "Second.", "Third."]


def test_an_older_version_says_that_there_is_a_newer_one() -> None:
    both = tuple(Version(version=n, content_sha256="x", generation=n) for n in (1, 2))
    html = text_of(render_article(fakes.article(versions=both)))
    assert "Version 1 of 2" in html
    assert messages.NEWER_VERSION in html
    newest = text_of(render_article(fakes.article(version=2, versions=both)))
    assert messages.NEWER_VERSION not in newest


def test_the_link_to_the_original_points_at_the_words_and_says_nothing_of_us() -> None:
    article = fakes.article()
    html = render_article(article, Span(0, 62))
    assert "https://courier.example/tunnel#:~:text=The%20harbour%20tunnel" in html
    assert 'target="_blank" rel="noopener noreferrer nofollow"' in html
    refused = render_article(fakes.article(url="javascript:alert(1)"))
    assert "nq-original" not in refused


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("One line - of “it”.", ("One line - of “it”.",)),
        ("A quote\n\nover lines of the page.", ("A quote", "over lines of the page.")),
        ("港口大桥提前通车。", ("港口大桥提前通车。",)),
        ("word " * 99, ("word word word word word word",) * 2),
        (" \n ", ()),
    ],
)
def test_a_quote_is_found_again_by_its_words_or_by_its_ends(
    quote: str, found: tuple[str, ...]
) -> None:
    assert text_fragment(quote) == found


def test_an_article_by_itself_names_its_copies_as_the_server_knows_them() -> None:
    copy = Copy(
        article_id="b", version=2, title="T", source="Vale Gazette", published=None, url="",
        span=Span(0, 9),
    )  # fmt: skip
    html = render_article(fakes.article(), copies=(copy,))
    assert "Also printed by Vale Gazette" in text_of(html)
    assert 'data-article="b" data-version="2"' in html
    alone = render_article(fakes.article())
    assert re.search(r'<p class="nq-note" id="nq-printed" hidden=""></p>', alone)
