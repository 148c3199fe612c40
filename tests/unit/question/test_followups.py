"""What leans on the conversation is read with it; what stands alone is left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsqa.question.followups import interpretations, rewrite_standalone, turn_of
from newsqa.replies import Asked, NoAnswer, Reason
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
    assert interpretations(question, (TUNNEL,)) == [(TUNNEL,)]
    read = rewrite_standalone(question, (TUNNEL,))
    assert read.text.startswith(f"{question} (Harrow")
    assert read.resolution is not None
    assert "“Harrow”" in read.resolution


@pytest.mark.parametrize(
    "question",
    [
        "Who founded the Ostwick Gazette in 1911?",
        "Did Paul Kessler say that he would resign from the council?",
        "Why did the Ostwick Gazette close its doors?",
        "Is it true that Paul Kessler resigned from the council this week?",
        "",
        "???",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert interpretations(question, (TUNNEL, FERRY)) == [()]


def test_a_question_that_names_nothing_is_read_both_ways() -> None:
    assert interpretations("Where was the painting found?", (TUNNEL,)) == [(), (TUNNEL,)]


def test_without_turns_nothing_is_added() -> None:
    assert interpretations("And why?", ()) == [()]
    assert rewrite_standalone("And why?", ()).text == "And why?"
    assert rewrite_standalone("And why?", ()).resolution is None


def test_what_was_named_last_comes_first_and_nothing_twice() -> None:
    turns = (
        TUNNEL,
        Turn(question="Did anyone in Ostwick ask Mara Lindqvist?"),
        Turn(question="Was Harrow told?"),
    )
    added = rewrite_standalone("Why did it?", turns).text.partition("(")[2].rstrip(")").split(", ")
    assert added[:3] == ["Harrow", "Ostwick", "Mara Lindqvist"]
    assert len(added) == len({part.lower() for part in added})


def test_what_was_spoken_of_before_the_subject_changed_is_left_out() -> None:
    read = rewrite_standalone(
        "When was it?", (TUNNEL, FERRY, Turn(question="How deep is it there?"))
    )
    assert "Ostwick" in read.text
    assert "Harrow" not in read.text


def test_a_quote_may_tell_that_the_subject_is_the_same() -> None:
    bridge = Turn(question="Where did Paul Kessler live?", quotes=("A house above Harrow.",))
    assert "Harrow" in rewrite_standalone("When was it?", (TUNNEL, bridge)).text
    away = Turn(question="Where did Paul Kessler live?", quotes=("A house above Dorn.",))
    assert "Harrow" not in rewrite_standalone("When was it?", (TUNNEL, away)).text


def test_what_two_quotes_share_joins_no_subjects() -> None:
    one = Turn(question="Who opened the Harrow tunnel?", quotes=("In Saltmarsh Anna Berg did.",))
    two = Turn(question="Where is the Ostwick ferry?", quotes=("It lies off Saltmarsh.",))
    assert "Harrow" not in rewrite_standalone("When was it built?", (one, two)).text


def test_what_was_answered_by_itself_may_be_a_new_subject_without_a_name() -> None:
    storm = Turn(question="which towns lost power", quotes=("The storm left Dorn dark.",))
    assert "Harrow" in rewrite_standalone("When was that?", (TUNNEL, storm)).text
    alone = replace(storm, alone=True)
    assert "Harrow" not in rewrite_standalone("When was that?", (TUNNEL, alone)).text
    unanswered = replace(alone, quotes=())
    assert "Harrow" in rewrite_standalone("When was that?", (TUNNEL, unanswered)).text


def test_a_second_follow_up_still_knows_the_subject() -> None:
    abbot = Turn(
        question="Who is the new abbot?", quotes=("The monks chose Otto Lund.",), alone=True
    )
    read = rewrite_standalone(
        "How old is he?", (TUNNEL, abbot, Turn(question="When was he chosen?"))
    )
    added = read.text.partition("(")[2].rstrip(")").split(", ")
    assert {"Otto Lund", "abbot"} <= set(added)


def test_a_turn_says_whether_its_question_was_read_by_itself() -> None:
    def asked(read: str) -> NoAnswer:
        reason = Reason(code="nothing_found", message="nothing")
        return NoAnswer(asked=Asked(question="Why?", standalone_question=read), reason=reason)

    assert turn_of("Why?", asked("Why?")).alone
    assert not turn_of("Why?", asked("Why? (Harrow)")).alone


def test_the_year_alone_joins_no_subjects() -> None:
    turns = (
        Turn(question="Who won the Ostwick Cup in 2025?"),
        Turn(question="How many ships sank off Dorn in 2025?"),
    )
    assert "Ostwick" not in rewrite_standalone("And how many people?", turns).text


def test_only_what_the_question_names_itself_must_be_mentioned() -> None:
    assert rewrite_standalone("Did she meet Paul Kessler?", (TUNNEL,)).names == ("Paul Kessler",)
    assert rewrite_standalone("When was it?", (TUNNEL,)).names == ()


def test_who_was_quoted_may_be_who_is_meant() -> None:
    assert "Mara Lindqvist" in rewrite_standalone("What else did she open?", (TUNNEL,)).text


def test_a_long_conversation_adds_little() -> None:
    turns = [Turn(question=f"What did Anna Berg{n} tell Otto Lund{n}?") for n in range(40)]
    read = rewrite_standalone("Why?", turns)
    assert len(read.text.split()) < 16
    assert "Berg39" in read.text
