"""What is imported is asked for by `pyproject.toml`, and listed in `docs/dependencies.md`."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Set
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.shared import ROOT

Asked = Mapping[str, tuple[SpecifierSet, Set[str]]]  # name -> range, extras; the core has none

PACKAGE = ROOT / "src" / "newsqa"
# Which modules may import what only an extra brings.
OF_EXTRA = {
    "formats": "ingest/",
    "langchain": "integrations/langchain",
    "llama-index": "integrations/llama_index",
    "haystack": "integrations/haystack",
}
# Where the framework is not installed, nothing says whose its modules are.
FRAMEWORKS = {
    "langchain_core": ["langchain-core"],
    "llama_index": ["llama-index-core"],
    "haystack": ["haystack-ai"],
}


def imported() -> dict[str, set[str]]:
    """The first part of each name imported from elsewhere -> the modules that import it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                found[name.split(".")[0]].add(path.relative_to(PACKAGE).as_posix())
    own = {"newsqa", *sys.stdlib_module_names}
    return {name: modules for name, modules in found.items() if name not in own}


def asked() -> Asked:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: dict[str, tuple[SpecifierSet, Set[str]]] = {}
    extras: dict[str, set[str]] = defaultdict(set)
    for extra, lines in {"": project["dependencies"], **project["optional-dependencies"]}.items():
        for requirement in map(Requirement, lines):
            extras[requirement.name] |= {extra} - {""}
            known, _ = found.setdefault(requirement.name, (requirement.specifier, set()))
            assert known == requirement.specifier, f"{requirement.name} has two ranges"
            found[requirement.name] = (known, extras[requirement.name])
    return found


def rows() -> list[list[str]]:
    """The cells of both tables; those of the core get a column of extras that is empty."""
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    lines = page.splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    cells = [row for row in cells if row[0] not in {"package", "---"}]
    return [row if len(row) == 5 else [*row[:3], "", *row[3:]] for row in cells]


def told() -> Asked:
    found = {}
    for names, ranges, _, extras, _ in rows():
        for name, wanted in zip(names.split(", "), ranges.split("; "), strict=True):
            specifier = SpecifierSet("" if wanted == "any" else wanted)
            assert name not in found, f"{name} stands there twice"
            found[name] = (specifier, set(extras.split(", ")) - {""})
    return found


def test_the_tables_are_what_is_asked_for() -> None:
    assert told() == asked()


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_every_row_has_a_licence_and_a_reason(row: list[str]) -> None:
    assert row[2]
    assert row[4]


def test_what_is_imported_is_asked_for() -> None:
    wanted, brought_by = asked(), {**metadata.packages_distributions(), **FRAMEWORKS}
    by_chance, too_far = [], []
    for name, modules in imported().items():
        packages = map(canonicalize_name, brought_by.get(name, ()))
        known = next((wanted[package] for package in packages if package in wanted), None)
        if known is None:
            by_chance.append(name)
        elif extras := known[1]:  # none: it always comes along
            places = tuple(OF_EXTRA[extra] for extra in extras if extra in OF_EXTRA)
            too_far += [m for m in modules if not m.startswith(places)]
    assert by_chance == [], "there only since other packages need them"
    assert too_far == [], "they need what only an extra brings"
