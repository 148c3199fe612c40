"""Pages as readers see them: drop caps, watermarks, columns, bullets, bold by drawing twice."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from reportlab.pdfgen.canvas import Canvas

from newsqa.ingest.draft import Draft
from newsqa.ingest.formats.pdf import parse_pdf

HEADLINE = "Swans return to Elder Mere"
TEXT = [
    "Forty swans came back to Elder Mere on Sunday, the first since the ice of the winter, the",
    "warden of the lake said. They had been counted last in October, when a fox took nine of them",
    "in a single night and the others flew to the sea at Marrowick.",
]
BODY = " ".join(TEXT)


def pdf(draw: Callable[[Canvas], None], **metadata: str) -> Draft:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for name, value in metadata.items():
        getattr(canvas, f"set{name.capitalize()}")(value)
    draw(canvas)
    canvas.save()
    return parse_pdf(out.getvalue())


def put(canvas: Canvas, x: float, y: float, text: str, size: float = 11) -> None:
    canvas.setFont("Helvetica", size)
    canvas.drawString(x, y, text)


def article(canvas: Canvas) -> None:
    put(canvas, 72, 760, HEADLINE, 22)
    for n, line in enumerate(TEXT):
        put(canvas, 72, 720 - 14 * n, line)


@pytest.mark.parametrize(
    ("letter", "rest", "begins"),
    [
        ("F", "orty swans came back", "Forty swans came back"),
        ("“W", "e are glad,” she said", "“We are glad,” she said"),
        ("A", " swan came back", "A swan came back"),
        ("A", "swan came back, and one swan", "A swan came back"),
        ("A", "ll of the swans came back", "All of the swans"),
        ("I", "t is forty swans", "It is forty swans"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_drop_cap_goes_to_its_word(letter: str, rest: str, begins: str, first: bool) -> None:
    def draw(canvas: Canvas) -> None:
        put(canvas, 72, 760, HEADLINE, 22)
        if first:
            put(canvas, 72, 696, letter, 46)
        for n, line in enumerate([rest, *TEXT[1:]]):
            put(canvas, 72 if n > 1 else 112, 720 - 14 * n, line)
        if not first:
            put(canvas, 72, 696, letter, 46)

    draft = pdf(draw)
    assert draft.title == HEADLINE
    assert draft.body.startswith(begins)


@pytest.mark.parametrize("angle", [30, 45, 60, -45])
@pytest.mark.parametrize("last", [True, False])
def test_text_across_the_page_is_no_text(angle: float, last: bool) -> None:
    def mark(canvas: Canvas) -> None:
        canvas.saveState()
        canvas.translate(300, 400)
        canvas.rotate(angle)
        put(canvas, -150, 0, "NOT FOR RELEASE", 48)
        canvas.restoreState()

    def draw(canvas: Canvas) -> None:
        for step in (article, mark) if last else (mark, article):
            step(canvas)

    draft = pdf(draw)
    assert (draft.title, draft.body) == (HEADLINE, BODY)


@pytest.mark.parametrize("word", ["DRAFT", "Confidential", "EMBARGOED UNTIL MONDAY"])
def test_a_large_word_behind_the_text_is_no_title(word: str) -> None:
    def draw(canvas: Canvas) -> None:
        put(canvas, 100, 500, word, 60)
        article(canvas)

    draft = pdf(draw)
    assert (draft.title, draft.body) == (HEADLINE, BODY)


def test_a_headline_of_one_word_is_no_watermark() -> None:
    def draw(canvas: Canvas) -> None:
        put(canvas, 72, 760, "Swans", 30)
        put(canvas, 72, 720, TEXT[0])

    assert pdf(draw).title == "Swans"


@pytest.mark.parametrize("shift", [0, 0.3, 0.8])
def test_what_is_drawn_twice_to_look_bold_is_text_once(shift: float) -> None:
    def draw(canvas: Canvas) -> None:
        for n in range(3):
            put(canvas, 72 + n * shift, 760, HEADLINE, 22)
        for n, line in enumerate(TEXT):
            put(canvas, 72, 720 - 14 * n, line)
            put(canvas, 72 + shift, 720 - 14 * n, line)

    draft = pdf(draw)
    assert (draft.title, draft.body) == (HEADLINE, BODY)


def test_a_word_that_is_said_twice_stays() -> None:
    def draw(canvas: Canvas) -> None:
        article(canvas)
        put(canvas, 72, 660, "No, no, no,")
        put(canvas, 150, 660, "No, no, no,")

    assert pdf(draw).body.count("No, no, no,") == 2


LEFT = [
    "Forty swans came back to Elder Mere",
    "on Sunday, the first since the ice,",
    "the warden of the lake said. A fox",
    "took nine of them in October.",
]
RIGHT = [
    "The others flew to the sea near the",
    "town of Marrowick, where people fed",
    "them barley through the winter and",
    "gave each of them a name.",
]


@pytest.mark.parametrize("in_turns", [True, False])
def test_columns_are_read_one_after_the_other(in_turns: bool) -> None:
    def draw(canvas: Canvas) -> None:
        put(canvas, 72, 760, HEADLINE, 22)
        spots = [(72, n, line) for n, line in enumerate(LEFT)]
        spots += [(320, n, line) for n, line in enumerate(RIGHT)]
        for x, n, line in sorted(spots, key=lambda spot: spot[1]) if in_turns else spots:
            put(canvas, x, 720 - 14 * n, line)

    draft = pdf(draw)
    assert draft.title == HEADLINE
    assert " ".join(draft.body.split()) == " ".join([*LEFT, *RIGHT])


def test_the_cells_of_a_table_stay_on_their_line() -> None:
    def draw(canvas: Canvas) -> None:
        article(canvas)
        for n, (name, count) in enumerate([("Elder Mere", "40"), ("Marrowick", "9"), ("Orr", "3")]):
            put(canvas, 72, 640 - 14 * n, name)
            put(canvas, 300, 640 - 14 * n, count)

    assert "Elder Mere 40 Marrowick 9" in " ".join(pdf(draw).body.split())


@pytest.mark.parametrize("sign", ["\u2022", "1.", "-"])
def test_the_points_of_a_list_are_apart(sign: str) -> None:
    def draw(canvas: Canvas) -> None:
        article(canvas)
        for n, line in enumerate(["barley for the swans", "rye for the ducks and the", "geese"]):
            mark = sign.replace("1", str(n + 1))
            put(canvas, 72, 670 - 14 * n, f"{mark} {line}" if n < 2 else line)

    points = pdf(draw).body.split("\n\n")[1:]
    second = sign.replace("1", "2")
    assert points == [f"{sign} barley for the swans", f"{second} rye for the ducks and the geese"]


@pytest.mark.parametrize(
    "title",
    [
        "PowerPoint Presentation",
        "Microsoft Word - swans final 2.docx",
        "swans page 1.qxd:Layout 1",
        "Layout 1",
        "Slide 1",
        "Untitled-3",
        "Scanned Document",
        "elder mere.indd",
        "Document 12",
    ],
)
def test_a_title_made_by_a_program_is_none(title: str) -> None:
    assert pdf(article, title=title).title == HEADLINE


@pytest.mark.parametrize(
    "author",
    ["Windows User", "Microsoft Office User", "HP Scan", "admin", "Xerox WorkCentre"],
)
def test_an_author_made_by_a_program_is_none(author: str) -> None:
    assert pdf(article, author=author).byline == ""


def test_a_person_is_an_author() -> None:
    assert pdf(article, author="Nora van Hale").byline == "Nora van Hale"
