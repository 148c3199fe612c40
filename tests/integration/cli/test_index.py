"""`newsqa index ...` and `newsqa serve` on a real index, from the first article to the last."""

from __future__ import annotations

import io
import json
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import pytest

from newsqa.cli import run

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with two articles under news/."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NEWSQA_INDEX", raising=False)
    monkeypatch.setenv("NEWSQA_THREADS", "1")
    (tmp_path / "news").mkdir()
    write(tmp_path, "ferry.txt", "The ferry to Lindle sails again on Monday.")
    write(tmp_path, "bread.txt", "The bakery gave away a hundred loaves.")
    return tmp_path


def write(folder: Path, name: str, sentence: str) -> None:
    (folder / "news" / name).write_text(f"A headline about {name}\n\n{sentence}\n")


def call(capsys: Captured, *words: str, code: int = 0) -> Any:
    """Run a command with --json, expect its code, return what it printed."""
    got = run([*words, "--json"])
    out, err = capsys.readouterr()
    assert got == code, err
    return json.loads(out) if out else None


def found(capsys: Captured, question: str) -> list[str]:
    run(["search", question, "--json"])
    return [hit["article_id"] for hit in json.loads(capsys.readouterr().out)["hits"]]


def test_the_life_of_an_index(folder: Path, capsys: Captured) -> None:
    assert call(capsys, "index", "build", "news")["indexed"] == 2
    # an addition, an update, a removal
    write(folder, "storm.txt", "A storm closed the harbour.")
    write(folder, "ferry.txt", "The ferry to Lindle sails again on Tuesday.")
    assert call(capsys, "index", "sync", "news", "--dry-run")["indexed"] == 2
    assert call(capsys, "show", "storm.txt", code=1) is None
    report = call(capsys, "index", "sync", "news")
    assert (report["indexed"], report["unchanged"]) == (2, 1)
    shown = call(capsys, "show", "ferry.txt")
    assert [version["version"] for version in shown["versions"]] == [1, 2]
    (folder / "news" / "bread.txt").unlink()
    assert call(capsys, "index", "sync", "news")["removed"] == 1
    assert "bread.txt" not in found(capsys, "loaves bakery")
    # back, kept, erased
    saved = call(capsys, "index", "backup", "saved")["generation"]
    first = call(capsys, "index", "rollback", "1")
    assert first["generation"] > saved
    assert "bread.txt" in found(capsys, "loaves bakery")
    assert "Monday" in call(capsys, "show", "ferry.txt")["body"]
    call(capsys, "index", "rollback", "999", code=1)
    assert call(capsys, "index", "purge", "bread.txt")["removed"] == 1
    call(capsys, "index", "purge", "bread.txt", "--index", "nowhere", code=3)
    assert "bread.txt" not in found(capsys, "loaves bakery")
    assert call(capsys, "index", "compact", "--keep", "1")["bytes_after"] > 0
    assert call(capsys, "index", "verify", "--deep")["state"] == "sound"
    # the backup puts the state before all that in place, under a number of its own
    assert call(capsys, "index", "restore", "saved")["generation"] > first["generation"]
    assert "Tuesday" in call(capsys, "show", "ferry.txt")["body"]
    assert call(capsys, "index", "verify")["state"] == "sound"


def test_what_cannot_be_read_is_named_and_the_rest_goes_in(folder: Path, capsys: Captured) -> None:
    (folder / "news" / "bad.pdf").write_bytes(b"%PDF-1.4 nothing")
    assert run(["index", "build", "news", "--json"]) == 4
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert report["indexed"] == 2
    assert [Path(row["path"]).name for row in report["failed"]] == ["bad.pdf"]
    assert "failed news/bad.pdf: " in err
    call(capsys, "index", "build", "news/bad.pdf", code=4)
    assert call(capsys, "index", "info")["articles"] == 2  # nothing readable: nothing changes
    call(capsys, "index", "add", "news", code=4)
    call(capsys, "ask", "", code=1)
    call(capsys, "index", "remove", "nobody", code=1)
    call(capsys, "index", "remove", "bread.txt")
    call(capsys, "ask", "ferry", "--index", "nowhere", code=3)


