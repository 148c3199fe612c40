"""What every Reader promises. A new reader joins `READERS`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsqa.errors import ModelNotFoundError
from newsqa.models import open_reader
from newsqa.protocols import Reader
from newsqa.types import Article, Passage, Span
from tests.fakes.engine_parts import FakeEncoder


def model_free() -> Reader:
    return open_reader("none", threads=1, encoder=FakeEncoder(), idf=lambda term: 1.0)


def shipped() -> Reader:
    try:
        return open_reader("shipped", threads=1, encoder=FakeEncoder(), idf=lambda term: 1.0)
    except ModelNotFoundError as error:
        pytest.skip(str(error))


READERS: list[Callable[[], Reader]] = [model_free, shipped]

BODY = (
    "Menu and adverts. The harbour bridge reopens on Monday 3 March. Mayor Ada Lunt said the "
    "repairs cost 4.2 million pounds. She thanked the crews. Naïve “critics” 🙂 disagreed. "
    "The ferry keeps running until April."
)
PUBLISHED = date(2026, 3, 1)
QUESTIONS = ["When does the bridge reopen?", "Who is the mayor?", "What does fish soup cost?"]


def sentences_of(body: str) -> tuple[Span, ...]:
    """Cut after each full stop that a space or the end follows."""
    ends = [match.end() for match in re.finditer(r"\.(?= |$)", body)]
    return tuple(Span(start + (1 if start else 0), end) for start, end in pairwise([0, *ends]))


def passages() -> list[Passage]:
    """Three passages that begin inside their article; the second cuts its sentences."""
    article = Article(
        article_id="bridge", title="Bridge to reopen", body=BODY, source="Post", published=PUBLISHED
    )
    lines = sentences_of(BODY)
    whole = Passage.of(article, Span(lines[1].start, lines[3].end), lines[1:4])
    cut = Passage.of(article, Span(lines[2].start + 10, lines[4].end - 5), lines[2:5])
    last = Passage.of(article, lines[-1], lines[-1:])
    return [whole, cut, last]


@pytest.fixture(scope="module", params=READERS, ids=lambda make: make.__name__)
def reader(request: pytest.FixtureRequest) -> Reader:
    made: Reader = request.param()
    return made


@pytest.mark.parametrize("question", [*QUESTIONS, "", "?", "x" * 5000, "\x00\ud800 \n", "谁是市长"])
def test_one_candidate_a_passage_with_every_sentence_scored(reader: Reader, question: str) -> None:
    given_passages = passages()
    found = reader.read(question, given_passages)
    assert [candidate.passage for candidate in found] == given_passages
    for candidate, passage in zip(found, given_passages, strict=True):
        assert [span for span, _ in candidate.sentences] == list(passage.sentences)
        numbers = [candidate.relevance, candidate.no_answer, *(s for _, s in candidate.sentences)]
        assert all(abs(number) < 1e6 for number in numbers)  # neither NaN nor infinite


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answer_is_inside_a_scored_sentence_and_the_passage(
    reader: Reader, question: str
) -> None:
    for candidate in reader.read(question, passages()):
        if candidate.answer is not None:
            assert candidate.passage.span.holds(candidate.answer)
            assert any(
                span.start < candidate.answer.end and candidate.answer.start < span.end
                for span, _ in candidate.sentences
            )
            assert candidate.answer.cut(BODY).strip()


@pytest.mark.parametrize("question", QUESTIONS)
def test_scores_do_not_depend_on_what_is_read_beside(reader: Reader, question: str) -> None:
    together = reader.read(question, passages())
    alone = [reader.read(question, [passage])[0] for passage in passages()]
    turned = reader.read(question, passages()[::-1])[::-1]
    for first, *others in zip(together, alone, turned, strict=True):
        for other in others:
            assert other.relevance == pytest.approx(first.relevance, abs=1e-4)
            assert other.no_answer == pytest.approx(first.no_answer, abs=1e-4)
            assert [s for _, s in other.sentences] == pytest.approx(
                [s for _, s in first.sentences], abs=1e-4
            )
            assert other.answer == first.answer


def test_the_sentence_that_answers_scores_highest(reader: Reader) -> None:
    (found,) = reader.read("When does the harbour bridge reopen?", passages()[:1])
    best = max(found.sentences, key=lambda pair: pair[1])[0]
    assert best.cut(BODY) == "The harbour bridge reopens on Monday 3 March."


def test_nothing_to_read_gives_nothing(reader: Reader) -> None:
    assert reader.read("Who?", []) == []
    assert reader.name


@settings(max_examples=25, deadline=None)
@given(question=st.text(max_size=60))
def test_any_question_is_read(reader: Reader, question: str) -> None:
    assert len(reader.read(question, passages())) == 3
