"""Merge rankings whose scores cannot be compared.

Pure functions; no models.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
DECIMALS = 6  # equal vectors do not get equal scores in every library: round before comparing


def min_max_fusion(
    dense: Mapping[K, float], lexical: Mapping[K, float], *, dense_weight: float
) -> dict[K, float]:
    """Merge two scored sets of keys.

    Each leg is scaled to [0, 1] over its own scores; a key that a leg does not hold gets 0
    from it. The score is ``dense_weight`` times the one plus the rest times the other, in
    [0, 1], rounded to 6 decimals, comparable only inside this ranking.

    Args:
        dense: Scores of the dense leg by key, higher is better.
        lexical: Scores of the lexical leg by key, higher is better.
        dense_weight: Share of the dense leg, in [0, 1].

    Raises:
        ValueError: ``dense_weight`` is outside [0, 1].

    Source: Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval",
    ACM TOIS 42(1), 2023, doi:10.1145/3596512 (convex combination of min-max scores).
    """
    if not 0.0 <= dense_weight <= 1.0:
        raise ValueError(f"dense_weight is a share, got {dense_weight}")
    if not dense or not lexical:  # one leg found nothing: the other one ranks alone
        return scaled(dense or lexical)
    a, b = scaled(dense), scaled(lexical)
    return {
        key: round(
            dense_weight * a.get(key, 0.0) + (1.0 - dense_weight) * b.get(key, 0.0), DECIMALS
        )
        for key in a | b
    }


def scaled(scores: Mapping[K, float]) -> dict[K, float]:
    """Return the scores stretched so that the lowest is 0 and the highest 1."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    if round(high - low, DECIMALS) == 0:  # a single hit, or all alike: each is as good as the best
        return dict.fromkeys(scores, 1.0)
    return {key: round((score - low) / (high - low), DECIMALS) for key, score in scores.items()}
