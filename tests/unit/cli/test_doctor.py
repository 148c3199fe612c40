"""`newsqa doctor`: every finding says what was seen, and what to do."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsqa.cli import run
from newsqa.cli.commands import doctor as checks
from newsqa.errors import IndexDamagedError
from newsqa.models.onnx_reader import WEIGHTS
from newsqa.settings import load
from tests.fakes.services import FakeVerification, World

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _bare_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NEWSQA_INDEX", raising=False)
    monkeypatch.setenv("NEWSQA_PORT", "0")


def doctor(world: World, capsys: Captured) -> tuple[int, dict[str, dict[str, str]]]:
    code = run(["doctor", "--json"], services=world)
    findings = json.loads(capsys.readouterr().out)["findings"]
    return code, {finding["subject"]: finding for finding in findings}


def test_a_sound_machine_has_nothing_to_mend(capsys: Captured) -> None:
    code, found = doctor(World(), capsys)
    broken = {subject: f for subject, f in found.items() if f["state"] == "fail"}
    assert (code, broken) == (0, {})
    assert found["index"]["state"] == "ok"
    assert found["weights"]["says"] == "all-MiniLM-L6-v2, checksums as published"
    assert found["reader"]["says"] == "shipped, checksums as shipped"
    assert {"Python", "packages", "settings", "model cache", "token tables", "disk"} <= set(found)


def test_it_prints_a_line_a_subject_and_the_cure_below(capsys: Captured) -> None:
    assert run(["doctor"], services=World(missing=True)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ok   Python: 3.")
    at = next(i for i, line in enumerate(lines) if line.startswith("warn index: no index at"))
    assert lines[at + 1] == "     build one"


def test_a_damaged_index_fails(capsys: Captured) -> None:
    world = World()
    world.qa.verification = FakeVerification("repairable", ("cache/faiss",))
    code, found = doctor(world, capsys)
    assert code == 1
    assert found["index"]["cure"] == "run `newsqa index repair`"
    world.qa.verification = FakeVerification("damaged", ("row 3",))
    code, found = doctor(world, capsys)
    assert (code, found["index"]["cure"]) == (1, "restore a backup")
    world.qa.error = IndexDamagedError("no database")
    code, found = doctor(world, capsys)
    assert (code, found["index"]["state"]) == (1, "fail")


def test_a_wrong_setting_fails_and_ends_the_checks(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSQA_DEPTH", "none")
    code, found = doctor(World(), capsys)
    assert code == 1
    assert "depth" in found["settings"]["says"]


def test_a_missing_model_fails(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSQA_ENCODER", "/nowhere/at/all")
    code, found = doctor(World(), capsys)
    assert (code, found["weights"]["state"]) == (1, "fail")


def test_an_unknown_reader_fails(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSQA_READER", "shiped")
    code, found = doctor(World(), capsys)
    assert (code, found["reader"]["state"]) == (1, "fail")
    assert "known are 'auto', 'shipped' and 'none'" in found["reader"]["says"]
    monkeypatch.setenv("NEWSQA_READER", "none")
    code, found = doctor(World(), capsys)
    assert (code, found["reader"]["says"]) == (0, "none, model-free")


@pytest.mark.parametrize("name", ["reader.onnx", "reader.json", "tokenizer.json"])
def test_a_missing_or_damaged_reader_fails(name: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))
    (finding,) = checks.reader(load(), folder)
    assert finding.state == "ok"
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    for mend in (lambda: (folder / name).write_bytes(content), (folder / name).unlink):
        mend()
        (finding,) = checks.reader(load(), folder)
        assert finding.state == "fail"
        assert name in finding.says


def test_a_check_that_breaks_is_a_finding_of_its_own(capsys: Captured) -> None:
    world = World()
    world.qa.error = ZeroDivisionError("oh")
    code, found = doctor(world, capsys)
    assert code == 1
    assert found["index"]["says"] == "the check itself failed: ZeroDivisionError: oh"


def test_a_taken_port_is_a_warning() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (finding,) = checks.address(load({"port": port}))
    assert finding.state == "warn"
    assert "--port" in finding.cure


def test_an_address_in_brackets_is_looked_at_as_it_is_served() -> None:
    if socket.has_ipv6:
        (bare,) = checks.address(load({"host": "::1", "port": 0}))
        findings = list(checks.address(load({"host": "[::1]", "port": 0})))
        assert [finding.state for finding in findings] == [bare.state]


def test_an_address_open_to_the_network_without_a_token_is_a_warning() -> None:
    findings = list(checks.address(load({"host": "0.0.0.0"})))
    assert [finding.state for finding in findings] == ["ok", "warn"]
    guarded = checks.address(load({"host": "0.0.0.0", "admin_token": "x" * 20}))
    assert [finding.state for finding in guarded] == ["ok"]


def test_a_cache_folder_is_looked_at_and_not_made(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    (finding,) = checks.model_cache(load({"cache_dir": folder}))
    assert finding.state == "warn"
    assert not folder.exists()
    folder.mkdir(parents=True)
    (folder / "x.onnx").touch()
    (finding,) = checks.model_cache(load({"cache_dir": folder}))
    assert finding.state == "ok"


def test_space_is_measured_where_the_index_will_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def states(free_mb: int) -> list[str]:
        def usage(folder: Path) -> object:
            assert folder == tmp_path
            return type("Usage", (), {"free": free_mb * 1_000_000})

        monkeypatch.setattr("shutil.disk_usage", usage)
        found: Iterator[checks.Finding] = checks.disk(load({"index": tmp_path / "to" / "come"}))
        return [finding.state for finding in found]

    assert [states(free_mb) for free_mb in (100, 500, 5000)] == [["fail"], ["warn"], ["ok"]]
