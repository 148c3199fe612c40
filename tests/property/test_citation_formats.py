"""Citations of any words are read back the same by the parsers other programs use."""

from __future__ import annotations

import json
import re
import warnings
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from newsqa.citation_formats import (
    FORMATS,
    Cited,
    bibtex,
    csl_json,
    markdown,
    ris,
    web_annotations,
)
from newsqa.errors import CitationError
from newsqa.replies import Quote
from newsqa.types import Article, Citation, Span

ANY = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
SIGNS = st.sampled_from("{}\\%&$#_~^\"'@,=<>[]()!|*`-+.:\n\r\t \u2028\x1b0123ab")
WORDS = st.text(st.one_of(ANY, SIGNS), max_size=30)
URLS = st.sampled_from(["", "https://n.example/a?b=1&c=%7B#x", "https://n.example/a_{b}\\<c>~(d)"])
QUICK = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# What BibTeX is told, as LaTeX sets it.
TEX = {r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}"}
TEX |= {r"\textasciitilde{}": "~", r"\textasciicircum{}": "^"} | {"\\" + s: s for s in "&%$#_"}


@st.composite
def cited(draw: st.DrawFn) -> Cited:
    before, words, after = draw(WORDS), draw(WORDS.filter(lambda t: bool(line(t)))), draw(WORDS)
    article = Article(
        article_id=draw(WORDS.filter(lambda t: bool(line(t)))),
        title=draw(WORDS),
        body=before + words + after,
        source=draw(WORDS),
        byline=draw(WORDS),
        url=draw(URLS),
        published=draw(st.none() | st.dates()),
        pages=draw(st.sampled_from([(), (0,)])),
    )
    span = Span(len(before), len(before) + len(words))
    return Cited(Quote(n=1, citation=Citation.of(article, span)), article)


def line(text: str) -> str:
    """A text with its white space evened out and without control characters."""
    return " ".join(re.sub("[\x00-\x1f\x7f-\x9f]", " ", text).split())


def untexed(value: str) -> str:
    inner = re.fullmatch(r"\{(.*)\}", value, re.DOTALL)
    assert inner, value
    return re.sub(r"\\text[a-z]+\{\}|\\.", lambda found: TEX[found[0]], inner[1])


@given(one=cited())
@QUICK
def test_bibtex_is_read_back_by_a_parser(one: Cited) -> None:
    bibtexparser = pytest.importorskip("bibtexparser")
    parser = bibtexparser.bparser.BibTexParser(common_strings=True, ignore_nonstandard_types=False)
    [entry] = parser.parse(bibtex([one])).entries
    c = one.quote.citation
    said = {"title": c.title, "author": one.article.byline, "journal": c.source, "annote": c.quote}
    for name, text in said.items():
        assert untexed(entry.get(name, "{}")) == line(text), name
    assert (entry["ENTRYTYPE"], entry["ID"]) == ("article", one.key)
    assert entry.get("year", "") == (f"{c.published.year:04}" if c.published else "")
    assert entry.get("month", "") == (f"{c.published:%B}" if c.published else "")
    assert ("url" in entry) == bool(c.url)
    assert entry.get("pages", "") == str(c.page or "")


@given(one=cited())
@QUICK
def test_braces_of_bibtex_balance_without_regard_to_backslashes(one: Cited) -> None:
    depth = 0
    for sign in bibtex([one]):
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0


@given(one=cited())
@QUICK
def test_ris_is_read_back_by_a_parser(one: Cited) -> None:
    rispy = pytest.importorskip("rispy")
    text = ris([one])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        [entry] = rispy.loads(text.replace("\r\n", "\n"))
    c = one.quote.citation
    assert entry["type_of_reference"] == "NEWS"
    assert entry.get("title", "") == line(c.title)
    assert entry.get("secondary_title", "") == line(c.source)
    assert entry.get("authors", []) == ([line(one.article.byline)] * bool(line(one.article.byline)))
    assert " ".join(entry["notes"]) == line(c.quote)
    assert entry.get("date", "") == (
        c.published.isoformat().replace("-", "/") if c.published else ""
    )
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - [^\r\n]*", row) for row in text.split("\r\n")[:-1])


