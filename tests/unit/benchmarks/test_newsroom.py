"""What an invented archive's questions ask a reply to show, each kind by its own check."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.quality.near_misses import Outcome
from benchmarks.quality.near_misses import by_kind as near_misses_by_kind
from benchmarks.quality.newsroom import Asked, by_kind, share_shown


def quote(text: str, source: str = "Courier", article: str = "a", **more: Any) -> dict[str, Any]:
    return {"quote": text, "source": source, "article_id": article, "copies": []} | more


def answer(*quotes: dict[str, Any]) -> dict[str, Any]:
    return {"answered": True, "quotes": list(quotes), "confidence": 0.8}


REFUSAL = {"answered": False, "quotes": [], "confidence": 0.1}
NINE, TEN = "Nine sheep were lost.", "Ten sheep were lost, not nine."


def asked(kind: str, *answers: str, **expect: Any) -> Asked:
    return Asked("q", "How many?", kind, bool(answers), answers, expect=expect)


@pytest.mark.parametrize(
    ("question", "reply", "share"),
    [
        (asked("plain", "nine"), answer(quote(NINE)), 1.0),
        (asked("plain", "nine"), answer(quote("No word."), quote(NINE)), 0.0),
        (asked("plain", "nine"), REFUSAL, 0.0),
        (asked("nearmiss"), REFUSAL, 1.0),
        (asked("notsaid"), answer(quote(NINE)), 0.0),
        (asked("latest", "ten", outdated=["eleven"]), answer(quote(TEN)), 1.0),
        (asked("latest", "ten", outdated=["nine"]), answer(quote(TEN)), 0.0),
        (asked("asof", "nine", **{"not": ["b"]}), answer(quote(NINE)), 1.0),
        (
            asked("asof", "nine", **{"not": ["b"]}),
            answer(quote(NINE), quote(TEN, article="b")),
            0.0,
        ),
        (asked("support", "nine", outlets=1), answer(quote(NINE), quote("Rain.", "Post")), 1.0),
        (asked("support", "nine", outlets=2), answer(quote(NINE), quote(NINE, "Post")), 1.0),
        (asked("support", "nine", outlets=1), answer(quote(NINE), quote(NINE, "Post")), 0.0),
    ],
)
def test_all_or_nothing(question: Asked, reply: dict[str, Any], share: float) -> None:
    assert share_shown(question, reply) == share


def test_both_sides_of_a_conflict_stand_in_quotes_of_their_outlets() -> None:
    question = asked("conflict", "nine", "ten", values={"nine": ["Courier"], "ten": ["Post"]})
    assert share_shown(question, answer(quote(NINE), quote("It was ten.", "Post"))) == 1.0
    assert share_shown(question, answer(quote(NINE), quote("It was ten.", "Herald"))) == 0.5
    copied = quote("It was ten.", "Herald", copies=[{"source": "Post"}])
    assert share_shown(question, answer(quote(NINE), copied)) == 1.0


def test_a_set_is_counted_by_its_members_and_by_the_outlets_that_prove_it() -> None:
    outlets = asked("count", "nine", set=["Courier", "Post"])
    assert share_shown(outlets, answer(quote(NINE), quote("Rain.", "Post"))) == 0.5
    people = asked("count", "Hale", "Pell", set=["Hale", "Pell"])
    assert share_shown(people, answer(quote("Hale led, then Pell."))) == 1.0


def test_a_timeline_in_another_order_shows_nothing() -> None:
    question = asked("timeline", "lost", "found", order=["a", "b"])
    first, then = quote("It was lost."), quote("It was found.", article="b")
    assert share_shown(question, answer(first, then)) == 1.0
    assert share_shown(question, answer(first)) == 0.5
    assert share_shown(question, answer(then, first)) == 0.0


def test_figures_by_kind() -> None:
    questions = [asked("plain", "nine"), asked("plain", "ten"), asked("nearmiss")]
    table = by_kind(questions, [1.0, 0.0, 1.0], [0.9, 0.2, 0.3])
    assert table["all"]["right"] == pytest.approx(2 / 3)
    assert table["plain"] == {"questions": 2.0, "right": 0.5, "part": 0.5}
    assert table["all"]["auroc"] == 0.5


def test_a_kind_of_near_miss_is_held_against_all_answerable_questions() -> None:
    outcomes = [
        Outcome("", 0.9, first=True, answered=True),
        Outcome("", 0.4, first=False, answered=True),
        Outcome("negated", 0.1),
        Outcome("reversed", 0.6, answered=True),
    ]
    table = near_misses_by_kind(outcomes)
    assert list(table) == ["all", "negated", "reversed"]
    assert table["negated"]["auroc"] == 1.0
    assert table["reversed"]["auroc"] == 0.5
    assert table["all"]["rejection"] == 0.5
    assert table["all"]["first_right"] == 0.5
