"""Put questions to an index and keep the replies, one row each.

A row is JSON: ``{"set", "id", "reply": <ask>, "hits": [<search hits>], "withheld": [<quotes>],
"seconds", "exact"}``. ``hits`` go down to depth 100, so that articles can be ranked from them;
``withheld`` are the quotes that a refusal kept back; ``exact`` counts [quotes that stand letter
for letter in their article, quotes].
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any, TypeAlias

from newsqa.engine import NewsQA
from newsqa.errors import QuestionSetError, UnknownArticleError
from newsqa.evaluation.metrics.ranking import DEPTH
from newsqa.evaluation.question_sets import Question, QuestionSet
from newsqa.protocols import Progress
from newsqa.question.followups import turn_of
from newsqa.types import Turn

Row: TypeAlias = dict[str, Any]


def run(
    qa: NewsQA,
    questions: QuestionSet,
    progress: Progress | None = None,
    *,
    unbound: NewsQA | None = None,
) -> Iterator[Row]:
    """Ask every question and search for it, in order, one row each.

    A question with earlier turns is asked as the last of a conversation: the turns are asked
    first, and their quotes carried, unless the set gives the quotes itself. What is searched is
    the question that `ask` searched. A question that has a day is asked as on that day.
    ``unbound`` answers whatever its confidence; it is asked again what ``qa`` refused.
    """
    total = len(questions.questions)
    for done, question in enumerate(questions.questions):
        if progress:
            progress("asking", done, total, questions.name)
        turns = _carried(qa, question)
        began = perf_counter()
        reply = qa.ask(question.text, today=question.asked, turns=turns).to_dict()
        seconds = perf_counter() - began
        withheld = []
        if unbound and question.scored and not reply["answered"]:
            withheld = unbound.ask(question.text, today=question.asked, turns=turns).to_dict()[
                "quotes"
            ]
        searched = reply["standalone_question"] or question.text
        hits = qa.search(searched, k=DEPTH, today=question.asked)
        yield {
            "set": questions.name,
            "id": question.id,
            "reply": reply,
            "hits": [hit.to_dict() for hit in hits],
            "withheld": withheld,
            "seconds": seconds,
            "exact": list(exactness(qa, reply)),
        }
    if progress:
        progress("asking", total, total, questions.name)


def _carried(qa: NewsQA, question: Question) -> list[Turn]:
    turns: list[Turn] = []
    for turn in question.turns:
        if not turn.quotes:
            reply = qa.ask(turn.question, today=question.asked, turns=turns)
            turn = turn_of(turn.question, reply)
        turns.append(turn)
    return turns


def exactness(qa: NewsQA, reply: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many quotes of a reply, the related included, are exact, and how many there are.

    Exact: the same characters stand at the same offsets of that version's stored body, whose hash
    is the one cited, and the highlight lies inside.
    """
    quotes = [*reply["quotes"], *reply["related"]]
    return sum(_is_exact(qa, quote) for quote in quotes), len(quotes)


def _is_exact(qa: NewsQA, quote: Mapping[str, Any]) -> bool:
    try:
        article = qa.article(quote["article_id"], version=quote["version"])
    except UnknownArticleError:
        return False
    start, end, marked = quote["start"], quote["end"], quote["highlight"]
    inside = not marked or start <= marked["start"] < marked["end"] <= end
    return bool(
        inside
        and 0 <= start < end <= len(article.body)
        and article.body[start:end] == quote["quote"]
        and article.content_sha256 == quote["content_sha256"]
    )


def write_rows(rows: Iterable[Row], path: Path) -> None:
    """Write rows as JSON lines."""
    with path.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_rows(path: Path) -> list[Row]:
    """Read rows that `write_rows` wrote.

    Raises:
        QuestionSetError: A line is not a row.
    """
    rows: list[Row] = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                row["id"], row["reply"]["answered"], row["hits"]
            except (ValueError, KeyError, TypeError):
                raise QuestionSetError(f"{path}:{number}: not a row of --per-question") from None
            rows.append(row)
    return rows
