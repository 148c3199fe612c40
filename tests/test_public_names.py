"""What is public is documented, and what is private stays in its package."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

import newsqa

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "newsqa"
MODULES = sorted(PACKAGE.rglob("*.py"))
PRIVATE = r"_(?!_)"


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def test_every_name_of_the_front_door_is_on_the_api_page() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    table = page.split("## Names")[1].split("## HTTP")[0]
    named = set(re.findall(r"`(\w+)`", table))
    assert set(newsqa.__all__) - named == set()
    for name in newsqa.__all__:
        assert hasattr(newsqa, name)


def test_the_api_page_names_all_that_an_open_index_has() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    rows = [line.split("|")[2] for line in page.splitlines() if line.startswith("| `NewsQA`")]
    named = set(re.findall(r"`(\w+)`", " ".join(rows)))
    made = ast.walk(ast.parse(inspect.getsource(newsqa.NewsQA)))
    stored = {n.attr for n in made if isinstance(n, ast.Attribute) and is_stored_on_self(n)}
    there = {name for name in {*dir(newsqa.NewsQA), *stored} if not name.startswith("_")}
    assert len(there) > 20
    assert named == there


def is_stored_on_self(node: ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Store) and getattr(node.value, "id", "") == "self"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_public_thing_says_what_it_promises(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module"
    bare = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            parts = [node, *(node.body if isinstance(node, ast.ClassDef) else ())]
            bare += [
                part.name
                for part in parts
                if isinstance(part, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
                and not node.name.startswith("_")
                and not part.name.startswith("_")
                and not ast.get_docstring(part)
            ]
    assert bare == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_private_name_crosses_a_package(path: Path) -> None:
    own = name_of(path).rpartition(".")[0].split(".")[0]
    crossing = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("newsqa"):
            other = (node.module or "").removeprefix("newsqa").lstrip(".").split(".")
            same = own and other[0] == own
            private = [a.name for a in node.names if re.match(PRIVATE, a.name)]
            inside = [part for part in other if re.match(PRIVATE, part)]
            crossing += [] if same else private + inside
    assert crossing == []


# Made by newsqa, not by its callers; a stretch of text is start and end.
TOLD_IN_ORDER = {"Hits": 5, "Span": 2}


def test_after_the_first_argument_all_are_named() -> None:
    calls = {name: getattr(newsqa, name) for name in newsqa.__all__}
    calls |= {f"NewsQA.{n}": c for n, c in vars(newsqa.NewsQA).items() if n[0] != "_"}
    calls |= {f"NewsQA.{n}": getattr(newsqa.NewsQA, n) for n in ("aask", "asearch")}
    several = {}
    for name, call in calls.items():
        if not callable(call) or name == "NewsQAError":  # which takes what every exception takes
            continue
        parameters = [p for n, p in inspect.signature(call).parameters.items() if n != "self"]
        in_order = [p for p in parameters if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD}]
        assert not any(p.kind is p.VAR_POSITIONAL for p in parameters), name
        if len(in_order) > 1:
            several[name] = len(in_order)
    assert several == TOLD_IN_ORDER
