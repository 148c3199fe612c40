"""Every command that the pages show can be given as it stands; README's example is run."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

import newsqa
from newsqa.cli.root import create_app
from tests.browser.serving import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
STANDS_FOR = {"G": "7", "N": "7", "P": "7", "V": "7", "D": "2026-01-31"}


def commands(page: Path) -> list[str]:
    """Commands in indented lines and in code words, as far as they are whole ones."""
    text = page.read_text(encoding="utf-8")
    lines = re.findall(r"^ {4}(newsqa .*)$", text, re.M)
    lines += [f"newsqa {words}" for words in re.findall(r"`newsqa ([^`\n]+)`", text)]
    return [re.sub(r"\s+#.*", "", line) for line in lines]


def whole(command: str) -> bool:
    """Whether it can be given as it stands: no "...", no choice in brackets."""
    return not re.search(r"\.\.\.|[\[|\]{}]", command)


def check(words: list[str]) -> None:
    """Raise a usage error unless the program takes these words; nothing is run."""
    command: Any = get_command(create_app())
    context, name = None, "newsqa"
    while True:
        context = command.make_context(name, list(words), parent=context)
        if not hasattr(command, "resolve_command"):
            return
        left = [*context._protected_args, *context.args]
        name, command, words = command.resolve_command(context, left)


COMMANDS = sorted({c for page in PAGES for c in commands(page) if whole(c)})


def test_the_pages_show_commands() -> None:
    assert len(COMMANDS) > 20


@pytest.mark.parametrize("command", COMMANDS)
def test_a_shown_command_is_one_of_the_program(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = [STANDS_FOR.get(word, word) for word in shlex.split(command)[1:]]
    try:
        check(words)
    except typer.Exit:  # --version and --help end at once
        pass
    except Exception as error:
        # A page may name a command without all its words, and files that are not here.
        said = str(getattr(error, "format_message", error.__str__)())
        assert re.search(r"does not exist|Missing argument|requires an argument", said), said


def test_a_command_that_is_none_is_found() -> None:
    for wrong in ("indx build x", "ask x --nosuch", "index bild x"):
        with pytest.raises(Exception, match=r"(?i)no such"):
            check(shlex.split(wrong))


def test_the_example_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSQA_READER", "none")
    blocks = re.findall(r"```python\n(.*?)```", PAGES[0].read_text(encoding="utf-8"), re.S)
    assert len(blocks) == 1
    names: dict[str, Any] = {"__name__": "readme"}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(blocks[0], "README.md", "exec"), names)
    names["qa"].close()
    assert isinstance(names["reply"], newsqa.Answer | newsqa.NoAnswer)
    assert "Halvern" not in said.getvalue() or len(said.getvalue().splitlines()) >= 4


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8"))
    here = [link for link in links if not link.startswith(("http://", "https://"))]
    assert [link for link in here if not (page.parent / link).exists()] == []


def test_what_the_makefile_makes_is_there() -> None:
    made = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for page in PAGES:
        named = re.findall(r"`make ([a-z][\w-]*)|^ {4}make ([\w-]+)", page.read_text(), re.M)
        for words in named:
            assert "".join(words) in made, page.name
