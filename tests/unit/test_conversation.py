"""What leans on the conversation is read with it; what stands alone is left alone."""

from __future__ import annotations

import pytest

from newsqa.conversation import readings, standing_alone
from newsqa.types import Turn

TUNNEL = Turn(
    question="Who opened the Harrow tunnel?",
    quotes=("The tunnel was opened on Monday by Mara Lindqvist, who minds the county's roads.",),
)
FERRY = Turn(question="When did the Ostwick ferry sink?")


@pytest.mark.parametrize(
    "question",
    [
        "What did she say about the cost?",
        "And in 2022?",
        "Why?",
        "How much did it cost?",
        "Who else was there?",
        "Did they invite Paul Kessler?",  # the pronoun comes before the name
    ],
)
def test_a_question_that_leans_is_read_with_the_names_before_it(question: str) -> None:
    assert readings(question, (TUNNEL,)) == [(TUNNEL,)]
    read = standing_alone(question, (TUNNEL,))
    assert read.question.startswith(f"{question} (Harrow")
    assert read.resolution is not None
    assert "“Harrow”" in read.resolution


@pytest.mark.parametrize(
    "question",
    [
        "Who founded the Ostwick Gazette in 1911?",
        "Did Paul Kessler say that he would resign from the council?",
        "Is it true that Paul Kessler resigned from the council this week?",
        "",
        "???",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert readings(question, (TUNNEL, FERRY)) == [()]


def test_a_question_that_names_nothing_is_read_both_ways() -> None:
    assert readings("Where was the painting found?", (TUNNEL,)) == [(), (TUNNEL,)]


def test_without_turns_nothing_is_added() -> None:
    assert readings("And why?", ()) == [()]
    assert standing_alone("And why?", ()).question == "And why?"
    assert standing_alone("And why?", ()).resolution is None


def test_what_was_named_last_comes_first_and_nothing_twice() -> None:
    read = standing_alone("Why did it?", (TUNNEL, FERRY, Turn(question="Was Harrow told?")))
    added = read.question.partition("(")[2].rstrip(")").split(", ")
    assert added.index("Harrow") < added.index("Ostwick")
    assert len(added) == len({part.lower() for part in added})


def test_who_was_quoted_may_be_who_is_meant() -> None:
    assert "Mara Lindqvist" in standing_alone("What else did she open?", (TUNNEL,)).question


def test_a_long_conversation_adds_little() -> None:
    turns = [Turn(question=f"What did Anna Berg{n} tell Otto Lund{n}?") for n in range(40)]
    read = standing_alone("Why?", turns)
    assert len(read.question.split()) < 16
    assert "Berg39" in read.question
