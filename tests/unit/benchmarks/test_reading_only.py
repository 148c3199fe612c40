"""Reading with the text given, with readers whose choices are known beforehand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.lib import controls
from benchmarks.lib.reading_only import Desk, Found, Given, scores, values_by_question
from newsqa.settings import Settings
from newsqa.types import Candidate, Passage, Span

if TYPE_CHECKING:
    from newsqa.protocols import Reader, Vectors


class Words:
    """An encoder that only counts: one token a word."""

    name = fingerprint = "words"
    dim = 2
    max_tokens = 64

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        return np.ones((len(questions), 2), dtype=np.float32)

    encode_passages = encode_questions

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


class Longest:
    """Prefers the longest sentence, and marks its first word."""

    name = "none"

    def read(self, question: str, passages: Sequence[Passage]) -> list[Candidate]:
        return [self._one(passage) for passage in passages]

    def _one(self, passage: Passage) -> Candidate:
        best = max(passage.sentences, key=len)
        word = passage.text[best.start - passage.span.start :].split()[0]
        return Candidate(
            passage=passage,
            relevance=len(best) / 1000,
            no_answer=0.0,
            sentences=tuple((span, len(span) / 1000) for span in passage.sentences),
            answer=Span(best.start, best.start + len(word)),
        )


TEXTS = ["Short one.", "Here stands the longest of all.", "", "Not quite so long."]


def desk(reader: Reader | None = None, asked: str | None = None) -> Desk:
    settings = Settings.model_validate({"passage_tokens": 64})
    return Desk(reader or Longest(), Words(), lambda term: 1.0, settings, k=1, asked=asked)


def given(right: Sequence[frozenset[int]] = (), **changes: object) -> Given:
    item = Given.of_sentences("q", "Which?", TEXTS, right=right)
    return Given(**{name: getattr(item, name) for name in Given.__slots__} | changes)


def test_the_text_is_made_of_its_sentences() -> None:
    item = Given.of_sentences("q", "?", TEXTS)
    assert item.article.body == "Short one. Here stands the longest of all. . Not quite so long."
    assert [span.cut(item.article.body) for span in item.sentences] == [
        "Short one.", "Here stands the longest of all.", ".", "Not quite so long.",
    ]  # fmt: skip


def test_sentences_are_ranked_over_all_passages() -> None:
    texts = [f"Number {n} of many sentences{' more' * (n % 7)}." for n in range(60)]
    item = Given.of_sentences("q", "?", texts)
    reading = desk()
    assert len(reading.passages(item)) > 3
    found = reading.read(item)
    assert sorted(found.ranking) == list(range(60))
    assert [n % 7 for n in found.ranking[:8]] == [6] * 8
    assert list(found.ranking[:8]) == [13, 20, 27, 34, 41, 48, 55, 6]  # two digits are longer
    assert found.chosen == (13,)


def test_scores_by_hand() -> None:
    read = desk().read
    found = [
        read(given([frozenset({1, 3})], id="a", answers=("here",))),
        read(given([frozenset({0}), frozenset({3})], id="b", answers=("Not",))),
        read(given(id="c", answerable=False)),
    ]
    values = values_by_question(found)
    assert found[0].ranking == (1, 3, 0, 2)
    assert values["sentence_top1"] == {"a": 1.0, "b": 0.0}
    assert values["sentence_mrr"] == {"a": 1.0, "b": 0.5}
    assert values["sentence_map"]["b"] == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert values["selection_precision"] == {"a": 1.0, "b": 0.0}
    assert values["selection_recall"] == {"a": 0.5, "b": 0.0}
    assert values["span_em"] == {"a": 1.0, "b": 0.0}
    whole = scores(found)
    assert whole["selection_f1"] == pytest.approx((2 / 3 + 0) / 2)
    assert whole["auroc"] == whole["reader_auroc"] == 0.5  # the same text thrice
    assert whole["rejection_at_5"] == 0.0


class Weighed(Longest):
    name = "shipped"  # whose decision looks for the question's words in the passage


def test_a_blanked_question_is_blanked_for_the_decision_too() -> None:
    seeing, blanked = desk(Weighed()), desk(Weighed(), controls.NO_QUESTION)
    asked = [given(question=q) for q in ("Where stands the longest of all?", "Is it wide?")]

    assert len({seeing.read(item).confidence for item in asked}) == 2
    assert len({blanked.read(item).confidence for item in asked}) == 1


def test_a_blanked_passage_is_blanked_for_the_decision_too() -> None:
    seeing, blanked = desk(Weighed()), desk(controls.PassageBlanked(Weighed()))
    asked = given(question="Where stands the longest of all?")
    other = Given.of_sentences("q", asked.question, [re.sub(r"\w", "a", t) for t in TEXTS])

    assert seeing.read(asked).confidence != seeing.read(other).confidence
    assert blanked.read(asked).confidence == blanked.read(other).confidence
    assert blanked.read(asked).chosen == (1,)
    assert blanked.read(asked).words == "Here"  # cut out of the text itself


def test_the_best_fitting_annotator_counts() -> None:
    item = given([frozenset({0}), frozenset({1})])
    one = Found(item=item, ranking=(1, 0), chosen=(1,), words="", confidence=0.5, belief=0.1)
    assert scores([one])["selection_f1"] == 1.0
