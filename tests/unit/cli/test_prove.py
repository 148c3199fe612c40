"""`newsqa ask --cite`: citations on stdout, nothing beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from newsqa.citation_formats import FORMATS
from newsqa.cli import run
from tests.fakes.services import World

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _bare_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NEWSQA_INDEX", raising=False)


def ask(*words: str) -> int:
    return run(["ask", *words], services=World())


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_prints_the_quote(form: str, capsys: Captured) -> None:
    assert ask("Who wrote the letter?", "--cite", form) == 0
    out, err = capsys.readouterr()
    assert "The mayor wrote the letter." in out.replace("\\", "")
    assert err == ""
    if form in ("csl-json", "w3c"):
        assert len(json.loads(out)) == 1


def test_no_answer_is_no_citation(capsys: Captured) -> None:
    assert ask("Who won?", "--cite", "ris") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "no word of it" in err


def test_a_file_of_questions_gives_one_list_of_entries(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "q.txt").write_text("The letter?\nWho won?\nThat letter?\n")
    assert ask("--file", "q.txt", "--cite", "bibtex") == 0
    assert capsys.readouterr().out.count("@article{") == 2


@pytest.mark.parametrize("words", [["--cite", "endnote"], ["--cite", "ris", "--json"]])
def test_what_does_not_go_together_is_a_usage_error(words: list[str]) -> None:
    assert ask("The letter?", *words) == 2
