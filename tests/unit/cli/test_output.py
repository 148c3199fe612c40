"""What reaches a terminal, and what reaches a program."""

from __future__ import annotations

import io
import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.cli.output import Screen, json_text, one_line, safe

DANGEROUS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, äöü 漢字 🙂\n\tnext", "plain, äöü 漢字 🙂\n\tnext"),
        ("a\x1b[31;1mred\x1b[0m", "ared"),
        ("a\x1b]0;new title\x07b", "ab"),
        ("a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "alink"),
        ("a\x9b2Jb", "ab"),
        ("bell\x07 back\x08 return\r lone\x1b", "bell␇ back␈ return␍ lone␛"),
        ("unfinished \x1b]0;title", "unfinished ␛]0;title"),
        ("\u202eright to left\u202c", "right to left"),
        ("\udcff", "\ufffd"),
        ("\x1b[\x1b[31m31m", "␛[31m"),
    ],
)
def test_text_is_made_safe(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(st.text(st.characters(codec=None) | st.sampled_from("\x1b[]0;\x07\x9b\ud800m")))
def test_nothing_that_moves_a_cursor_is_left(text: str) -> None:
    assert not DANGEROUS.search(safe(text))
    assert "\n" not in one_line(text)


@given(st.text(st.characters(codec=None)))
def test_json_loses_nothing(text: str) -> None:
    written = json_text({"text": text})
    written.encode("utf-8")
    assert json.loads(written)["text"] == text


@pytest.mark.parametrize("piece", ["\x1b[", "\x1b]", "\x9d", "\x1b]0", "[[[", "\x1b[0;"])
def test_the_time_is_linear_in_the_text(piece: str) -> None:
    began = time.perf_counter()
    safe(piece * 200_000)
    assert time.perf_counter() - began < 3.0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


PARTS = [("\x1b[31mThe mayor\ue000 ", ""), ("wrote", "mark"), (" the letter.", "")]


def test_parts_are_wrapped_and_coloured_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "21")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout", screen := Terminal())
    Screen().parts(PARTS, indent="  ")
    assert screen.getvalue() == "  The mayor \x1b[1;33mwrote\x1b[0m\n  the letter.\n"
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout", screen := Terminal())
    Screen().parts(PARTS)
    assert screen.getvalue() == "The mayor wrote the\nletter.\n"


def test_parts_stay_on_their_line_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", stream := io.StringIO())
    Screen().parts(PARTS)
    Screen().parts([("one\ntwo", "bold")])
    assert stream.getvalue() == "The mayor wrote the letter.\none\ntwo\n"
