"""Sync, rollback, purge, compact, backup and restore."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from newsqa.errors import CorpusError, IndexDamagedError, IndexFileError, UnknownArticleError
from newsqa.index import Index
from newsqa.text import analysis as text
from newsqa.types import Filters
from tests.indexes import SETTINGS, Place, ids, record, shown

STORM = record("storm", "A storm broke the harbour wall. Nobody was hurt.", date="2026-03-01")
MAYOR = record("mayor", "The mayor resigns. She leaves in May.", date="2026-04-01", source="Post")
MUSEUM = record("museum", "The museum is open. Entry is free.")
SECRET = record("secret", "The xylophonist Quibbleworth hid. He was found.", title="Zanzibarite")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def write(folder: Path, name: str, body: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"About {name}\n\n{body}", encoding="utf-8")


def test_sync_makes_the_index_agree_with_a_folder(place: Place, tmp_path: Path) -> None:
    place.build([STORM])
    folder = tmp_path / "articles"
    write(folder, "a.txt", "The harbour is calm.")
    write(folder, "b.txt", "The museum is shut.")
    with place.opened() as index:
        assert index.sync(folder).indexed == 2
        write(folder, "a.txt", "The harbour is full.")
        (folder / "b.txt").unlink()
        write(folder, "c.txt", "The bridge opens in 2031.")
        would = index.sync(folder, dry_run=True)
        assert ids(index) == ["articles/a.txt", "articles/b.txt", "storm"]
        did = index.sync(folder)
        for report in (would, did):
            assert (report.indexed, report.unchanged, report.removed) == (2, 0, 1)
        assert would.generation == did.generation - 1
        # storm came from elsewhere
        assert ids(index) == ["articles/a.txt", "articles/c.txt", "storm"]
        assert index.changed_paths() == []
        for path in folder.iterdir():
            path.unlink()
        assert index.sync(folder).removed == 2
        assert ids(index) == ["storm"]


def test_sync_keeps_what_it_cannot_read(place: Place, tmp_path: Path) -> None:
    place.build([STORM])
    folder = tmp_path / "articles"
    write(folder, "a.txt", "The harbour is calm.")
    with place.opened() as index:
        index.sync(folder)
        (folder / "a.txt").rename(folder / "a.jsonl")  # not JSON: fails
        with pytest.raises(CorpusError):
            index.sync(folder)
        assert ids(index) == ["articles/a.txt", "storm"]


def test_rollback_gives_the_same_findings_as_then(place: Place) -> None:
    place.build([STORM, MAYOR])
    with place.opened() as index:
        then = shown(index)
        place.add(index, MUSEUM, {**STORM, "text": "The storm passed."})
        index.remove(["mayor"])
        report = index.rollback(1)
        assert (report.generation, report.indexed, report.removed) == (4, 2, 1)
        assert shown(index) == then
        assert index.article("storm").version == 1
        index.compact()
        assert shown(index) == then
        index.rollback(3)
        assert ids(index) == ["museum", "storm"]
        assert index.article("storm").version == 2
        with pytest.raises(UnknownArticleError, match="99"):
            index.rollback(99)


def test_numbers_that_no_index_has_are_unknown_ones(place: Place) -> None:
    place.build([record("a", "The harbour is closed.")])
    with place.opened() as index:
        for number in (10**30, -(10**30)):
            with pytest.raises(UnknownArticleError, match=str(number)):
                index.rollback(number)
            with pytest.raises(UnknownArticleError, match=str(number)):
                index.article("a", number)
        assert index.compact(keep=10**30)["texts"] == 0
        assert index.article("a").body == "The harbour is closed."


def test_a_purge_leaves_no_byte_and_refuses_the_id(place: Place) -> None:
    place.build([STORM, SECRET])
    place.build([STORM, {**SECRET, "text": "Quibbleworth the xylophonist was not found."}])
    feedback = place.folder / "feedback.jsonl"
    quotes = [{"article_id": "secret", "quote": "Quibbleworth"}, {"article_id": "storm"}]
    feedback.write_text("".join(json.dumps(q) + "\n" for q in quotes), encoding="utf-8")
    with place.opened() as index:
        index.snapshot()
        assert holding(place.folder, b"Quibbleworth", b"xylophon", b"Zanzibarit", b"zanzibarit")
        report = index.purge(["secret"])
        assert report.removed == 1
        assert ids(index) == ["storm"]
        assert json.loads(feedback.read_text(encoding="utf-8")) == quotes[1]
        words = (b"Quibbleworth", b"quibbleworth", b"xylophon", b"Zanzibarit", b"zanzibarit")
        assert holding(place.folder, *words) == []
        for version in (None, 1, 2):
            with pytest.raises(UnknownArticleError):
                index.article("secret", version)
        index.rollback(1)
        assert ids(index) == ["storm"]
        refused = place.add(index, SECRET, MUSEUM)
        assert [p.reason for p in refused.failed if "--allow secret" in p.reason]
        assert ids(index) == ["museum", "storm"]
        assert holding(place.folder, *words) == []
        assert place.add(index, SECRET, MUSEUM, allow=["secret"]).indexed == 1
        assert ids(index) == ["museum", "secret", "storm"]
        with pytest.raises(UnknownArticleError, match="nobody"):
            index.purge(["nobody"])


@pytest.mark.parametrize("change", ["purge", "compact", "repair"])
def test_what_a_killed_restore_left_goes_too(place: Place, change: str) -> None:
    place.build([STORM, SECRET])
    left = place.folder / ".restore-k1lled"
    left.mkdir()
    for name in (left / "newsqa.db", left / "new.db"):
        shutil.copyfile(place.folder / "newsqa.db", name)
    (place.folder / ".feedback.jsonl-k1lled").write_text("Quibbleworth", encoding="utf-8")
    with place.opened() as index:
        if change == "purge":
            index.purge(["secret"])
            assert holding(place.folder, b"Quibbleworth") == []
        else:
            getattr(index, change)()
            assert ids(index) == ["secret", "storm"]
    assert [path.name for path in place.folder.glob(".*")] == []


def holding(folder: Path, *words: bytes) -> list[str]:
    """The files below ``folder`` that hold one of the words."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(word in path.read_bytes() for word in words)]


