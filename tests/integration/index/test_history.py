"""What history costs and gives back: backups, compaction, rollback, erasing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread
from time import sleep
from typing import Any

import numpy as np
import pytest

import newsqa
from newsqa.index import Index
from newsqa.index.catalog import CatalogReader, audit
from newsqa.replies import Answer
from newsqa.settings import load
from tests.fakes.engine_parts import FakeEncoder
from tests.indexes import MAYOR, MUSEUM, SETTINGS, STORM, Place, QuickIndex, record, write_corpus

ROOT = Path(__file__).parents[3]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def quick(place: Place) -> Index:
    return QuickIndex.open(place.folder, encoder=place.encoder, settings=SETTINGS)


def storm_of(generation: int) -> dict[str, str]:
    return {**STORM, "text": f"Storm number {generation} broke the wall. It passed."}


def test_a_backup_made_while_writes_go_on_is_one_published_state(place: Place) -> None:
    place.build([storm_of(1)])
    done = Event()
    acknowledged = [1]

    def write() -> None:
        number = 1
        with quick(place) as index:
            while not done.is_set():
                number += 1
                rows = [storm_of(number), record(f"a{number}", f"Boat {number} is in.")]
                path = write_corpus(place.root / "more" / f"{number}.jsonl", rows)
                acknowledged.append(index.add([path]).generation)

    writer = Thread(target=write)
    made: list[tuple[Path, int]] = []
    with quick(place) as index:
        writer.start()
        try:
            while len(made) < 40 and len({generation for _, generation in made}) < 8:
                target, least = place.root / f"{len(made)}.db", acknowledged[-1]
                made.append((target, index.backup(target)))
                assert made[-1][1] >= least
                sleep(0.01)
        finally:
            done.set()
            writer.join()
    assert len({generation for _, generation in made}) > 2, "no write went on meanwhile"
    for target, generation in made:
        assert audit(target) == []
        boats = {f"a{n}": f"Boat {n} is in." for n in range(2, generation + 1)}
        assert bodies_in(target) == {**boats, "storm": storm_of(generation)["text"]}


BACKING_UP = """
import os, signal, sys
from pathlib import Path
from tests.fakes.engine_parts import FakeEncoder
from tests.indexes import SETTINGS, QuickIndex

folder, target, event, action = sys.argv[1:]

def heard(name, arguments):
    if name == event and Path(os.fsdecode(arguments[0])).name.startswith("."):
        if action == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        print("there", flush=True)
        sys.stdin.readline()

with QuickIndex.open(Path(folder), encoder=FakeEncoder(), settings=SETTINGS) as index:
    sys.addaudithook(heard)
    index.backup(Path(target))
