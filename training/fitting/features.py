"""What each further feature would add to the decision, on the questions it is fitted on.

    python -m training.fitting.features [--pages 1000] [--questions 130]

Fits the rows of the last run of `decision.py --reader shipped` (same numbers of pages and
questions) with the features in force, and with one more or one fewer at a time; prints what the
half that is not fitted shows. "random" is how many standard deviations the cosine of the best
passage lies above the question's cosines with 300 random passages of its index.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from pathlib import Path
from typing import Any

import numpy as np

import newsqa
from newsqa.index.chunking import embedded_text
from newsqa.models import open_encoder
from newsqa.settings import load
from training.fitting.decision import FEATURES, fit, fitted
from training.fitting.decision_rows import FOLDER, Asked, all_asked

FURTHER = ("margin", "agreement", "names", "random", "score", "fused")
RANDOM = 300
SHOWN = ("held_out_auroc_right", "held_out_auroc_answerable", "rejected_at_5_percent")


def main() -> None:
    """Fit each list of features and print the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--pages", type=int, default=1000)
    options.add_argument("--questions", type=int, default=130)
    options.add_argument("--seed", type=int, default=7)
    given = options.parse_args()
    rows = json.loads((FOLDER / "rows-shipped.json").read_text())
    data = Path(os.environ.get("NEWSQA_SHARED", "../shared")) / "data"
    sets = all_asked(data, given.pages, given.questions, given.seed)
    rows = [row for name, (asked, _) in sets.items() for row in _compared(rows, name, asked)]
    shipped = FEATURES["shipped"]
    lists = {"in force": shipped}
    lists |= {f"and {name}": (*shipped, name) for name in FURTHER}
    lists |= {f"without {n}": tuple(other for other in shipped if other != n) for n in shipped}
    print(f"{len(rows)} rows\n{'features':24}  right  answerable  rejected at 5%   quizzes: right")
    for name, features in lists.items():
        report = fit(rows, features)
        quizzes = _auroc([row for row in rows if row["set"] == "quiz"], report)
        told = "  ".join(f"{report[key]:8.3f}" for key in SHOWN)
        print(f"{name:24}{told}      {quizzes:8.3f}", flush=True)


def _auroc(rows: list[dict[str, Any]], report: dict[str, Any]) -> float:
    """Of the quizzes that were not fitted: whether the confidence tells the right ones."""
    from sklearn.metrics import roc_auc_score

    kept = [row for row in rows if not fitted(row["id"])]
    sums = [sum(w * row[name] for name, w in report["weights"].items()) for row in kept]
    chances = [-1e9 if row["missing"] else value for row, value in zip(kept, sums, strict=True)]
    return float(roc_auc_score([row["right"] for row in kept], chances))


def _compared(rows: list[dict[str, Any]], name: str, asked: list[Asked]) -> list[dict[str, Any]]:
    """The rows of one set with the cosine of the best passage against random ones."""
    settings = load()
    encoder = open_encoder(settings.encoder, threads=2, cache_dir=settings.cache_dir)
    texts = {(one.id, one.kind): one.text for one in asked}
    mine = [row for row in rows if row["set"] == name and (row["id"], row["form"]) in texts]
    with newsqa.open(FOLDER / name) as qa:
        snapshot = qa.index.snapshot()
        keys = snapshot.columns.keys.tolist()
        chosen = random.Random(0).sample(keys, min(RANDOM, len(keys)))
        count, most = encoder.count_tokens, settings.passage_tokens
        texts_of = [
            embedded_text(passage, count_tokens=count, max_tokens=most)
            for passage in snapshot.passages(chosen)
        ]
    others = encoder.encode_passages(texts_of)
    questions = encoder.encode_questions([texts[row["id"], row["form"]] for row in mine])
    cosines = np.asarray(questions) @ np.asarray(others).T
    return [
        row | {"random": float((row["dense"] - of.mean()) / (of.std() + 1e-9))}
        for row, of in zip(mine, cosines, strict=True)
    ]


if __name__ == "__main__":
    main()
