"""Fits the weights of `newsqa.answering.weights` on held-aside questions.

    python -m training.fitting.decision [--reader none | --weights FOLDER] [--again]

The questions are those of `decision_rows.py`. They are split by the hash of their groups into a
half that is fitted and a half that is reported; all forms of a question, and all questions on an
authored passage, lie in one half. Nothing is fitted on an evaluation set. A row is right when the
best quote holds an acceptable answer. Features are chosen on the fitted half (`features.py`);
whether a name is missing is always weighed: a question with a missing name is refused.

Beside the weights stand the thresholds, from one form of each question of the half that was not
fitted. "wrong_at_most" are those of conformal risk control (Angelopoulos, Bates, Fisch, Lei and
Schuster 2022, Conformal Risk Control, theorem 1): of questions drawn as those were, at most the
share named is expected to be answered with a first quote that does not answer. The shipped default
is that of 25%, which is also where an answer becomes "possible". It is "likely" from where at least
85% of the answers are right, with 90% confidence (`thresholds.precision_threshold`).
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from newsqa.models.onnx_reader import OnnxReader
from training.fitting.decision_rows import FOLDER, all_rows
from training.fitting.features import select
from training.fitting.thresholds import conformal_threshold, precision_threshold

CANDIDATES = {
    "none": ("score", "margin", "covered", "names", "kind", "dense", "agreement"),
    # "fused" is left out: where the answering passages are taken out of a ranking, the scores of
    # the others are lower than in an index that never held them.
    "shipped": (
        "odds",
        "margin",
        "relevance",
        "no_answer",
        "covered",
        "nowhere",
        "names",
        "kind",
        "dense",
        "agreement",
        "lead",
    ),
}
ALWAYS = ("missing",)
TIMES = {"quiz": 2.0}  # how much a row counts in the fit: these are nearest to what is asked here
LEVELS = (0.05, 0.1, 0.15, 0.2, 0.25)
LIKELY = 0.85


def main() -> None:
    """Build the indexes if need be, ask, fit, and print the weights with held-out figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--reader", default="shipped", choices=sorted(CANDIDATES))
    parser.add_argument("--weights", type=Path, help="a trained reader's export folder")
    parser.add_argument("--pages", type=int, default=250)
    parser.add_argument("--questions", type=int, default=60, help="of each set")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--again", action="store_true", help="fit the rows of the last run again")
    options = parser.parse_args()
    name = options.weights.resolve().parent.name if options.weights else options.reader
    kept = FOLDER / f"rows-{name}.json"
    rows = json.loads(kept.read_text()) if options.again else _rows(options)
    kept.write_text(json.dumps(rows))
    fitted_half = [row for row in rows if fitted(row["group"])]
    features, steps = select(fitted_half, CANDIDATES[options.reader], ALWAYS, options.seed)
    report = {"steps": [asdict(step) for step in steps]} | fit(rows, features)
    (FOLDER / f"fit-{name}.json").write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1))


def _rows(options: argparse.Namespace) -> list[dict[str, Any]]:
    data = Path(os.environ.get("NEWSQA_SHARED", "../shared")) / "data"
    reader = OnnxReader.load(options.weights) if options.weights else options.reader
    return all_rows(data, options.pages, options.questions, options.seed, reader)


def fit(rows: list[dict[str, Any]], features: tuple[str, ...]) -> dict[str, Any]:
    """Fit on one half of the questions, report on the other."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    x = np.array([[row[name] for name in features] for row in rows])
    y = np.array([row["right"] for row in rows])
    answerable = np.array([row["answerable"] for row in rows])
    half = np.array([fitted(row["group"]) for row in rows])
    missing = np.array([row["missing"] for row in rows], dtype=bool)
    sure = np.array([row["confidence"] for row in rows])  # by the weights in force
    counts = np.array([TIMES.get(row["set"], 1.0) for row in rows])
    spread = x[half].std(axis=0) + 1e-9
    model = LogisticRegression(C=1.0).fit(x[half] / spread, y[half], sample_weight=counts[half])
    p = model.predict_proba(x / spread)[:, 1]
    p = np.where(missing, 0.0, p)  # `Decision.answers` refuses these
    accepted = np.sort(p[~half & answerable])
    threshold = float(accepted[len(accepted) // 20]) if len(accepted) else 0.0
    chosen = _one_form(rows, ~half)
    return {
        "rows": len(rows),
        **_promises(p[chosen], y[chosen]),
        "calibrated_on": int(chosen.sum()),
        "in_force": _promises(np.where(missing, 0.0, sure)[chosen], y[chosen]),
        "fitted_half": _curve(p[half], y[half], answerable[half]),
        "right": float(y[answerable].mean()),
        "bias": float(model.intercept_[0]),
        "weights": dict(zip(features, (model.coef_[0] / spread).round(4).tolist(), strict=True)),
        "held_out_auroc_right": float(roc_auc_score(y[~half], p[~half])),
        "held_out_auroc_answerable": float(roc_auc_score(answerable[~half], p[~half])),
        "rejected_at_5_percent": float((p[~half & ~answerable] < threshold).mean()),
        "mean_confidence": float(p[~half].mean()),
        "mean_right": float(y[~half].mean()),
        "curve": _curve(p[~half], y[~half], answerable[~half]),
        "by_form": _by_form(rows, p, y, ~half),
    }


def _promises(confidence: Any, right: Any) -> dict[str, Any]:
    """The thresholds that stand beside the weights."""
    wrong = {level: conformal_threshold(confidence, ~right, level) for level in LEVELS}
    return {"wrong_at_most": wrong, "likely": precision_threshold(confidence, right, LIKELY)}


def _by_form(rows: list[dict[str, Any]], p: Any, y: Any, among: Any) -> dict[str, Any]:
    """For each set and form: how many rows, how sure in the mean, how often right."""
    names = np.array([f"{row['set']}/{row['form']}" for row in rows])
    return {
        name: {
            "rows": int((of := among & (names == name)).sum()),
            "confidence": float(p[of].mean()) if of.any() else 0.0,
            "right": float(y[of].mean()) if of.any() else 0.0,
        }
        for name in sorted(set(names))
    }


def fitted(name: str) -> bool:
    """Whether a group of questions is of the half that is fitted, by its name."""
    return sha256(name.encode()).digest()[0] % 2 == 0


def _one_form(rows: list[dict[str, Any]], among: Any) -> Any:
    """Mark one form of each question, by the hash of its id: forms of one are not independent."""
    forms: dict[tuple[str, str], list[int]] = {}
    for at, row in enumerate(rows):
        if among[at]:
            forms.setdefault((row["set"], row["id"]), []).append(at)
    marked = np.zeros(len(rows), dtype=bool)
    for (_, name), places in forms.items():
        marked[places[sha256(name.encode()).digest()[1] % len(places)]] = True
    return marked


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
