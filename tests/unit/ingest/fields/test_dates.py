from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.ingest.fields.dates import dateline, day_in_url, parse_day, written_days

DAY = date(2026, 3, 3)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-03",
        "2026-03-03T23:30:00-05:00",
        "2026-03-03 08:15",
        "2026/03/03",
        "20260303",
        "3 March 2026",
        "3rd of March, 2026",
        "March 3, 2026",
        "Mar. 3, 2026, 9:15 p.m. EST",
        "Tuesday, 3 March 2026 at 10:15 GMT",
        "Tue, 03 Mar 2026 10:15:00 +0000",
        "01:38:07 PM IST Mar 3, 2026",
        "10:15, Tue 3 March 2026",
        "Tue Mar 3 10:15:00 UTC 2026",
        "Tue Mar 03 2026 10:15:00 GMT+0000",
        "Tue Mar 03 10:15:00 +0000 2026",
        "03-Mar-2026",
        "03MAR2026",
        "03/Mar/2026:10:15:00 +0000",
        "Mar-03-2026",
        "2026 Mar 3",
        "20260303T101500Z",
        "20260303101500",
        "3. März 2026",
        "3 mars 2026",
        "3 de marzo de 2026",
    ],
)
def test_a_day_is_read_in_every_usual_form(text: str) -> None:
    assert parse_day(text) == DAY


@pytest.mark.parametrize(
    "text",
    [
        *("", "March 2026", "2026", "03/04/2026", "31 February 2026", "tomorrow", "3 March"),
        *("3 March 2026 was cold", "9999999999", "2026-13-01", "x" * 500),
        *("03-Mar-26", "202603", "20260303101", "3 Mar/2026"),
    ],
)
def test_what_is_no_single_day_is_none(text: str) -> None:
    assert parse_day(text) is None


def test_a_numeric_day_counts_where_only_one_reading_is_possible() -> None:
    assert parse_day("03/13/2026") == date(2026, 3, 13)
    assert parse_day("13.03.2026") == date(2026, 3, 13)
    assert parse_day("03/03/2026") == DAY


@pytest.mark.parametrize(
    "body",
    [
        "PORT OSTREY, 3 March 2026 — The first load",
        "PORT OSTREY, March 3, 2026 (Wire) – The first load",
        "Arlmouth, Selmark, March 3, 2026 -- The first load",
        "3 March 2026 - The first load",
        "\nTuesday, March 3, 2026\n\nThe first load",
    ],
)
def test_a_dateline_tells_the_day(body: str) -> None:
    assert dateline(body) == DAY


@pytest.mark.parametrize(
    "body",
    [
        "The bridge, opened on 3 March 2026 — a cold day — is closed.",
        "On 3 March 2026 the bridge was opened.",
        "PORT OSTREY, 3 March — The first load",
        "PORT OSTREY (Reuters) - The 2026 budget",
        "The first load.\n\nPORT OSTREY, 3 March 2026 — The second",
        "Between 1914 and 1918 - and after",
        "",
    ],
)
def test_a_day_in_the_text_is_no_dateline(body: str) -> None:
    assert dateline(body) is None


def test_days_written_out_and_in_an_address() -> None:
    assert written_days("COURIER | Friday 6 November 2026 | p. 3") == [date(2026, 11, 6)]
    assert written_days("room 2026, 12 marches") == []
    assert day_in_url("https://a.example/2026/03/03/x") == DAY
    assert day_in_url("https://a.example/2026/15/03/x") is None


@given(st.text(max_size=120))
def test_no_text_makes_it_raise(text: str) -> None:
    for found in (parse_day(text), dateline(text), day_in_url(text)):
        assert found is None or isinstance(found, date)


@given(st.dates(min_value=date(1500, 1, 1), max_value=date(2099, 12, 31)))
def test_every_iso_day_is_itself(day: date) -> None:
    assert parse_day(day.isoformat()) == day
