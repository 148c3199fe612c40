"""The trained reader: what a candidate promises, on a made-up network and on the real file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsqa.errors import ModelNotFoundError
from newsqa.models.onnx_reader import WEIGHTS, Limits, OnnxReader, Weighing, best_span
from newsqa.models.registry import open_reader
from newsqa.text.analysis import sentences
from newsqa.types import Article, Passage, Span
from tests.fakes.engine_parts import FakeEncoder

BODY = (
    "The council of Orlow met on Monday. Mayor Tamsin Hale said the ferry to Brenn would stop "
    "in October. It carried 12,400 people last year. Nobody objected. The harbour will be "
    "dredged in spring, and the old lighthouse painted."
)
QUESTION = "When will the ferry to Brenn stop?"
shipped = pytest.mark.skipif(
    not (WEIGHTS / "reader.onnx").exists(), reason="this checkout has no reader weights"
)


class Words:
    """A tokenizer of white space: one token a word; its number is the word's length."""

    def encode(self, text: str, add_special_tokens: bool) -> Any:
        assert not add_special_tokens
        spans, at = [], 0
        for word in text.split():
            start = text.index(word, at)
            at = start + len(word)
            spans.append((start, at))
        return type("Coded", (), {"ids": [b - a for a, b in spans], "offsets": spans})()


def by_length(ids: Sequence[int], second: int) -> tuple[Any, Any]:
    """A network whose evidence, start and end logits are the length of each word."""
    tokens = np.repeat(np.array(ids, dtype=np.float32)[:, None], 3, axis=1)
    return tokens, np.array([second, len(ids)], dtype=np.float32)


def article(body: str = BODY, title: str = "Ferry to stop") -> Article:
    return Article(article_id="a", title=title, body=body, published=date(2024, 5, 1))


def passage(body: str = BODY, title: str = "Ferry to stop", start: int = 0) -> Passage:
    whole = article(body, title)
    cut = tuple(s for s in sentences(body) if s.start >= start)
    return Passage.of(whole, Span(cut[0].start, cut[-1].end), cut)


def made_up(total: int = 64) -> OnnxReader:
    weighing = Weighing(bias=0.0, evidence=1.0, span=0.0, relevance=0.0, no_answer=0.0)
    return OnnxReader(by_length, Words(), Limits(total, 8, 8), weighing)


def test_every_sentence_is_scored_and_the_answer_stands_in_the_best() -> None:
    found = made_up().read(QUESTION, [passage(start=30)])[0]
    assert [span for span, _ in found.sentences] == list(passage(start=30).sentences)
    # Mean word length decides: by hand, "Nobody objected." has the longest words (6 and 9).
    best = max(found.sentences, key=lambda pair: pair[1])[0]
    assert best.cut(BODY) == "Nobody objected."
    assert found.answer is not None
    assert best.holds(found.answer)
    assert found.answer.cut(BODY) == "objected."


def test_a_sentence_score_is_the_logistic_of_its_mean_evidence() -> None:
    found = made_up().read(QUESTION, [passage()])[0]
    scores = {span.cut(BODY): score for span, score in found.sentences}
    assert scores["Nobody objected."] == pytest.approx(1 / (1 + np.exp(-(6 + 9) / 2)), abs=1e-6)


def test_a_passage_too_long_for_the_model_is_read_in_pieces() -> None:
    short, long = made_up(total=34), made_up(total=400)
    pieces, whole = (r.read(QUESTION, [passage()])[0] for r in (short, long))
    assert pieces.sentences == whole.sentences
    assert pieces.answer == whole.answer
    assert pieces.no_answer < whole.no_answer  # the made-up logit is the length read


def test_a_sentence_longer_than_the_model_is_scored_by_its_beginning() -> None:
    body = " ".join(["word"] * 300) + "."
    found = made_up().read(QUESTION, [passage(body)])[0]
    assert len(found.sentences) == 1
    assert found.sentences[0][1] > 0.5


