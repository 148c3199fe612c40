"""Makes the PDF articles of the sample corpus from the texts in tools/corpus_pdfs/.

A page looks like one of a small newspaper's own files: a running head, a page number, justified
columns of narrow lines and words broken at line ends. Lengths are in PDF points. The same text
always gives the same bytes.

    python tools/make_corpus_pdfs.py [--check]
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

TOOLS = Path(__file__).resolve().parent
TEXTS = TOOLS / "corpus_pdfs"
CORPUS = TOOLS.parent / "corpus"

PAGE_WIDTH, PAGE_HEIGHT = 420.0, 595.0  # A5
MARGIN = 102.0
LEADING = 14.0
FONT, FONT_SIZE = "Times-Roman", 10.5
VOWELS = "aeiouy"
ENDINGS = re.compile(r"(?:ing|ment|tion|ness|ful|ship|less|ward)s?[.,]?$")
UNBREAKABLE = re.compile(r"^[a-z]?(?:ed|es|er|le|ly)[.,]?$")
KEPT_TOGETHER = frozenset(
    "ch sh th ph gh ck ng wh tw bl br cl cr dr fl fr gl gr pl pr tr sc sk sl sm sn sp st sw".split()
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One article as it goes to the press: its heading lines and its paragraphs."""

    title: str
    heading: dict[str, str]
    paragraphs: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Sheet:
        """Cuts a text into title, `Key: value` lines and paragraphs.

        Raises:
            ValueError: the text has no title or no paragraphs.
        """
        blocks = [block.strip() for block in text.split("\n\n") if block.strip()]
        if len(blocks) < 3:
            raise ValueError("a text needs a title, heading lines and at least one paragraph")
        lines = (line.partition(": ") for line in blocks[1].splitlines())
        heading = {key: value for key, _, value in lines}
        paragraphs = tuple(" ".join(block.split()) for block in blocks[2:])
        return cls(blocks[0], heading, paragraphs)


def break_points(word: str) -> Iterator[int]:
    """Yields where a word may be broken, the last place first; only plain lower-case words are."""
    if len(word) < 6 or not re.fullmatch(r"[a-z]+[.,]?", word):
        return
    ending = ENDINGS.search(word)
    if ending and ending.start() > 2:
        yield ending.start()
    for cut in range(len(word) - 3, 2, -1):
        before, after, later = word[cut - 1], word[cut], word[cut + 1]
        closed = before not in VOWELS and word[cut - 2] in VOWELS
        if UNBREAKABLE.match(word[cut:]) or after in VOWELS or later not in VOWELS:
            continue
        if before in VOWELS or (closed and before + after not in KEPT_TOGETHER):
            yield cut
    for cut in range(len(word) - 4, 2, -1):
        if word[cut : cut + 2] in KEPT_TOGETHER and word[cut - 1] in VOWELS:
            yield cut


def set_lines(
    text: str, width: float, measure: Callable[[str], float], broken: bool = True
) -> list[str]:
    """Fills lines no wider than `width`; `broken` breaks words with a hyphen to fill a line."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if measure(longer) <= width:
            line = longer
            continue
        breaks = break_points(word) if broken else ()
        halves = ((f"{line} {word[:cut]}-".strip(), word[cut:]) for cut in breaks)
        fitting = next(((head, rest) for head, rest in halves if measure(head) <= width), None)
        head, line = fitting or (line, word)
        lines.append(head)
    return [*lines, line]


def paginate(blocks: list[list[str]], first_rows: int, rows: int) -> list[list[str]]:
    """Spreads blocks of lines over pages, an empty line between blocks."""
    pages: list[list[str]] = [[]]
    for block in blocks:
        for line in [*block, ""]:
            if len(pages[-1]) >= (first_rows if len(pages) == 1 else rows):
                pages.append([])
            if line or pages[-1]:
                pages[-1].append(line)
    return [page for page in pages if any(page)]


def press(sheet: Sheet, target: Path) -> None:
    """Writes one article as a PDF, the day of publication as its date of creation."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        _press(sheet, target)
    finally:
        os.environ.pop("SOURCE_DATE_EPOCH", None)
        if before is not None:
            os.environ["SOURCE_DATE_EPOCH"] = before


