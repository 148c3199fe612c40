"""Only the command that is called has its options read; nobody sees a difference."""

from __future__ import annotations

import re
from typing import Any

import pytest
from typer.main import get_command

from newsqa.cli import run
from newsqa.cli.app import create_app
from newsqa.cli.docs_page import leaves

Captured = pytest.CaptureFixture[str]


def listing(command: Any) -> dict[str, Any]:
    """The commands of a group with the short help that is listed, and those of its groups."""
    inside = getattr(command, "commands", {})
    return {name: (c.get_short_help_str(), c.hidden, listing(c)) for name, c in inside.items()}


@pytest.mark.parametrize("words", [[], ["ask", "x"], ["index"], ["index", "info"], ["nonsense"]])
def test_the_commands_that_are_not_called_are_listed_all_the_same(words: list[str]) -> None:
    assert listing(get_command(create_app(words))) == listing(get_command(create_app()))


@pytest.mark.parametrize(
    "path", [path for path, _ in leaves(get_command(create_app()))], ids=" ".join
)
def test_a_command_that_is_called_has_all_its_options(
    path: tuple[str, ...], capsys: Captured
) -> None:
    whole = dict(leaves(get_command(create_app())))[path]
    assert run([*path, "--help"]) == 0
    shown = capsys.readouterr().out
    params = [p for p in whole.params if not getattr(p, "hidden", False)]
    options = [o for p in params if p.param_type_name == "option" for o in p.opts]
    assert options
    assert [o for o in options if not re.search(rf"(?<![\w-]){o}\b", shown)] == []
    arguments = [p for p in params if p.param_type_name == "argument"]
    named = [p.metavar or p.name.upper() for p in arguments]
    assert [name for name in named if name not in shown] == []


@pytest.mark.parametrize("words", [["--help"], ["index", "--help"], ["config", "-h"]])
def test_the_help_of_a_group_is_that_of_the_whole_program(
    words: list[str], capsys: Captured
) -> None:
    assert run(words) == 0
    shown = capsys.readouterr().out
    get_command(create_app()).main(words, prog_name="newsqa", standalone_mode=False)
    assert shown == capsys.readouterr().out
    assert len(shown.splitlines()) > 5