def test_best_span_against_trying_every_one() -> None:
    rng = np.random.default_rng(5)
    for n in (1, 2, 7, 40):
        starts, ends = (rng.normal(size=n).astype(np.float32) for _ in range(2))
        score, (first, last) = best_span(starts, ends)
        legal = [(starts[i] + ends[j], (i, j)) for i in range(n) for j in range(i, min(n, i + 24))]
        assert score == pytest.approx(max(legal)[0])
        assert starts[first] + ends[last] == pytest.approx(score)
        assert 0 <= last - first < 24


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"reader\.json"):
        OnnxReader.load(tmp_path)


@shipped
def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    for name in ("reader.json", "reader.onnx", "tokenizer.json"):
        shutil.copyfile(WEIGHTS / name, tmp_path / name)
    damaged = bytearray((tmp_path / "reader.onnx").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (tmp_path / "reader.onnx").write_bytes(bytes(damaged))
    with pytest.raises(ModelNotFoundError, match="damaged"):
        OnnxReader.load(tmp_path)


@pytest.mark.parametrize("damaged", [False, True])
def test_without_its_weights_the_model_free_reader_answers_and_says_so(
    tmp_path: Path, damaged: bool, caplog: pytest.LogCaptureFixture
) -> None:
    if damaged:
        (tmp_path / "reader.json").write_text("{}")
    given: dict[str, Any] = {"threads": 1, "encoder": FakeEncoder(), "idf": len}
    found = open_reader("auto", folder=tmp_path, **given)
    assert found.name == "none"
    assert "the model-free reader answers instead" in caplog.text
    with pytest.raises(ModelNotFoundError):
        open_reader("shipped", folder=tmp_path, **given)


@pytest.fixture(scope="module")
def reader() -> OnnxReader:
    return OnnxReader.load(threads=1)


@shipped
def test_the_shipped_reader_finds_the_sentence_and_the_words(reader: OnnxReader) -> None:
    found = reader.read(QUESTION, [passage()])[0]
    best = max(found.sentences, key=lambda pair: pair[1])[0]
    assert "would stop in October" in best.cut(BODY)
    assert found.answer is not None
    assert "October" in found.answer.cut(BODY)
    assert all(0 < score < 1 for _, score in found.sentences)


@shipped
def test_the_shipped_reader_prefers_the_passage_that_answers(reader: OnnxReader) -> None:
    other = passage("A bakery in Lutterholm burnt down. Nobody was hurt, police said.", "")
    right, wrong = reader.read(QUESTION, [passage(), other])
    assert right.relevance - right.no_answer > wrong.relevance - wrong.no_answer


@shipped
def test_a_score_does_not_depend_on_what_else_is_read(reader: OnnxReader) -> None:
    texts = [passage(), passage(start=30), passage("Short.", ""), passage(BODY * 6, "Long")]
    together = reader.read(QUESTION, texts)
    alone = [reader.read(QUESTION, [text])[0] for text in texts]
    assert together == alone
    assert reader.read(QUESTION, texts[::-1]) == together[::-1]


@shipped
def test_any_question_is_read(reader: OnnxReader) -> None:
    for question in ("", "?", "\x00\u202e", "why " * 3000, "когда?", "🙂"):
        assert len(reader.read(question, [passage()])) == 1


@shipped
@pytest.mark.parametrize("question", [QUESTION, "How many people did the ferry carry last year?"])
def test_a_title_or_a_date_takes_no_answer_away(reader: OnnxReader, question: str) -> None:
    """A reader once took every passage with a date for one that does not answer."""
    plain = Article(article_id="a", title="", body=BODY)
    headed = [
        replace(plain, title=title, published=day)
        for title in ("", "Ferry to stop")
        for day in (None, date(2024, 5, 1), date(2003, 11, 30))
    ]
    cut = tuple(sentences(BODY))

    found = reader.read(question, [Passage.of(a, Span(0, len(BODY)), cut) for a in headed])

    best = [max(c.sentences, key=lambda pair: pair[1])[0] for c in found]
    assert len(set(best)) == 1
    assert min(c.relevance for c in found) > 0
    assert max(c.no_answer for c in found) < 0


@shipped
def test_the_weights_fit_the_size_promised() -> None:
    size = sum(path.stat().st_size for path in WEIGHTS.iterdir())
    assert size <= 25_000_000
    card = json.loads((WEIGHTS / "reader.json").read_text())
    assert set(card["files"]) == {"reader.onnx", "tokenizer.json"}
