"""Escaping: nothing from an article or a person becomes markup, and everything can be seen."""

from __future__ import annotations

from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.web.html import markup
from newsqa.web.html import messages as strings


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.found.append(tag)


class Value(HTMLParser):
    found: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found = dict(attrs)["data-article"]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_an_id_reads_back_as_it_was_and_stays_on_one_line(raw: str) -> None:
    made = f"<b{markup.attributes(data_article=raw)}>x</b>"
    assert not set(made) & set("\r\n")
    parser = Value()
    parser.feed(made)
    assert parser.found == raw


def tags_in(html: str) -> list[str]:
    parser = Tags()
    parser.feed(html)
    parser.close()
    return parser.found


@given(st.text())
def test_text_is_one_line_without_a_tag(raw: str) -> None:
    shown = markup.text(raw)
    assert tags_in(f"<p>{shown}</p>") == ["p"]
    assert "\n" not in shown
    assert "\r" not in shown
    assert not set(shown) & set("<>\"'")


@given(st.text())
def test_an_attribute_stays_in_its_quotes(raw: str) -> None:
    assert tags_in(f"<b{markup.attributes(title=raw)}>x</b>") == ["b"]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\u202eb", "a[RLO]b"),
        ("a\u2066b\u2069", "a[LRI]b[PDI]"),
        ("a\u200fb\u200e\u061c", "a\u200fb\u200e\u061c"),
        ("a\u200bb\ufeff", "ab"),
        ("a\x00b\x1b[31m", "a\u2400b\u241b[31m"),
        ("a\x85b\ud800", "a\ufffdb\ufffd"),
        ("a\n\tb", "a  b"),
        ("\U000e0041", "\ufffd"),
        ("naïve ﬁ 中文 ع 🙂", "naïve ﬁ 中文 ع 🙂"),
    ],
)
def test_what_cannot_be_seen_is_shown_or_dropped(raw: str, shown: str) -> None:
    assert markup.visible(raw) == shown


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>1</script>",
        "//evil.example/x",
        "/relative",
        "vbscript:x",
        "https://a.example/\nx",
        " https://a.example",
        "https://",
        "http://[::1",
        "",
    ],
)
def test_only_whole_http_addresses_become_links(url: str) -> None:
    assert markup.link(url, "words") == ""


def test_a_link_opens_apart_and_says_nothing_of_us() -> None:
    made = markup.link('https://a.example/?q="x"&y', "Original", fragment=("Tolls rise",))
    assert made.startswith(
        '<a href="https://a.example/?q=&quot;x&quot;&amp;y#:~:text=Tolls%20rise"'
    )
    assert 'rel="noopener noreferrer nofollow"' in made
    assert 'target="_blank"' in made


def test_an_address_keeps_its_own_fragment() -> None:
    made = markup.link("https://a.example/#part", "x", fragment=("f",))
    assert 'href="https://a.example/#part:~:text=f"' in made


def test_days_and_counts_read_as_a_person_says_them() -> None:
    assert markup.day_html(date(2026, 10, 9)) == '<time datetime="2026-10-09">9 October 2026</time>'
    assert markup.day_html(None) == ""
    assert markup.counted(1, strings.PASSAGES) == "1 passage"
    assert markup.counted(1200, strings.ARTICLES) == "1,200 articles"
