"""Question sets are read whole, checked, and split the same way every time."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from newsqa.errors import QuestionSetError
from newsqa.evaluation.question_sets import Question, article_paths, halves, read_set
from newsqa.types import Turn

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


def write(folder: Path, *records: Any, qrels: str = "", corpus: bool = True) -> Path:
    folder.mkdir(exist_ok=True)
    lines = [json.dumps(record) for record in records]
    (folder / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    if qrels:
        (folder / "qrels.tsv").write_text(qrels, encoding="utf-8")
    if corpus:
        with gzip.open(folder / "corpus.jsonl.gz", "wt") as out:
            out.write('{"id": "a", "title": "T", "text": "Words."}\n')
    return folder


def question(**changes: Any) -> dict[str, Any]:
    return {"id": "q1", "question": "Who?", "answers": ["Ann"], "answerable": True} | changes


def test_everything_of_a_question_is_read(tmp_path: Path) -> None:
    turns = ["Where?", {"question": "When?", "quotes": ["On Monday."]}]
    folder = write(
        tmp_path / "s",
        question(date="2025-01-03", turns=turns, kind="followup"),
        question(id=2, answers=[], answerable=False),
        question(id="q3", answers=[]),
        qrels="q1\ta\t2\nq1\tb\t0\nq2 x\tc d\t1\n",
    )
    found = read_set(folder)
    first, second, third = found.questions
    assert found.name == "s"
    assert first == Question(
        id="q1",
        text="Who?",
        answerable=True,
        answers=("Ann",),
        asked=date(2025, 1, 3),
        turns=(Turn(question="Where?"), Turn(question="When?", quotes=("On Monday.",))),
        kind="followup",
    )
    assert (second.id, second.scored, third.scored) == ("2", True, False)
    assert found.qrels == {"q1": {"a": 2, "b": 0}, "q2 x": {"c d": 1}}
    assert found.paths == (folder / "corpus.jsonl.gz",)


def test_trec_columns_and_a_heading_are_understood(tmp_path: Path) -> None:
    folder = write(tmp_path / "s", question(), qrels="question\tarticle\tgrade\nq1\t0\ta\t1\n")
    assert read_set(folder).qrels == {"q1": {"a": 1}}


def test_the_articles_are_the_corpus_or_the_files_or_elsewhere(tmp_path: Path) -> None:
    own = write(tmp_path / "own", question(), corpus=False)
    with pytest.raises(QuestionSetError, match="--corpus"):
        read_set(own)
    for name in ("article.txt", "SOURCE.txt", ".hidden"):
        (own / name).write_text("text", encoding="utf-8")
    (own / "more").mkdir()
    assert read_set(own).paths == (own / "article.txt", own / "more")

    other = write(tmp_path / "other", question())
    assert read_set(own, corpus=other).paths == (other / "corpus.jsonl.gz",)
    assert read_set(other, corpus=own).paths == (own / "article.txt", own / "more")
    plain = tmp_path / "plain"
    plain.mkdir()
    assert article_paths(plain) == (plain,)
    with pytest.raises(QuestionSetError, match="no such"):
        article_paths(tmp_path / "gone")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("", "no questions"),
        ("{not json", r"questions.jsonl:1: not JSON"),
        ("[1]", r":1: not a JSON object"),
        ('\n{"id": "a", "answerable": true}', r":2: KeyError: 'question'"),
        ('{"id": "a", "question": "x", "answerable": true, "date": "soon"}', "ValueError"),
        ('{"id": "a", "question": "x", "answerable": true}\n' * 2, "'a' is there twice"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, lines: str, message: str) -> None:
    (tmp_path / "questions.jsonl").write_text(lines, encoding="utf-8")
    with pytest.raises(QuestionSetError, match=message):
        read_set(tmp_path)


def test_a_missing_file_and_bad_qrels_are_named(tmp_path: Path) -> None:
    with pytest.raises(QuestionSetError, match="missing"):
        read_set(tmp_path)
    folder = write(tmp_path / "s", question(), qrels="q1\ta\t1\nq1 a 1\n")
    with pytest.raises(QuestionSetError, match=r"qrels\.tsv:2"):
        read_set(folder)


def test_the_halves_are_fixed_and_near_equal() -> None:
    questions = [Question(id=f"q{n}", text="?", answerable=False) for n in range(1000)]
    choose, report = halves(questions)
    assert [q.id for q in choose[:5]] == [q.id for q in questions if not q.reported][:5]
    assert len(choose) + len(report) == 1000
    assert 450 < len(report) < 550
    # By the id alone, the same in any company: sha256sum of "q1" begins with c7, which is odd.
    assert Question(id="q1", text="?", answerable=False).reported is True
    assert halves(questions[500:])[1] == [q for q in report if int(q.id[1:]) >= 500]


def test_the_sample_is_a_question_set() -> None:
    found = read_set(SAMPLE, corpus=SAMPLE.parents[2] / "corpus")
    assert len(found.questions) >= 120
    assert {q.kind for q in found.questions} >= {"plain", "time", "followup", "said"}
