"""Exact phrases and misspelt words, where question and article write the same words differently."""

from __future__ import annotations

from pathlib import Path

import pytest

import newsqa
from newsqa.retrieval.spelling import correct
from newsqa.settings import load

ARTICLES = {
    "dean.txt": "Dean writes\n\nThe dean’s note asks for silence in the G-20 hall on the U.S. "
    "coast.",
    "soft.txt": "Strike\n\nThe bas\u00adket mak\u200bers of Łomża and Käthe Müller want 12,000 "
    "marks.",
}


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> newsqa.NewsQA:
    folder = tmp_path_factory.mktemp("phrases")
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    settings = load({"reader": "none", "threads": 1})
    return newsqa.build([folder], index=Path(folder) / "index", settings=settings)


@pytest.mark.parametrize(
    ("phrase", "article_id"),
    [
        ('"the dean\'s note"', "dean.txt"),
        ("“the dean’s note”", "dean.txt"),
        ('"G20 hall on the US coast"', "dean.txt"),
        ('"basket makers of Lomza"', "soft.txt"),
        ('"Ka\u0308the Müller"', "soft.txt"),
        ('"12 000 marks"', "soft.txt"),
        ('"12000 marks"', "soft.txt"),
    ],
)
def test_a_phrase_is_found_as_it_is_typed(qa: newsqa.NewsQA, phrase: str, article_id: str) -> None:
    assert [hit.passage.article_id for hit in qa.search(phrase)] == [article_id]


@pytest.mark.parametrize("phrase", ['"note asks silence"', '"dean note"', '"Mueller want"'])
def test_a_phrase_that_does_not_stand_there_is_not_found(qa: newsqa.NewsQA, phrase: str) -> None:
    assert list(qa.search(phrase)) == []


@pytest.mark.parametrize("question", ["Who is Mueller?", "Where is Lomza?", "the bas\u00adket"])
def test_another_way_to_write_a_word_is_no_misspelling(qa: newsqa.NewsQA, question: str) -> None:
    assert correct(question, qa.index.snapshot(), qa._encoder).replacements == ()