def _press(sheet: Sheet, target: Path) -> None:
    from reportlab.pdfbase.pdfmetrics import stringWidth
    from reportlab.pdfgen.canvas import Canvas

    published = datetime.strptime(sheet.heading["Published"], "%d %B %Y").replace(tzinfo=UTC)
    os.environ["SOURCE_DATE_EPOCH"] = str(int(published.timestamp()))
    width = PAGE_WIDTH - 2 * MARGIN
    blocks = [
        set_lines(text, width, lambda line: float(stringWidth(line, FONT, FONT_SIZE)))
        for text in sheet.paragraphs
    ]
    title_lines = set_lines(
        sheet.title, width, lambda t: float(stringWidth(t, "Times-Bold", 17)), broken=False
    )
    rows = int((PAGE_HEIGHT - 2 * MARGIN - 30) // LEADING)
    taken = 2 * len(title_lines) + len(sheet.heading) + 1
    pages = paginate(blocks, rows - taken, rows)

    canvas = Canvas(str(target), pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
    canvas.setTitle(sheet.title)
    canvas.setAuthor(sheet.heading.get("By", ""))
    canvas.setSubject(sheet.heading.get("Source", ""))
    canvas.setCreator(sheet.heading.get("Source", ""))
    for number, page in enumerate(pages, start=1):
        canvas.setFont("Helvetica", 8)
        day = f"{published:%A} {published.day} {published:%B %Y}"
        head = f"{sheet.heading['Source'].upper()}  |  {day}"
        canvas.drawString(MARGIN, PAGE_HEIGHT - 30, head)
        top = PAGE_HEIGHT - MARGIN - 14
        if number == 1:
            top = _draw_heading(canvas, sheet, title_lines, top)
        canvas.setFont(FONT, FONT_SIZE)
        for row, line in enumerate(page):
            if line:
                canvas.drawString(MARGIN, top - row * LEADING, line)
        canvas.setFont("Helvetica", 8)
        canvas.drawCentredString(PAGE_WIDTH / 2, 24, f"Page {number} of {len(pages)}")
        canvas.showPage()
    canvas.save()


def _draw_heading(canvas: object, sheet: Sheet, title_lines: list[str], top: float) -> float:
    from reportlab.pdfgen.canvas import Canvas

    assert isinstance(canvas, Canvas)
    canvas.setFont("Times-Bold", 17)
    for line in title_lines:
        canvas.drawString(MARGIN, top, line)
        top -= 22
    canvas.setFont("Times-Italic", 9.5)
    for key, value in sheet.heading.items():
        canvas.drawString(MARGIN, top, f"{key}: {value}")
        top -= LEADING
    return top - LEADING


def make_all(folder: Path) -> list[Path]:
    """Writes every article under `folder` and returns their paths, relative to it, in order."""
    made = []
    for source in sorted(TEXTS.rglob("*.txt")):
        relative = source.relative_to(TEXTS).with_suffix(".pdf")
        (folder / relative).parent.mkdir(parents=True, exist_ok=True)
        press(Sheet.of(source.read_text(encoding="utf-8")), folder / relative)
        made.append(relative)
    return made


def main() -> int:
    """Makes the PDFs, or with --check says which of those in the corpus differ from their text."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    if not parser.parse_args().check:
        for made in make_all(CORPUS):
            print(made)
        return 0
    with TemporaryDirectory() as scratch:
        stale = [
            path
            for path in make_all(Path(scratch))
            if not (CORPUS / path).is_file()
            or (CORPUS / path).read_bytes() != (Path(scratch) / path).read_bytes()
        ]
    for path in stale:
        print(f"{path} differs from its text; run `python tools/make_corpus_pdfs.py`")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
