"""An invented archive of six outlets: does a reply show what an editor asks of it?

Every kind of question has its own check, which reads the JSON of a reply: the latest figure and no
outdated one, both sides of a conflict with their outlets, the number of outlets that bear an answer
out, nothing printed after the day asked for, the speaker's own words, a refusal of what was never
said. ``right`` is all or nothing, ``part`` the share of what had to be shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.lib import places
from benchmarks.quality.question_sets import reader_name
from newsqa.engine import NewsQA
from newsqa.evaluation.index_cache import cached_index
from newsqa.evaluation.metrics import auroc, contains_answer, rejected_at
from newsqa.protocols import Progress
from newsqa.question.followups import turn_of
from newsqa.settings import Settings
from newsqa.types import Turn

NAME = "newsroom-a"
QUOTES = 3  # as many as `ask` shows unless it is asked for more
Reply = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, and what its reply must show."""

    id: str
    text: str
    kind: str
    answerable: bool
    answers: tuple[str, ...] = ()
    today: date | None = None
    as_of: date | None = None
    turns: tuple[str, ...] = ()
    expect: Mapping[str, Any] = field(default_factory=dict)


def read(path: Path) -> list[Asked]:
    """Return the questions of a JSON lines file."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [
        Asked(
            id=row["id"],
            text=row["question"],
            kind=row["kind"],
            answerable=row["answerable"],
            answers=tuple(row["answers"]),
            today=_day(row["asked"]),
            as_of=_day(row["as_of"]),
            turns=tuple(row["turns"]),
            expect=row["expect"],
        )
        for row in rows
    ]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def evaluate(settings: Settings, progress: Progress) -> dict[str, Any]:
    """Ask every question of the archive and return the figures of all and of each kind."""
    questions = read(places.SETS / NAME / "questions.jsonl")
    shares, confidences, replies = [], [], []
    with cached_index((places.SETS / NAME / "corpus.jsonl",), settings, progress) as opened:
        for done, question in enumerate(questions):
            progress("asking", done, len(questions), NAME)
            reply = ask(opened.qa, question)
            replies.append({"id": question.id, "reply": reply})
            shares.append(share_shown(question, reply))
            confidences.append(float(reply["confidence"]))
    places.RESULTS.mkdir(parents=True, exist_ok=True)
    rows = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in replies)
    (places.RESULTS / f"{NAME}.replies.jsonl").write_text(rows, encoding="utf-8")
    return {
        "set": NAME,
        "reported": "all questions",
        "reader": reader_name(settings),
        "tables": {"what the reply had to show": by_kind(questions, shares, confidences)},
    }


def ask(qa: NewsQA, question: Asked) -> Mapping[str, Any]:
    """Return the JSON of the reply, earlier turns asked first."""
    turns: list[Turn] = []
    for text in question.turns:
        reply = qa.ask(text, today=question.today, as_of=question.as_of, turns=turns)
        turns.append(turn_of(text, reply))
    return qa.ask(
        question.text, k=QUOTES, today=question.today, as_of=question.as_of, turns=turns
    ).to_dict()


def by_kind(
    questions: Sequence[Asked], shares: Sequence[float], confidences: Sequence[float]
) -> dict[str, dict[str, float]]:
    """Return questions, right and part of all and by kind; of all also how refusing goes."""
    table: dict[str, list[float]] = {"all": list(shares)}
    for question, share in zip(questions, shares, strict=True):
        table.setdefault(question.kind, []).append(share)
    results = {
        name: {
            "questions": float(len(of)),
            "right": sum(share == 1.0 for share in of) / len(of),
            "part": sum(of) / len(of),
        }
        for name, of in table.items()
    }
    yes = [c for q, c in zip(questions, confidences, strict=True) if q.answerable]
    no = [c for q, c in zip(questions, confidences, strict=True) if not q.answerable]
    if yes and no:
        results["all"] |= {"auroc": auroc(yes, no), "rejection_at_5": rejected_at(0.05, yes, no)}
    return results


def share_shown(question: Asked, reply: Reply) -> float:
    """Return the share, in [0, 1], of what the reply had to show; 1 for the refusal that is due."""
    if not question.answerable:
        return float(not reply["answered"])
    if not reply["answered"]:
        return 0.0
    return CHECKS.get(question.kind, _first_answers)(question, reply["quotes"])


Quotes = Sequence[Mapping[str, Any]]


def _holds(quote: Mapping[str, Any], answers: Sequence[str]) -> bool:
    return contains_answer(quote["quote"], answers)


def _first_answers(question: Asked, quotes: Quotes) -> float:
    """The first quote holds an answer, and no value that was given up later."""
    outdated = question.expect.get("outdated", ())
    return float(_holds(quotes[0], question.answers) and not _holds(quotes[0], outdated))


def _both_sides(question: Asked, quotes: Quotes) -> float:
    """Each value stands in a quote of an outlet that printed it."""
    values: Mapping[str, Sequence[str]] = question.expect["values"]
    shown = [
        any(_holds(quote, [value]) and set(_sources(quote)) & set(sources) for quote in quotes)
        for value, sources in values.items()
    ]
    return sum(shown) / len(shown)


def _sources(quote: Mapping[str, Any]) -> list[str]:
    """The outlets of a quote: its own, and those of its near-copies."""
    return [quote["source"], *(copy["source"] for copy in quote["copies"])]


def _borne_out(question: Asked, quotes: Quotes) -> float:
    """As many outlets hold an answer as are independent, of those that fit into a reply."""
    if not _holds(quotes[0], question.answers):
        return 0.0
    sources = {quote["source"] for quote in quotes if _holds(quote, question.answers)}
    return float(len(sources) == min(question.expect["outlets"], QUOTES))


def _as_of(question: Asked, quotes: Quotes) -> float:
    """The first quote answers, and nothing is of an article that was not printed then."""
    later = set(question.expect["not"])
    return float(
        _holds(quotes[0], question.answers) and not later & {q["article_id"] for q in quotes}
    )


def _whole_set(question: Asked, quotes: Quotes) -> float:
    """Each member stands in a quote, or is an outlet of a quote that holds an answer."""
    proven = {
        source for quote in quotes if _holds(quote, question.answers) for source in _sources(quote)
    }
    members = question.expect["set"]
    shown = [m in proven or any(_holds(quote, [m]) for quote in quotes) for m in members]
    return sum(shown) / len(shown)


def _in_order(question: Asked, quotes: Quotes) -> float:
    """The steps shown, of all; nothing where they stand in another order than they happened."""
    order = question.expect["order"]
    places_shown = [order.index(q["article_id"]) for q in quotes if q["article_id"] in order]
    if places_shown != sorted(places_shown):
        return 0.0
    steps = [any(_holds(quote, [answer]) for quote in quotes) for answer in question.answers]
    return sum(steps) / len(steps)


CHECKS: dict[str, Callable[[Asked, Quotes], float]] = {
    "conflict": _both_sides,
    "support": _borne_out,
    "asof": _as_of,
    "count": _whole_set,
    "timeline": _in_order,
}
