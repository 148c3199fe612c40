"""The page on the command line is that of the program, and its examples are taken by it."""

from __future__ import annotations

import io
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from newsqa.cli import run
from newsqa.cli.app import create_app
from newsqa.cli.docs_page import examples_of, leaves, page
from tests.fakes.services import World

PAGE = Path(__file__).parents[3] / "docs" / "cli.md"
COMMANDS = dict(leaves(get_command(create_app())))


def test_the_page_is_up_to_date() -> None:
    again = "make it again: python -m newsqa.cli.docs_page > docs/cli.md"
    assert PAGE.read_text(encoding="utf-8") == page(), again


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*path, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"newsqa {' '.join(path)}" in shown.split("Examples:")[1]
    for param in COMMANDS[path].params:
        assert getattr(param, "help", None), f"{param.name} has no help"


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_examples_are_no_usage_errors(
    path: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("corpus", "sets/time1963", "tests/data/sample", "wednesday"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("questions.txt", "rows.jsonl", "tuesday.jsonl", "more.jsonl", "index.backup"):
        (tmp_path / file).write_text("Who wrote the letter?\n")
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "newsqa.db").touch()  # only looked for
    quote: dict[str, Any] = {"article_id": "a", "version": 1, "content_sha256": "0", "quote": "x"}
    for file in ("reply.json", "quote.json"):
        (tmp_path / file).write_text(json.dumps({**quote, "start": 0, "end": 1}))
    typed = io.BytesIO((tmp_path / "quote.json").read_bytes())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(typed))
    for line in examples_of(COMMANDS[path]):
        words = [word for word in shlex.split(line) if "=" not in word]
        assert words[0] == "newsqa"
        signs = {">", ">>", "<", "&&", "|"}
        end = next((at for at, word in enumerate(words) if word in signs), None)
        code = run(words[1:end], services=World())
        # 1: the fake knows no such article; 130: it ends the watching; 2: fetching is off here
        expected = {"--watch": (130,), "fetch": (2,)}
        assert code in next((expected[word] for word in words if word in expected), (0, 1)), line
