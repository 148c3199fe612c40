"""The parsing worker with real files: limits, crashes, order, and what goes on afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from newsqa.ingest import InputFile, Limits, Parsed, parse, walk
from newsqa.ingest.sandbox.client import Hands, WorkerStoppedError
from tests.samples import LIMITS


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def run(folder: Path, limits: Limits = LIMITS) -> dict[str, Parsed]:
    return {item.file.article_key: item for item in parse(walk([folder]).files, limits=limits)}


def reason(item: Parsed) -> str:
    assert not item.articles
    [problem] = item.failed
    assert problem.path == item.file.name
    return problem.reason


def test_items_come_in_the_order_of_the_files_with_the_hash_of_their_bytes(tmp_path: Path) -> None:
    texts = {f"{n:02}.{end}": f"Note number {n}." for n in range(8) for end in ("txt", "md")}
    for name, text in texts.items():
        write(tmp_path / name, text)
    items = list(parse(reversed(walk([tmp_path]).files), limits=LIMITS))
    assert [item.file.article_key for item in items] == sorted(texts, reverse=True)
    for item in items:
        text = texts[item.file.article_key]
        assert item.sha256 == sha256(text.encode()).hexdigest()
        assert [article.body for article in item.articles] == [text]


def test_known_bytes_are_not_parsed(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "Old words.")
    write(tmp_path / "b.txt", "New words.")
    old = sha256(b"Old words.").hexdigest()
    asked: list[tuple[str, str]] = []

    def known(file: InputFile, digest: str) -> bool:
        asked.append((file.article_key, digest))
        return digest == old

    a, b = parse(walk([tmp_path]).files, limits=LIMITS, known=known)
    assert (a.unchanged, a.articles, a.sha256, a.last) == (True, (), old, True)
    assert (b.unchanged, len(b.articles)) == (False, 1)
    assert [key for key, _ in asked] == ["a.txt", "b.txt"]


def test_a_file_that_is_gone_or_empty_is_named(tmp_path: Path) -> None:
    for name, content in (("a.txt", "Words."), ("b.txt", ""), ("c.txt", " \n\t"), ("d.txt", "Z.")):
        write(tmp_path / name, content)
    files = walk([tmp_path]).files
    (tmp_path / "a.txt").unlink()
    a, b, c, d = parse(files, limits=LIMITS)
    assert reason(a).startswith("cannot be read")
    assert a.sha256 == ""
    assert [problem.reason for item in (b, c) for problem in item.skipped] == ["empty", "empty"]
    assert len(d.articles) == 1


def test_a_file_that_takes_too_long_is_stopped_and_the_next_goes_on(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "Before.")
    write(tmp_path / "b.md", "*a " * 500_000)
    write(tmp_path / "c.txt", "After.")
    found = run(tmp_path, replace(LIMITS, cpu_s=1, wall_s=60))
    assert reason(found["b.md"]) == "took more than 1 s of processor time"
    assert [found[name].articles[0].body for name in ("a.txt", "c.txt")] == ["Before.", "After."]


def test_processor_time_is_counted_for_each_file_anew(tmp_path: Path) -> None:
    for n in range(8):  # together far more than the limit
        write(tmp_path / f"{n}.md", "*a " * 30_000)
    found = run(tmp_path, replace(LIMITS, cpu_s=1, wall_s=60))
    assert [len(item.articles) for item in found.values()] == [1] * 8


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces RLIMIT_AS")
def test_a_file_that_needs_too_much_memory_is_stopped(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "word " * 16_000_000)
    write(tmp_path / "b.txt", "After.")
    found = run(tmp_path, replace(LIMITS, memory_mb=200))
    assert reason(found["a.txt"]) == "needed more than 200 MB"
    assert len(found["b.txt"].articles) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces RLIMIT_AS")
def test_a_jsonl_file_stopped_half_way_keeps_what_came_before(tmp_path: Path) -> None:
    lines = [json.dumps({"id": str(n), "text": f"Note {n}."}) for n in range(300)]
    huge = '{"text": "%s😀"}' % ("x" * 19_000_000)  # 76 MB as a string, and more than one of it
    write(tmp_path / "a.jsonl", "\n".join([*lines, huge]))
    first, last = parse(walk([tmp_path]).files, limits=replace(LIMITS, memory_mb=160))
    assert (len(first.articles), first.last) == (256, False)
    assert reason(last) == "stopped after 256 records: needed more than 160 MB"
    assert last.last


def worker(tmp_path: Path, body: str) -> Sequence[str]:
    """A stand-in for the worker that runs ``body`` once it has read its first request."""
    script = tmp_path / "stand_in.py"
    script.write_text(
        "import os, sys, time, signal\n"
        "def frame():\n"
        "    size = int.from_bytes(sys.stdin.buffer.read(8), 'big')\n"
        "    return sys.stdin.buffer.read(size)\n"
        "frame()\n" + textwrap.dedent(body),
        encoding="utf-8",
    )
    return [str(script)]


@pytest.fixture
def hands(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hands]:
    body, watch = request.param
    limits = replace(LIMITS, wall_s=1, memory_mb=128)
    made = Hands(limits, watch_memory=watch, command=worker(tmp_path, body))
    yield made
    made.close()


READ = "frame(); frame()\n"


@pytest.mark.parametrize(
    ("hands", "why"),
    [
        ((READ + "time.sleep(60)", False), "took longer than 1 s"),
        (("time.sleep(60)", False), "took longer than 1 s"),  # does not even read
        ((READ + "os.kill(os.getpid(), signal.SIGSEGV)", False), "the parser crashed"),
        ((READ + "os._exit(0)", False), "the parser crashed"),
        (("os._exit(1)", False), "the parser crashed"),
        ((READ + "os.kill(os.getpid(), signal.SIGKILL)", False), "needed more than 128 MB"),
        ((READ + "os.write(1, b'\\xff' * 100); time.sleep(60)", False), "reply is too large"),
        ((READ + "os.write(1, bytes(7) + b'\\2{]'); time.sleep(60)", False), "the parser crashed"),
        ((READ + "os.write(1, bytes(7) + b'\\2{}'); time.sleep(60)", False), "the parser crashed"),
        ((READ + "x = b'x' * 300_000_000; time.sleep(60)", True), "needed more than 128 MB"),
    ],
    indirect=["hands"],
)
def test_whatever_a_worker_does_the_parent_goes_on(hands: Hands, why: str) -> None:
    began = time.monotonic()
    for _ in range(2):  # the second time with a fresh worker
        with pytest.raises(WorkerStoppedError, match=why):
            list(hands.parse("text", "a.txt", b"x" * 5_000_000))
    assert time.monotonic() - began < 20


def test_a_worker_ends_with_its_parent(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "Words.")
    script = (
        "import sys, time; from pathlib import Path; from newsqa.ingest import *\n"
        f"items = parse(walk([Path(sys.argv[1])]).files * 2, limits={LIMITS})\n"
        "next(items); print('ready', flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, env=environment
    )
    try:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        children = children_of(parent.pid)
        assert len(children) == 1
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        if parent.stdout is not None:
            parent.stdout.close()
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in children)


def children_of(pid: int) -> list[int]:
    import psutil

    return [child.pid for child in psutil.Process(pid).children()]


def alive(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_abandoning_the_items_stops_the_worker(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        write(tmp_path / name, "Words.")
    before = set(children_of(os.getpid()))
    items = parse(walk([tmp_path]).files, limits=LIMITS)
    next(items)
    started = set(children_of(os.getpid())) - before
    assert len(started) == 1
    items.close()  # type: ignore[attr-defined]  # it is a generator
    assert not any(alive(pid) for pid in started)


def test_the_parent_loads_no_parser(tmp_path: Path) -> None:
    write(tmp_path / "a.html", "<p>Words that make a sentence, for once.</p>" * 3)
    script = (
        "import sys; from pathlib import Path; from newsqa.ingest import *\n"
        f"list(parse(walk([Path(sys.argv[1])]).files, limits={LIMITS}))\n"
        "print([m for m in ('trafilatura', 'pypdf', 'lxml', 'yaml', 'markdown_it', 'torch')"
        " if m in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    told = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, env=environment
    )
    assert told.stdout.strip() == b"[]", told.stderr
