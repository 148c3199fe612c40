"""The tables of dependencies in `docs/architecture.md` are what `pyproject.toml` asks for."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping, Set

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.shared import ROOT

Asked = Mapping[str, tuple[SpecifierSet, Set[str]]]  # name -> range, extras; the core has none


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
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    lines = page.split("## Dependencies")[1].splitlines()
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
