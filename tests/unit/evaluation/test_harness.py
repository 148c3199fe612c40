"""The harness against a small engine of our own: rows, exactness, scores, differences."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.lib import baselines
from benchmarks.lib.markdown import markdown_table
from newsqa.engine import NewsQA
from newsqa.errors import QuestionSetError, UnknownArticleError
from newsqa.evaluation import harness
from newsqa.evaluation.question_sets import Question, QuestionSet
from newsqa.evaluation.run import Row, exactness, read_rows, run, write_rows
from newsqa.evaluation.scoring import quantile, score
from newsqa.evaluation.tables import text_table
from newsqa.replies import Answer, Asked, Hits, NoAnswer, Quote, Reason, Reply
from newsqa.types import Article, Citation, Hit, Passage, Span, Turn

ARTICLES = {
    "bridge": Article(article_id="bridge", title="Bridge", body="Ann Lee drew it. It is red."),
    "ferry": Article(article_id="ferry", title="Ferry", body="The ferry left at 9. It sank."),
}


class Engine(NewsQA):
    """Answers with the first sentence of the article its question names, else refuses."""

    def __init__(self, confidence: float = 0.8, floor: float = 0.5) -> None:
        self.confidence, self.floor = confidence, floor
        self.asked: list[tuple[str, date | None, tuple[Turn, ...]]] = []

    def article(self, article_id: str, *, version: int | None = None) -> Article:
        if article_id not in ARTICLES:
            raise UnknownArticleError(article_id)
        return ARTICLES[article_id]

    def search(self, question: str, *, k: int = 10, **options: Any) -> Hits:
        named = sorted(ARTICLES, key=lambda name: name not in question)
        passages = [Passage.of(a, Span(0, len(a.body))) for a in map(ARTICLES.__getitem__, named)]
        hits = [Hit(passage=p, score=1 / n, rank=n, dense=0.5) for n, p in enumerate(passages, 1)]
        return Hits(question, tuple(hits[:k]))

    def ask(
        self,
        question: str,
        *,
        today: date | None = None,
        turns: Sequence[Turn] = (),
        **options: Any,
    ) -> Reply:
        self.asked.append((question, today, tuple(turns)))
        asked = Asked(question=question, standalone_question=question)
        named = [name for name in ARTICLES if name in question]
        if not named or self.confidence < self.floor:
            reason = Reason(code="not_stated", message="no")
            return NoAnswer(asked=asked, reason=reason, confidence=self.confidence / 4)
        article = ARTICLES[named[0]]
        citation = Citation.of(article, Span(0, article.body.index(".") + 1))
        quote = Quote(n=1, citation=citation, highlight=Span(0, 7))
        return Answer(asked=asked, quotes=(quote,), confidence=self.confidence)


QUESTIONS = (
    Question(id="a", text="Who drew the bridge?", answerable=True, answers=("Ann Lee",)),
    Question(id="b", text="When did the ferry sink?", answerable=True, answers=("10",)),
    Question(id="c", text="Who won?", answerable=False),
    Question(id="d", text="A bridge, a ferry", answerable=True),
)
QRELS = {"a": {"bridge": 2}, "b": {"bridge": 1}, "d": {"ferry": 1}}
SET = QuestionSet("small", QUESTIONS, (), QRELS)


def rows(engine: Engine | None = None, unbound: Engine | None = None) -> list[Row]:
    return list(run(engine or Engine(), SET, unbound=unbound))


def test_a_row_holds_the_reply_and_the_hits_as_json() -> None:
    first = rows()[0]
    assert (first["set"], first["id"], first["exact"]) == ("small", "a", [1, 1])
    assert first["reply"]["quotes"][0]["quote"] == "Ann Lee drew it."
    assert [hit["article_id"] for hit in first["hits"]] == ["bridge", "ferry"]
    assert first["seconds"] >= 0
    assert json.loads(json.dumps(first)) == first


def test_scores_by_hand() -> None:
    found = score(SET, rows())
    expected = {
        "questions": 4,
        "success@1": 2 / 3 - 1 / 3,  # a; b names the wrong one; d puts the bridge first
        "success@5": 1.0,
        "mrr@10": (1 + 0.5 + 0.5) / 3,
        "answer_in_quote": 0.5,
        "answer_in_first_quote": 0.5,
        "false_rejection": 0.0,
        "rejection": 1.0,
        "evidence_precision": 0.5,
        "evidence_recall": 0.5,
        "span_em": 0.5,
        "span_f1": 0.5,
        "auroc": 1.0,
        "rejection_at_5": 1.0,
        "ece": (2 * (0.8 - 0.5) + 0.2) / 3,
        "precision_at_80": 0.5,
        "citation_exactness": 1.0,
        "quotes_median": 1,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_what_a_refusal_withheld_is_judged_as_well() -> None:
    found = score(SET, rows(Engine(floor=0.9), unbound=Engine()))
    assert found["false_rejection"] == 1.0
    assert found["answer_in_quote"] == 0.0
    assert found["precision_at_80"] == 0.5
    assert found["ece"] == pytest.approx(abs(0.2 - 1 / 3))


def test_turns_are_asked_first_and_their_quotes_carried() -> None:
    engine = Engine()
    given = Turn(question="Where?", quotes=("Here.",))
    question = Question(
        id="t",
        text="Who drew it?",
        answerable=False,
        asked=date(2025, 1, 2),
        turns=(Turn(question="What of the bridge?"), given),
    )
    list(run(engine, QuestionSet("s", (question,), ())))
    first = Turn(question="What of the bridge?", quotes=("Ann Lee drew it.",), alone=True)
    assert engine.asked == [
        ("What of the bridge?", date(2025, 1, 2), ()),
        ("Who drew it?", date(2025, 1, 2), (first, given)),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"start": 1},
        {"end": 900},
        {"quote": "Ann Lee drew it!"},
        {"article_id": "gone"},
        {"content_sha256": "0" * 64},
        {"highlight": {"start": 10, "end": 20}},
    ],
)
def test_a_quote_that_is_off_in_anything_is_not_exact(change: dict[str, Any]) -> None:
    reply = rows()[0]["reply"]
    assert exactness(Engine(), reply) == (1, 1)
    reply["quotes"][0] |= change
    assert exactness(Engine(), reply) == (0, 1)


def test_rows_come_back_as_written(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_rows(rows(), path)
    assert read_rows(path) == harness.read_run(path)
    assert [row["id"] for row in read_rows(path)] == ["a", "b", "c", "d"]
    path.write_text('{"id": "a"}\n{"id": "b"}\n', encoding="utf-8")
    with pytest.raises(QuestionSetError, match=":1: not a row"):
        harness.read_run(path)
    path.write_text("[1]", encoding="utf-8")
    with pytest.raises(QuestionSetError, match="neither"):
        harness.read_run(path)
    with pytest.raises(QuestionSetError, match="No such file"):
        harness.read_run(tmp_path / "gone.json")


def test_differences_to_another_run_are_paired() -> None:
    ours, theirs = rows(), rows(Engine(floor=0.9))
    found = harness.differences(SET, ours, theirs)
    assert found["false_rejection difference"] == -1.0
    assert found["false_rejection difference low"] == -1.0
    assert found["answer_in_quote difference"] == 0.5
    assert (found["mrr@10 difference low"], found["mrr@10 difference high"]) == (0, 0)
    stranger = [row | {"set": "other"} for row in theirs]
    assert harness.differences(SET, ours, stranger) == {}
    plain = harness.differences(SET, ours, {"small": {"rejection": 0.25, "new": 1.0}})
    assert plain == {"rejection difference": 0.75}


def test_kinds_are_scored_apart() -> None:
    kinds = [Question(id=q.id, text=q.text, answerable=q.answerable, answers=q.answers, kind=kind)
             for q, kind in zip(QUESTIONS, ("x", "y", "x", "y"), strict=True)]  # fmt: skip
    found = harness.scores_by_kind(SET.narrowed(kinds), rows())
    assert list(found) == ["small", "small/x", "small/y"]
    assert (found["small/x"]["questions"], found["small/x"]["answer_in_quote"]) == (2, 1.0)


def test_baselines_quote_as_they_say() -> None:
    found = rows()
    body = lambda article: ARTICLES[article].body  # noqa: E731
    for quote, said in (
        (baselines.top_passage, "Ann Lee drew it. It is red."),
        (baselines.first_sentence(body), "Ann Lee drew it."),
    ):
        first = baselines.answered_by(quote, found)[0]
        assert first["reply"]["quotes"] == [{"quote": said, "article_id": "bridge"}]
        assert first["reply"]["confidence"] == 0.5
    drawn = {
        baselines.random_sentence(np.random.default_rng(n))(found[0]["hits"][0]) for n in range(20)
    }
    assert drawn == {"Ann Lee drew it.", "It is red."}
    assert score(SET, baselines.answered_by(baselines.top_passage, found))["auroc"] == 0.5


def test_ranking_scores_need_nothing_but_rankings() -> None:
    assert baselines.ranking_scores(SET, {"a": ["bridge"], "b": []})["success@1"] == pytest.approx(
        1 / 3
    )
    random = baselines.random_rankings(SET, list(ARTICLES), np.random.default_rng(0))
    assert {tuple(sorted(ranking)) for ranking in random.values()} == {("bridge", "ferry")}
    assert baselines.rankings_of(rows())["b"] == ["ferry", "bridge"]


def test_quantiles_are_values_that_were_measured() -> None:
    assert quantile([3, 1, 2], 0.5) == 2
    assert quantile([1, 2], 0.5) == 1
    assert quantile(list(range(1, 101)), 0.95) == 95
    with pytest.raises(ValueError, match="no values"):
        quantile([], 0.5)


def test_tables_show_what_there_is() -> None:
    results = {
        "one": {"questions": 4.0, "mrr@10": 0.5, "mrr@10 difference": -0.25},
        "two": {"questions": 12.0, "auroc": float("nan"), "seconds_p50": 0.123},
    }
    lines = text_table(results).splitlines()
    assert [line.split() for line in lines] == [
        ["one", "two"],
        ["questions", "4", "12"],
        ["mrr@10", ".500"],
        ["mrr@10", "difference", "-.250"],
        ["auroc", "–"],
        ["seconds_p50", "0.12"],
    ]
    table = markdown_table(results, ["mrr@10", "auroc"], first="system")
    assert table.splitlines()[0] == "| system | mrr@10 | auroc |"
    assert table.splitlines()[2:] == ["| one | .500 |  |", "| two |  | – |"]
