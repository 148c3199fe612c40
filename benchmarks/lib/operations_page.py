"""Results into `docs/operations.md`: what stands between a benchmark's markers is written anew."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.lib import places

PAGE = places.PROJECT / "docs" / "operations.md"
BUILD = places.PROJECT / "build"  # git-ignored


def stamp(module: str) -> dict[str, Any]:
    """Return what a reader must know of a run: command, day, commit, machine."""
    return {
        "command": " ".join([f"python -m benchmarks.{module}", *sys.argv[1:]]),
        "date": datetime.now(UTC).date().isoformat(),
        "commit": places.commit(),
        "machine": places.machine(),
    }


def save(told: Mapping[str, Any], path: Path) -> None:
    """Write the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def tell(name: str, table: str, told: Mapping[str, Any], *, kept: Path | None, full: bool) -> None:
    """Print the table and keep the figures; at full size, put them into the page.

    ``kept`` is another file than ``build/NAME.json``.
    """
    save(told, kept or BUILD / f"{name}.json")
    print(table)
    if full:
        put(name, table, told)


def put(name: str, table: str, told: Mapping[str, Any]) -> None:
    """Put a table and the stamp of its run between the markers called ``name``.

    Raises:
        SystemExit: The page has no such markers.
    """
    machine = told["machine"]
    line = (
        f"`{told['command']}`, {told['date']}, commit {told['commit']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB, load {machine['load_before']} before the start."
    )
    page = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.S)
    if not pattern.search(page):
        raise SystemExit(f"{PAGE}: no markers for {name}")
    PAGE.write_text(
        pattern.sub(lambda match: f"{match[1]}\n{table}\n\n{line}\n\n{match[2]}", page),
        encoding="utf-8",
    )


def rows(head: tuple[str, str], found: Mapping[str, str]) -> str:
    """Return a Markdown table of two columns."""
    lines = [f"| {head[0]} | {head[1]} |", "|---|--:|"]
    return "\n".join([*lines, *(f"| {name} | {value} |" for name, value in found.items())])
