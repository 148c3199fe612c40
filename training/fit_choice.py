"""How much the rank of a passage should count when the sentence to quote is chosen.

    python -m training.fit_choice [--reader shipped] [--pages 1000] [--questions 350]

Reads what the search found for the held-aside questions of `decision_rows.py` and prints, for some
weights, how often the best sentence holds an acceptable answer: its log-odds plus the weight times
the fused score of its passage. The weight is chosen on one half of the questions.
"""

from __future__ import annotations

import argparse
import json
import math
import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import newsqa
from newsqa.evaluation.metrics import contains_answer
from newsqa.settings import load
from newsqa.types import Filters
from training.decision_rows import FOLDER, Asked, paragraphs, quiz, written

GRID = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
READ = (4, 8, 12, 20, 30)


def main() -> None:
    """Read, print the table and keep it beside the other fits."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--reader", default="shipped")
    options.add_argument("--pages", type=int, default=1000)
    options.add_argument("--questions", type=int, default=350)
    options.add_argument("--seed", type=int, default=7)
    given = options.parse_args()
    data = Path(os.environ.get("NEWSQA_SHARED", "../shared")) / "data"
    found = {
        "quiz": read_all("quiz", *quiz(data, given.pages, given.seed), given.reader),
        "squad": read_all("squad", *paragraphs(given.questions, given.seed), given.reader),
    }
    (FOLDER / f"choice-{given.reader}.json").write_text(json.dumps(found))
    for name, rows in found.items():
        for passages in READ:
            for half in (0, 1):
                shares = [first_right(rows, weight, passages, half) for weight in GRID]
                print(name, f"read {passages:2}", "fitted  " if half == 0 else "reported", *shares)


def read_all(
    name: str, asked: Sequence[Asked], pages: Sequence[dict[str, Any]], reader: str
) -> list[dict[str, Any]]:
    """Return for each answerable question its sentences: log-odds, fused score, rank, right."""
    rows = []
    settings = load({"read_passages": READ[-1]})
    with newsqa.build([written(name, pages)], index=FOLDER / name, settings=settings) as qa:
        for one in asked:
            if one.kind != "inside":
                continue
            work = qa.work(one.text, reader=reader)
            hits = work.retrieve(Filters())
            read = work.reader.read(one.text, [hit.passage for hit in hits])
            sentences = [
                (
                    _odds(score),
                    hit.score,
                    hit.rank,
                    contains_answer(
                        hit.passage.text[
                            max(0, span.start - hit.passage.span.start) : span.end
                            - hit.passage.span.start
                        ],
                        one.answers,
                    ),
                )
                for hit, candidate in zip(hits, read, strict=True)
                for span, score in candidate.sentences
            ]
            rows.append({"id": one.id, "sentences": sentences})
    return rows


def first_right(rows: Sequence[dict[str, Any]], weight: float, passages: int, half: int) -> float:
    """Return the share of one half whose best sentence is right."""
    right = []
    for row in rows:
        if sha256(row["id"].encode()).digest()[0] % 2 == half:
            kept = [s for s in row["sentences"] if s[2] <= passages]
            right.append(bool(kept) and max(kept, key=lambda s: s[0] + weight * s[1])[3])
    return round(sum(right) / max(1, len(right)), 3)


def _odds(score: float) -> float:
    chance = min(max(score, 1e-6), 1 - 1e-6)
    return math.log(chance / (1 - chance))


if __name__ == "__main__":
    main()