def test_a_first_sync_builds_and_a_dry_run_names_what_it_would_do(
    folder: Path, capsys: Captured
) -> None:
    plan = call(capsys, "index", "sync", "news", "--dry-run")["plan"]
    assert plan == {"add": ["bread.txt", "ferry.txt"], "change": [], "remove": []}
    assert not (folder / "index").exists()
    assert call(capsys, "index", "sync", "news")["indexed"] == 2
    write(folder, "storm.txt", "A storm closed the harbour.")
    write(folder, "ferry.txt", "The ferry to Lindle sails again on Tuesday.")
    (folder / "news" / "bread.txt").unlink()
    assert run(["index", "sync", "news", "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:] == ["  add storm.txt", "  change ferry.txt", "  remove bread.txt"]
    assert "plan" not in call(capsys, "index", "sync", "news")


def test_a_failed_first_build_leaves_no_folder(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "news" / "bad.pdf").write_bytes(b"%PDF-1.4 nothing")
    call(capsys, "index", "build", "news/bad.pdf", code=4)
    assert not (folder / "index").exists()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"not JSON\n")))
    call(capsys, "index", "build", "-", code=4)
    assert not (folder / "index").exists()
    call(capsys, "index", "build", "news/bread.txt")
    call(capsys, "index", "build", "news/bad.pdf", code=4)
    assert call(capsys, "index", "info")["articles"] == 1


def test_a_damaged_cache_is_found_and_mended(folder: Path, capsys: Captured) -> None:
    call(capsys, "index", "build", "news")
    victim = next(path for path in (folder / "index" / "cache").rglob("*") if path.is_file())
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    assert call(capsys, "index", "verify", code=1)["state"] == "repairable"
    assert call(capsys, "index", "repair")["state"] == "sound"
    assert call(capsys, "index", "verify")["state"] == "sound"


def test_a_new_build_forgets_what_is_not_named(folder: Path, capsys: Captured) -> None:
    call(capsys, "index", "build", "news")
    report = call(capsys, "index", "build", "news/ferry.txt")
    assert (report["unchanged"], report["removed"]) == (1, 1)
    facts = call(capsys, "index", "info")
    assert (facts["articles"], facts["versions"]) == (1, 2)
    again = call(capsys, "index", "build")
    assert (again["generation"], again["failed"]) == (report["generation"], [])
    assert found(capsys, "ferry") == ["ferry.txt"]
    assert call(capsys, "index", "build", "--index", "nowhere", code=3) is None


def test_serve_answers_until_it_is_interrupted(folder: Path, capsys: Captured) -> None:
    call(capsys, "index", "build", "news")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "newsqa", "serve", "--port", str(port), "--read-only"]
    with subprocess.Popen(words, stderr=subprocess.PIPE) as server:
        address = f"http://127.0.0.1:{port}/api/v1"
        reply = _first_reply(server, f"{address}/ask?question=ferry")
        # What another process changes is there for the next question.
        write(folder, "tram.txt", "The tram to Oster runs on new rails.")
        call(capsys, "index", "add", "news/tram.txt")
        assert _first_reply(server, f"{address}/articles/tram.txt")["version"] == 1
        assert "tram.txt" in _ids(_first_reply(server, f"{address}/search?question=tram+rails"))
        call(capsys, "index", "remove", "tram.txt")
        assert "tram.txt" not in _ids(_first_reply(server, f"{address}/search?question=tram+rails"))
        server.send_signal(signal.SIGINT)
        assert server.wait(30) == 130
        assert server.stderr is not None
        told = server.stderr.read().decode()
    assert reply["question"] == "ferry"
    assert f"http://127.0.0.1:{port}/" in told
    assert "Traceback" not in told


