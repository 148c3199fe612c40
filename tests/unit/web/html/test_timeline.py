"""The timeline: months, years or decades, whatever has room, and each bar sets its own days."""

from __future__ import annotations

import re
from datetime import date

import pytest

from newsqa.web.html.timeline import MAX_BARS, render_timeline


def months(first: int, last: int, articles: int = 1) -> dict[str, int]:
    return {f"{y:04d}-{m:02d}": articles for y in range(first, last + 1) for m in range(1, 13)}


def bars(shown: str) -> list[tuple[str, str, str]]:
    """What each bar says, and the days it sets."""
    found = re.findall(r'data-since="([^"]+)" data-until="([^"]+)"[^>]*aria-label="([^"]*)"', shown)
    return [(said, since, until) for since, until, said in found]


def test_every_month_has_a_bar_that_says_what_it_is() -> None:
    shown = render_timeline({"2026-01": 3, "2026-02": 0, "2026-03": 6})
    assert bars(shown) == [
        ("January 2026: 3 articles", "2026-01-01", "2026-01-31"),
        ("February 2026: 0 articles", "2026-02-01", "2026-02-28"),
        ("March 2026: 6 articles", "2026-03-01", "2026-03-31"),
    ]
    assert re.findall(r'rect x="0" y="\d+" width="10" height="(\d+)"', shown) == ["18", "1", "36"]


def test_of_many_months_years_are_drawn_and_of_many_years_decades() -> None:
    assert bars(render_timeline(months(2019, 2021, articles=2)))[1] == (
        "2020: 24 articles", "2020-01-01", "2020-12-31",
    )  # fmt: skip
    decades = bars(render_timeline(months(1963, 2024)))
    assert len(decades) == 7
    assert decades[0] == ("1960s: 84 articles", "1960-01-01", "1969-12-31")


def test_a_chosen_year_or_decade_opens_and_the_way_back_is_there() -> None:
    every = months(1963, 2024)
    years = render_timeline(every, (date(1970, 1, 1), date(1979, 12, 31)))
    assert [said for said, *_ in bars(years)] == [f"{y}: 12 articles" for y in range(1970, 1980)]
    assert "All dates" in years
    one = render_timeline(every, (date(1972, 1, 1), date(1972, 12, 31)))
    assert bars(one)[1] == ("February 1972: 1 article", "1972-02-01", "1972-02-29")
    assert "All dates" not in render_timeline(every)


def test_the_chosen_bar_is_pressed_and_its_neighbours_stay() -> None:
    shown = render_timeline(months(2019, 2024), (date(2020, 3, 1), date(2020, 3, 31)))
    assert len(bars(shown)) == 12
    pressed = re.findall(r'aria-pressed="true" aria-label="([^"]*)"', shown)
    assert pressed == ["March 2020: 1 article"]


@pytest.mark.parametrize("years", [1, 2, 3, 20, 24, 25, 120])
def test_there_are_never_more_bars_than_have_room(years: int) -> None:
    assert 2 <= len(bars(render_timeline(months(1900, 1899 + years)))) <= MAX_BARS


def test_days_in_which_nothing_appeared_change_nothing() -> None:
    every = months(2019, 2024)
    assert render_timeline(every, (date(1950, 1, 1), date(1950, 2, 1))) == render_timeline(every)


def test_a_single_month_needs_no_timeline() -> None:
    assert render_timeline({"2026-01": 1}) == ""
    assert render_timeline({}) == ""
