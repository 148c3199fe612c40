"""What the pages show can be given as it stands: every command is parsed, README's example run.

Python blocks of the API page are run by `test_docs_api`.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import io
import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer
from packaging.requirements import Requirement
from typer.main import get_command

import newsqa
from newsqa.cli.app import create_app
from newsqa.settings import Settings
from newsqa.web.middleware.allowlist import methods_at
from tests.shared import ROOT
from tests.shown import PAGES, Shown, blocks, commands, name_of, parts, prose, text_of, words

STANDS_FOR = {"G": "7", "N": "7", "P": "7", "V": "7", "D": "2026-01-31", "FORMAT": "bibtex"}
RUN_ELSEWHERE = {"README.md", "docs/api.md"}  # whose Python blocks are run, not only compiled
NAMED = r"(benchmarks|corpus|docs|src|tests|tools|training(?!/runs))/"  # runs are made, not kept
NO_SETTINGS = {"NEWSQA_SHARED", "NEWSQA_RUNS"}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROGRAM: Any = get_command(create_app())
COMPLETING = {o for p in PROGRAM.params for o in p.opts if o.endswith("-completion")}
COMMANDS = sorted({c for page in PAGES for c in commands(page)}, key=lambda c: (c.text, c.page))


def check_newsqa(given: list[str], alone: bool, folder: Path) -> None:
    """Raise unless the program takes these words; nothing is run.

    Files and folders that are named are made, empty. Where a sentence names a command, its
    arguments may be left out.
    """
    if given[0] in COMPLETING:  # typer acts on these at once: it would write to the home folder
        return
    given = [STANDS_FOR.get(word, word) for word in given]
    if given and given[0].endswith("-completion"):  # done while it is parsed: not here
        assert _takes(given[0])
        return
    while said := _complaint(given):
        if not alone and re.search("Missing argument|requires an argument", said):
            return
        missing = re.search(r"'([^']+)' does not exist", said)
        assert missing, said
        _make(folder / missing[1])


def _takes(option: str) -> bool:
    return any(option in param.opts for param in PROGRAM.params)


def _complaint(given: list[str]) -> str:
    try:
        _walk(given)
    except typer.Exit:  # --version and --help end at once
        return ""
    except Exception as error:
        return str(getattr(error, "format_message", error.__str__)())
    return ""


def _walk(given: list[str]) -> None:
    command = PROGRAM
    context, name = None, "newsqa"
    while True:
        context = command.make_context(name, list(given), parent=context)
        if not hasattr(command, "resolve_command"):
            return
        left = [*context._protected_args, *context.args]
        name, command, given = command.resolve_command(context, left)


def _make(path: Path) -> None:
    if path.suffix in {".jsonl", ".json", ".txt", ".db", ".backup"} or path.name == "FILE":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    else:
        path.mkdir(parents=True)


def check_make(given: list[str], alone: bool, folder: Path) -> None:
    """Let make say what it would do; a variable must be one of the Makefile's."""
    settable = re.findall(r"^(\w+) \?=", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert {word.partition("=")[0] for word in given if "=" in word} <= set(settable)
    command = ["make", "--dry-run", f"VENV={folder}", *given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def check_python(given: list[str], alone: bool, folder: Path) -> None:
    """Find the module or file and each of its flags, without running it."""
    if given[0] == "-m":
        spec = importlib.util.find_spec(given[1])
        assert spec is not None, given[1]
        if spec.submodule_search_locations:
            spec = importlib.util.find_spec(f"{given[1]}.__main__")
        assert spec is not None, f"{given[1]}.__main__"
        path, given = Path(str(spec.origin)), given[2:]
    else:
        path, given = ROOT / given[0], given[1:]
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    texts = {node.value for node in tree if isinstance(node, ast.Constant)}
    assert {word for word in given if word.startswith("-")} <= texts


def check_install(given: list[str], alone: bool, folder: Path) -> None:
    """What is installed is the project itself, with extras that it has."""
    verb, what = [word for word in given[:-1] if word != "-e"], given[-1]
    assert verb in (["install"], ["tool", "install"])
    if what != ".":
        asked = Requirement(what.replace(".", "newsqa", 1) if what.startswith(".") else what)
        assert asked.name == "newsqa"
        assert asked.extras <= set(PYPROJECT["project"]["optional-dependencies"])


def check_docker(given: list[str], alone: bool, folder: Path) -> None:
    """The image is the one that is built; ports and folders are those of the Dockerfile."""
    recipe = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    options = dict(pairwise(given))
    if given[0] == "build":
        assert (options["-t"], given[-1]) == ("newsqa", ".")
        return
    assert (given[0], given[-1]) == ("run", "newsqa")
    assert f"EXPOSE {options['-p'].split(':')[-1]}\n" in recipe
    assert f"VOLUME {options['-v'].split(':')[-1]}\n" in recipe


CHECKS: dict[str, Callable[[list[str], bool, Path], None]] = {
    "newsqa": check_newsqa,
    "make": check_make,
    "python": check_python,
    "pip": check_install,
    "uv": check_install,
    "docker": check_docker,
}


def test_the_pages_show_commands() -> None:
    assert len(COMMANDS) > 80
    assert {part[0] for shown in COMMANDS for part in parts(shown.text) if "=" not in part[0]} == {
        *CHECKS
    }


@pytest.mark.parametrize("shown", COMMANDS, ids=lambda shown: f"{shown.page}: {shown.text}")
def test_a_shown_command_can_be_given(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for part in parts(shown.text):
        while part and re.match(r"NEWSQA_\w+=", part[0]):
            assert part.pop(0).partition("=")[0].removeprefix("NEWSQA_").lower() in (
                Settings.model_fields
            )
        if part:
            CHECKS[part[0]](part[1:], shown.alone, tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [
        "newsqa indx build x",
        "newsqa ask x --nosuch",
        "newsqa index bild x",
        "newsqa index add",
        "make nosuch",
        "make run PROT=1",
        "python -m benchmarks.nosuch",
        "python -m benchmarks.quality.evaluate --nosuch",
        "python tools/nosuch.py",
        "pip install '.[nosuch]'",
        "uv tool install other",
        "docker run -p 80:80 -v newsqa:/data newsqa",
    ],
)
def test_a_command_that_is_none_is_found(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (part,) = parts(wrong)
    with pytest.raises((AssertionError, OSError)):
        CHECKS[part[0]](part[1:], True, tmp_path)


def test_the_example_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "corpus" / "courier", tmp_path / "corpus" / "courier")
    for report in (ROOT / "corpus" / "gazette").glob("*lindle*"):  # enough to answer, and quick
        shutil.copy(report, tmp_path / "corpus")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSQA_READER", "none")
    (block,) = (content for language, content in blocks(PAGES[0]) if language == "python")
    names: dict[str, Any] = {"__name__": "readme"}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(block, "README.md", "exec"), names)
    names["qa"].close()
    reply, lines = names["reply"], said.getvalue().rstrip("\n").split("\n")
    assert isinstance(reply, newsqa.Answer)
    assert "214" in reply.quotes[0].text
    assert lines[:-3] == str(reply).split("\n")
    assert [line[:2] for line in lines[-3:]] == ["1 ", "2 ", "3 "]
    assert names["hit"].passage.source == "Halvern Courier"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_is_of_a_kind_that_is_checked(page: Path) -> None:
    for language, content in blocks(page):
        if language == "python":
            compile(content, page.name, "exec")
            assert name_of(page) in RUN_ELSEWHERE
        elif language == "json":
            json.loads(content)
        elif language == "nginx":  # `test_http_proxy` reads it and asks through such a proxy
            assert content.count("{") == content.count("}")
        elif language == "console":  # its commands are among those above
            assert all(line.startswith("$ ") for line in content.splitlines())
        else:
            assert language == "mermaid"
            assert len(re.findall(r"^ *subgraph ", content, re.M)) == content.count("    end\n")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", prose(page))
    here = [link for link in links if not link.startswith(("http://", "https://"))]
    assert [link for link in here if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_is_named_is_there(page: Path) -> None:
    named = words(page)
    files = [w for w in named if re.match(NAMED, w)]
    found = {name: list(ROOT.glob(re.sub(r"-N\b", "-[0-9]", name.rstrip("/")))) for name in files}
    assert [name for name in files if not found[name]] == []
    routes = [re.sub(r"[?{*].*", "", w.split(" ")[-1]) for w in named if re.search(r"(^| )/\w", w)]
    ours = [route for route in routes if re.match(r"/(api|mcp|page|healthz|readyz|metrics)", route)]
    assert [route for route in ours if not methods_at(route)] == []
    variables = set(re.findall(r"\bNEWSQA_[A-Z_]*[A-Z]", text_of(page))) - NO_SETTINGS
    keys = {name.removeprefix("NEWSQA_").lower() for name in variables}
    assert keys <= set(Settings.model_fields)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_is_named_of_the_package_is_there(page: Path) -> None:
    for name in words(page):
        dotted = re.match(r"newsqa((?:\.\w+)+)", name)
        if dotted and dotted[1] not in {".db", ".toml", ".backup"}:
            steps, place = dotted[1][1:].split("."), ROOT / "src" / "newsqa"
            while steps and (place / steps[0]).is_dir():
                place /= steps.pop(0)
            if steps and (place / f"{steps[0]}.py").exists():
                place, steps = place / f"{steps[0]}.py", steps[1:]
            source = place if place.is_file() else place / "__init__.py"
            assert all(re.search(rf"\b{step}\b", text_of(source)) for step in steps), name
