"""Measure rankings with ir-measures, of articles and of lists of labels.

An article ranks where its best passage does. Scores given to ir-measures are made from ranks,
all different, so that its own way with ties and with float32 cannot reorder anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

RANKING = ("success@1", "success@5", "success@10", "mrr@10", "ndcg@10")
DEPTH = 100


def rank_articles(passages: Sequence[str], depth: int = DEPTH) -> list[str]:
    """Return each article once, where it comes first; ``passages`` are article ids, best first."""
    return list(dict.fromkeys(passages[:depth]))


def article_ranking(
    rankings: Mapping[str, Sequence[str]], qrels: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, float]]:
    """Return, for each question that has a relevant article, its value of every `RANKING` metric.

    Args:
        rankings: Question id to article ids, best first, none twice. A judged question that is
            missing counts as one that found nothing.
        qrels: Question id to the grades of its judged articles; above 0 is relevant.
    """
    import ir_measures
    from ir_measures import RR, Success, nDCG

    judged = {
        question: dict(grades)
        for question, grades in qrels.items()
        if any(grade > 0 for grade in grades.values())
    }
    if not judged:
        return {}
    run = {
        question: {article: 1.0 / (rank + 1) for rank, article in enumerate(rankings[question])}
        for question in judged
        if question in rankings
    }
    measures = dict(
        zip((Success @ 1, Success @ 5, Success @ 10, RR @ 10, nDCG @ 10), RANKING, strict=True)
    )
    values: dict[str, dict[str, float]] = {question: {} for question in judged}
    for value in ir_measures.iter_calc(list(measures), judged, run):
        values[value.query_id][measures[value.measure]] = float(value.value)
    return values


def reciprocal_rank(labels: Sequence[bool]) -> float:
    """Return 1 / rank of the first right thing; ``labels`` are in ranked order."""
    return next((1.0 / rank for rank, right in enumerate(labels, 1) if right), 0.0)


def average_precision(labels: Sequence[bool]) -> float:
    """Return the mean, over the right things, of the precision at their ranks; 0 without one."""
    at = [rank for rank, right in enumerate(labels, 1) if right]
    return sum(n / rank for n, rank in enumerate(at, 1)) / len(at) if at else 0.0
