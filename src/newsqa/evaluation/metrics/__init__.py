"""Metrics on plain values: nothing here knows of an index, a reader or a file.

Every metric lies in [0, 1] but for differences and for seconds; a mean over nothing is NaN, never
a silent 0. Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from newsqa.evaluation.metrics.confidence import (
    accuracy_at_coverage,
    area_under_risk_coverage,
    auroc,
    calibration_bins,
    expected_calibration_error,
    rejected_at,
    risk_coverage,
)
from newsqa.evaluation.metrics.intervals import Interval, mean_interval, paired_difference
from newsqa.evaluation.metrics.ranking import (
    RANKING,
    article_ranking,
    average_precision,
    rank_articles,
    reciprocal_rank,
)
from newsqa.evaluation.metrics.words import (
    contains_answer,
    exact_match,
    normalised,
    set_scores,
    token_f1,
)

__all__ = [
    "RANKING",
    "Interval",
    "accuracy_at_coverage",
    "area_under_risk_coverage",
    "article_ranking",
    "auroc",
    "average_precision",
    "calibration_bins",
    "contains_answer",
    "exact_match",
    "expected_calibration_error",
    "mean_interval",
    "normalised",
    "paired_difference",
    "rank_articles",
    "reciprocal_rank",
    "rejected_at",
    "risk_coverage",
    "set_scores",
    "token_f1",
]
