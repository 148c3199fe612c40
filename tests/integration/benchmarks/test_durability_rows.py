"""Each row of the durability table, run small: the run itself works, and what it finds holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.durability import report
from benchmarks.durability.states import contents, explained
from tests.indexes import Place, record
from tests.shared import SHARED

ROOT = Path(__file__).parents[3]
# Times and ratios are for a quiet machine and full sizes.
MEASURED = ("updates", "unchanged", "memory")


@pytest.mark.slow
@pytest.mark.timeout(1_200)
def test_every_row_small(tmp_path: Path) -> None:
    out = tmp_path / "durability.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.durability", "--quick", "--json", str(out)],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "NEWSQA_SHARED": str(SHARED),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads((tmp_path / "durability-quick.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in told["rows"]] == list(report.ORDER), done.stderr
    failed = [r for r in told["rows"] if not r["held"] and r["name"] not in MEASURED]
    assert not failed, failed
    assert "| what was done |" in done.stdout


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"a": "1"}, ""),
        ({"a": "2", "b": "2"}, ""),
        ({"a": "1", "b": "2"}, "a mixture of two states"),
        ({"a": "0"}, "an acknowledged change is lost"),
        ({}, "an acknowledged change is lost"),
        ({"a": "1", "gone": "1"}, "removed articles found again: ['gone']"),
    ],
)
def test_what_a_state_is_taken_for(found: dict[str, str], said: str) -> None:
    assert explained(found, [{"a": "1"}, {"a": "2", "b": "2"}]) == said


def test_contents_are_those_of_the_index(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.build([record("a", "The harbour is open."), record("b", "The mayor resigns.")])
    with place.opened() as index:
        assert contents(index) == {"a": "The harbour is open.", "b": "The mayor resigns."}


def test_the_page_has_its_place(tmp_path: Path) -> None:
    page = tmp_path / "operations.md"
    page.write_text(report.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    row = {"name": "kills", "what": "kills", "n": 3, "must": "0 | 0", "found": "0", "held": False}
    stamp = {"date": "2026-01-01", "seed": 1, "commit": "c", "cores": 2, "memory_gib": 1}
    run = {"commit": "c", "load_before": 0.5}
    rows = [
        {**row, "encoder": "none", "run": run},
        {**row, "name": "flips", "encoder": "none", "run": run},
    ]
    told = {**stamp, "machine": "m", "rows": rows}
    report.write_page(told, page)
    text = page.read_text(encoding="utf-8")
    assert "| kills | 3 | 0 / 0 | **not met:** 0 | none |" in text
    assert "m. kills, flips: commit c, load 0.5 before the start." in text
    report.write_page(told, page)
    assert page.read_text(encoding="utf-8") == text
