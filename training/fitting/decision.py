"""Fits the weights of `newsqa.answering.weights` on held-aside questions.

    python -m training.fitting.decision [--reader none] [--pages 1500] [--questions 350] [--again]

The questions are those of `decision_rows.py`. They are split by the hash of their ids into a half
that is fitted and a half that is reported; all forms of a question lie in one half. Nothing is
fitted on an evaluation set. A row is right when the best quote holds an acceptable answer.
"threshold" is the one with the largest sum of "answered of the answerable" and "rejected of the
unanswerable" on the fitted half, a question with a missing name counted as rejected: a rule fixed
before any evaluation set is looked at. The shipped default is that of "wrong_at_most" 25%.

Beside it stand the thresholds of conformal risk control (Angelopoulos, Bates, Fisch, Lei and
Schuster 2022, Conformal Risk Control, theorem 1), from one form of each question of the half that
was not fitted: of questions drawn as those were, at most the share named is expected to be answered
with a first quote that does not answer.
"""

from __future__ import annotations

import argparse
import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from training.fitting.decision_rows import FOLDER, all_rows

FEATURES = {
    "none": ("score", "margin", "covered", "names", "kind", "dense", "agreement"),
    # "fused" is left out: where the answering passages are taken out of a ranking, the scores of
    # the others are lower than in an index that never held them.
    # "lead", "missing" and "nowhere" raised the AUROC on the half of realtimeqa-2025 to choose on
    # from .80 to .83; votes, the rank, the second best and what the sentence itself holds did not.
    "shipped": (
        "odds",
        "relevance",
        "no_answer",
        "covered",
        "kind",
        "dense",
        "lead",
        "missing",
        "nowhere",
    ),
}
TIMES = {"quiz": 2.0}  # how much a row counts in the fit: these are nearest to what is asked here
LEVELS = (0.05, 0.1, 0.15, 0.2, 0.25)


def main() -> None:
    """Build the indexes if need be, ask, fit, and print the weights with held-out figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--reader", default="none", choices=sorted(FEATURES))
    options.add_argument("--pages", type=int, default=1500)
    options.add_argument("--questions", type=int, default=350)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--again", action="store_true", help="fit the rows of the last run again")
    given = options.parse_args()
    kept = FOLDER / f"rows-{given.reader}.json"
    rows = json.loads(kept.read_text()) if given.again else _rows(given)
    kept.write_text(json.dumps(rows))
    report = fit(rows, FEATURES[given.reader])
    (FOLDER / f"fit-{given.reader}.json").write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1))


def _rows(given: argparse.Namespace) -> list[dict[str, Any]]:
    data = Path(os.environ.get("NEWSQA_SHARED", "../shared")) / "data"
    return all_rows(data, given.pages, given.questions, given.seed, given.reader)


def fit(rows: list[dict[str, Any]], features: tuple[str, ...]) -> dict[str, Any]:
    """Fit on one half of the questions, report on the other."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    x = np.array([[row[name] for name in features] for row in rows])
    y = np.array([row["right"] for row in rows])
    answerable = np.array([row["answerable"] for row in rows])
    half = np.array([fitted(row["id"]) for row in rows])
    missing = np.array([row["missing"] for row in rows], dtype=bool)
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
        "wrong_at_most": {
            level: conformal_threshold(p[chosen], ~y[chosen], level) for level in LEVELS
        },
        "calibrated_on": int(chosen.sum()),
        "threshold": _best_threshold(p[half], answerable[half]),
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
    }


def fitted(name: str) -> bool:
    """Whether a question is of the half that is fitted, by its id."""
    return sha256(name.encode()).digest()[0] % 2 == 0


def conformal_threshold(confidence: Any, wrong: Any, level: float) -> float | None:
    """Return the least threshold with an expected share of wrong answers of at most ``level``.

    Args:
        confidence: Of each calibration question, in [0, 1].
        wrong: Whether its best quote does not answer; the loss is 1 where it is shown none the
            less, so that it never grows with the threshold and is at most 1.
        level: In (0, 1); None is returned where too few questions are there for it.
    """
    n = len(confidence)
    for threshold in np.round(np.arange(0, 1.001, 0.001), 3):
        shown = (confidence >= threshold) & wrong
        if (shown.sum() + 1) / (n + 1) <= level:
            return float(threshold)
    return None


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
