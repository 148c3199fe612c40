"""Figures of evaluation, each in [0, 1]."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def auroc(scored: Sequence[tuple[float, bool]]) -> float:
    """The chance that a right one scores above a wrong one, ties counting half."""
    values = np.array([s for s, _ in scored], dtype=np.float64)
    right = np.array([bool(r) for _, r in scored])
    if right.all() or not right.any():
        return float("nan")
    order = values.argsort(kind="stable")
    ranks = np.empty(len(values))
    ranks[order] = np.arange(1, len(values) + 1)
    for value in np.unique(values):
        same = values == value
        ranks[same] = ranks[same].mean()
    n = int(right.sum())
    return float((ranks[right].sum() - n * (n + 1) / 2) / (n * (len(values) - n)))


def reciprocal_rank(scored: Sequence[tuple[float, bool]]) -> float:
    """1 / rank of the first right one; ties count as wrong ones first."""
    best = max((s for s, r in scored if r), default=None)
    if best is None:
        return 0.0
    return 1.0 / (1 + sum(1 for s, r in scored if s > best or (s == best and not r)))


def average_precision(scored: Sequence[tuple[float, bool]]) -> float:
    """Mean precision at each right one."""
    ranked = sorted(scored, key=lambda pair: (-pair[0], pair[1]))
    found, total = 0, 0.0
    for rank, (_, right) in enumerate(ranked, 1):
        if right:
            found += 1
            total += found / rank
    return total / found if found else 0.0


def rejected_at(share: float, scored: Sequence[tuple[float, bool]]) -> float:
    """The share of wrong ones below the score that rejects `share` of the right ones."""
    right = sorted(score for score, is_right in scored if is_right)
    threshold = right[int(share * len(right))]
    wrong = [score for score, is_right in scored if not is_right]
    return sum(score < threshold for score in wrong) / len(wrong)
