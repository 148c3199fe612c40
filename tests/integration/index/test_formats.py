"""An index of an earlier release: brought forward whole, or left exactly as it was."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from newsqa.errors import IndexDamagedError, IndexFileError, IndexLockedError, UnknownArticleError
from newsqa.index import Index
from newsqa.index.catalog import CatalogWriter
from newsqa.index.catalog.schema import FORMAT, insertion
from newsqa.index.locking import held
from newsqa.index.verify import verify
from tests.fakes.engine_parts import FakeEncoder
from tests.frozen import told
from tests.indexes import SETTINGS, Place, record
from tests.integration.index.test_safety import unprivileged

ROOT = Path(__file__).parents[3]
FROZEN = sorted((ROOT / "tests" / "data").glob("index-format-*"))
SOUND = {"state": "sound", "damaged": []}


def old_index(frozen: Path, folder: Path) -> Place:
    place = Place(folder)
    left_out = shutil.ignore_patterns("expected.json")
    shutil.copytree(frozen, place.folder, ignore=left_out)
    return place


@pytest.fixture(params=FROZEN, ids=lambda path: path.name)
def frozen(request: pytest.FixtureRequest) -> Path:
    assert isinstance(request.param, Path)
    return request.param


@pytest.fixture
def place(frozen: Path, tmp_path: Path) -> Place:
    return old_index(frozen, tmp_path)


def expected(frozen: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((frozen / "expected.json").read_text(encoding="utf-8"))
    return found


def within(part: Any, whole: Any) -> bool:
    """Whether ``whole`` says all that ``part`` says; later releases may add fields."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            key in whole and within(value, whole[key]) for key, value in part.items()
        )
    if isinstance(part, list):
        same = isinstance(whole, list) and len(part) == len(whole)
        return same and all(map(within, part, whole))
    return bool(part == whole)


