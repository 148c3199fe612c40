"""The results as JSON, as a table, and between the markers of `docs/operations.md`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.lib import places

PAGE = places.PROJECT / "docs" / "operations.md"
PLOT = places.PROJECT / "docs" / "images" / "build-memory.svg"
RESULTS = places.PROJECT / "build" / "durability.json"
BEGIN, END = "<!-- durability -->", "<!-- end of durability -->"


def save(told: Mapping[str, Any], path: Path) -> None:
    """Write the results; rows of an earlier run that this one did not make are kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = {row["name"] for row in told["rows"]}
    stamp = {key: value for key, value in told.items() if key != "rows"}
    rows = [{**row, "run": stamp} for row in told["rows"]]
    if path.exists():
        old = json.loads(path.read_text(encoding="utf-8"))["rows"]
        rows = [row for row in old if row["name"] not in made] + rows
    rows.sort(key=lambda row: _place(row["name"]))
    day = datetime.now(UTC).date().isoformat()
    text = json.dumps({**stamp, "date": day, "rows": rows}, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


ORDER = (
    *("kills", "recovery", "faults", "full disks", "flips", "readers", "updates", "unchanged"),
    *("grown", "folders", "memory"),
)


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


def table(told: Mapping[str, Any]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| what was done | N | must be | found | encoder |", "|---|--:|---|---|---|"]
    for row in told["rows"]:
        met = "" if row["held"] else "**not met:** "
        cells = (row["what"], f"{row['n']:,}", row["must"], met + row["found"], row["encoder"])
        lines.append("| " + " | ".join(str(cell).replace("|", "/") for cell in cells) + " |")
    return "\n".join(lines)


def write_page(told: Mapping[str, Any], page: Path = PAGE) -> None:
    """Put table and stamp between the markers of the page."""
    text = page.read_text(encoding="utf-8")
    pattern = re.compile(rf"{re.escape(BEGIN)}.*?{re.escape(END)}", re.S)
    if not pattern.search(text):
        raise SystemExit(f"{page}: no markers {BEGIN} and {END}")
    stamp = (
        f"`make durability`, {told['date']}, seed {told['seed']}, {told['cores']} cores, "
        f"{told['memory_gib']} GiB, {told['machine']}. {_runs(told)}."
    )
    body = "\n\n".join([BEGIN, table(told), stamp, *_picture(told), END])
    page.write_text(pattern.sub(lambda _: body, text), encoding="utf-8")


def _runs(told: Mapping[str, Any]) -> str:
    """Say of each run that rows are from which they are, of what commit, beside what load."""
    runs: dict[tuple[str, float], list[str]] = {}
    for row in told["rows"]:
        run = (row["run"]["commit"], row["run"]["load_before"])
        names = runs.setdefault(run, [])
        if row["name"] not in names:
            names.append(row["name"])
    return "; ".join(
        f"{', '.join(names)}: commit {commit}, load {load} before the start"
        for (commit, load), names in runs.items()
    )


def _picture(told: Mapping[str, Any]) -> list[str]:
    if not PLOT.exists() or not any(row["name"] == "memory" for row in told["rows"]):
        return []
    return [f"![Peak memory of a build, by passages](images/{PLOT.name})"]
