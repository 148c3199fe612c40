"""`newsqa chat` fed line by line."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from newsqa.cli import run
from newsqa.cli.commands.chat import MAX_HISTORY_LINES, History
from tests.fakes.services import World

Captured = pytest.CaptureFixture[str]


def talk(monkeypatch: pytest.MonkeyPatch, lines: list[str], *words: str) -> tuple[World, int]:
    typed = io.BytesIO("".join(f"{line}\n" for line in lines).encode())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(typed))
    world = World()
    return world, run(["chat", *words], services=world)


def test_a_question_a_line(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    world, code = talk(monkeypatch, ["Who wrote the letter?", "", "Who won?"], "--source", "A")
    assert code == 0
    out, err = capsys.readouterr()
    assert out.count("The mayor wrote the letter.") == 1
    assert out.count("The articles do not say") == 1
    assert err == ""  # no prompt where nobody types
    asked = [options for name, options in world.qa.calls if name == "ask"]
    assert [options["question"] for options in asked] == ["Who wrote the letter?", "Who won?"]
    assert asked[0]["sources"] == ("A",)


def test_show_opens_the_article_of_a_quote(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    talk(monkeypatch, ["/show 1", "the letter", "/show 2", "/show 1"])
    out, err = capsys.readouterr()
    assert "»The mayor wrote the letter.«\nIt came on Monday." in out
    assert err == "no quote to show yet\n/show takes one of 1\n"


def test_new_begins_again_and_quit_leaves(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    world, code = talk(monkeypatch, ["the letter", "/new", "/show 1", "/help", "/quit", "letter"])
    assert code == 0
    names = [name for name, _ in world.qa.calls]
    assert names == ["chat", "ask", "chat"]
    err = capsys.readouterr().err
    assert "A new conversation." in err
    assert "/quit" in err


def test_chat_json_is_a_reply_a_line(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    talk(monkeypatch, ["the letter", "who won?"], "--json")
    replies = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [reply["answered"] for reply in replies] == [True, False]


@pytest.mark.parametrize("word", ["hello", "Thanks!", "thank  you.", "OK"])
def test_a_courtesy_is_no_question(
    word: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    world, _ = talk(monkeypatch, [word])
    assert [name for name, _ in world.qa.calls] == ["chat"]
    assert "Type a question" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["exit", "Quit", "bye!", "/exit"])
def test_leaving_needs_no_sign(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world, code = talk(monkeypatch, [word, "the letter"])
    assert ([name for name, _ in world.qa.calls], code) == (["chat"], 0)


def test_a_history_stays_small(tmp_path: Path) -> None:
    file = tmp_path / "state" / "chat-history"
    history = History(file)
    for n in range(2 * MAX_HISTORY_LINES + 1):
        history.add(f"Question\t{n}?\n")
    history.add("  ")
    History(file, save=False).add("Not this one?")
    lines = file.read_text().splitlines()
    assert (len(lines), lines[-1]) == (
        2 * MAX_HISTORY_LINES + 1,
        f"Question {2 * MAX_HISTORY_LINES}?",
    )
    History(file)
    assert file.read_text().splitlines() == lines[-MAX_HISTORY_LINES:]
    assert file.stat().st_mode & 0o777 == 0o600
