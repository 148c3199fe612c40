"""How much nearness to the day of asking should count in the ranking (`newsqa.question.dates`).

    python -m training.fitting.days

Asks the held-aside news quizzes (`decision_rows.py`, whose index of pages must be there) and prints
how high their judged pages rank for several shares and speeds of fading.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from math import exp
from pathlib import Path

import newsqa
from newsqa.settings import load
from newsqa.types import Hit
from training.data.realtime import HELD_FROM
from training.data.records import read_lines
from training.fitting.decision_rows import FOLDER, QUIZ

Case = tuple[date, set[str], Sequence[Hit]]


def cases(data: Path) -> list[Case]:
    """For each held-aside question: its day, its judged pages, and 100 hits."""
    folder = data / "train" / QUIZ
    gold: dict[str, set[str]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        question, page, _ = line.split("\t")
        gold.setdefault(question, set()).add(page)
    rows = [r for r in read_lines(folder / "questions.jsonl") if r["answerable"]]
    held = [r for r in rows if r["id"] in gold and r["date"] >= HELD_FROM]
    with newsqa.open(FOLDER / "quiz", settings=load()) as qa:
        return [
            (date.fromisoformat(r["date"][:10]), gold[r["id"]], qa.search(r["question"], k=100))
            for r in held
        ]


def ranked(case: Case, share: float, fades: float) -> list[str]:
    """The articles of the hits, best first."""
    day, _, hits = case

    def worth(hit: Hit) -> float:
        published = hit.passage.published
        before = (day - published).days if published else -99
        near = exp(-max(before, 0) / fades) if before >= -3 else 0.0
        return -((1 - share) * hit.score + share * near)

    return list(dict.fromkeys(hit.passage.article_id for hit in sorted(hits, key=worth)))


def main() -> None:
    """Print MRR@10 and success@1 for each setting."""
    found = cases(Path(os.environ.get("NEWSQA_SHARED", "../shared")) / "data")
    print(f"{len(found)} questions")
    for fades in (7.0, 30.0, 120.0, 365.0):
        for share in (0.0, 0.05, 0.1, 0.2, 0.3):
            total = first = 0.0
            for case in found:
                top = ranked(case, share, fades)[:10]
                place = next((at for at, page in enumerate(top, 1) if page in case[1]), None)
                total += 1 / place if place else 0.0
                first += place == 1
            n = len(found)
            print(f"fades {fades:4.0f} share {share:.2f} {total / n:.3f} {first / n:.3f}")


if __name__ == "__main__":
    main()