def test_watch_tells_each_change_of_a_folder_named_otherwise_when_it_was_indexed(
    folder: Path, capsys: Captured
) -> None:
    call(capsys, "index", "build", "news")
    news, elsewhere = folder / "news", folder / "elsewhere"
    elsewhere.mkdir()
    words = ["index", "sync", str(news), "--watch", "--json", "--index", str(folder / "index")]
    with subprocess.Popen(
        [sys.executable, "-m", "newsqa", *words],
        cwd=elsewhere,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as watcher:
        try:
            assert _told(watcher) == (0, 2, 0)
            _put(news / "storm.txt", "A storm closed the harbour.")
            assert _told(watcher) == (1, 2, 0)
            _put(news / "storm.txt", "The harbour is open again.")
            assert _told(watcher) == (1, 2, 0)
            (news / "storm.txt").unlink()
            assert _told(watcher) == (0, 2, 1)
            news.rename(folder / "away")  # nothing to be read: nothing changes, and it goes on
            assert watcher.stderr is not None
            assert b"not now: no such file or folder" in _line(watcher.stderr)
            _put(folder / "away" / "wind.txt", "The wind turned at noon.")
            (folder / "away").rename(news)
            assert _told(watcher) == (1, 2, 0)
        finally:
            watcher.send_signal(signal.SIGINT)
        assert watcher.wait(30) == 130
        assert watcher.stdout is not None
        assert watcher.stdout.read() == watcher.stderr.read() == b""
    assert call(capsys, "show", "wind.txt")["version"] == 1


def _put(file: Path, sentence: str) -> None:
    """Write a file that is there whole at once."""
    beside = file.parent.parent / file.name
    beside.write_text(f"A headline about {file.name}\n\n{sentence}\n")
    beside.replace(file)


def _told(watcher: subprocess.Popen[bytes]) -> tuple[int, int, int]:
    assert watcher.stdout is not None
    report = json.loads(_line(watcher.stdout))
    return report["indexed"], report["unchanged"], report["removed"]


def _line(stream: IO[bytes]) -> bytes:
    """Return the next line; fail if none comes in a minute."""
    assert select.select([stream], [], [], 60)[0], "nothing was told"
    return stream.readline()


def test_serve_names_a_taken_port(folder: Path, capsys: Captured) -> None:
    call(capsys, "index", "build", "news")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert run(["serve", "--port", port]) == 2
    assert "--port" in capsys.readouterr().err
    assert run(["serve", "--port", "0", "--index", "nowhere"]) == 3


def _first_reply(server: subprocess.Popen[bytes], url: str) -> Any:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return json.load(answer)
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"no answer; the server ended with {server.poll()}")


def _ids(found: Any) -> list[str]:
    return [hit["article_id"] for hit in found["hits"]]


def test_eval_asks_a_set_and_compares_runs(folder: Path, capsys: Captured) -> None:
    sets = folder / "set"
    sets.mkdir()
    _lines(sets / "corpus.jsonl", [{"id": "a", "title": "Ferry", "text": "The ferry is blue."}])
    question = {"id": "1", "question": "Which colour is the ferry?", "answers": ["blue"]}
    _lines(sets / "questions.jsonl", [{**question, "answerable": True}])
    words = ["eval", "set", "--per-question", "rows.jsonl"]
    results = call(capsys, *words)
    assert set(results) == {"set"}
    row = json.loads((folder / "rows.jsonl").read_text())
    assert row["id"] == "1"
    assert row["reply"]["question"] == question["question"]
    assert run(["eval", "set", "--against", "rows.jsonl"]) == 0
    assert "difference" in capsys.readouterr().out
    (folder / "empty").mkdir()
    assert run(["eval", "empty"]) == 2


def _lines(file: Path, records: Sequence[dict[str, Any]]) -> None:
    file.write_text("".join(f"{json.dumps(record)}\n" for record in records))
