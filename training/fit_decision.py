"""Fits the weights of `newsqa.deciding` on training questions, with and without an answer.

    python -m training.fit_decision [--reader none] [--pages 800] [--rows 700] [--seed 7]

From two training sets, news quizzes (realtimeqa-2022-2023) and questions on paragraphs
(squad-train-part), it takes questions whose texts go into a small index, questions whose texts are
kept out of it (leave-gold-out), and quiz questions of other years.
The threshold is the one with the largest sum of "answered of the answerable" and "rejected of the
unanswerable" on the fitted half, a question with a missing name counted as rejected: a rule fixed
before any evaluation set is looked at. A row is right when the best quote holds an acceptable
answer. Questions are split by hash into a half that is fitted and a half that is reported;
nothing is fitted on an evaluation set.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import newsqa
from newsqa.evaluation.metrics import contains_answer
from newsqa.replies import Answer
from newsqa.settings import load

RUNS = Path(__file__).parent / "runs" / "decision"
# "covered" and "kind" came out with weights near or below 0 and no better log-loss in
# cross-validation on the half that is fitted, so they are left out.
FEATURES = ("score", "margin", "names", "agreement")


def main() -> None:
    """Build the indexes if need be, ask, fit, and print the weights with held-out figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--reader", default="none")
    options.add_argument("--pages", type=int, default=800)
    options.add_argument("--rows", type=int, default=700)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--shared", type=Path, default=Path("../shared"))
    options.add_argument("--again", action="store_true", help="fit the rows of the last run again")
    given = options.parse_args()
    kept = RUNS / f"rows-{given.reader}.json"
    rows = json.loads(kept.read_text()) if given.again else _rows(given)
    kept.write_text(json.dumps(rows))
    report = fit(rows)
    (RUNS / f"fit-{given.reader}.json").write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1))


def _rows(given: argparse.Namespace) -> list[dict[str, Any]]:
    train = given.shared / "data" / "train"
    rng = random.Random(given.seed)
    rows = ask_all("quiz", *choose(train / "realtimeqa-2022-2023", given.pages, rng), given.reader)
    rows += ask_all("squad", *paragraphs(train / "squad-train-part", given.rows, rng), given.reader)
    return rows


