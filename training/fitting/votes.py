"""What other articles, the place in the article and a third quote are worth.

    python -m training.fitting.votes [--pages 1000]

Reads once what is found for the held-aside news quizzes (`decision_rows.py`), asked on their day,
then chooses the quotes with several weights and prints how often the first quote, and any quote, is
right, how many quotes there are, and how high the judged pages rank when the reader helps to order.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import newsqa
from newsqa.answering import decision as deciding
from newsqa.answering.decision import Decision, decide, reorder
from newsqa.answering.weights import WEIGHTS, Weights
from newsqa.evaluation.metrics import contains_answer, rank_articles
from newsqa.question.query import Query
from newsqa.settings import load
from newsqa.types import Candidate, Filters, Hit
from training.data.records import read_lines
from training.fitting.decision_rows import FOLDER, QUIZ, quiz, written

BARE = replace(WEIGHTS["shipped"], votes=0.0, lead=0.0, third=0.0)
VARIANTS = (
    *((f"votes {v:g}, lead {w:g}", replace(BARE, votes=v, lead=w))
      for v in (0.0, 1.0, 2.0, 3.0, 4.0) for w in (0.0, 0.25, 0.5, 0.75)),
    *((f"as shipped, third {t:g}", replace(WEIGHTS["shipped"], third=t)) for t in (0, 0.6, 0.8, 1)),
    ("as shipped", WEIGHTS["shipped"]),
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One question with its answers, its judged pages, what was found and what was read."""

    question: str
    answers: tuple[str, ...]
    gold: frozenset[str]
    hits: Sequence[Hit]
    read: Sequence[Candidate]


def cases(data: Path, pages: int, seed: int) -> list[Case]:
    """Build the index if need be, and read what is found for each question."""
    asked, texts = quiz(data, pages, seed)
    folder = data / "train" / QUIZ
    days = {r["id"]: r["date"][:10] for r in read_lines(folder / "questions.jsonl")}
    gold: dict[str, set[str]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        question, page, _ = line.split("\t")
        gold.setdefault(question, set()).add(page)
    found = []
    with newsqa.build([written("quiz", texts)], index=FOLDER / "quiz", settings=load()) as qa:
        for one in (one for one in asked if one.kind == "inside"):
            work = qa.work(one.text, today=date.fromisoformat(days[one.id]))
            hits = work.retriever.hits(Filters(), qa.settings.read_passages)
            read = work.reader.read(one.text, [hit.passage for hit in hits])
            found.append(Case(one.text, one.answers, frozenset(gold[one.id]), hits, read))
    return found


def measured(cases: Sequence[Case], weights: Weights) -> str:
    """The share of first quotes and of any quotes that are right, quotes, MRR@10 of the pages."""
    deciding.WEIGHTS = {**WEIGHTS, "shipped": weights}
    first = some = quotes = ranks = 0.0
    for case in cases:
        if not case.hits:
            continue
        query = Query.of(case.question)
        decision = decide(query, case.hits, case.read, idf=lambda _: 1.0, reader="shipped", k=3)
        right = _right(decision, case.answers)
        first += right[0]
        some += any(right)
        quotes += len(right)
        hits = reorder(case.hits, case.read, "shipped")
        pages = rank_articles([hit.passage.article_id for hit in hits])
        ranks += next((1 / n for n, page in enumerate(pages[:10], 1) if page in case.gold), 0.0)
    n = len(cases)
    return f"first {first / n:.3f} any {some / n:.3f} quotes {quotes / n:.2f} MRR {ranks / n:.3f}"


def _right(decision: Decision, answers: Sequence[str]) -> list[bool]:
    return [contains_answer(sentence.text, answers) for sentence in decision.chosen]


def main() -> None:
    """Print a line for each variant."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pages", type=int, default=1000)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    data = Path(os.environ.get("NEWSQA_SHARED", "../shared")) / "data"
    found = cases(data, given.pages, given.seed)
    print(f"{len(found)} questions")
    for name, weights in VARIANTS:
        print(f"{name:24} {measured(found, weights)}", flush=True)
    for weight in (0.0, 0.03, 0.05, 0.07, 0.1, 0.2):
        print(f"rerank {weight:g}: {measured(found, replace(BARE, rerank=weight))}", flush=True)


if __name__ == "__main__":
    main()
