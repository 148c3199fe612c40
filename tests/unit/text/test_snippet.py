"""The part of a passage that matches a question."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsqa.text.analysis import content_terms
from newsqa.text.snippet import snippet


def snippet_for(passage: str, question: str) -> list[tuple[str, bool]]:
    return snippet(passage, content_terms(question))


def matches(passage: str, question: str) -> list[str]:
    return [words for words, sought in snippet_for(passage, question) if sought]


def test_words_of_the_question_stand_out_in_any_form() -> None:
    assert matches("Bridges fell. The bridge was old.", "bridge falls") == ["Bridges", "bridge"]


def test_a_snippet_begins_near_the_first_word_that_counts() -> None:
    passage = "Nothing here. " * 60 + "The tunnel opened. " + "More of it. " * 60
    assert matches(passage, "tunnel") == ["tunnel"]
    text = "".join(words for words, _ in snippet_for(passage, "tunnel"))
    assert text.startswith("… ")
    assert text.endswith(" …")
    assert len(text) < 400


@given(st.text(), st.text())
def test_a_snippet_is_a_stretch_of_its_passage(passage: str, question: str) -> None:
    text = "".join(words for words, _ in snippet_for(passage, question))
    assert text.removeprefix("… ").removesuffix(" …") in passage


def test_a_short_passage_is_shown_whole() -> None:
    passage = "Nothing here. " * 15 + "The tunnel opened."
    assert "".join(words for words, _ in snippet_for(passage, "tunnel")) == passage


def test_words_of_a_script_without_spaces_stand_out_as_one() -> None:
    passage = "市长王丽说，港口大桥每天可以通过2万辆汽车。"
    assert matches(passage, "港口大桥") == ["港口大桥"]
    assert matches("在2026年", "2026") == ["2026"]
