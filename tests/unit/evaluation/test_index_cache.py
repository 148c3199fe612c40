"""Evaluation finds its index again by what went into it, and makes another when that changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from newsqa.errors import QuestionSetError
from newsqa.evaluation.index_cache import Recording, Replaying, cached_index, index_key, recipe_of
from newsqa.evaluation.question_sets import read_set
from newsqa.evaluation.run import run
from newsqa.evaluation.scoring import score
from newsqa.settings import Settings
from tests.fakes.engine_parts import FakeEncoder

if TYPE_CHECKING:
    from newsqa.protocols import Vectors


def settings(cache: Path, **changes: object) -> Settings:
    return Settings.model_validate({"cache_dir": cache, "reader": "none"} | changes)


def make_set(folder: Path) -> Path:
    folder.mkdir()
    articles = [
        {"id": "bridge", "title": "Bridge", "text": "Ann Lee designed the harbour bridge."},
        {"id": "ferry", "title": "Ferry", "text": "The ferry to Lindle sank at noon."},
    ]
    asked = [
        {"id": "1", "question": "Who designed the harbour bridge?", "answers": ["Ann Lee"]},
        {"id": "2", "question": "When did the ferry to Lindle sink?", "answers": ["at noon"]},
    ]
    lines = "\n".join(json.dumps(article) for article in articles)
    (folder / "corpus.jsonl").write_text(lines, encoding="utf-8")
    lines = "\n".join(json.dumps(row | {"answerable": True}) for row in asked)
    (folder / "questions.jsonl").write_text(lines, encoding="utf-8")
    (folder / "qrels.tsv").write_text("1\tbridge\t1\n2\tferry\t1\n", encoding="utf-8")
    return folder


def test_a_set_is_indexed_once_and_answered_from_the_index(tmp_path: Path) -> None:
    questions = read_set(make_set(tmp_path / "set"))
    encoder = FakeEncoder()
    free = settings(tmp_path / "cache", min_confidence=0.0)
    for _ in range(2):
        with cached_index(questions.paths, free, encoder=encoder) as opened:
            found = score(questions, list(run(opened.qa, questions)))
        assert encoder.encoded >= 2
    with cached_index(questions.paths, free, encoder=encoder) as opened:
        assert opened.qa.report is None  # opened, not built
    assert len(list((tmp_path / "cache" / "eval").glob("*.recipe"))) == 1
    assert found["success@1"] == found["answer_in_first_quote"] == 1.0
    assert found["citation_exactness"] == 1.0


def test_what_a_refusal_withholds_comes_from_the_same_index(tmp_path: Path) -> None:
    questions = read_set(make_set(tmp_path / "set"))
    strict = settings(tmp_path / "cache", min_confidence=1.0)
    with cached_index(questions.paths, strict, encoder=FakeEncoder()) as opened:
        row = next(run(opened.qa, questions, unbound=opened.unbound))
    assert row["reply"]["answered"] is False
    assert "Ann Lee" in row["withheld"][0]["quote"]


def test_what_was_just_encoded_is_encoded_once_for_the_second_reading() -> None:
    encoder = FakeEncoder()
    recording = Recording(encoder)
    replaying = Replaying(recording)
    first = recording.encode_passages(["one", "two"])
    assert (replaying.encode_passages(["two", "one"]) == first[::-1]).all()
    assert encoder.encoded == 2
    recording.encode_passages(["one"])  # the first reading is never spared anything
    assert encoder.encoded == 3
    assert (replaying.encode_passages(["two"]) == first[1:]).all()
    assert encoder.encoded == 4


def test_another_recipe_builds_in_place_and_keeps_the_vectors(tmp_path: Path) -> None:
    questions = read_set(make_set(tmp_path / "set"))
    with cached_index(questions.paths, settings(tmp_path / "cache"), encoder=FakeEncoder()):
        pass
    again = FakeEncoder()
    longer = settings(tmp_path / "cache", passage_tokens=128)
    with cached_index(questions.paths, longer, encoder=again) as opened:
        assert opened.qa.report is not None
    assert again.encoded == 0  # passages this short are cut alike


def test_a_broken_build_does_not_pass_for_whole(tmp_path: Path) -> None:
    questions = read_set(make_set(tmp_path / "set"))

    class Failing(FakeEncoder):
        def encode_passages(self, texts: Sequence[str]) -> Vectors:
            raise KeyboardInterrupt

    now = settings(tmp_path / "cache")
    with (
        pytest.raises(KeyboardInterrupt),
        cached_index(questions.paths, now, encoder=Failing()),
    ):
        pass
    with cached_index(questions.paths, now, encoder=FakeEncoder()) as opened:
        assert opened.qa.report is not None
        assert len(opened.qa.search("bridge")) > 0


def test_the_key_is_of_the_content_the_recipe_of_all_that_cuts_it(tmp_path: Path) -> None:
    folder = make_set(tmp_path / "set")
    paths = (folder / "corpus.jsonl",)
    elsewhere = (make_set(tmp_path / "copy") / "corpus.jsonl",)
    key = index_key(paths, FakeEncoder())
    assert key == index_key(elsewhere, FakeEncoder())
    assert key != index_key(paths, FakeEncoder("other"))
    with paths[0].open("a", encoding="utf-8") as out:
        out.write("\n")
    assert key != index_key(paths, FakeEncoder())
    recipe = recipe_of(settings(tmp_path), FakeEncoder())
    assert recipe == recipe_of(settings(tmp_path, dense_weight=1.0), FakeEncoder())
    assert recipe != recipe_of(settings(tmp_path, passage_tokens=128), FakeEncoder())
    assert recipe != recipe_of(settings(tmp_path, overlap_sentences=0), FakeEncoder())


def test_a_folder_without_articles_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with (
        pytest.raises(QuestionSetError, match="empty"),
        cached_index((tmp_path / "empty",), settings(tmp_path), encoder=FakeEncoder()),
    ):
        pass
