"""Lines of PDF pages into paragraphs; whole files are in the samples."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf.errors import PyPdfError
from reportlab.pdfgen.canvas import Canvas

from newsqa.ingest.draft import RefusedError
from newsqa.ingest.formats.pdf import parse_pdf
from newsqa.ingest.formats.pdf_layout import Line, drop_running, join

PAGE_LINES = [["a cold wind", "blew."], ["all the boats", "stayed in."], ["nobody", "minded."]]
LONG = "this line is about as long as all of the others are on this page"


def body(*pages: Sequence[str]) -> str:
    return join([[Line(text) for text in page] for page in pages])[0]


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("it pays bet-", "ter than", "it pays better than"),
        ("1.5 mil-", "lion crowns", "1.5 million crowns"),
        ("the twenty-", "first week", "the twenty-first week"),
        ("the non-", "smoking car", "the non-smoking car"),
        ("the Merribeck-", "Halvern line", "the Merribeck-Halvern line"),
        ("a state-of-the-", "art pump", "a state-of-the-art pump"),
        ("from 1914-", "1918 it was", "from 1914-1918 it was"),
        ("a 12-", "metre mast", "a 12-metre mast"),
        ("the A-", "320 landed", "the A-320 landed"),
        ("the U.N.-", "backed plan", "the U.N.-backed plan"),
        ("the NATO-", "led force", "the NATO-led force"),
        ("a T-", "shirt for all", "a T-shirt for all"),
        ("a state-", "owned ferry", "a state-owned ferry"),
        ("pre-", "and post-war trams", "pre- and post-war trams"),
        ("the 9-", "or 10-year term", "the 9- or 10-year term"),
        ("THE HAR-", "BOUR CLOSES", "THE HARBOUR CLOSES"),
        ("a Sars-CoV-2-", "like virus", "a Sars-CoV-2-like virus"),
        ("he stopped -", "and went", "he stopped - and went"),
        ("a soft\u00ad", "ware house", "a software house"),
    ],
)
def test_a_word_broken_at_the_line_end_is_mended(before: str, after: str, joined: str) -> None:
    assert body([before, after]) == joined


def test_the_text_itself_tells_whether_a_hyphen_is_real() -> None:
    assert "a rope-walk" in body(["the rope-walk is a rope-", "walk of old", LONG])
    assert "a hillside" in body(["the hillside is a hill-", "side of old", LONG])


def test_a_short_line_that_ends_a_sentence_ends_a_paragraph() -> None:
    assert body([LONG, "and ends.", "Next one", LONG]) == f"{LONG} and ends.\n\nNext one {LONG}"
    assert body([LONG, "and ends.", "lower case goes on", LONG]).count("\n") == 0


def test_a_gap_or_another_type_size_ends_a_paragraph() -> None:
    lines = [Line(LONG, 500, 10), Line(LONG, 486, 10), Line(LONG, 472, 10), Line(LONG, 448, 10)]
    assert join([lines])[0] == f"{LONG} {LONG} {LONG}\n\n{LONG}"
    lines = [Line("Heading", 500, 14), Line(LONG, 486, 10), Line(LONG, 472, 10)]
    assert join([lines])[0] == f"Heading\n\n{LONG} {LONG}"


def test_a_paragraph_runs_on_over_the_end_of_a_page() -> None:
    text, starts = join([[Line(LONG)], [], [Line("goes on here."), Line("Next.")]])
    assert text.startswith(f"{LONG} goes on here.")
    assert starts[0] == 0
    assert starts[1] == starts[2] == len(LONG) + 1


def pages_of(heads: Sequence[str], feet: Sequence[str]) -> list[list[Line]]:
    return [
        [Line(head), *map(Line, PAGE_LINES[n]), Line(foot)]
        for n, (head, foot) in enumerate(zip(heads, feet, strict=True))
    ]


def test_running_heads_and_page_numbers_are_dropped() -> None:
    heads = ["COURIER | 6 May 2026 | 1", "COURIER | 6 May 2026 | 2", "COURIER | 6 May 2026 | 3"]
    dropped, kept = drop_running(pages_of(heads, ["Page 1 of 3", "- 2 -", "iii"]))
    assert dropped == [heads[0], "Page 1 of 3"]
    assert [line.text for line in kept[1]] == PAGE_LINES[1]


def test_a_line_that_is_not_repeated_stays() -> None:
    pages = pages_of(["One title", "Another title"], ["The end.", "In 2026"])
    assert drop_running(pages) == ([], pages)


def pdf(lines: Sequence[str], **told: str) -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(420, 595), invariant=1)
    if "title" in told:
        canvas.setTitle(told["title"])
    if "author" in told:
        canvas.setAuthor(told["author"])
    for row, line in enumerate(lines):
        canvas.drawString(50, 540 - 14 * row, line)
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


def test_the_files_own_day_counts_only_where_the_page_says_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    # reportlab's invariant files say that they were made on 1 January 2000
    text = ["The ramp is mended.", "It was opened on 1 January 2000."]
    assert parse_pdf(pdf(["The ramp is mended."])).published is None
    assert parse_pdf(pdf(text)).published == date(2000, 1, 1)
    assert parse_pdf(pdf(["SKARROW, 2 May 2026 - It is mended.", *text])).published == date(
        2026, 5, 2
    )


def test_the_files_own_title_and_author_count_if_they_are_sensible() -> None:
    draft = parse_pdf(pdf(["Ramp mended", "It holds."], title="Ramp mended", author="Runa Skeld"))
    assert (draft.title, draft.byline, draft.body) == ("Ramp mended", "Runa Skeld", "It holds.")
    draft = parse_pdf(pdf(["It holds."], title="minutes_v2.docx", author="admin"))
    assert (draft.title, draft.byline) == ("", "")


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"\0" * 100, b"%PDF-1.4\nxref\ntrailer"])
def test_what_is_no_pdf_raises(content: bytes) -> None:
    with pytest.raises(PyPdfError):
        parse_pdf(content)


def test_a_title_alone_is_no_article() -> None:
    with pytest.raises(RefusedError, match="besides its title"):
        parse_pdf(pdf(["Ramp mended"], title="Ramp mended"))


WORDS = st.lists(
    st.sampled_from(["the", "well-", "Known", "end.", "2-", "a-b", "mil-"]), min_size=1
)


@given(st.lists(st.lists(WORDS.map(" ".join), max_size=5), max_size=5))
def test_pages_begin_inside_the_body_in_order(pages: list[list[str]]) -> None:
    text, starts = join([[Line(line) for line in page] for page in pages])
    assert starts == sorted(starts)
    assert len(starts) == len(pages)
    for page, start in zip(pages, starts, strict=True):
        assert 0 <= start <= len(text)
        if page:
            assert text[start:].startswith(page[0].rstrip("-"))
