"""Plain ways to rank and to answer, to be printed beside ours: what a few lines would reach.

Answers are rows as `newsqa.evaluation.run` makes them, so that the same metrics apply.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from newsqa.evaluation.metrics import RANKING, article_ranking, rank_articles
from newsqa.evaluation.question_sets import QuestionSet
from newsqa.evaluation.run import Row
from newsqa.text.analysis import sentences

if TYPE_CHECKING:
    import numpy as np

Hit: TypeAlias = Mapping[str, Any]
Quoting: TypeAlias = Callable[[Hit], str]


def top_passage(hit: Hit) -> str:
    """Quote the whole passage."""
    return str(hit["passage"])


def first_sentence(body_of: Callable[[str], str]) -> Quoting:
    """Quote the article's first sentence: news puts the most important thing first."""

    def quote(hit: Hit) -> str:
        body = body_of(str(hit["article_id"]))
        spans = sentences(body)
        return spans[0].cut(body) if spans else top_passage(hit)

    return quote


def random_sentence(random: np.random.Generator) -> Quoting:
    """Quote any sentence of the passage."""

    def quote(hit: Hit) -> str:
        text = top_passage(hit)
        spans = sentences(text)
        return spans[int(random.integers(len(spans)))].cut(text) if spans else text

    return quote


def answered_by(quote: Quoting, rows: Sequence[Row]) -> list[Row]:
    """Return rows in which the best hit is quoted that way, never abstaining.

    The confidence is the cosine of the best hit with the question, the plainest there is.
    """
    return [_answered(quote, row) for row in rows]


def _answered(quote: Quoting, row: Row) -> Row:
    hits = row["hits"][:1]
    said = [{"quote": quote(hit), "article_id": hit["article_id"]} for hit in hits]
    cosine = max((hit["dense"] or 0.0 for hit in row["hits"][:10]), default=0.0)
    reply = {
        "answered": bool(hits),
        "confidence": min(1.0, max(0.0, cosine)),
        "short_answer": None,
        "quotes": said,
        "related": [],
    }
    return {"set": row["set"], "id": row["id"], "reply": reply, "hits": row["hits"]}


def ranking_scores(
    questions: QuestionSet, rankings: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    """Return the means of the ranking metrics over the judged questions of the set."""
    asked = {question.id for question in questions.questions}
    qrels = {key: grades for key, grades in questions.qrels.items() if key in asked}
    values = article_ranking(rankings, qrels)
    if not values:
        return {}
    return {name: sum(v[name] for v in values.values()) / len(values) for name in RANKING}


def random_rankings(
    questions: QuestionSet, articles: Sequence[str], random: np.random.Generator
) -> dict[str, list[str]]:
    """Rank all articles in random order for each question."""
    ordered = sorted(articles)
    return {
        question.id: [ordered[int(at)] for at in random.permutation(len(ordered))]
        for question in questions.questions
    }


def rankings_of(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Return the article ranking of each row, by question id."""
    return {row["id"]: rank_articles([hit["article_id"] for hit in row["hits"]]) for row in rows}
