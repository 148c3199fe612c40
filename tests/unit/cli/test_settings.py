"""Which source of a setting is the stronger: all five of them give the same key."""

from __future__ import annotations

import json
from pathlib import Path

import platformdirs
import pytest

from newsqa.cli import run
from tests.fakes.services import World

Captured = pytest.CaptureFixture[str]
FROM_WEAKEST = ["default", "config.toml", "newsqa.toml", "environment", "argument"]


@pytest.mark.parametrize("without", range(5), ids=lambda n: f"{FROM_WEAKEST[4 - n]} wins")
def test_the_strongest_source_that_gives_a_key_wins(
    without: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """``without``: how many of the strongest say nothing; all weaker ones say something else."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NEWSQA_INDEX", raising=False)
    giving = FROM_WEAKEST[: 5 - without]
    words = ["config", "show", "--origin", "--json"]
    if "config.toml" in giving:
        file = Path(platformdirs.user_config_dir("newsqa")) / "config.toml"
        assert file.is_relative_to(tmp_path)
        file.parent.mkdir(parents=True)
        file.write_text('index = "of config.toml"\n')
    if "newsqa.toml" in giving:
        Path("newsqa.toml").write_text('index = "of newsqa.toml"\n')
    if "environment" in giving:
        monkeypatch.setenv("NEWSQA_INDEX", "of environment")
    if "argument" in giving:
        words += ["--index", "of argument"]
    assert run(words, services=World()) == 0
    shown = json.loads(capsys.readouterr().out)["index"]
    strongest = giving[-1]
    assert shown["value"] == ("index" if strongest == "default" else f"of {strongest}")
    assert Path(shown["origin"]).name == strongest