class _Shown(HTMLParser):
    """The words that a page of Markdown shows, and its tags."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words = ""
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.feed(page)
        self.close()

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))


@given(one=cited())
@QUICK
def test_markdown_shows_the_words_and_nothing_else(one: Cited) -> None:
    page = _Shown(MarkdownIt("gfm-like", {"linkify": False}).render(markdown([one])))
    c = one.quote.citation
    parts = [line(c.title) or line(c.article_id), line(c.source), c.published, c.page and "page 1"]
    about = "— " + ", ".join(str(part) for part in parts if part)
    assert "".join(page.words.split()) == "".join(f"{line(c.quote)}{about}".split())
    assert {tag for tag, _ in page.tags} <= {"blockquote", "p", "a"}
    assert len([tag for tag, _ in page.tags if tag == "a"]) == bool(c.url)


@given(one=cited())
@QUICK
def test_an_annotation_finds_its_quote_and_no_other_place(one: Cited) -> None:
    [annotation] = json.loads(FORMATS["w3c"]([one]))
    words, place = annotation["target"]["selector"]
    body, span = one.article.body, one.quote.citation.span
    assert body[place["start"] : place["end"]] == words["exact"] == one.quote.text
    whole = words["prefix"] + words["exact"] + words["suffix"]
    assert body.count(whole) == 1
    assert body.index(whole) + len(words["prefix"]) == span.start


@given(one=cited())
@QUICK
def test_csl_keeps_every_character(one: Cited) -> None:
    [item] = json.loads(FORMATS["csl-json"]([one]))
    c = one.quote.citation
    assert item.get("title", "") == c.title
    assert item["annote"] == c.quote
    assert item.get("author", []) == ([{"literal": one.article.byline}] * bool(one.article.byline))
    parts = item.get("issued", {}).get("date-parts", [[]])[0]
    assert (date(*parts) if parts else None) == c.published


def example(body: str, start: int, end: int, **rest: Any) -> Cited:
    article = Article(article_id="a/1.txt", title="100% {sure}", body=body, **rest)
    return Cited(Quote(n=1, citation=Citation.of(article, Span(start, end))), article)


def test_a_quote_that_stands_twice_gets_more_words_round_it() -> None:
    again = "He said no. " * 8
    one = example(f"{again}The end.", 36, 47)
    [annotation] = web_annotations([one])
    words = annotation["target"]["selector"][0]
    assert len(words["prefix"]) + len(words["suffix"]) > 64
    assert annotation["target"]["source"] == "urn:newsqa:article:a/1.txt"


def test_bibtex_of_a_whole_article_as_it_is_printed() -> None:
    one = example(
        "It rains & pours.",
        *(0, 17),
        source="Example Times",
        published=date(2024, 11, 29),
        byline="Jonas Pell and Ana de Wit",
        url="https://n.example/a_b",
    )
    assert bibtex([one]) == (
        f"@article{{{one.key},\n"
        "  title = {{100\\% \\textbraceleft{}sure\\textbraceright{}}},\n"
        "  author = {{Jonas Pell and Ana de Wit}},\n"
        "  journal = {{Example Times}},\n"
        "  annote = {{It rains \\& pours.}},\n"
        "  year = {2024},\n"
        "  month = nov,\n"
        "  day = {29},\n"
        "  url = {https://n.example/a_b},\n"
        "}\n"
    )
    assert one.key.startswith("exampletimes2024x")
    assert [one["type"] for one in csl_json([one])] == ["article-newspaper"]


def test_a_quote_that_the_article_does_not_hold_is_refused() -> None:
    one = example("It rains.", 0, 9)
    other = Article(article_id="a/1.txt", title="", body="It pours.")
    with pytest.raises(CitationError):
        Cited(one.quote, other)
