"""Killed at any moment, or out of room at any size: what was acknowledged is there."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from newsqa.errors import IndexFileError
from newsqa.index import Index
from newsqa.index import update as changing
from newsqa.text import analysis as text
from tests.fakes.engine_parts import FakeEncoder
from tests.indexes import SETTINGS, QuickIndex, quick_context, record, write_corpus

ROOT = Path(__file__).parents[3]
SEED = 20261124
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

State = dict[str, str]


def corpus(root: Path, state: State) -> Path:
    return write_corpus(root / "corpus.jsonl", [record(i, body) for i, body in state.items()])


def work(root: Path, seed: int) -> None:
    """Change an index for ever; say what is about to be done, and what is done, on stdout."""
    draw = random.Random(seed)
    encoder = FakeEncoder()
    index = QuickIndex.open(root / "index", encoder=encoder, settings=SETTINGS)
    now = contents(index)
    for n in range(10_000):
        texts = {
            f"a{draw.randrange(12)}": f"Edition {seed} {n} says {draw.choice(NUMBERS)}. It is so."
            for _ in range(draw.randint(1, 4))
        }
        kind = draw.choice(["add", "add", "build", "remove", "compact", "repair", "fold"])
        if kind == "add":
            then = {**now, **texts}
        elif kind == "build":
            then = texts
        elif kind == "remove":
            gone = set(draw.sample(sorted(now), min(len(now) - 1, 2)))
            then = {i: body for i, body in now.items() if i not in gone}
        else:
            then = now
        print("doing", json.dumps(then), flush=True)
        if kind == "add":
            index.add([corpus(root, texts)])
        elif kind == "build":
            changing.build(quick_context(root / "index", encoder), [corpus(root, texts)], ())
        elif kind == "remove":
            index.remove(sorted(gone))
        elif kind == "compact":
            index.compact(keep=3)
        elif kind == "repair":
            index.repair()
        now = then
        print("done", json.dumps(now), flush=True)


def contents(index: Index) -> State:
    """Every current article with its body; each must be found by its words and its meaning."""
    snapshot = index.snapshot()
    passages = snapshot.passages(snapshot.columns.keys.tolist())
    found = {p.article_id: snapshot.article(p.article_id, p.version).body for p in passages}
    assert len(found) == snapshot.article_count
    everything = len(snapshot)
    for passage in passages:
        terms = text.terms(passage.text)
        keys = [key for key, _ in snapshot.lexical(terms, everything)]
        vector = index.encoder.encode_questions([passage.text])[0]
        near = [key for key, _ in snapshot.dense(vector, everything)]
        for hits in (keys, near):
            assert passage.article_id in {p.article_id for p in snapshot.passages(hits)}
            assert {p.article_id for p in snapshot.passages(hits)} <= found.keys()
        assert sorted(near) == snapshot.columns.keys.tolist()
    return found


def killed(root: Path, seed: int, delay_s: float) -> tuple[State, State]:
    """Let a writer work, kill it, and return what it had done and what it was doing."""
    script = f"from tests.integration.index.test_kills import *; work(Path({str(root)!r}), {seed})"
    child = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    first = child.stdout.readline()
    time.sleep(delay_s)
    child.send_signal(signal.SIGKILL)
    lines = [first, *child.stdout.read().splitlines(keepends=True)]
    child.wait()
    child.stdout.close()
    whole = [line.split(" ", 1) for line in lines if line.endswith("\n")]
    done = [json.loads(body) for word, body in whole if word == "done"]
    doing = [json.loads(body) for word, body in whole if word == "doing"]
    return (done[-1] if done else {}), doing[-1]


def kill_often(root: Path, n: int) -> dict[str, Any]:
    draw = random.Random(SEED)
    encoder = FakeEncoder()
    changing.build(quick_context(root / "index", encoder), [corpus(root, {"a0": "Begin."})], ())
    known: State = {"a0": "Begin."}
    recovery = []
    for seed in range(n):
        done, doing = killed(root, seed, draw.uniform(0.0, 1.5))
        start = time.perf_counter()
        with QuickIndex.open(root / "index", encoder=encoder, settings=SETTINGS) as index:
            index.snapshot()
            recovery.append(time.perf_counter() - start)
            found = contents(index)
            assert found in (done or known, doing), seed
            assert index.verify().state != "damaged", seed
            assert index.sync(corpus(root, found), dry_run=True).unchanged == len(found)
        known = found
    recovery.sort()
    return {"kills": n, "seed": SEED, "p50_s": recovery[n // 2], "p95_s": recovery[n * 95 // 100]}


def test_kills(tmp_path: Path) -> None:
    kill_often(tmp_path, 3)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_kills(tmp_path: Path) -> None:
    print(json.dumps(kill_often(tmp_path, 30)))


def out_of_room(root: Path, limit: int) -> None:
    """Rebuild with a limit on the size of files; say what came of it."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writes fail instead
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    new = {f"b{n}": f"Number {n} of the second build. It is new." for n in range(300)}
    try:
        changing.build(quick_context(root / "index", FakeEncoder()), [corpus(root, new)], ())
    except IndexFileError as error:
        print(f"refused: {error}")
    else:
        print("built")


@pytest.mark.parametrize(
    "limit", [60_000, 250_000, pytest.param(500_000, marks=pytest.mark.slow), 20_000_000]
)
def test_a_full_disk_is_a_clean_refusal(tmp_path: Path, limit: int) -> None:
    encoder = FakeEncoder()
    old = {"a0": "Begin with one.", "a1": "Begin with two."}
    changing.build(quick_context(tmp_path / "index", encoder), [corpus(tmp_path, old)], ())
    script = (
        "from tests.integration.index.test_kills import *\n"
        f"out_of_room(Path({str(tmp_path)!r}), {limit})"
    )
    new = {f"b{n}": f"Number {n} of the second build. It is new." for n in range(300)}
    out = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    with QuickIndex.open(tmp_path / "index", encoder=encoder, settings=SETTINGS) as index:
        found = contents(index)
        assert index.verify().state in {"sound", "repairable"}
    if out.startswith("refused"):
        assert found == old
        assert "was not indexed" in out
    else:
        assert found == new
    assert out.startswith("built") == (limit == 20_000_000), out