def test_a_text_that_another_article_holds_stays(place: Place) -> None:
    place.build([record("a", "The same words."), record("b", "The same words.")])
    with place.opened() as index:
        index.purge(["a"])
        assert index.article("b").body == "The same words."


def test_compact_keeps_what_the_last_generations_held(place: Place) -> None:
    place.build([STORM, MAYOR])
    for n in range(4):
        place.build([{**STORM, "text": f"Storm number {n}. It passed."}, MAYOR])
    with place.opened() as index:
        before = shown(index)
        told = index.compact(keep=2)
        assert told["texts"] == 3
        assert shown(index) == before
        assert [v.version for v in index.article("storm").versions] == [1, 2, 3, 4, 5]
        assert index.article("storm", 4).body.startswith("Storm number 2")
        with pytest.raises(UnknownArticleError, match="version 1"):
            index.article("storm", 1)
        with pytest.raises(UnknownArticleError, match="no longer kept"):
            index.rollback(3)
        index.rollback(4)
        assert index.article("storm").version == 4
        place.build([{**STORM, "text": "Storm number 9."}, MAYOR])
        assert index.article("storm").version == 6  # numbers are never used twice


def test_backup_and_restore(place: Place, tmp_path: Path) -> None:
    place.build([STORM, MAYOR])
    target = tmp_path / "backup.db"
    with place.opened() as index:
        then = shown(index)
        assert index.backup(target) == 1
        place.add(index, MUSEUM)
        index.remove(["storm"])
        generation = Index.restore(place.folder, target)
        assert generation == 4  # a number never used here
        assert shown(index) == then  # an open index takes it up
        place.add(index, MUSEUM)
        assert ids(index) == ["mayor", "museum", "storm"]


def test_the_index_is_neither_its_own_backup_nor_written_over_by_one(
    place: Place, tmp_path: Path
) -> None:
    place.build([STORM])
    database = place.folder / "newsqa.db"
    (tmp_path / "link").symlink_to(place.folder)
    with place.opened() as index:
        state = shown(index)
        for name in ("newsqa.db", "newsqa.db-wal", "head", "writer.lock", "feedback.jsonl"):
            for folder in (place.folder, tmp_path / "link"):
                with pytest.raises(IndexFileError, match="give the backup another name"):
                    index.backup(folder / name)
        with pytest.raises(IndexFileError, match="the index itself"):
            Index.restore(place.folder, database)
        assert shown(index) == state
        index.backup(place.folder / "backup.db")  # beside its files there is room
        index.backup(place.folder / "backup.db")
    assert Index.restore(place.folder, place.folder / "backup.db") == 2


def test_restore_into_an_empty_folder(place: Place, tmp_path: Path) -> None:
    place.build([STORM])
    with place.opened() as index:
        index.backup(tmp_path / "backup.db")
    place.folder = tmp_path / "other"
    Index.restore(place.folder, tmp_path / "backup.db")
    with place.opened() as index:
        assert ids(index) == ["storm"]


def test_a_damaged_backup_is_refused(place: Place, tmp_path: Path) -> None:
    place.build([STORM])
    target = tmp_path / "backup.db"
    with place.opened() as index:
        index.backup(target)
        raw = target.read_bytes()
        at = raw.index(b"Nobody was hurt")
        target.write_bytes(raw[:at] + b"S" + raw[at + 1 :])
        with pytest.raises(IndexDamagedError, match="not restored"):
            Index.restore(place.folder, target)
        with pytest.raises(IndexFileError):
            Index.restore(place.folder, tmp_path / "nowhere.db")
        assert ids(index) == ["storm"]


def test_restore_mends_damaged_articles(place: Place, tmp_path: Path) -> None:
    place.build([STORM])
    with Index.open(place.folder, encoder=place.encoder, settings=SETTINGS) as index:
        index.backup(tmp_path / "backup.db")
    database = place.folder / "newsqa.db"
    database.write_bytes(database.read_bytes()[:5000])
    Index.restore(place.folder, tmp_path / "backup.db")
    with place.opened() as index:
        assert ids(index) == ["storm"]


def test_history_of_dates_survives_rollback(place: Place) -> None:
    """A version that was rolled back from is not what was current on a day."""
    place.build([STORM])
    place.build([{**STORM, "text": "Wrong words.", "updated": "2026-03-10"}])
    with place.opened() as index:
        index.rollback(1)
        keys = index.snapshot().allowed(Filters(as_of=date(2026, 4, 1)))
        assert keys is not None
        assert [p.version for p in index.snapshot().passages(keys.tolist())] == [1]
        assert index.snapshot().lexical(text.terms("wrong"), 3) == []
