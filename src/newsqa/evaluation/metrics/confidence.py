"""Measure confidence: does it separate, is it calibrated, what does refusing buy?

Everywhere equal confidences are treated alike, whatever the order they come in.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

BINS = 10


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Return the chance that a positive scores above a negative, ties counting half.

    NaN if either side is empty.
    """
    if not positives or not negatives:
        return nan
    import numpy as np

    high = np.sort(np.asarray(positives, dtype=np.float64))
    low = np.sort(np.asarray(negatives, dtype=np.float64))
    below = np.searchsorted(low, high, side="left").sum()
    equal_or_below = np.searchsorted(low, high, side="right").sum()
    return float((below + equal_or_below) / 2 / (len(high) * len(low)))


def rejected_at(
    false_rejection: float, answerable: Sequence[float], unanswerable: Sequence[float]
) -> float:
    """Return the share of unanswerable questions below the highest threshold that is allowed.

    Args:
        false_rejection: The largest share of answerable questions that may be rejected.
        answerable: Confidences of answerable questions; one equal to the threshold is answered.
        unanswerable: Confidences of unanswerable questions.

    Returns:
        NaN if either side is empty.
    """
    if not answerable or not unanswerable:
        return nan
    threshold = threshold_at(false_rejection, answerable)
    return sum(value < threshold for value in unanswerable) / len(unanswerable)


def threshold_at(false_rejection: float, answerable: Sequence[float]) -> float:
    """Return the highest threshold that rejects no more than that share of ``answerable``."""
    allowed = int(false_rejection * len(answerable) + 1e-9)
    ordered = sorted(answerable)
    return ordered[min(allowed, len(ordered) - 1)]


def calibration_bins(
    confidences: Sequence[float], right: Sequence[bool], bins: int = BINS
) -> list[tuple[float, float, int]]:
    """Return mean confidence, share right and count of each bin that holds something.

    The bins are of equal width, [0, 1/n), [1/n, 2/n) and so on; the last one includes 1.
    """
    by_bin: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for value, is_right in zip(confidences, right, strict=True):
        by_bin[min(int(value * bins), bins - 1)].append((value, is_right))
    return [
        (sum(v for v, _ in part) / len(part), sum(r for _, r in part) / len(part), len(part))
        for part in by_bin
        if part
    ]


def expected_calibration_error(
    confidences: Sequence[float], right: Sequence[bool], bins: int = BINS
) -> float:
    """Return the mean gap between confidence and share right over `calibration_bins`.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", equation 3.
    """
    if not confidences:
        return nan
    gaps = calibration_bins(confidences, right, bins)
    return sum(abs(confidence - share) * count for confidence, share, count in gaps) / len(
        confidences
    )


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float]]:
    """Return (coverage, share wrong of what is covered), the surest first, one point a question.

    Among equal confidences the wrong ones are spread evenly: their order must not matter.
    """
    points: list[tuple[float, float]] = []
    wrong, total = 0.0, len(confidences)
    for rate, size in _groups(confidences, right):
        for _ in range(size):
            wrong += 1 - rate
            points.append(((len(points) + 1) / total, wrong / (len(points) + 1)))
    return points


def area_under_risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Return the mean share wrong over all coverages (AURC): lower is better.

    Source: Geifman et al. 2019, "Bias-Reduced Uncertainty Estimation", section 3.
    """
    points = risk_coverage(confidences, right)
    return min(1.0, sum(risk for _, risk in points) / len(points)) if points else nan


def accuracy_at_coverage(
    coverage: float, confidences: Sequence[float], right: Sequence[bool]
) -> float:
    """Return the share right among the surest ``coverage`` of the questions, at least one."""
    points = risk_coverage(confidences, right)
    if not points:
        return nan
    count = max(1, round(coverage * len(points)))
    return min(1.0, max(0.0, 1 - points[count - 1][1]))


def _groups(confidences: Sequence[float], right: Sequence[bool]) -> list[tuple[float, int]]:
    """Share right and size of each group of equal confidence, the surest first."""
    ordered = sorted(zip(confidences, right, strict=True), key=lambda pair: -pair[0])
    groups: list[list[tuple[float, bool]]] = []
    for pair in ordered:
        if groups and groups[-1][0][0] == pair[0]:
            groups[-1].append(pair)
        else:
            groups.append([pair])
    return [(sum(r for _, r in group) / len(group), len(group)) for group in groups]
