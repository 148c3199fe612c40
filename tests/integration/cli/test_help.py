"""`newsqa --help` comes from a file: what it loads, and that nobody sees a difference."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
from collections.abc import Mapping

import pytest

PARSED = "import sys; from newsqa.cli.app import invoke; sys.exit(invoke(sys.argv[1:], None))"
PARSER = {"typer", "click", "shutil", "pathlib", "logging", "inspect"}


def said(
    *program: str, stdout: int = subprocess.PIPE, under: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    own = {k: v for k, v in os.environ.items() if k != "COLUMNS" and not k.startswith("_NEWSQA")}
    return subprocess.run(
        [sys.executable, *program],
        env={**own, **(under or {})},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=120,
        check=False,
    )


def on_terminal(columns: int, *program: str) -> bytes:
    """What a terminal of this width gets."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, columns))
    try:
        assert said(*program, stdout=slave).returncode == 0
        os.set_blocking(master, False)
        return os.read(master, 65536)
    finally:
        os.close(slave)
        os.close(master)


def loaded(word: str, under: Mapping[str, str] | None = None) -> set[str]:
    """The top-level modules that `python -m newsqa` loads."""
    done = said("-X", "importtime", "-m", "newsqa", word, under=under)
    assert done.returncode == 0
    lines = [line for line in done.stderr.decode().splitlines() if "|" in line]
    return {line.rsplit("|", 1)[1].strip().split(".")[0] for line in lines}


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_the_help_loads_no_option_parser(word: str) -> None:
    assert loaded(word).isdisjoint(PARSER)
    assert "typer" in loaded(word, {"COLUMNS": "60"})  # so it would be seen


@pytest.mark.parametrize("columns", ["", "60", "79", "80", "200", "0", "-3", "wide"])
@pytest.mark.parametrize("word", ["--help", "-h"])
def test_the_help_is_what_the_option_parser_prints(word: str, columns: str) -> None:
    fast, parsed = (
        said(*program, word, under={"COLUMNS": columns})
        for program in (("-m", "newsqa"), ("-c", PARSED))
    )
    assert fast.stdout == parsed.stdout
    assert len(fast.stdout.splitlines()) > 20
    assert (fast.returncode, fast.stderr) == (0, b"")


@pytest.mark.parametrize("columns", [0, 60, 80, 120])
def test_a_narrow_terminal_is_heeded(columns: int) -> None:
    fast = on_terminal(columns, "-m", "newsqa", "--help")
    assert fast == on_terminal(columns, "-c", PARSED, "--help")
    assert max(map(len, fast.decode().splitlines())) <= (columns or 80)


def test_more_than_help_goes_the_ordinary_way() -> None:
    for words in (["--help", "ask"], ["-q", "-h"], ["ask", "--help"], ["--version"]):
        fast, parsed = said("-m", "newsqa", *words), said("-c", PARSED, *words)
        assert (fast.stdout, fast.returncode) == (parsed.stdout, parsed.returncode), words
    asked = {"COMP_WORDS": "newsqa se", "COMP_CWORD": "1", "_NEWSQA_COMPLETE": "complete_bash"}
    assert said("-m", "newsqa", "--help", under=asked).stdout.startswith(b"search\n")


@pytest.mark.parametrize(("broken", "code"), [("closed", 0), ("full", 3), ("gone", 1)])
def test_a_stdout_that_cannot_be_written_ends_as_with_the_option_parser(
    broken: str, code: int
) -> None:
    ends = []
    for program in (("-m", "newsqa"), ("-c", PARSED)):
        if broken == "closed":
            words = [sys.executable, *program, "--help"]
            shut = f"import os; os.close(1); os.execv({sys.executable!r}, {words!r})"
            done = said("-c", shut)
        else:
            number = unwritable(broken)
            done = said(*program, "--help", stdout=number)
            os.close(number)
        ends.append((done.returncode, done.stderr))
    assert ends[0] == ends[1]
    assert ends[0][0] == code


def unwritable(broken: str) -> int:
    """A file that is full, or a pipe that nobody reads."""
    if broken == "full":
        return os.open("/dev/full", os.O_WRONLY)
    reading, writing = os.pipe()
    os.close(reading)
    return writing
