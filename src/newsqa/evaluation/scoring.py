"""Score rows. What each metric means is said once, in `docs/evaluation.md`.

Where a reply abstains, the quotes it withheld (its related ones, in rows that lack them) stand in
for quotes: only so can confidence be judged apart from the threshold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isnan, nan
from typing import Any

from newsqa.evaluation import metrics
from newsqa.evaluation.question_sets import Question, QuestionSet
from newsqa.evaluation.run import Row


@dataclass(frozen=True, slots=True)
class Judged:
    """One question with what came back for it, reduced to what is counted."""

    question: Question
    answered: bool
    confidence: float
    quotes: tuple[str, ...]
    forced: tuple[str, ...]
    quoted_articles: tuple[str, ...]
    short_answer: str
    ranking: tuple[str, ...]
    exact: tuple[int, int]
    seconds: float

    @property
    def in_quote(self) -> bool:
        """Whether an answer stands in a quote."""
        return any(self.right(quote) for quote in self.quotes)

    @property
    def in_first(self) -> bool:
        """Whether an answer stands in the first quote."""
        return self.right(*self.quotes[:1])

    @property
    def forced_first(self) -> bool:
        """Whether the first quote, given or withheld, holds an answer."""
        return self.right(*self.forced[:1])

    @property
    def forced_any(self) -> bool:
        """Whether a quote, given or withheld, holds an answer."""
        return any(self.right(quote) for quote in self.forced)

    def right(self, *texts: str) -> bool:
        """Whether an answer stands in one of ``texts``."""
        return any(metrics.contains_answer(text, self.question.answers) for text in texts)


def judged(questions: Sequence[Question], rows: Sequence[Row]) -> list[Judged]:
    """Pair questions with their rows; a question without a row is left out."""
    by_id = {row["id"]: row for row in rows}
    return [_judged(q, by_id[q.id]) for q in questions if q.id in by_id]


def _judged(question: Question, row: Row) -> Judged:
    reply: Mapping[str, Any] = row["reply"]
    quotes = tuple(quote["quote"] for quote in reply["quotes"])
    withheld = row.get("withheld") or reply["related"]
    exact, of = row.get("exact", (0, 0))
    return Judged(
        question=question,
        answered=bool(reply["answered"]),
        confidence=float(reply["confidence"]),
        quotes=quotes,
        forced=quotes or tuple(quote["quote"] for quote in withheld),
        quoted_articles=tuple(quote["article_id"] for quote in reply["quotes"]),
        short_answer=reply["short_answer"] or "",
        ranking=tuple(metrics.rank_articles([hit["article_id"] for hit in row["hits"]])),
        exact=(exact, of),
        seconds=float(row.get("seconds", nan)),
    )


def score(questions: QuestionSet, rows: Sequence[Row]) -> dict[str, float]:
    """Return every metric that the set can give, by name; those it cannot give are left out."""
    table = judged(questions.questions, rows)
    scores: dict[str, float] = {"questions": float(len(table))}
    scores |= _means(per_question(questions, rows))
    scores |= _of_confidence(table)
    quotes = sum(item.exact[1] for item in table)
    if quotes:
        scores["citation_exactness"] = sum(item.exact[0] for item in table) / quotes
    counts = sorted(len(item.quotes) for item in table if item.answered)
    if counts:
        scores["quotes_median"] = quantile(counts, 0.5)
    seconds = [item.seconds for item in table if not isnan(item.seconds)]
    if seconds:
        scores["seconds_p50"] = quantile(seconds, 0.5)
        scores["seconds_p95"] = quantile(seconds, 0.95)
    return scores


def per_question(questions: QuestionSet, rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Return, by metric, the value of each question that counts for it, by question id.

    These are the metrics that are plain means, so that two runs can be compared in pairs.
    """
    table = judged(questions.questions, rows)
    by_metric = _ranking(questions, table)
    known = [item for item in table if item.question.answers]
    unanswerable = [item for item in table if not item.question.answerable]
    means: dict[str, tuple[list[Judged], Callable[[Judged], float]]] = {
        "answer_in_quote": (known, lambda item: float(item.in_quote)),
        "answer_in_first_quote": (known, lambda item: float(item.in_first)),
        "false_rejection": (known, lambda item: float(not item.answered)),
        "rejection": (unanswerable, lambda item: float(not item.answered)),
        "evidence_precision": ([i for i in known if i.quotes], _evidence_precision),
        "span_em": (known, lambda i: metrics.exact_match(i.short_answer, i.question.answers)),
        "span_f1": (known, lambda i: metrics.token_f1(i.short_answer, i.question.answers)),
    }
    for name, (items, value) in means.items():
        if items:
            by_metric[name] = {item.question.id: value(item) for item in items}
    gold = {question: _relevant(grades) for question, grades in questions.qrels.items()}
    with_gold = [item for item in known if gold.get(item.question.id)]
    if with_gold:
        by_metric["evidence_recall"] = {
            item.question.id: float(_quotes_evidence(item, gold[item.question.id]))
            for item in with_gold
        }
    return by_metric


def _ranking(questions: QuestionSet, table: Sequence[Judged]) -> dict[str, dict[str, float]]:
    asked = {item.question.id for item in table}
    values = metrics.article_ranking(
        {item.question.id: item.ranking for item in table},
        {question: grades for question, grades in questions.qrels.items() if question in asked},
    )
    return {
        name: {question: value[name] for question, value in values.items()}
        for name in metrics.RANKING
        if values
    }


def _relevant(grades: Mapping[str, int]) -> set[str]:
    return {article for article, grade in grades.items() if grade > 0}


def _evidence_precision(item: Judged) -> float:
    return sum(item.right(quote) for quote in item.quotes) / len(item.quotes)


def _quotes_evidence(item: Judged, gold: set[str]) -> bool:
    pairs = zip(item.quotes, item.quoted_articles, strict=True)
    return any(article in gold and item.right(quote) for quote, article in pairs)


def _means(values: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {name: sum(of.values()) / len(of) for name, of in values.items() if of}


def _of_confidence(table: Sequence[Judged]) -> dict[str, float]:
    scored = [item for item in table if item.question.scored]
    known = [item for item in scored if item.question.answerable]
    yes = [item.confidence for item in known]
    no = [item.confidence for item in scored if not item.question.answerable]
    scores: dict[str, float] = {}
    if yes and no:
        scores["auroc"] = metrics.auroc(yes, no)
        scores["rejection_at_5"] = metrics.rejected_at(0.05, yes, no)
    if scored:
        confidences = [item.confidence for item in scored]
        right = [item.forced_first for item in scored]
        scores["ece"] = metrics.expected_calibration_error(confidences, right)
        if known:
            scores["aurc"] = metrics.area_under_risk_coverage(confidences, right)
    if known:
        any_right = [item.forced_any for item in known]
        first_right = [item.forced_first for item in known]
        scores["precision_at_80"] = metrics.accuracy_at_coverage(0.8, yes, any_right)
        scores["first_precision_at_80"] = metrics.accuracy_at_coverage(0.8, yes, first_right)
    return scores


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least ``share`` of the values do not exceed.

    Raises:
        ValueError: There are no values.
    """
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered) - 1e-9) - 1)]
