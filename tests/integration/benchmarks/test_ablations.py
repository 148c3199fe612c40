"""The ablations change what they say they change, and only while they run."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from benchmarks.quality import index_ablations, question_ablations
from newsqa.evaluation.question_sets import QuestionSet, read_set
from newsqa.text.analysis import stem, terms

FILLER = [f"Nothing else of note was said on day {day} of the long meeting." for day in range(60)]
ARTICLES = {
    "goats": ("Goats graze", "A shepherd counted his goats twice. " + " ".join(FILLER)),
    "ferry": ("Ferry late", "The ferries were late again because of fog. " + " ".join(FILLER)),
    "clock": ("Clock mended", "The tower clock strikes again. " + " ".join(FILLER)),
}


@pytest.fixture
def few(tmp_path: Path) -> QuestionSet:
    lines = [json.dumps({"id": i, "title": t, "text": b}) for i, (t, b) in ARTICLES.items()]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines) + "\n")
    asked = {"id": "q", "question": "Why was the ferry late?", "answers": ["fog"]}
    (tmp_path / "questions.jsonl").write_text(json.dumps(asked | {"answerable": True}) + "\n")
    (tmp_path / "qrels.tsv").write_text("q\tferry\t1\n")
    return read_set(tmp_path)


def test_each_change_is_an_index_of_its_own(few: QuestionSet, tmp_path: Path) -> None:
    changes = ["passage_tokens=96", "words: not stemmed", "embedded: title only"]
    table = index_ablations.measured(few, changes, tmp_path, 2)
    assert [*table] == ["as shipped", *changes]
    assert table["passage_tokens=96"]["passages"] > table["as shipped"]["passages"]
    assert table["as shipped"]["success@1"] == 1.0
    assert terms("goats") == [stem("goats")] == ["goat"]  # as before


def test_the_pool_holds_what_is_judged(few: QuestionSet) -> None:
    lines = list(index_ablations.pool(few.paths[0], {"clock"}, 2))
    assert len(lines) == 2
    assert any(json.loads(line)["id"] == "clock" for line in lines)


def test_every_change_exchanges_what_there_is() -> None:
    for change in index_ablations.CHANGES.values():
        with index_ablations.exchanged(change.functions):
            pass


def test_a_question_as_keywords_and_misspelt() -> None:
    asked = "Who was the mayor of Halvern before the election?"
    assert question_ablations.keywords(asked) == "mayor Halvern election"
    wrong = question_ablations.misspelt(asked, random.Random(1))
    assert wrong != asked
    assert sorted(wrong) == sorted(asked)
    assert wrong.startswith("Who was the mayor of Halvern before the e")
    assert question_ablations.misspelt("Who is he?", random.Random(1)) == "Who is he?"
