"""Fusion against values worked by hand, and its properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.retrieval.fusion import min_max_fusion, scaled

SCORES = st.dictionaries(st.integers(0, 30), st.floats(-5, 50, allow_nan=False), max_size=20)


def test_values_by_hand() -> None:
    fused = min_max_fusion({1: 0.9, 2: 0.5, 3: 0.1}, {2: 10.0, 4: 5.0}, dense_weight=0.5)

    assert fused == {1: 0.5, 2: 0.75, 3: 0.0, 4: 0.0}


def test_one_empty_leg_leaves_the_other_alone() -> None:
    assert min_max_fusion({}, {7: 3.0, 8: 1.0}, dense_weight=0.5) == {7: 1.0, 8: 0.0}


def test_equal_scores_are_all_the_best() -> None:
    assert scaled({1: 2.0, 2: 2.0}) == {1: 1.0, 2: 1.0}


@given(SCORES, SCORES, st.floats(0, 1))
def test_scores_stay_in_the_unit_interval_and_no_key_is_lost(
    dense: dict[int, float], lexical: dict[int, float], weight: float
) -> None:
    fused = min_max_fusion(dense, lexical, dense_weight=weight)

    assert set(fused) == set(dense) | set(lexical)
    assert all(0.0 <= score <= 1.0 for score in fused.values())


def test_a_weight_that_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match="share"):
        min_max_fusion({}, {}, dense_weight=1.5)
