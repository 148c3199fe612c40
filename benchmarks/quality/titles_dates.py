"""Are titles and dates of web pages right? A hundred pages, labelled by reading them.

    python -m benchmarks.quality.titles_dates [--json FILE]

The pages are ``data/article-extraction`` under NEWSQA_SHARED (default ``../shared``); the labels
are ``tests/data/page-labels.json``, a hundred in the order in which a fixed seed drew the pages;
``others`` are the pages that were left, labelled when the rules were fixed. A label is
the headline that stands above the article and the day of publication. The day is the one that the
page prints beside the article; where it prints none, or only that of a later change, the day that
its metadata give as published. What a page does not state is null. A headline is kept as the
SHA-256 of its `plain` form, so that the pages' texts stay with their publishers.

Improvements are made by looking at the errors of the first half only; the second half and the
others show whether they help elsewhere.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from benchmarks.quality.extraction import ROOT, extract, pages_folder

LABELS = ROOT / "tests" / "data" / "page-labels.json"
_STRAIGHT = str.maketrans("‘’‚‛“”„‟", "''''\"\"\"\"")


@dataclass(frozen=True, slots=True)
class Label:
    """What a reader saw; None: the page does not state it."""

    page: str
    title_sha256: str | None
    published: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What ingestion read in a labelled page, and whether that is right (None: not stated)."""

    page: str
    title: str
    published: str | None
    title_right: bool | None
    date_right: bool | None
    date_invented: bool


def plain(title: str) -> str:
    """The form in which titles are compared.

    NFKC, casefolded, runs of white space as one space, none at the ends, curly quotes straight.
    """
    folded = unicodedata.normalize("NFKC", title).casefold().translate(_STRAIGHT)
    return " ".join(folded.split())


def fingerprint(title: str) -> str:
    """SHA-256 of the plain form, in hexadecimal."""
    return hashlib.sha256(plain(title).encode()).hexdigest()


def labels() -> dict[str, list[Label]]:
    """The labels: two halves in the order in which the pages were drawn, and the other pages."""
    said = json.loads(LABELS.read_text(encoding="utf-8"))
    drawn = [Label(**row) for row in said["pages"]]
    half = len(drawn) // 2
    others = [Label(**row) for row in said["others"]]
    return {"first half": drawn[:half], "second half": drawn[half:], "others": others}


def read(label: Label, folder: Path) -> Reading:
    """Ingest one page and compare."""
    content = gzip.decompress((folder / "html" / f"{label.page}.html.gz").read_bytes())
    draft = extract(content)
    title = draft.title if draft else ""
    day: date | None = draft.published if draft else None
    found = day.isoformat() if day else None
    wanted = label.title_sha256
    return Reading(
        page=label.page,
        title=title,
        published=found,
        title_right=None if wanted is None else fingerprint(title) == wanted,
        date_right=None if label.published is None else found == label.published,
        date_invented=label.published is None and found is not None,
    )


def shares(readings: Sequence[Reading]) -> dict[str, int | float]:
    """Right answers of those that the pages state."""
    titles = [r.title_right for r in readings if r.title_right is not None]
    dates = [r.date_right for r in readings if r.date_right is not None]
    return {
        "pages": len(readings),
        "titles_stated": len(titles),
        "titles_right": sum(titles),
        "titles_share": sum(titles) / len(titles),
        "dates_stated": len(dates),
        "dates_right": sum(dates),
        "dates_share": sum(dates) / len(dates),
        "dates_none": sum(r.date_right is False and r.published is None for r in readings),
        "dates_invented": sum(r.date_invented for r in readings),
    }


def measure(folder: Path) -> tuple[dict[str, dict[str, int | float]], list[dict[str, object]]]:
    """Read every labelled page; return the counts of each part, and the wrong readings."""
    parts = {name: [read(label, folder) for label in part] for name, part in labels().items()}
    wrong: list[dict[str, object]] = []
    for name, readings in parts.items():
        for at, r in enumerate(readings):
            if r.title_right is False or r.date_right is False or r.date_invented:
                wrong.append({"part": name, "at": at, **asdict(r)})
    parts["hundred"] = parts["first half"] + parts["second half"]
    return {name: shares(readings) for name, readings in parts.items()}, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, help="write the result there")
    options = parser.parse_args()
    folder = pages_folder()
    if not folder.is_dir():
        print(f"skipped: {folder} is not there (set NEWSQA_SHARED)", file=sys.stderr)
        return 0
    counts, wrong = measure(folder)
    print(f"{'pages':12} {'titles':>14} {'dates':>14} {'none':>5} {'invented':>9}")
    for name, row in counts.items():
        titles = f"{row['titles_right']}/{row['titles_stated']} {row['titles_share']:.3f}"
        dates = f"{row['dates_right']}/{row['dates_stated']} {row['dates_share']:.3f}"
        nothing, invented = row["dates_none"], row["dates_invented"]
        print(f"{name:12} {titles:>14} {dates:>14} {nothing:>5} {invented:>9}")
    for line in wrong:
        what = [n for n in ("title", "date") if line[f"{n}_right"] is False]
        what += ["invented date"] if line["date_invented"] else []
        print(f"{line['part']:12} {line['page']}  {', '.join(what)}")
    if options.json:
        text = json.dumps({"counts": counts, "wrong": wrong}, ensure_ascii=False, indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
