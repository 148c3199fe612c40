from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.ingest.fields.dates import days_printed
from newsqa.ingest.formats.html import parse_html

DAY = date(2026, 3, 3)
PROSE = (
    "<p>The ferry between Skarrow and Ullay stops for nine days while its ramp is mended, the "
    "harbour office of the two islands said in a letter to all households.</p>"
)


def published(below: str, *, head: str = "", above: str = "", lang: str = "en") -> date | None:
    page = (
        f"<html lang={lang}><head><title>Ferry stops for nine days</title>{head}</head><body>"
        f"{above}<h1>Ferry stops for nine days</h1>{below}<article>{PROSE}{PROSE}</article>"
        "</body></html>"
    )
    return parse_html(page.encode()).published


def meta(moment: str) -> str:
    return f'<meta property="article:published_time" content="{moment}">'


@pytest.mark.parametrize(
    "below",
    [
        "<div>March 3, 2026</div>",
        "<p>By Ada Lund and Sten Hollis on Tuesday, March 3rd, 2026 at 11:08 a.m.</p>",
        "<p>Standfirst without a day.</p><span>Published: 3 March 2026 08:15 GMT</span>",
        "<div><b>03/13/2026</b> - Ada Lund - Islands</div>",
        "<small>Updated March 9, 2026 | Posted March 3, 2026</small>",
        "<div>Updated:</div><time>March 9, 2026</time><div>Published:</div><i>March 3, 2026</i>",
        "<a href=/2026/03>2026-03-03</a>",
    ],
)
def test_the_day_is_read_below_the_headline_where_metadata_have_none(below: str) -> None:
    assert published(below) in (DAY, date(2026, 3, 13))


@pytest.mark.parametrize(
    "below",
    [
        "<p>Last updated 3 March 2026</p>",
        "<p>03/04/2026</p>",
        "<p>3 March</p>",
        "<figure><figcaption>The ramp on 3 March 2026</figcaption></figure>",
        "<p>The ramp, which was built after the storm of 3 March 2026, is to be mended.</p>",
        PROSE + PROSE + "<p>3 March 2026</p>",
        "<h1>Storm of the year</h1><p>3 March 2026</p>",
        "<p>One line</p>" * 12 + "<p>3 March 2026</p>",
    ],
)
def test_other_days_are_not_taken_for_it(below: str) -> None:
    assert published(below) is None


def test_todays_day_above_the_headline_is_not_taken_for_it() -> None:
    assert published("", above="<div>Tuesday, March 3, 2026</div>") is None


def test_the_language_tells_the_order_of_day_and_month() -> None:
    assert published("<p>04/03/2026</p>", lang="pt-BR") == date(2026, 3, 4)
    assert published("<p>04/03/2026</p>", lang="en-GB") == date(2026, 3, 4)
    said = '<meta http-equiv="Content-Language" content="pt_BR">'
    assert published("<p>04/03/2026</p>", head=said, lang="") == date(2026, 3, 4)
    assert published("<p>04/03/2026</p>", lang="en-US") is None


@pytest.mark.parametrize(
    "below",
    [
        "<p>March 3, 2026 8:19 pm EST</p>",
        "<p>Updated Mar 4, 9:41 AM;</p><p>Posted Mar 3, 8:19 PM</p>",
        "<p>By Ada Lund - 03/03/26 06:56 AM</p>",
        "<p>Posted 2 March 2026</p><p>then 3 March 2026</p>",
        "<p>Ada Lund, 3 Mar.</p>",
    ],
)
def test_a_moment_in_utc_gives_way_to_the_day_on_the_page(below: str) -> None:
    assert published(below, head=meta("2026-03-04T01:19:34Z")) == DAY


@pytest.mark.parametrize(
    "below",
    [
        "<p>March 9, 2026</p>",
        "<p>Updated March 4, 2026</p>",
        "<p>Published an hour ago</p>",
        "<p>March 3, 2026, corrected March 4, 2026</p>",
    ],
)
def test_a_day_further_off_or_of_a_change_does_not_move_it(below: str) -> None:
    assert published(below, head=meta("2026-03-03T10:00:00Z")) == DAY


def test_the_day_of_a_change_in_metadata_does_not_move_it() -> None:
    head = meta("2026-03-03") + '<meta property="article:modified_time" content="2026-03-04">'
    assert published("<p>March 4, 2026</p>", head=head) == DAY


def test_a_known_day_may_be_found_above_the_headline() -> None:
    above = "<p>Tuesday 3 March 2026 9:22 pm</p>"
    assert published("", head=meta("2026-03-04T02:22:00Z"), above=above) == DAY


def test_days_come_with_their_places() -> None:
    text = "Posted 3 March 2026, updated 2026-03-05"
    assert days_printed(text) == [(7, DAY), (29, date(2026, 3, 5))]
    assert days_printed("3/4/26 and 3 April") == []
    assert days_printed("3/4/26", near=date(2026, 4, 2)) == [(0, date(2026, 4, 3))]
    assert days_printed("Dec 31", near=date(2026, 1, 1)) == [(0, date(2025, 12, 31))]


@given(st.text(max_size=120), st.one_of(st.none(), st.dates(min_value=date(1500, 1, 1))))
def test_no_text_makes_it_raise(text: str, near: date | None) -> None:
    for at, day in days_printed(text, near=near):
        assert 0 <= at < len(text)
        assert isinstance(day, date)
