"""What an index takes: by its files where there is one, else by measured constants."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from newsqa.cli import run
from newsqa.cli.commands.size import readable
from newsqa.index.size_estimate import DIM, estimate, memory_mb, sizes_of
from tests.fakes.services import World
from tests.indexes import Place

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _bare_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NEWSQA_INDEX", raising=False)


def test_the_files_of_an_index_are_counted_once_each(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.build([{"id": n, "title": n, "text": f"The {n} sails. It is so."} for n in "abcdef"])
    (place.folder / "link").symlink_to(place.folder / "newsqa.db")
    sizes = sizes_of(place.folder)
    files = [p for p in place.folder.rglob("*") if p.is_file() and not p.is_symlink()]
    link = os.lstat(place.folder / "link").st_size
    assert sizes.total == sum(p.stat().st_size for p in files) + link
    assert sizes.parts["database"] == sum(p.stat().st_size for p in files if "newsqa.db" in p.name)
    assert sizes.parts["vectors"] > 0
    assert sizes.parts["words"] > 0
    assert sizes.a_passage(6)["database"] == round(sizes.parts["database"] / 6)


def test_an_estimate_agrees_with_the_index_it_was_measured_on() -> None:
    """188.1 and 93.3 MB on disk, 442 MB in memory: 60,118 passages; 761 kB of words: 2,111."""
    told = estimate(60_118)
    disk = told["disk_bytes"]
    assert disk["database"] == pytest.approx(188_084_224, rel=0.01)
    assert disk["vectors"] == pytest.approx(93_303_760, rel=0.01)
    assert estimate(2_111)["disk_bytes"]["words"] == pytest.approx(761_025, rel=0.01)
    assert disk["total"] == sum(size for part, size in disk.items() if part != "total")
    assert told["memory_mb"]["answering"] == pytest.approx(442, rel=0.02)


def test_an_estimate_grows_with_passages_and_dimensions() -> None:
    one, ten = estimate(1_000)["disk_bytes"]["total"], estimate(10_000)["disk_bytes"]["total"]
    assert ten == 10 * one
    assert estimate(1_000, dim=768)["disk_bytes"]["total"] == one + 1_000 * 2 * 4 * DIM
    with pytest.raises(ValueError, match="at least one passage"):
        estimate(0)


def test_the_memory_is_that_of_this_process() -> None:
    held = memory_mb()
    assert held is None or 10 < held < 100_000


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (31_300, "31.3 kB"), (5.3e9, "5.3 GB")],
)
def test_sizes_for_people(count: float, text: str) -> None:
    assert readable(count) == text


def test_size_on_the_command_line(capsys: Captured) -> None:
    assert run(["size", "--passages", "250000", "--json"], services=World()) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told == estimate(250_000)
    assert run(["size", "--passages", "250000"], services=World()) == 0
    out = capsys.readouterr().out
    assert "disk, total:" in out
    assert "60,118 passages" in out
    assert run(["size", "--passages", "0"], services=World()) == 2
    assert run(["size"], services=World()) == 2


def test_info_measures_only_when_asked(capsys: Captured) -> None:
    world = World()
    assert run(["index", "info", "--json"], services=world) == 0
    assert "measured" not in json.loads(capsys.readouterr().out)
    assert run(["index", "info", "--measure", "--json"], services=world) == 0
    told = json.loads(capsys.readouterr().out)["measured"]
    assert told["searches"] == 1  # the fake has one title
    assert told["search_ms_p50"] >= 0
    assert set(told["bytes_a_passage"]) == {"database", "vectors", "words", "other"}
    searched = [options["question"] for name, options in world.qa.calls if name == "search"]
    assert searched == [searched[0]] * 2  # once to warm up