def dump(database: Path) -> list[str]:
    """All that is stored, as SQL."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
        return list(db.iterdump())


def format_in(database: Path) -> int:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT value FROM meta WHERE name = 'format'").fetchone()[0])


def rows(database: Path, table: str) -> int:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def kept(place: Place) -> list[Path]:
    return sorted(place.folder.glob("newsqa.format-*.db"))


def test_the_formats_before_this_one_are_all_kept() -> None:
    assert [path.name for path in FROZEN][: FORMAT - 1] == [
        f"index-format-{n}" for n in range(1, FORMAT)
    ]
    assert sum(p.stat().st_size for path in FROZEN for p in path.rglob("*")) < len(FROZEN) * 2**20


def test_an_old_index_answers_as_it_did(place: Place, frozen: Path) -> None:
    before, found = dump(place.folder / "newsqa.db"), format_in(place.folder / "newsqa.db")
    with place.opened() as index:
        assert within(expected(frozen), told(index))
    assert format_in(place.folder / "newsqa.db") == FORMAT
    if found < FORMAT:
        assert [dump(path) for path in kept(place)] == [before]
    with place.opened() as index:  # and once more, with nothing left to do
        assert within(expected(frozen), told(index))


def test_verify_alone_finds_an_old_index_sound(place: Place) -> None:
    assert verify(place.folder, place.encoder, deep=True).to_dict() == SOUND


def test_an_old_index_can_be_changed(place: Place) -> None:
    with place.opened() as index:
        assert place.add(index, record("new", "The bridge is open now.")).indexed == 1
        assert index.article("new").body == "The bridge is open now."
        # Near-copies are looked for with the first change.
        assert rows(place.folder / "newsqa.db", "likenesses") > 0
        assert index.rollback(1).generation > 6
        assert index.article("mayor").body.startswith("The mayor resigns")
        with pytest.raises(UnknownArticleError):
            index.article("secret")  # purged stays purged
        refused = place.add(index, record("secret", "Quibbleworth again."), record("b", "More."))
        assert [p.reason for p in refused.failed if "--allow secret" in p.reason]


def test_a_build_brings_an_old_index_forward(place: Place, frozen: Path) -> None:
    report = place.build([record("only", "The museum is shut again.")])
    assert report.generation == expected(frozen)["generation"] + 1
    with place.opened() as index:
        assert index.article("only").version == 1


def test_a_purge_takes_the_copy_of_the_old_format_along(place: Place) -> None:
    with place.opened() as index:
        index.purge(["https://post.example/flood", "flood-wire.txt"])
        assert kept(place) == []
        files = [path for path in place.folder.rglob("*") if path.is_file()]
        assert not [path for path in files if b"Ida Brandt" in path.read_bytes()]


def test_a_backup_of_an_old_index_is_restored(place: Place, frozen: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.backup"
    shutil.copyfile(frozen / "newsqa.db", old)
    before = old.read_bytes()
    with place.opened() as index:
        then = told(index)
        place.add(index, record("new", "The bridge is open now."))
        generation = Index.restore(place.folder, old)
        assert generation == then["generation"] + 2
        assert told(index) == {**then, "generation": generation}
    assert old.read_bytes() == before


def child(
    place: Place, script: str, before: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a script in another process, with the same index and encoder."""
    head = f"""
import json, os, signal, sqlite3
from pathlib import Path
from newsqa.catalog import migrating
from tests.frozen import told
from tests.indexes import *
place = Place(Path({str(place.root)!r}))
"""
    return subprocess.run(
        [*before, sys.executable, "-c", head + script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )


OLD = pytest.mark.parametrize("frozen", FROZEN[: FORMAT - 1], indirect=True, ids=lambda p: p.name)

KILLED_BEFORE = """
real = migrating.transaction
def transaction(db):
    os.kill(os.getpid(), signal.SIGKILL)
migrating.transaction = transaction
"""
KILLED_HALFWAY = """
for number, step in migrating.STEPS.items():
    def half(db, step=step):
        step(db)
        db.execute("DELETE FROM passages")
        db.execute("PRAGMA cache_size = 1")
        os.kill(os.getpid(), signal.SIGKILL)
    migrating.STEPS[number] = half
"""
KILLED_COPYING = """
def stop(path, kept):
    kept.with_name(f".{kept.name}-new").write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
migrating._keep = stop
"""
OPENING = "Index.open(place.folder, encoder=place.encoder, settings=SETTINGS)\n"


@OLD
@pytest.mark.parametrize("how", [KILLED_BEFORE, KILLED_HALFWAY, KILLED_COPYING])
def test_a_killed_migration_leaves_the_old_index(place: Place, frozen: Path, how: str) -> None:
    before = dump(place.folder / "newsqa.db")
    assert child(place, how + OPENING).returncode == -9
    assert dump(place.folder / "newsqa.db") == before
    with place.opened() as index:
        assert within(expected(frozen), told(index))
    assert [dump(path) for path in kept(place)] == [before]
    assert not list(place.folder.glob(".newsqa*"))


FAILS_HALFWAY = """
def fail(db):
    db.execute("DELETE FROM passages")
    raise sqlite3.OperationalError("database or disk is full")
migrating.STEPS = dict.fromkeys(migrating.STEPS, fail)
"""
CANNOT_COPY = """
def fail(path, kept):
    raise OSError(28, "No space left on device")
migrating._keep = fail
"""


@OLD
@pytest.mark.parametrize("how", [FAILS_HALFWAY, CANNOT_COPY])
def test_a_failed_migration_leaves_the_old_index(place: Place, frozen: Path, how: str) -> None:
    before = dump(place.folder / "newsqa.db")
    for opening in (OPENING, "place.build([record('a', 'One.')])\n"):
        failed = child(place, how + opening)
        assert failed.returncode == 1
        assert "could not be brought from format" in failed.stderr.splitlines()[-1]
        assert "is as it was" in failed.stderr
        assert dump(place.folder / "newsqa.db") == before
    with place.opened() as index:
        assert within(expected(frozen), told(index))


@OLD
def test_an_old_index_that_cannot_be_written_is_read_and_not_touched(
    place: Place, frozen: Path
) -> None:
    paths = [place.folder, *place.folder.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = {path: path.read_bytes() if path.is_file() else b"" for path in paths}
    script = """
with Index.open(place.folder, encoder=place.encoder, settings=SETTINGS) as index:
    print(json.dumps([told(index), index.verify().state]))
"""
    out = child(place, script, unprivileged())
    paths = [place.folder, *place.folder.rglob("*")]
    after = {path: path.read_bytes() if path.is_file() else b"" for path in paths}
    for path in paths:
        path.chmod(0o755)
    found, state = json.loads(out.stdout)
    assert within(expected(frozen), found)
    assert state == "sound"
    assert "a private copy is read" in out.stderr
    assert after == before


@OLD
def test_an_old_index_that_is_being_written_is_refused(place: Place) -> None:
    with held(place.folder), pytest.raises(IndexLockedError, match="being changed by process"):
        Index.open(place.folder, encoder=FakeEncoder(), settings=SETTINGS)
    assert kept(place) == []


@OLD
def test_damage_is_not_carried_forward_unseen(place: Place) -> None:
    database = place.folder / "newsqa.db"
    raw = database.read_bytes()
    database.write_bytes(raw.replace(b"stays after all", b"stays after bll"))
    found = verify(place.folder, place.encoder)
    assert found.state == "damaged"
    assert any("mayor" in damage.what for damage in found.damaged)


def test_a_format_that_was_never_written_is_damage(place: Place) -> None:
    with CatalogWriter(place.folder / "newsqa.db") as writer:
        writer.db.execute("UPDATE meta SET value = '0' WHERE name = 'format'")
    with pytest.raises(IndexDamagedError, match="does not say its format"):
        Index.open(place.folder, encoder=place.encoder, settings=SETTINGS)
    assert verify(place.folder, place.encoder).state == "damaged"


def test_a_newer_format_is_refused_with_the_cure(place: Place, tmp_path: Path) -> None:
    with CatalogWriter(place.folder / "newsqa.db") as writer:
        writer.db.execute(insertion("meta", "INSERT OR REPLACE"), ("format", str(FORMAT + 1)))
    before = dump(place.folder / "newsqa.db")
    cure = rf"format {FORMAT + 1}, this newsqa reads .* a later one, or build another index with"
    with pytest.raises(IndexFileError, match=cure):
        Index.open(place.folder, encoder=place.encoder, settings=SETTINGS)
    with pytest.raises(IndexFileError, match=cure):
        place.build([record("a", "One.")])
    with pytest.raises(IndexFileError, match=cure):
        verify(place.folder, place.encoder)
    assert dump(place.folder / "newsqa.db") == before
