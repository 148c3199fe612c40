"""Titles, standfirsts, bylines and days above a text, as newsrooms and exports write them."""

from __future__ import annotations

from datetime import date

import pytest

from newsqa.ingest.draft import Draft, finished
from newsqa.ingest.fields.byline import read_byline
from newsqa.ingest.formats.plain_text import parse_text

BODY = "The lock at Wend was opened on Monday. Forty barges waited.\n\nThe keeper raised his hat."
DAY = date(2026, 5, 12)


def read(head: str) -> Draft:
    return finished(parse_text(f"{head}\n\n{BODY}".encode()))


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("Lock opens at last?\n\nBy Ada Wren\n12 May 2026", "Lock opens at last?"),
        ("“It will hold!”\n\nBy: Ada Wren\nPublished: 12 May 2026", "“It will hold!”"),
        ("Headline: Lock opens\nBy: Ada Wren\nDate: 12 May 2026", "Lock opens"),
        ("TITLE: Lock opens\nSECTION: Local\nAUTHOR: Ada Wren\nDATE: 12 MAY 2026", "Lock opens"),
        ("Lock opens\nBy Ada Wren\nTuesday, May 12, 2026", "Lock opens"),
        ("Lock opens\n\nBy Ada Wren | 12 May 2026 10:30", "Lock opens"),
        ("Lock opens\n\nPosted on May 12, 2026 by Ada Wren", "Lock opens"),
        ("12 May 2026\nBy Ada Wren", ""),
        ("By: Ada Wren\nDate: 12 May 2026 - 10:15\n\nLock opens", "Lock opens"),
    ],
)
def test_header_lines_tell_title_byline_and_day(head: str, title: str) -> None:
    draft = read(head)
    assert (draft.title, draft.byline, draft.published) == (title, "Ada Wren", DAY)
    assert draft.body == BODY


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_standfirst_stays_in_the_body(gap: str) -> None:
    draft = read(f"Lock opens{gap}Barges queue for a mile\n\nBy Ada Wren\n\nPublished: 12 May 2026")
    assert (draft.title, draft.byline, draft.published) == ("Lock opens", "Ada Wren", DAY)
    assert draft.body == f"Barges queue for a mile\n\n{BODY}"


def test_a_paragraph_is_no_standfirst_where_no_header_line_follows() -> None:
    for line in ("12 May 2026", "By Monday", "Source: the well"):
        draft = read(f"Lock opens\n\nBarges queue for a mile\n\n{line}")
        assert draft.body == f"Barges queue for a mile\n\n{line}\n\n{BODY}"
        assert (draft.byline, draft.published) == ("", None)


@pytest.mark.parametrize(
    "line",
    [
        "Published 12 May 2026 | Updated 14 May 2026",
        "Updated: 14 May 2026, Published: 12 May 2026",
        "First published on Tue 12 May 2026 10.15 BST • Last modified on 14 May 2026",
    ],
)
def test_two_days_on_one_line(line: str) -> None:
    draft = read(f"Lock opens\n\n{line}")
    assert (draft.published, draft.updated, draft.body) == (DAY, date(2026, 5, 14), BODY)


@pytest.mark.parametrize(
    ("opening", "published"),
    [
        ("14 June 1903\nOn that day the first stone was laid.", None),
        ("December 7, 1941: Eighty-five years ago the harbour burned.", None),
        ("14 June 1903\nThe lock of 2026 has the old gates.", None),
        ("14 June 1903\nThe first stone was laid.", date(1903, 6, 14)),
        ("WEND, 12 May 2026 — Five years ago the lock was shut.", DAY),
        ("12 May 2026\nFive years ago, in 2026 less five, the lock was shut.", DAY),
    ],
)
def test_a_day_of_the_past_is_not_the_day_of_publication(
    opening: str, published: date | None
) -> None:
    assert finished(parse_text(f"{opening} {BODY}".encode())).published == published


def test_a_headline_may_be_a_day() -> None:
    draft = read("December 7, 1941")
    assert (draft.title, draft.published) == ("December 7, 1941", None)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Łucja Żak", "Łucja Żak"),
        ("BY ADA FINCH", "ADA FINCH"),
        ("by Ada Wren & Jon Pike", "Ada Wren & Jon Pike"),
        ("By Đorđe Ćirić, Trade Editor", "Đorđe Ćirić, Trade Editor"),
        ("Written by May de la Cruz and J. O’Dowd", "May de la Cruz and J. O’Dowd"),
        ("By 王小明", "王小明"),
        ("By Reuters", "Reuters"),
        ("By Ada Wren, staff writer", "Ada Wren, staff writer"),
        ("By Ada Wren for the Packet", "Ada Wren for the Packet"),
        ("By Monday", None),
        ("By May", None),
        ("BY POPULAR DEMAND", None),
        ("By far the best", None),
        ("By the sea", None),
        ("By Ada Wren and", None),
        ("By Ada Wren.", None),
        ("By Ada Wren Jr.", "Ada Wren Jr."),
        ("By 40 votes", None),
        ("Bystanders Saw It", None),
    ],
)
def test_a_byline_is_by_and_names(line: str, names: str | None) -> None:
    assert read_byline(line) == names
