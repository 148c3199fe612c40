"""Searching on the page: marks, order, and articles by month."""

from __future__ import annotations

import re
from datetime import date

from newsqa.web.html import messages
from newsqa.web.html.search_tab import remaining, render_hits
from tests.fakes import engine as fakes
from tests.unit.web.html.test_markup import tags_in


def test_words_of_the_question_are_bold_and_nothing_else_is_markup() -> None:
    body = "The <i>tunnel</i> opened."
    nasty = fakes.article(body=body, title="<b>", source="<b>", furniture=())
    html = render_hits(fakes.hits_of(nasty, question="tunnel"), by_date=False)
    assert "The &lt;i&gt;<b>tunnel</b>&lt;/i&gt; opened." in html
    assert tags_in(html).count("b") == 1


def test_hits_come_by_relevance_or_newest_first() -> None:
    days = [date(2026, 3, 1), None, date(2026, 5, 1)]
    found = fakes.hits_of(
        *[fakes.article(f"a{n}", published=day) for n, day in enumerate(days)], question="tunnel"
    )
    ids = r'data-article="(a\d)"'
    assert re.findall(ids, render_hits(found, by_date=False)) == ["a0", "a1", "a2"]
    assert re.findall(ids, render_hits(found, by_date=True)) == ["a2", "a0", "a1"]
    by_date = render_hits(found, by_date=True)
    assert "3 passages from 3 articles: the most relevant ones, newest first" in by_date
    assert "3 passages from 3 articles" in render_hits(found, by_date=False)


def test_nothing_found_is_said() -> None:
    assert messages.NO_HITS in render_hits(fakes.hits_of(), by_date=False)


def test_how_many_articles_remain_is_said() -> None:
    assert remaining(3, 9) == "3 of 9 articles selected"