def choose(
    folder: Path, pages: int, rng: random.Random
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Pick questions and the pages of the index; a third of the questions lose their pages."""
    questions = [json.loads(line) for line in (folder / "questions.jsonl").open(encoding="utf-8")]
    gold: dict[str, list[str]] = {}
    for line in (folder / "qrels.tsv").open(encoding="utf-8"):
        question, page, _ = line.split("\t")
        gold.setdefault(question, []).append(page)
    answerable = [q for q in questions if q["answerable"] and q["id"] in gold]
    others = [q for q in questions if not q["answerable"]]
    rng.shuffle(answerable)
    rng.shuffle(others)
    kept: dict[str, None] = {}
    inside: list[dict[str, Any]] = []
    for question in answerable:
        if len(kept) > pages * 2 // 3:
            break
        inside.append(question)
        kept.update(dict.fromkeys(gold[question["id"]][:3]))
    outside = [
        {**q, "answerable": False}
        for q in answerable[len(inside) : len(inside) * 3 // 2]
        if not kept.keys() & set(gold[q["id"]])
    ]
    barred = {page for q in outside for page in gold[q["id"]]}
    corpus = list(_records(folder / "corpus.jsonl.gz"))
    spare = [page["id"] for page in corpus if page["id"] not in kept and page["id"] not in barred]
    kept.update(dict.fromkeys(rng.sample(spare, max(0, pages - len(kept)))))
    return inside + outside + others[: len(outside)], [p for p in corpus if p["id"] in kept]


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def paragraphs(
    folder: Path, rows: int, rng: random.Random
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Pick paragraphs as articles; a third of those asked about are kept out of the index."""
    texts: dict[str, list[dict[str, Any]]] = {}
    for record in _records(folder / "train.jsonl.gz"):
        if record["answerable"]:
            texts.setdefault(record["context"], []).append(record)
    contexts = sorted(texts)
    rng.shuffle(contexts)
    questions, pages = [], []
    for at, context in enumerate(contexts[: rows * 4]):
        inside = at % 3 > 0
        if inside:
            pages.append({"id": f"p{at}", "title": "", "text": context})
        if at < rows:
            record = rng.choice(texts[context])
            answers = [answer["text"] for answer in record["answers"]]
            question = {"id": f"s{at}", "question": record["question"], "answers": answers}
            questions.append({**question, "answerable": inside})
    return questions, pages


def ask_all(
    name: str, questions: list[dict[str, Any]], pages: list[dict[str, Any]], reader: str
) -> list[dict[str, Any]]:
    """Ask each question with no threshold; return its features and whether it was right."""
    RUNS.mkdir(parents=True, exist_ok=True)
    corpus = RUNS / f"{name}.jsonl"
    corpus.write_text("".join(json.dumps(page) + "\n" for page in pages), encoding="utf-8")
    settings = load({"min_confidence": 0.0})
    rows = []
    with newsqa.build([corpus], index=RUNS / f"index-{name}", settings=settings) as qa:
        for question in questions:
            reply = qa.ask(question["question"], k=1, reader=reader, explain=True)
            if reply.asked.explain is None:
                continue  # nothing was read
            # A missing name is refused whatever the confidence: there is no quote to judge.
            held = isinstance(reply, Answer) and contains_answer(
                reply.quotes[0].text, question["answers"]
            )
            if not question["answerable"] and held:
                continue  # the index answers it after all
            rows.append(
                {
                    "id": question["id"],
                    "set": name,
                    "right": question["answerable"] and held,
                    "answerable": question["answerable"],
                    "missing": bool(reply.asked.explain["missing"]),
                    **reply.asked.explain["features"],
                }
            )
    return rows


def fit(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Fit on the even half of the questions, report on the odd one."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    x = np.array([[row[name] for name in FEATURES] for row in rows])
    y = np.array([row["right"] for row in rows])
    answerable = np.array([row["answerable"] for row in rows])
    half = np.array([sum(map(ord, row["id"])) % 2 == 0 for row in rows])
    missing = np.array([row["missing"] for row in rows])
    judged = half & ~missing  # the confidence decides on these alone
    spread = x[judged].std(axis=0) + 1e-9
    model = LogisticRegression(C=1.0).fit(x[judged] / spread, y[judged])
    p = model.predict_proba(x / spread)[:, 1]
    p = np.where(missing, 0.0, p)  # `Decision.answers` refuses these
    accepted = np.sort(p[~half & answerable])
    threshold = float(accepted[len(accepted) // 20]) if len(accepted) else 0.0
    return {
        "rows": len(rows),
        "threshold": _best_threshold(p[half], answerable[half]),
        "fitted_half": _curve(p[half], y[half], answerable[half]),
        "right": float(y[answerable].mean()),
        "bias": float(model.intercept_[0]),
        "weights": dict(zip(FEATURES, (model.coef_[0] / spread).round(4).tolist(), strict=True)),
        "held_out_auroc_right": float(roc_auc_score(y[~half], p[~half])),
        "held_out_auroc_answerable": float(roc_auc_score(answerable[~half], p[~half])),
        "rejected_at_5_percent": float((p[~half & ~answerable] < threshold).mean()),
        "mean_confidence": float(p[~half].mean()),
        "mean_right": float(y[~half].mean()),
        "curve": _curve(p[~half], y[~half], answerable[~half]),
    }


def _best_threshold(p: Any, answerable: Any) -> float:
    """Return the threshold, in steps of .01, with the largest sum; of equals the lowest."""
    steps = [step / 100 for step in range(1, 100)]

    def total(threshold: float) -> float:
        kept = p >= threshold
        return float(kept[answerable].mean() + (~kept[~answerable]).mean())

    return max(steps, key=lambda step: (round(total(step), 6), -step))


def _curve(p: Any, right: Any, answerable: Any) -> list[dict[str, float]]:
    """For some thresholds: how many answerable questions are answered, how many of all wrongly."""
    points = []
    for threshold in (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6):
        kept = p >= threshold
        points.append(
            {
                "threshold": threshold,
                "answered_of_answerable": float(kept[answerable].mean()),
                "rejected_of_unanswerable": float((~kept[~answerable]).mean()),
                "right_of_answered": float(right[kept].mean()) if kept.any() else 0.0,
            }
        )
    return points


if __name__ == "__main__":
    main()
