"""The filter bar: what it says reads back as it was, and in words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.ingest.draft import MAX_FIELD_CHARS
from newsqa.types import Filters
from newsqa.web.api.requests import FilterForm
from newsqa.web.chat import filters
from newsqa.web.chat.routes import filters_to_count

DAYS = st.none() | st.dates()


@given(DAYS, DAYS, st.lists(st.text(max_size=20), max_size=5))
def test_a_filter_reads_back_as_it_was(
    since: date | None, as_of: date | None, sources: list[str]
) -> None:
    chosen = Filters(since=since, as_of=as_of, sources=tuple(sources))
    assert filters.parse(filters.to_json(chosen)) == chosen


def test_no_filter_says_nothing() -> None:
    assert filters.to_json(Filters()) == filters.to_words(Filters()) == ""


def test_a_filter_in_words() -> None:
    chosen = Filters(since=date(2026, 3, 1), sources=("A", "B"), as_of=date(2026, 5, 1))
    assert filters.to_words(chosen) == "from 1 March 2026 · as of 1 May 2026 · A, B"


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="month"):
        filters.parse('{"as_of": "2026-13-01"}')


def test_articles_are_counted_up_to_the_day_of_as_of() -> None:
    chosen = Filters(until=date(2026, 6, 1), as_of=date(2026, 5, 1), sources=("A",))
    assert filters_to_count(chosen) == Filters(until=date(2026, 5, 1), sources=("A",))
    assert filters_to_count(Filters()) == Filters()


def test_an_outlet_may_be_as_long_as_an_article_may_have_it() -> None:
    longest = "\N{GRINNING FACE}" * MAX_FIELD_CHARS
    chosen = Filters(sources=(longest,))
    assert filters.parse(filters.to_json(chosen)) == chosen
    assert FilterForm(sources=[longest]).filters() == chosen
