"""Parsing loses no word that a browser shows, and adds none.

Chromium's ``innerText`` is the measure. What differs on purpose is listed: numbers of lists and
quotation marks are not in ``innerText`` though they are seen; struck words and words for machines
that read aloud are in it though they are left out here.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, BrowserContext, Page

from newsqa.ingest.formats.html import parse_html
from newsqa.ingest.formats.html_fragment import text_of
from tests.shared import ROOT

pytestmark = pytest.mark.browser
PAGES = sorted((ROOT / "corpus").rglob("*.html"))


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Page:
    """A page without scripts: what is shown is what the markup says."""
    context: BrowserContext = browser.new_context(java_script_enabled=False)
    return context.new_page()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_of_a_sample_page_no_word_of_the_article_is_lost(path: Path, reader: Page) -> None:
    content = path.read_bytes()
    reader.set_content(content.decode("utf-8"))
    draft = parse_html(content)
    shown = Counter(words(reader.inner_text("body")))
    ours = Counter(words(draft.body))
    assert not ours - shown, "words that the browser does not show"
    for paragraph in reader.query_selector_all("article p, article li, article h2"):
        text = " ".join(paragraph.inner_text().split())
        if text and not _is_header(text, draft.byline):
            assert text in " ".join(draft.body.split())


def _is_header(text: str, byline: str) -> bool:
    """Tell a byline or a day: they are fields of the article, not a part of its body."""
    return bool(byline and byline in text) or len(words(text)) < 6


WORD = st.text("abcdefgh", min_size=2, max_size=6)
PHRASES = (
    "span",
    "b",
    "em",
    "time",
    "button",
    "label",
    "cite",
    "mark",
    "small",
    "a",
    "bdi",
    "font",
)
BLOCKS = ("p", "div", "center", "section", "blockquote", "h2", "ul><li", "pre")
HIDDEN = ("<span hidden>{}</span>", "<i style='display:none'>{}</i>", "<template>{}</template>")


def _closed(tag: str, inner: str) -> str:
    closing = "".join(f"</{part}>" for part in reversed(tag.split("><")))
    return f"<{tag}>{inner}{closing}"


LINE = st.recursive(
    WORD,
    lambda inner: st.one_of(
        st.builds(_closed, st.sampled_from(PHRASES), inner),
        st.builds(lambda form, text: form.format(text), st.sampled_from(HIDDEN), WORD),
        st.lists(inner, min_size=1, max_size=4).map(" ".join),
        st.lists(inner, min_size=2, max_size=3).map("<br>".join),
    ),
    max_leaves=8,
)
ROWS = st.lists(st.lists(LINE, min_size=1, max_size=3), min_size=1, max_size=3)
TABLE = ROWS.map(
    lambda rows: (
        "<table>"
        + "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
        + "</table>"
    )
)
MARKUP = st.lists(
    st.one_of(st.builds(_closed, st.sampled_from(BLOCKS), LINE), LINE, TABLE),
    min_size=1,
    max_size=5,
).map("".join)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(MARKUP)
def test_of_any_markup_the_words_are_those_that_are_shown(reader: Page, markup: str) -> None:
    reader.set_content(f"<!doctype html><body>{markup}</body>")
    assert words(text_of(markup)) == words(reader.inner_text("body"))
