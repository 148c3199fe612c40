"""Which features the decision weighs: those that add to it outside their interval.

Forward selection on the fitted half alone: the feature that raises the cross-validated AUROC of
"the best quote answers" most is added as long as the lower end of the paired 90% bootstrap interval
of its gain lies above 0. Questions of one group lie in one fold and are drawn together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

FOLDS = 5
DRAWS = 300
LEVEL = 0.1  # of the two-sided interval


@dataclass(frozen=True, slots=True)
class Step:
    """One feature that was tried last: its gain and the interval of it."""

    feature: str
    auroc: float
    gain: float
    low: float
    high: float


def select(
    rows: Sequence[dict[str, Any]], candidates: Sequence[str], always: Sequence[str], seed: int
) -> tuple[tuple[str, ...], list[Step]]:
    """Return the features to weigh and the steps that led there, the refused one last."""
    chosen = list(always)
    right = np.array([bool(row["right"]) for row in rows])
    groups = np.unique([row["group"] for row in rows], return_inverse=True)[1]
    draws = _drawn(groups, seed)
    before = _predicted(rows, chosen, right, groups)
    steps: list[Step] = []
    while len(chosen) < len(always) + len(candidates):
        rest = [name for name in candidates if name not in chosen]
        tried = {name: _predicted(rows, [*chosen, name], right, groups) for name in rest}
        best = max(rest, key=lambda name: _auroc(right, tried[name]))
        gains = [_auroc(right[d], tried[best][d]) - _auroc(right[d], before[d]) for d in draws]
        low, high = np.quantile(gains, [LEVEL / 2, 1 - LEVEL / 2])
        reached = _auroc(right, tried[best])
        gain = reached - _auroc(right, before)
        steps.append(Step(best, reached, gain, float(low), float(high)))
        if low <= 0:
            break
        chosen.append(best)
        before = tried[best]
    return tuple(chosen), steps


def _drawn(groups: Any, seed: int) -> list[Any]:
    """Row numbers of some bootstrap draws of whole groups."""
    random = np.random.default_rng(seed)
    members = [np.flatnonzero(groups == n) for n in range(groups.max() + 1)]
    return [
        np.concatenate([members[n] for n in random.integers(0, len(members), len(members))])
        for _ in range(DRAWS)
    ]


def _predicted(
    rows: Sequence[dict[str, Any]], names: Sequence[str], right: Any, groups: Any
) -> Any:
    """The probability of each row by a model that was fitted on other groups."""
    from sklearn.linear_model import LogisticRegression

    if not names:
        return np.zeros(len(rows))
    x = np.array([[row[name] for name in names] for row in rows])
    x = x / (x.std(axis=0) + 1e-9)
    chances = np.zeros(len(rows))
    for fold in range(FOLDS):
        inside = groups % FOLDS == fold
        model = LogisticRegression(C=1.0, max_iter=500).fit(x[~inside], right[~inside])
        chances[inside] = model.predict_proba(x[inside])[:, 1]
    return chances


def _auroc(right: Any, chances: Any) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(right, chances)) if 0 < right.sum() < len(right) else 0.5
