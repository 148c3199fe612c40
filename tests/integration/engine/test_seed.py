"""The main job on one real article: quotes that answer, and honest refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import newsqa
from newsqa.evaluation.metrics import contains_answer
from newsqa.replies import Answer
from tests.shared import shared


@pytest.fixture(scope="module", params=["none", "auto"])
def replies(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[tuple[dict[str, object], newsqa.Reply]]]:
    folder = shared("seed")
    index = tmp_path_factory.mktemp("seed") / "index"
    lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    with newsqa.build([folder / "article.txt"], index=index) as qa:
        yield [
            (row, qa.ask(row["question"], reader=request.param)) for row in map(json.loads, lines)
        ]


def stands_in(text: str, answers: list[str]) -> bool:
    """Whether an acceptable answer stands in a text: letter for letter, or by SQuAD's tokens.

    SQuAD's normalisation leaves a curly quotation mark on the last word of a quotation.
    """
    return contains_answer(text, answers) or any(answer in text for answer in answers)


def test_answerable_questions_are_answered_in_the_first_two_quotes(
    replies: list[tuple[dict[str, object], newsqa.Reply]],
) -> None:
    right = [
        isinstance(reply, Answer)
        and any(stands_in(quote.text, row["answers"]) for quote in reply.quotes[:2])  # type: ignore[arg-type]
        for row, reply in replies
        if row["answerable"]
    ]
    assert sum(right) >= 6, right


def test_unanswerable_questions_get_no_answer(
    replies: list[tuple[dict[str, object], newsqa.Reply]],
) -> None:
    refused = [not reply.answered for row, reply in replies if not row["answerable"]]
    assert sum(refused) >= 2, refused


def test_quotes_are_exact_and_never_from_the_leftovers(
    replies: list[tuple[dict[str, object], newsqa.Reply]],
) -> None:
    text = (shared("seed") / "article.txt").read_text(encoding="utf-8")
    quotes = [quote for _, reply in replies if isinstance(reply, Answer) for quote in reply.quotes]
    assert quotes
    for quote in quotes:
        assert quote.text in text
        assert "Related Posts" not in quote.text


def test_the_articles_own_slip_is_quoted_as_it_stands(tmp_path: Path) -> None:
    """The article puts the July 2024 summit in Vilnius; a quote never corrects an article."""
    with newsqa.build([shared("seed") / "article.txt"], index=tmp_path / "index") as qa:
        hits = qa.search("NATO summit July 2024")
    assert "In July 2024, NATO acknowledged Ukraine’s progress during its summit in Vilnius" in (
        "\n".join(hit.passage.text for hit in hits)
    )
