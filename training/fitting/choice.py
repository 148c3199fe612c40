"""What should count beside a sentence's own score when the sentence to quote is chosen.

    python -m training.fitting.choice [--reader shipped] [--pages 1000] [--questions 350]

Reads what the search found for the held-aside questions of `decision_rows.py` and fits, on one half
of them, a softmax over all sentences of a question: the log-odds of the sentence, and relevance,
no-answer and fused score of its passage. Printed is how often the best sentence holds an acceptable
answer on either half, with these weights and by the log-odds alone.
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

import numpy as np

import newsqa
from newsqa.evaluation.metrics import contains_answer
from newsqa.settings import load
from newsqa.types import Filters
from training.fitting.decision_rows import (
    FOLDER,
    PARAGRAPHS,
    SEARCHED,
    Asked,
    paragraphs,
    quiz,
    written,
)

NAMES = ("odds", "relevance", "no_answer", "fused")
READ = 12


def main() -> None:
    """Read, print the table and keep it beside the other fits."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--reader", default="shipped")
    options.add_argument("--pages", type=int, default=1000)
    options.add_argument("--questions", type=int, default=350)
    options.add_argument("--seed", type=int, default=7)
    given = options.parse_args()
    data = Path(os.environ.get("NEWSQA_SHARED", "../shared")) / "data"
    drawn = (given.questions, given.seed)
    found = {
        "quiz": read_all("quiz", *quiz(data, given.pages, given.seed), given.reader),
        "squad": read_all("squad", *paragraphs(PARAGRAPHS, *drawn), given.reader),
        "nq": read_all("nq", *paragraphs(SEARCHED, *drawn), given.reader),
    }
    (FOLDER / f"choice-{given.reader}.json").write_text(json.dumps(found))
    weights = fit([r for rows in found.values() for r in rows if not reported(r)])
    print(dict(zip(NAMES, weights.round(3).tolist(), strict=True)), "times the odds' own")
    for name, rows in found.items():
        for half in (False, True):
            part = [row for row in rows if reported(row) is half]
            plain = first_right(part, np.array([1.0, 0.0, 0.0, 0.0]))
            shares = f"by odds {plain:.3f}, weighed {first_right(part, weights):.3f}"
            print(name, "reported" if half else "fitted", len(part), shares)


def read_all(
    name: str, asked: Sequence[Asked], pages: Sequence[dict[str, Any]], reader: str
) -> list[dict[str, Any]]:
    """Return for each answerable question its sentences: NAMES, and whether it is right."""
    rows = []
    settings = load({"read_passages": READ})
    with newsqa.build([written(name, pages)], index=FOLDER / name, settings=settings) as qa:
        for one in asked:
            if one.kind != "inside":
                continue
            work = qa.work(one.text, reader=reader)
            hits = work.retriever.hits(Filters(), READ)
            read = work.reader.read(one.text, [hit.passage for hit in hits])
            sentences = [
                (
                    _odds(score),
                    candidate.relevance,
                    candidate.no_answer,
                    hit.score,
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


def reported(row: dict[str, Any]) -> bool:
    """Whether a question lies in the half that nothing is fitted on."""
    return sha256(row["id"].encode()).digest()[0] % 2 == 1


def fit(rows: Sequence[dict[str, Any]]) -> Any:
    """Return the weights of NAMES, the first of them 1, by the likelihood of a right sentence."""
    from scipy.optimize import minimize

    judged = [np.array(row["sentences"], dtype=float) for row in rows]
    judged = [table for table in judged if len(table) and table[:, -1].sum() > 0]

    def loss(weights: Any) -> float:
        total = 0.01 * float(weights @ weights)
        for table in judged:
            worth = table[:, :-1] @ weights
            worth -= worth.max()
            total -= math.log(np.exp(worth[table[:, -1] > 0]).sum() / np.exp(worth).sum())
        return total

    weights = minimize(loss, np.array([1.0, 0.0, 0.0, 1.0])).x
    return weights / weights[0]


def first_right(rows: Sequence[dict[str, Any]], weights: Any) -> float:
    """Return the share of questions whose best sentence is right."""
    right = 0
    for row in rows:
        if row["sentences"]:
            table = np.array(row["sentences"], dtype=float)
            right += bool(table[int((table[:, :-1] @ weights).argmax()), -1])
    return right / max(1, len(rows))


def _odds(score: float) -> float:
    chance = min(max(score, 1e-6), 1 - 1e-6)
    return math.log(chance / (1 - chance))


if __name__ == "__main__":
    main()
