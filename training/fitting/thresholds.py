"""Thresholds of the confidence that keep a promise on questions drawn like the calibration ones."""

from __future__ import annotations

from math import exp, lgamma, log
from typing import Any

import numpy as np

STEPS = np.round(np.arange(0, 1.001, 0.001), 3)
FEWEST = 30  # answers that a share is worth stating of


def conformal_threshold(confidence: Any, wrong: Any, level: float) -> float | None:
    """Return the least threshold with an expected share of wrong answers of at most ``level``.

    Args:
        confidence: Of each calibration question, in [0, 1].
        wrong: Whether its best quote does not answer; the loss is 1 where it is shown none the
            less, so that it never grows with the threshold and is at most 1.
        level: In (0, 1); None is returned where too few questions are there for it.
    """
    n = len(confidence)
    for threshold in STEPS:
        shown = (confidence >= threshold) & wrong
        if (shown.sum() + 1) / (n + 1) <= level:
            return float(threshold)
    return None


def precision_threshold(
    confidence: Any, right: Any, precision: float, doubt: float = 0.1
) -> float | None:
    """Return the least threshold from which on answers are right at least so often.

    Thresholds are tested from the highest down, each by the exact binomial test that the share of
    right ones above it is no lower than promised, until one fails: with probability 1 - ``doubt``
    the promise holds (fixed-sequence testing; Clopper and Pearson 1934 for the bound).

    Args:
        confidence: Of each calibration question, in [0, 1].
        right: Whether its best quote answers; never so for a question without an answer.
        precision: The promised share, in (0, 1).
        doubt: How often the promise may fail over draws of the calibration questions.
    """
    kept = None
    for threshold in STEPS[::-1]:
        shown = confidence >= threshold
        n, good = int(shown.sum()), int((shown & right).sum())
        if n < FEWEST:
            continue
        if _at_least(good, n, precision) > doubt:
            break
        kept = float(threshold)
    return kept


def _at_least(good: int, n: int, share: float) -> float:
    """The probability of at least ``good`` successes in ``n`` trials of chance ``share``."""
    whole = lgamma(n + 1)
    return sum(
        exp(whole - lgamma(k + 1) - lgamma(n - k + 1) + k * log(share) + (n - k) * log(1.0 - share))
        for k in range(good, n + 1)
    )
