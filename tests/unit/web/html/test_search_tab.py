"""Searching on the page: snippets, order, and articles by month."""

from __future__ import annotations

import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from newsqa.index import Coverage
from newsqa.text.analysis import content_terms
from newsqa.web.html import search_tab as exploring
from tests.fakes import engine as fakes
from tests.unit.web.html.test_markup import tags_in


def wanted(question: str) -> frozenset[str]:
    return frozenset(content_terms(question))


def test_words_of_the_question_stand_out_in_any_form() -> None:
    shown = exploring.snippet("Bridges fell. The bridge was old.", wanted("bridge falls"))
    assert re.findall(r"<b>([^<]*)</b>", shown) == ["Bridges", "bridge"]


def test_a_snippet_begins_near_the_first_word_that_counts() -> None:
    passage = "Nothing here. " * 60 + "The tunnel opened. " + "More of it. " * 60
    shown = exploring.snippet(passage, wanted("tunnel"))
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert "<b>tunnel</b>" in shown
    assert len(shown) < 400


@given(st.text(), st.text())
def test_no_passage_becomes_markup(passage: str, question: str) -> None:
    assert set(tags_in(exploring.snippet(passage, wanted(question)))) <= {"b"}


def test_hits_come_by_relevance_or_newest_first() -> None:
    days = [date(2026, 3, 1), None, date(2026, 5, 1)]
    found = fakes.hits_of(
        *[fakes.article(f"a{n}", published=day) for n, day in enumerate(days)], question="tunnel"
    )
    ids = r'data-article="(a\d)"'
    assert re.findall(ids, exploring.hits(found, by_date=False)) == ["a0", "a1", "a2"]
    assert re.findall(ids, exploring.hits(found, by_date=True)) == ["a2", "a0", "a1"]
    by_date = exploring.hits(found, by_date=True)
    assert "3 passages in 3 articles: the most relevant, newest first" in by_date
    assert "3 passages in 3 articles" in exploring.hits(found, by_date=False)


def test_nothing_found_is_said() -> None:
    assert "Nothing" in exploring.hits(fakes.hits_of(), by_date=False)


def test_how_many_articles_remain_is_said() -> None:
    assert exploring.remaining(Coverage(3, 9, {})) == "3 of 9 articles remain"


def test_words_of_a_script_without_spaces_stand_out_as_one() -> None:
    shown = exploring.snippet("市长王丽说，港口大桥每天可以通过2万辆汽车。", wanted("港口大桥"))
    assert re.findall(r"<b>([^<]*)</b>", shown) == ["港口大桥"]
    assert "<b>2026</b>年" in exploring.snippet("在2026年", wanted("2026"))
