"""`newsqa export --feedback`: the verdicts that visitors gave on the page."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from newsqa.cli import run
from newsqa.web.api.feedback import Feedback, FeedbackLog

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like an index; nothing in it is opened."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NEWSQA_INDEX", raising=False)
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / "newsqa.db").touch()
    return folder


def test_what_visitors_thought_comes_out_as_it_was_kept(index: Path, capsys: Captured) -> None:
    book = FeedbackLog(index)
    for question, verdict in (("Wer schrieb für Lindle?", "up"), ("Who won?", "down")):
        given = {"question": question, "verdict": verdict, "answered": True, "reason": "\x1b[2J"}
        book.write(Feedback.model_validate(given))
    assert run(["export", "--feedback"]) == 0
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert [(line["question"], line["verdict"]) for line in lines] == [
        ("Wer schrieb für Lindle?", "up"),
        ("Who won?", "down"),
    ]
    assert {"at", "reason", "answered", "generation", "quotes"} <= set(lines[0])
    assert err == ""
    assert run(["export", "--feedback", "--output", "verdicts.jsonl.gz"]) == 0
    assert gzip.decompress(Path("verdicts.jsonl.gz").read_bytes()).decode() == out
    assert capsys.readouterr().err == "2 verdicts written to verdicts.jsonl.gz\n"


def test_a_line_that_was_cut_is_named_and_the_rest_given(index: Path, capsys: Captured) -> None:
    (index / "feedback.jsonl").write_bytes(b'{"verdict": "up"}\n[1]\n\xff\n{"verdict": "do')
    assert run(["export", "--feedback"]) == 0
    out, err = capsys.readouterr()
    assert out == '{"verdict": "up"}\n'
    assert [line.rpartition(": ")[2] for line in err.splitlines()] == [
        f"line {n} is no verdict" for n in (2, 3, 4)
    ]


def test_no_verdicts_are_none_and_no_index_is_said(index: Path, capsys: Captured) -> None:
    assert run(["export", "--feedback"]) == 0
    assert capsys.readouterr() == ("", "")
    assert run(["export", "--feedback", "--index", "nowhere"]) == 3
    assert "nowhere" in capsys.readouterr().err
