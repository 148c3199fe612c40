"""Near misses: questions that a passage nearly answers, beside questions that it does answer.

Each passage is read alone with its questions (the reader and the decision), and all passages make
an index that every question is asked of. A kind is judged against all answerable questions.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.lib import places
from benchmarks.lib.reading_only import Desk, Given
from benchmarks.quality.given_texts import idf_of, marked
from benchmarks.quality.question_sets import reader_name
from newsqa.evaluation.index_cache import cached_index
from newsqa.evaluation.metrics import auroc, rejected_at
from newsqa.evaluation.question_sets import Question, QuestionSet
from newsqa.evaluation.run import run
from newsqa.evaluation.scoring import judged
from newsqa.models import open_encoder, open_reader
from newsqa.protocols import Progress
from newsqa.settings import Settings
from newsqa.text.analysis import sentences
from newsqa.types import Article

NAME = "nearmiss-a"
INDEX = "asked of an index of the passages"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question: its kind ("" if answerable), and how much it was believed.

    ``first`` is whether the first quote (the best sentence), shown or withheld, answers.
    """

    kind: str
    confidence: float
    first: bool = False
    answered: bool = False


def evaluate(settings: Settings, progress: Progress) -> dict[str, Any]:
    """Return the figures of both forms, by kind."""
    items, kinds = read(places.SETS / NAME / "squad.json")
    given = passage_given(items, kinds, settings, progress)
    return {
        "set": NAME,
        "reported": "all questions",
        "reader": reader_name(settings),
        "tables": {
            "passage given, confidence of the decision": by_kind(given["confidence"]),
            "passage given, reader alone": by_kind(given["belief"]),
            INDEX: by_kind(asked_of_index(items, kinds, settings, progress)),
        },
    }


def read(path: Path) -> tuple[list[Given], dict[str, str]]:
    """Return the questions with their passages, and the kind of each near miss by its id."""
    items, kinds = [], {}
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for number, paragraph in enumerate(article["paragraphs"]):
            text = Article(
                article_id=f"{article['title']}/{number}",
                title=article["title"],
                body=paragraph["context"],
                published=date.fromisoformat(day) if (day := article.get("date")) else None,
            )
            cut = tuple(sentences(text.body))
            for asked in paragraph["qas"]:
                answerable = not asked["is_impossible"]
                marks = [(a["answer_start"], a["text"]) for a in asked["answers"]]
                items.append(marked(asked["id"], asked["question"], text, cut, marks, answerable))
                if not answerable:
                    kinds[asked["id"]] = asked["kind"]
    return items, kinds


def passage_given(
    items: Sequence[Given], kinds: dict[str, str], settings: Settings, progress: Progress
) -> dict[str, list[Outcome]]:
    """Read each passage with its question: by the decision's confidence, by the reader's belief."""
    encoder = open_encoder(settings.encoder, threads=settings.threads, cache_dir=settings.cache_dir)
    idf = idf_of(items)
    reader = open_reader(settings.reader, threads=settings.threads, encoder=encoder, idf=idf)
    desk = Desk(reader, encoder, idf, settings)
    results: dict[str, list[Outcome]] = {"confidence": [], "belief": []}
    for done, item in enumerate(items):
        progress("asking", done, len(items), f"{NAME}, passage given")
        reading = desk.read(item)
        first = bool(item.right) and reading.ranking[0] in item.right[0]
        kind, answered = kinds.get(item.id, ""), reading.confidence >= settings.min_confidence
        results["confidence"].append(Outcome(kind, reading.confidence, first, answered))
        results["belief"].append(Outcome(kind, reading.belief, first, reading.belief >= 0))
    return results


def asked_of_index(
    items: Sequence[Given], kinds: dict[str, str], settings: Settings, progress: Progress
) -> list[Outcome]:
    """Ask every question of an index of all passages."""
    articles = {item.article.article_id: item.article for item in items}
    corpus = places.RESULTS / NAME / "corpus.jsonl"
    corpus.parent.mkdir(parents=True, exist_ok=True)
    with corpus.open("w", encoding="utf-8") as out:
        for article in articles.values():
            day = article.published and article.published.isoformat()
            row = {"id": article.article_id, "title": article.title, "date": day}
            out.write(json.dumps(row | {"text": article.body}) + "\n")
    questions = tuple(
        Question(id=i.id, text=i.question, answerable=i.answerable, answers=i.answers)
        for i in items
    )
    with cached_index((corpus,), settings, progress) as opened:
        asked = QuestionSet(NAME, questions, (corpus,))
        rows = list(run(opened.qa, asked, progress, unbound=opened.unbound))
    return [
        Outcome(kinds.get(one.question.id, ""), one.confidence, one.forced_first, one.answered)
        for one in judged(questions, rows)
    ]


def by_kind(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Return the figures of all near misses, then of each kind."""
    kinds = sorted({one.kind for one in outcomes} - {""})
    yes = [one for one in outcomes if not one.kind]
    table = {
        "all": {
            "first_right": sum(one.first for one in yes) / len(yes),
            "false_rejection": sum(not one.answered for one in yes) / len(yes),
        }
        | _figures(yes, [one for one in outcomes if one.kind])
    }
    for kind in kinds:
        table[kind] = _figures(yes, [one for one in outcomes if one.kind == kind])
    return table


def _figures(yes: Sequence[Outcome], no: Sequence[Outcome]) -> dict[str, float]:
    confident, doubtful = [one.confidence for one in yes], [one.confidence for one in no]
    return {
        "questions": float(len(no)),
        "rejection": sum(not one.answered for one in no) / len(no),
        "auroc": auroc(confident, doubtful),
        "rejection_at_5": rejected_at(0.05, confident, doubtful),
    }
