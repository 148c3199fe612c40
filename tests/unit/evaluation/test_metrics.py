"""Metrics against cases worked by hand, against their formulas, and within their bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.evaluation import metrics

SHARES = st.floats(0, 1, allow_nan=False)
JUDGED = st.lists(st.tuples(SHARES, st.booleans()), min_size=1, max_size=40)


# -- words ---------------------------------------------------------------------------------------


def test_normalisation_is_that_of_squad() -> None:
    assert metrics.normalised("The U.S. paid a $1,500 “fine”, an  A-list fee.") == [
        "us", "paid", "1500", "“fine”", "alist", "fee",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "answers", "right"),
    [
        ("It was built in 2018.", ["18"], False),
        ("Built in 18 days", ["18"], True),
        ("the ministers meet in Brussels on December 3-4", ["Brussels on December 3-4"], True),
        ("New York's mayor", ["New York"], False),  # "yorks" is another token
        ("nothing", ["The", ""], False),
        ("one two three", ["two  THREE!"], True),
        ("one two three", ["three two", "one three"], False),
        ("one two three", [], False),
    ],
)
def test_containment_is_of_whole_tokens(text: str, answers: list[str], right: bool) -> None:
    assert metrics.contains_answer(text, answers) is right


def test_f1_counts_shared_tokens_once_each() -> None:
    # predicted 3 tokens, gold 2, shared 2: P 2/3, R 1, F1 .8
    assert metrics.token_f1("in Sky News", ["Sky News"]) == pytest.approx(0.8)
    assert metrics.token_f1("news news", ["news"]) == pytest.approx(2 / 3)
    assert metrics.token_f1("x", ["y", "x"]) == 1.0
    assert metrics.token_f1("", []) == 1.0
    assert metrics.token_f1("x", []) == 0.0
    assert metrics.token_f1("", ["x"]) == 0.0
    assert metrics.exact_match("The Sky news.", ["sky news"]) == 1.0
    assert metrics.exact_match("Sky", ["sky news"]) == 0.0


def test_set_scores() -> None:
    assert metrics.set_scores([1, 2, 3], [2, 3, 4, 5]) == pytest.approx((2 / 3, 1 / 2, 4 / 7))
    assert metrics.set_scores([], [1]) == (0.0, 0.0, 0.0)
    assert metrics.set_scores([1], []) == (0.0, 0.0, 0.0)


@given(st.text(max_size=60), st.lists(st.text(max_size=20), max_size=3))
def test_word_metrics_lie_in_0_1(text: str, answers: list[str]) -> None:
    assert 0 <= metrics.token_f1(text, answers) <= 1
    assert metrics.exact_match(text, answers) <= metrics.token_f1(text, answers)
    if metrics.contains_answer(text, answers):
        assert metrics.token_f1(text, answers) > 0


# -- rankings ------------------------------------------------------------------------------------


def test_an_article_ranks_where_its_best_passage_does() -> None:
    assert metrics.rank_articles(["b", "a", "b", "c", "a"]) == ["b", "a", "c"]
    assert metrics.rank_articles(["b", "a", "b", "c"], depth=3) == ["b", "a"]


def test_ranking_metrics_by_hand() -> None:
    found = metrics.article_ranking(
        {"q1": ["x", "b", "a"], "q2": ["y"] * 0, "q4": ["z"]},
        {"q1": {"a": 2, "b": 1, "x": 0}, "q2": {"c": 1}, "q3": {"d": 1}, "q4": {"z": 0}},
    )
    assert set(found) == {"q1", "q2", "q3"}  # q4 has nothing to find
    gain = 1 / math.log2(3) + 2 / math.log2(4)
    assert found["q1"] == pytest.approx(
        {
            "success@1": 0.0,
            "success@5": 1.0,
            "success@10": 1.0,
            "mrr@10": 0.5,
            "ndcg@10": gain / (2 / math.log2(2) + 1 / math.log2(3)),
        }
    )
    assert set(found["q2"].values()) == set(found["q3"].values()) == {0.0}


def test_the_cut_at_ten_is_kept() -> None:
    ranking = [f"a{rank}" for rank in range(1, 13)]
    found = metrics.article_ranking({"q": ranking}, {"q": {"a11": 1}})
    assert set(found["q"].values()) == {0.0}
    found = metrics.article_ranking({"q": ranking}, {"q": {"a10": 1}})
    assert found["q"]["mrr@10"] == pytest.approx(0.1)


@given(
    st.lists(st.sampled_from("abcdefghijklmnop"), max_size=16, unique=True),
    st.dictionaries(st.sampled_from("abcdefghijklmnop"), st.integers(0, 3), max_size=8),
)
def test_ranking_metrics_agree_with_their_formulas(
    ranking: list[str], grades: dict[str, int]
) -> None:
    found = metrics.article_ranking({"q": ranking}, {"q": grades}).get("q")
    relevant = [grades.get(article, 0) > 0 for article in ranking]
    if found is None:
        assert not any(grade > 0 for grade in grades.values())
        return
    for k in (1, 5, 10):
        assert found[f"success@{k}"] == float(any(relevant[:k]))
    assert found["mrr@10"] == pytest.approx(metrics.reciprocal_rank(relevant[:10]))
    assert 0 <= found["ndcg@10"] <= 1 + 1e-9


def test_average_precision_and_reciprocal_rank_by_hand() -> None:
    labels = [False, True, False, True]
    assert metrics.reciprocal_rank(labels) == 0.5
    assert metrics.average_precision(labels) == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert metrics.reciprocal_rank([False]) == metrics.average_precision([]) == 0.0


# -- confidence ----------------------------------------------------------------------------------


def test_auroc_counts_ties_half() -> None:
    # pairs: (.9,.5) won, (.9,.1) won, (.5,.5) tied, (.5,.1) won
    assert metrics.auroc([0.9, 0.5], [0.5, 0.1]) == pytest.approx(3.5 / 4)
    assert metrics.auroc([0.3], [0.3]) == 0.5
    assert math.isnan(metrics.auroc([], [0.1]))


@given(st.lists(SHARES, min_size=1, max_size=20), st.lists(SHARES, min_size=1, max_size=20))
def test_auroc_agrees_with_counting_pairs(yes: list[float], no: list[float]) -> None:
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in yes for b in no]
    assert metrics.auroc(yes, no) == pytest.approx(sum(pairs) / len(pairs))
    assert metrics.auroc(yes, no) + metrics.auroc(no, yes) == pytest.approx(1.0)


def test_rejection_at_a_false_rejection() -> None:
    answerable = [i / 20 for i in range(1, 21)]  # .05 .. 1: one of twenty may go
    assert metrics.rejected_at(0.05, answerable, [0.01, 0.09, 0.1, 0.5]) == 0.5
    assert metrics.rejected_at(0.0, answerable, [0.01, 0.09]) == 0.5
    assert math.isnan(metrics.rejected_at(0.05, [], [0.1]))


@given(
    st.floats(0, 1),
    st.lists(SHARES, min_size=1, max_size=30),
    st.lists(SHARES, min_size=1, max_size=30),
)
def test_no_threshold_rejects_more_than_allowed(
    allowed: float, yes: list[float], no: list[float]
) -> None:
    threshold = metrics.confidence.threshold_at(allowed, yes)
    assert sum(v < threshold for v in yes) / len(yes) <= allowed + 1e-6
    assert 0 <= metrics.rejected_at(allowed, yes, no) <= 1


def test_calibration_error_by_hand() -> None:
    said = [0.05, 0.05, 0.95, 1.0]
    right = [False, True, True, True]
    # bin 0: says .05, is .5, two; last bin: says .975, is 1, two
    assert np.allclose(metrics.calibration_bins(said, right), [(0.05, 0.5, 2), (0.975, 1.0, 2)])
    assert metrics.expected_calibration_error(said, right) == pytest.approx((0.45 + 0.025) / 2)
    assert math.isnan(metrics.expected_calibration_error([], []))


def test_risk_coverage_by_hand() -> None:
    said, right = [0.9, 0.8, 0.7, 0.6], [True, False, True, False]
    points = metrics.risk_coverage(said, right)
    assert np.allclose(points, [(0.25, 0), (0.5, 0.5), (0.75, 1 / 3), (1.0, 0.5)])
    assert metrics.area_under_risk_coverage(said, right) == pytest.approx((0.5 + 1 / 3 + 0.5) / 4)
    assert metrics.accuracy_at_coverage(0.75, said, right) == pytest.approx(2 / 3)
    assert metrics.accuracy_at_coverage(0.0, said, right) == 1.0


def test_equal_confidences_hide_no_order() -> None:
    for right in ([True, False], [False, True]):
        assert metrics.risk_coverage([0.5, 0.5], right) == [(0.5, 0.5), (1.0, 0.5)]


@given(JUDGED, SHARES)
def test_confidence_metrics_lie_in_0_1(judged: list[tuple[float, bool]], share: float) -> None:
    said, right = [c for c, _ in judged], [r for _, r in judged]
    assert 0 <= metrics.expected_calibration_error(said, right) <= 1
    assert 0 <= metrics.area_under_risk_coverage(said, right) <= 1
    assert 0 <= metrics.accuracy_at_coverage(share, said, right) <= 1
    assert metrics.risk_coverage(said, right)[-1][1] == pytest.approx(1 - sum(right) / len(right))


@given(JUDGED)
def test_confidence_metrics_do_not_depend_on_order(judged: list[tuple[float, bool]]) -> None:
    turned = judged[::-1]
    for metric in (metrics.expected_calibration_error, metrics.area_under_risk_coverage):
        assert metric(*_columns(judged)) == pytest.approx(metric(*_columns(turned)))


def _columns(judged: list[tuple[float, bool]]) -> tuple[list[float], list[bool]]:
    return [c for c, _ in judged], [r for _, r in judged]


# -- intervals -----------------------------------------------------------------------------------


def test_a_constant_difference_has_no_width() -> None:
    found = metrics.paired_difference([1, 0.5], [0.75, 0.25], np.random.default_rng(1))
    assert (found.value, found.low, found.high) == (0.25, 0.25, 0.25)


def test_pairs_are_kept_together() -> None:
    """Hard and easy questions differ widely; the difference on each is the same small step."""
    theirs = [0.0, 1.0] * 50
    ours = [value + 0.01 for value in theirs]
    found = metrics.paired_difference(ours, theirs, np.random.default_rng(1))
    assert found.low == pytest.approx(0.01)
    alone = metrics.mean_interval(theirs, np.random.default_rng(1))
    assert alone.high - alone.low > 0.1


def test_the_interval_is_that_of_the_normal_approximation() -> None:
    random = np.random.default_rng(7)
    values = random.normal(0.3, 0.2, size=400).tolist()
    found = metrics.mean_interval(values, np.random.default_rng(2))
    half = 1.96 * float(np.std(values)) / math.sqrt(len(values))
    assert found.low == pytest.approx(found.value - half, abs=0.003)
    assert found.high == pytest.approx(found.value + half, abs=0.003)


def test_the_generator_is_all_the_chance_there_is() -> None:
    values = [0.1, 0.5, 0.9, 0.4]
    once, again = (metrics.mean_interval(values, np.random.default_rng(3)) for _ in range(2))
    assert once == again


def test_intervals_refuse_what_is_not_paired() -> None:
    with pytest.raises(ValueError, match=r"longer|shorter"):
        metrics.paired_difference([1.0], [1.0, 0.0], np.random.default_rng(0))
    with pytest.raises(ValueError, match="no values"):
        metrics.mean_interval([], np.random.default_rng(0))
