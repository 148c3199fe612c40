"""The filter bar: what it says reads back as it was, and in words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.ingest.draft import MAX_FIELD_CHARS
from newsqa.types import Filters
from newsqa.web.api.requests import Filtering
from newsqa.web.chat.filters import NO_FILTER, Filter
from newsqa.web.html import search_tab as exploring

DAYS = st.none() | st.dates()


@given(DAYS, DAYS, st.lists(st.text(max_size=20), max_size=5))
def test_a_filter_reads_back_as_it_was(
    since: date | None, as_of: date | None, sources: list[str]
) -> None:
    chosen = Filter(since=since, as_of=as_of, sources=tuple(sources))
    assert Filter.read(chosen.to_json()) == chosen


def test_no_filter_says_nothing() -> None:
    assert NO_FILTER.to_json() == NO_FILTER.words() == ""


def test_a_filter_in_words() -> None:
    chosen = Filter(date(2026, 3, 1), None, ("A", "B"), date(2026, 5, 1))
    assert chosen.words() == "from 2026-03-01 · as of 2026-05-01 · A, B"
    assert chosen.arguments()["as_of"] == date(2026, 5, 1)


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no date"):
        Filter.read('{"as_of": "2026-13-01"}')


def test_articles_are_counted_up_to_the_day_of_as_of() -> None:
    form = Filtering(until=date(2026, 6, 1), as_of=date(2026, 5, 1), sources=["A"])
    assert exploring.counted_by(form) == Filters(until=date(2026, 5, 1), sources=("A",))
    assert exploring.counted_by(Filtering(sources=[])) == Filters()


def test_an_outlet_may_be_as_long_as_an_article_may_have_it() -> None:
    longest = "\N{GRINNING FACE}" * MAX_FIELD_CHARS
    assert Filter.read(Filter(sources=(longest,)).to_json()).sources == (longest,)
    assert Filtering(sources=[longest]).sources == [longest]
