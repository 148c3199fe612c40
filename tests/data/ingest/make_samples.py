"""Makes the binary samples beside it: PDFs and a gzipped JSONL. The same bytes every time.

python tests/data/ingest/make_samples.py
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

FOLDER = Path(__file__).resolve().parent
LEADING = 14
PAGES = (
    """
By: Runa Skeld
Source: The Northern Lantern

Kelp is cut at Skarrow again, after sixty years, and it pays bet-
ter than herring. The well-known cutter Amber Vesper brings in
eleven tonnes a day.

It is dried on the old rope-walk, where a man with a rake turns
it every hour. He says that it is like making hay, but that hay
""",
    """
does not try to crawl back into the sea.

The price is set in Halvern. It was 4.2 crowns a kilo in the twenty-
first week of the year, and the well-
known cutter has been painted.
""",
)
MINUTES = """
The council spoke for two hours about a bench. It was agreed in the
end to paint it.

The colour will be settled in June.
"""


def canvas_for(name: str) -> Canvas:
    return Canvas(str(FOLDER / name), pagesize=(420, 595), invariant=1)


def draw(canvas: Canvas, lines: list[str], top: float, size: float = 10.5) -> float:
    """Draw lines downwards; an empty one leaves a gap. Returns the height below the last."""
    canvas.setFont("Times-Roman", size)
    for line in lines:
        if line:
            canvas.drawString(60, top, line)
        top -= LEADING if line else LEADING * 0.7
    return top


def pages() -> None:
    """Two pages with running head, page numbers, broken and hyphenated words."""
    canvas = canvas_for("pages.pdf")
    canvas.setTitle("The weed that pays")
    canvas.setAuthor("Runa Skeld")
    texts = [part.strip().split("\n") for part in PAGES]
    for number, lines in enumerate(texts, start=1):
        draw(canvas, ["THE NORTHERN LANTERN | Friday 28 August 2026"], 570, 8)
        top = draw(canvas, ["The weed that pays"], 540, 17) - 6 if number == 1 else 540
        draw(canvas, lines, top)
        draw(canvas, [f"Page {number} of 2"], 24, 8)
        canvas.showPage()
    canvas.save()


def typed() -> None:
    """No title in the file's description: the largest type tells it. No date but the file's."""
    canvas = canvas_for("typed.pdf")
    canvas.setTitle("Microsoft Word - minutes_final2.docx")
    top = draw(canvas, ["Council minutes: ten", "motions about a bench"], 540, 18)
    draw(canvas, MINUTES.strip().split("\n"), top - 10)
    canvas.showPage()
    canvas.save()


def columns() -> None:
    """Two columns, drawn one after the other, with a dateline."""
    canvas = canvas_for("columns.pdf")
    canvas.setTitle("First snow closes the pass")
    canvas.setFont("Times-Roman", 10)
    left = ["SARNFELL, 4 November 2026 - Snow", "closed the Sarn pass on Tuesday,"]
    left += ["five weeks early. Two lorries had"]
    right = ["to be dug out. Their drivers were", "given soup."]
    for x, lines in ((60, left), (230, right)):
        for row, line in enumerate(lines):
            canvas.drawString(x, 540 - row * LEADING, line)
    canvas.showPage()
    canvas.save()


def scan() -> None:
    """A page with lines drawn on it and no text."""
    canvas = canvas_for("scan.pdf")
    canvas.rect(60, 60, 300, 400)
    canvas.showPage()
    canvas.save()


def main() -> None:
    pages()
    typed()
    columns()
    scan()
    whole = (FOLDER / "pages.pdf").read_bytes()
    (FOLDER / "broken.pdf").write_bytes(whole[:400])
    records = [
        {
            "id": f"gz-{n}",
            "title": f"Note {n}",
            "text": f"This is note number {n}.",
            "date": "1963-11-22",
        }
        for n in range(1, 4)
    ]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (FOLDER / "notes.jsonl.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))


if __name__ == "__main__":
    main()
