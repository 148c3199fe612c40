"""What a question asks for."""

from __future__ import annotations

from typing import Literal
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.question.kinds import Kind, answers_of, kind_of, missing_from, names_of, phrases_of
from newsqa.text.analysis import content_terms, words


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who wrote the letter?", Kind.PERSON),
        ("When did the ferry sail?", Kind.DATE),
        ("In which year was it built?", Kind.DATE),
        ("Where do the ministers meet?", Kind.PLACE),
        ("Which country sent aid?", Kind.PLACE),
        ("How many boats sank?", Kind.NUMBER),
        ("What percentage of voters stayed at home?", Kind.NUMBER),
        ("Why was the bridge closed?", Kind.REASON),
        ("Which company built the lock?", Kind.NAME),
        ("What did the mayor say?", Kind.OTHER),
        ("¿Dónde está?", Kind.OTHER),
        ("", Kind.OTHER),
    ],
)
def test_kinds(question: str, kind: Kind) -> None:
    assert kind_of(question) is kind


@pytest.mark.parametrize(
    ("kind", "sentence", "question", "expected"),
    [
        (Kind.DATE, "It opens on 3 March 2026 at noon.", "When?", ["3 March 2026"]),
        (Kind.DATE, "They meet on December 3-4 in Brussels.", "When?", ["December 3-4"]),
        (Kind.NUMBER, "It cost $2.5 million to build.", "How much?", ["$2.5 million"]),
        (Kind.NUMBER, "Twenty-four people came.", "How many?", ["Twenty-four"]),
        (Kind.PERSON, "Ada Moor told Jon Vale so.", "Who told Jon Vale?", ["Ada Moor"]),
        (Kind.PLACE, "He was sent to Harrow Bay.", "Where was he sent?", ["Harrow Bay"]),
        (Kind.OTHER, "Anything at all in 2026.", "What happened?", []),
    ],
)
def test_answers_of_a_kind(kind: Kind, sentence: str, question: str, expected: list[str]) -> None:
    assert [span.cut(sentence) for span in answers_of(kind, sentence, words(question))] == expected


def test_names_and_numbers_of_a_question() -> None:
    assert names_of("How many tanks did Germany give Old Vale in 2024?") == [
        "Germany",
        "Old Vale",
        "2024",
    ]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("As of 13 February, how many cases were there in Lindle?", ["Lindle"]),
        ("What did Ada Moor say on Monday, March 12, 2024?", ["Ada Moor", "2024"]),
        ("Who won 6 cups and 12 medals on the 3rd of May?", ["12"]),
        ("Where exactly is May Island?", ["May Island"]),
    ],
)
def test_days_and_months_and_single_digits_are_no_names(question: str, names: list[str]) -> None:
    assert names_of(question) == names


def test_capitals_everywhere_name_nothing() -> None:
    assert names_of("Who Won The Old Vale Cup In 2024?") == ["2024"]
    assert names_of("WHO WON THE CUP?") == []


def test_phrases_stand_in_straight_or_curly_quotes() -> None:
    assert phrases_of('who said "never again" or “not now” and ""') == ["never again", "not now"]


def test_missing_names_are_those_no_passage_mentions() -> None:
    found = set(content_terms("The German government sent boats to Vale."))

    assert missing_from(["Old Vale", "Norland"], found) == ("Norland",)


@given(st.text())
def test_no_question_raises(question: str) -> None:
    for kind in Kind:
        for span in answers_of(kind, question, ["x"]):
            assert span.cut(question).strip()
    names_of(question)
    phrases_of(question)


def test_a_name_is_without_the_words_that_open_its_sentence() -> None:
    assert names_of("Was Harrow told of it?") == ["Harrow"]
    assert names_of("On Monday, who won?") == []


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_is_whole_also_where_accents_stand_apart(form: Literal["NFC", "NFD"]) -> None:
    name = normalize(form, "Íñigo Núñez")
    assert names_of(f"What did {name} say?") == [name]
    assert missing_from([name], {"nunez"}) == ()
    sentence = f"The reply came from {name} himself."
    found = answers_of(Kind.PERSON, sentence, ["who", "replied"])
    assert [sentence[span.start : span.end] for span in found][-1] == name
