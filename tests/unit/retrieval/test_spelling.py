"""Misspelt words of a question, on a small index of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

import newsqa
from newsqa.replies import Answer
from newsqa.retrieval.spelling import correct
from newsqa.settings import load

ARTICLES = {
    "plant.txt": "Water plant opens\n\nThe ultraviolet plant at Cold Tarn was switched on by "
    "Lavinia Stott on Monday. The Government paid for it.",
    "price.txt": "Fish gets dearer\n\nThe price of herring rose at Ullay harbour. Lorinda Mays, a "
    "merchant, blamed the weather.",
}


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> newsqa.NewsQA:
    folder = tmp_path_factory.mktemp("spelling")
    for name, text in ARTICLES.items():
        (folder / name).write_text(text)
    settings = load({"reader": "none", "threads": 1})
    return newsqa.build([folder], index=Path(folder) / "index", settings=settings)


def read(qa: newsqa.NewsQA, question: str) -> str:
    return correct(question, qa.index.snapshot(), qa._encoder).text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Who is Lavina Stott?", "Who is Lavinia Stott?"),
        ("what did lavinai stott switch on", "what did Lavinia stott switch on"),
        ("Who paid, the Goverment?", "Who paid, the Government?"),
        ("What happened at Ulaly?", "What happened at Ullay?"),
    ],
)
def test_a_misspelt_word_is_read_as_the_one_the_articles_have(
    qa: newsqa.NewsQA, typed: str, meant: str
) -> None:
    assert read(qa, typed) == meant


@pytest.mark.parametrize(
    "question",
    [
        "Who won the prize?",  # a word of its own, though "price" is near
        'Who is "Lavina" Stott?',  # in quotes: as it stands
        "Who is Lavinia Stott?",
        "Who is Zaphod Beeblebrox?",  # near to nothing
        "Wer ist Lavi?",  # too short
        "",
        "?!",
        "東京はどこですか",
    ],
)
def test_what_is_no_misspelling_stays(qa: newsqa.NewsQA, question: str) -> None:
    assert read(qa, question) == question


def test_the_reply_says_what_was_read(qa: newsqa.NewsQA) -> None:
    reply = qa.ask("Who is Lavina Stott?")
    assert reply.question == "Who is Lavina Stott?"
    assert reply.asked.standalone_question == "Who is Lavinia Stott?"
    assert "“Lavina” was read as “Lavinia”" in (reply.asked.resolution or "")
    assert "“Lavina” was read as “Lavinia”" in str(reply)
    plain = qa.ask("Who is Lavinia Stott?")
    assert plain.asked.resolution is None
    assert type(plain) is type(reply)
    if isinstance(reply, Answer) and isinstance(plain, Answer):
        assert reply.quotes[0].text == plain.quotes[0].text


def test_a_search_finds_it_and_notes_it(qa: newsqa.NewsQA) -> None:
    hits = qa.search("Lavina")
    assert "Lavinia" in hits[0].passage.text
    assert any("Lavinia" in note for note in hits.notes)


def test_a_removed_article_lends_no_words(tmp_path: Path) -> None:
    for name, text in ARTICLES.items():
        (tmp_path / name).write_text(text)
    settings = load({"reader": "none", "threads": 1})
    with newsqa.build([tmp_path], index=tmp_path / "index", settings=settings) as qa:
        plant = qa.search("ultraviolet")[0].passage.article_id
        qa.remove([plant])
        assert read(qa, "Who is Lavina Stott?") == "Who is Lavina Stott?"