"""


def backing_up(place: Place, target: Path, event: str, action: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", BACKING_UP, str(place.folder), str(target), event, action],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("event", ["sqlite3.connect", "os.rename"])
def test_what_a_killed_backup_left_goes_with_the_next(place: Place, event: str) -> None:
    place.build([STORM])
    backups = place.root / "backups"
    backups.mkdir()
    for name in ("a.db", "b.db", "a.db-00000000"):
        with backing_up(place, backups / name, event, "die") as killed:
            assert killed.wait(60) == -signal.SIGKILL
    locks = [path for path in backups.iterdir() if path.name.endswith(".lock")]
    assert len(locks) == 3
    for lock in locks:  # SQLite leaves one where it is killed between the two moments tried here
        (backups / f"{lock.stem}-journal").touch()
    (backups / ".a.db-mynotes.lock").touch()  # somebody else's
    left = {path.name for path in backups.iterdir()}
    assert len(left) == {"sqlite3.connect": 7, "os.rename": 10}[event]
    with quick(place) as index:
        index.backup(backups / "a.db")
    now = {path.name for path in backups.iterdir()}
    others = (".b.db-", ".a.db-00000000-", ".a.db-mynotes")
    assert now == {"a.db", *(name for name in left if name.startswith(others))}


def test_what_a_living_backup_writes_stays(place: Place) -> None:
    place.build([STORM])
    target = place.root / "backups" / "a.db"
    target.parent.mkdir()
    with backing_up(place, target, "os.rename", "wait") as living:
        assert living.stdout is not None
        assert living.stdout.readline() == "there\n"
        with quick(place) as index:
            index.backup(target)
        target.unlink()
        living.communicate("go on\n", timeout=60)
        assert living.returncode == 0
    assert [path.name for path in target.parent.iterdir()] == ["a.db"]
    assert audit(target) == []


def bodies_in(backup: Path) -> dict[str, str]:
    catalog = CatalogReader(backup)
    try:
        state = catalog.newest_number()
        ids = [item.article_id for item in catalog.listing(state, "", 0, -1).articles]
        return {name: catalog.article(name, None, state).body for name in ids}
    finally:
        catalog.close()


def test_compact_with_keep_bounds_the_disk(place: Place) -> None:
    def rows_of(number: int) -> list[dict[str, str]]:
        words = " ".join(f"word{number}x{n}" for n in range(600))
        return [record(f"a{n}", f"Article {n} of round {number}: {words}.") for n in range(3)]

    place.build(rows_of(0))
    before, after = [], []
    with quick(place) as index:
        for number in range(1, 19):
            index.add([write_corpus(place.root / "more.jsonl", rows_of(number))])
            if number % 3 == 0:
                told = index.compact(keep=2)
                before.append(told["bytes_before"])
                after.append(told["bytes_after"])
        # A row of each generation and version stays: of four rounds less than one round brought.
        brought = min(b - a for b, a in zip(before, after, strict=True))
        assert after[-1] - after[1] < brought
        assert [v.version for v in index.article("a0").versions] == list(range(1, 20))
        assert index.verify(deep=True).state == "sound"


def test_rollback_gives_the_replies_of_then(place: Place) -> None:
    settings = load({"reader": "none", "min_confidence": 0.0})
    write_corpus(place.corpus, [STORM, MAYOR])
    questions = ("What broke the harbour wall?", "When does the mayor leave?", "museum", "")

    def replies(qa: newsqa.NewsQA) -> list[dict[str, Any]]:
        found = []
        for question in questions:
            for reply in (qa.search(question).to_dict(), qa.ask(question).to_dict()):
                of_now = ("generation", "timings_ms")
                found.append({name: v for name, v in reply.items() if name not in of_now})
        return found

    with newsqa.build(
        [place.corpus], index=place.folder, settings=settings, encoder=FakeEncoder()
    ) as qa:
        then = replies(qa)
        assert isinstance(qa.ask(questions[0]), Answer)
        changed = [{**STORM, "text": "The harbour wall holds. A ship broke."}, MUSEUM]
        qa.add([write_corpus(place.root / "more.jsonl", changed)])
        qa.remove(["mayor"])
        assert replies(qa) != then
        qa.index.rollback(1)
        qa.index.compact()
        assert replies(qa) == then
    with newsqa.open(place.folder, settings=settings, encoder=FakeEncoder()) as qa:
        assert replies(qa) == then


def test_a_purge_erases_the_vectors(place: Place) -> None:
    secret = record("secret", "The xylophonist Quibbleworth hid. He was found.")
    place.build([STORM, secret])
    place.build([STORM, {**secret, "text": "Quibbleworth was not found."}])
    with quick(place) as index:
        snapshot = index.snapshot()
        keys = [key for key in range(1, 10) if _article_of(index, key) == "secret"]
        assert len(keys) == 2  # of both versions
        erased = [row.tobytes() for row in snapshot.vectors(np.array(keys))]
        (kept,) = snapshot.vectors(np.array([key for key in range(1, 10) if key not in keys][:1]))
        assert all(_files_with(place.folder, vector) for vector in erased)
        index.purge(["secret"])
        assert [_files_with(place.folder, vector) for vector in erased] == [[], []]
        assert len(_files_with(place.folder, kept.tobytes())) == 2  # the database and FAISS


def _article_of(index: Index, key: int) -> str | None:
    found = index.snapshot().catalog.passages([key], index.snapshot().generation)
    return found[0].passage.article_id if found else None


def _files_with(folder: Path, part: bytes) -> list[str]:
    """The files that hold these bytes, or a good part of them: a row may lie on two pages."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    pieces = [part[:32], part[-32:]]
    return [path.name for path in files if any(piece in path.read_bytes() for piece in pieces)]
