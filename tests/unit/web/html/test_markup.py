"""Escaping: nothing from an article or a person becomes markup, and everything can be seen."""

from __future__ import annotations

import html as entities
import re
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup

from newsqa.web.html import markup, messages

Attributes = list[tuple[str, str | None]]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.values: dict[str, str | None] = {}

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        self.found.append(tag)
        self.values.update(attrs)


def parsed(html: str) -> Tags:
    parser = Tags()
    parser.feed(html)
    parser.close()
    return parser


def tags_in(html: str) -> list[str]:
    return parsed(html).found


def text_of(html: str) -> str:
    return entities.unescape(re.sub(r"<[^>]+>", "", html))


def rendered(template: str, **values: object) -> str:
    """What the environment makes of a template of the test's own."""
    return markup.environment().from_string(template).render(values)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_an_id_reads_back_as_it_was_and_stays_on_one_line(raw: str) -> None:
    html = rendered('<b data-article="{{ raw|exact }}">x</b>', raw=raw)
    assert not set(html) & set("\r\n")
    assert parsed(html).values == {"data-article": raw}


@given(st.text())
def test_a_value_is_one_line_without_a_tag(raw: str) -> None:
    value = rendered("{{ raw }}", raw=raw)
    assert not set(value) & set("<>\"'\n\r")
    assert tags_in(f"<p>{value}</p>") == ["p"]
    assert tags_in(f'<p title="{value}"></p>') == ["p"]


@given(st.text())
def test_what_is_joined_is_escaped_and_made_visible_too(raw: str) -> None:
    html = rendered("{{ [m, raw]|dotted }}", m=Markup("<i></i>"), raw=raw)
    assert tags_in(html) == ["i"]
    assert "\n" not in html


def test_a_value_that_is_not_handed_over_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        rendered("{{ absent }}")


def test_line_breaks_of_a_template_are_as_in_jsx() -> None:
    lines = '<p class="a"\n   id="b">\n\n  <i>x</i>\n  {{ y }}\n  two\n  words\n</p>\n'
    assert rendered(lines, y="\ny\n") == '<p class="a" id="b"><i>x</i> y two words</p>'


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
    assert rendered("{{ raw }}", raw=raw) == shown


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
    assert markup.safe_url(url, ("words",)) == ""


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://a.example/x", "https://a.example/x#:~:text=a%2C%20b%2D,%2Dc"),
        ("https://a.example/x#top", "https://a.example/x#top:~:text=a%2C%20b%2D,%2Dc"),
        ("https://a.example/x#:~:text=y", "https://a.example/x#:~:text=y"),
    ],
)
def test_what_parts_a_fragment_is_written_as_a_sign_of_the_text(url: str, address: str) -> None:
    assert markup.safe_url(url, ("a, b-", "-c")) == address


def test_days_and_counts_read_as_a_person_says_them() -> None:
    template = '{% import "macros.html" as m %}{{ m.day(value) }}'
    day = '<time datetime="2026-10-09">9 October 2026</time>'
    assert rendered(template, value=date(2026, 10, 9)) == day
    assert rendered(template, value=None) == ""
    assert markup.counted(1, messages.PASSAGES) == "1 passage"
    assert markup.counted(1200, messages.ARTICLES) == "1,200 articles"
