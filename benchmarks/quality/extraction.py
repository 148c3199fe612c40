"""How well the article is found in a web page: 181 news pages with their text marked by people.

    python -m benchmarks.quality.extraction [--json FILE] [--misses N]

Reads ``data/article-extraction`` under NEWSQA_SHARED (default ``../shared``) and measures the body
that ingestion stores. Scores are those of that benchmark: precision and recall over runs of four
words are averaged over the pages, and F1 is made of the two averages.
Source: https://github.com/scrapinghub/article-extraction-benchmark (evaluate.py).
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from newsqa.ingest.draft import Draft, EmptyError, RefusedError, finished
from newsqa.ingest.formats.html import parse_html

GOAL_F1 = 0.958
SHINGLE_WORDS = 4
ROOT = Path(__file__).resolve().parents[2]
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Match:
    """Runs of words of one page: found and right, found and wrong, missed."""

    right: int
    wrong: int
    missed: int


def pages_folder() -> Path:
    shared = Path(os.environ.get("NEWSQA_SHARED", ROOT.parent / "shared"))
    return shared / "data" / "article-extraction"


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Count the runs of four words; a shorter text is one run."""
    words = WORD.findall(text)
    starts = range(max(1, len(words) - SHINGLE_WORDS + 1))
    return Counter(run for at in starts if (run := tuple(words[at : at + SHINGLE_WORDS])))


def match(true: str, found: str) -> Match:
    wanted, got = shingles(true), shingles(found)
    return Match((wanted & got).total(), (got - wanted).total(), (wanted - got).total())


def scores(matches: Sequence[Match]) -> dict[str, float]:
    """Average precision over pages where anything was found, recall over those with a text."""
    precision = statistics.mean(m.right / (m.right + m.wrong) for m in matches if m.right + m.wrong)
    recall = statistics.mean(m.right / (m.right + m.missed) for m in matches if m.right + m.missed)
    return {
        "f1": 2 * precision * recall / (precision + recall),
        "precision": precision,
        "recall": recall,
    }


def interval(matches: Sequence[Match], *, draws: int = 1000, seed: int = 0) -> float:
    """Half the 95% interval of F1, by bootstrap over pages."""
    rng = random.Random(seed)
    values = [scores(rng.choices(matches, k=len(matches)))["f1"] for _ in range(draws)]
    return 1.96 * statistics.stdev(values)


def extract(page: bytes) -> Draft | None:
    try:
        return finished(parse_html(page))
    except (EmptyError, RefusedError):
        return None


def quotable(draft: Draft | None) -> str:
    """The body without its furniture: what is indexed."""
    if draft is None:
        return ""
    kept, at = [], 0
    for span in draft.furniture or ():
        kept.append(draft.body[at : span.start])
        at = span.end
    return " ".join([*kept, draft.body[at:]])


def measure(folder: Path) -> dict[str, object]:
    """Extract every page and score it."""
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    bodies, indexed, drafts = [], [], {}
    seconds = 0.0
    for key, page in truth.items():
        content = gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes())
        began = time.process_time()
        draft = drafts[key] = extract(content)
        seconds += time.process_time() - began
        bodies.append(match(page["articleBody"], draft.body if draft else ""))
        indexed.append(match(page["articleBody"], quotable(draft)))
    worst = sorted(zip(truth, bodies, strict=True), key=lambda pair: _f1(pair[1]))
    found = [draft for draft in drafts.values() if draft]
    return {
        "pages": len(truth),
        "body": scores(bodies) | {"f1_ci": interval(bodies)},
        "indexed": scores(indexed) | {"f1_ci": interval(indexed)},
        "with_title": sum(bool(d.title) for d in found),
        "with_date": sum(d.published is not None for d in found),
        "with_url": sum(bool(d.url) for d in found),
        "cpu_ms_a_page": 1000 * seconds / len(truth),
        "worst": [[key, round(_f1(m), 3), truth[key]["url"]] for key, m in worst],
    }


def _f1(m: Match) -> float:
    return 2 * m.right / (2 * m.right + m.wrong + m.missed) if m.right else 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, help="write the result there")
    parser.add_argument("--misses", type=int, default=0, help="list the N worst pages")
    options = parser.parse_args()
    folder = pages_folder()
    if not folder.is_dir():
        print(f"skipped: {folder} is not there (set NEWSQA_SHARED)", file=sys.stderr)
        return 0
    result = measure(folder)
    worst = result.pop("worst")
    assert isinstance(worst, list)
    print(f"{'text':10} {'F1':>6} {'±':>6} {'precision':>10} {'recall':>7}")
    for name in ("body", "indexed"):
        row = result[name]
        assert isinstance(row, dict)
        print("{:10} {f1:6.4f} {f1_ci:6.4f} {precision:10.4f} {recall:7.4f}".format(name, **row))
    for name in ("pages", "with_title", "with_date", "with_url"):
        print(f"{name:12} {result[name]}")
    print(f"cpu          {result['cpu_ms_a_page']:.1f} ms a page")
    for line in worst[: options.misses]:
        print(*line)
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
