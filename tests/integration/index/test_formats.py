"""An index of another format: refused with what to do, and left exactly as it was."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from newsqa.errors import IndexDamagedError, IndexFileError
from newsqa.index import Index
from newsqa.index.catalog import CatalogWriter
from newsqa.index.catalog.schema import FORMAT, insertion
from newsqa.index.verify import verify
from tests.indexes import SETTINGS, Place, record


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.build([record("mayor", "The mayor resigns. She leaves in May.")])
    return place


def dump(database: Path) -> list[str]:
    """All that is stored, as SQL."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
        return list(db.iterdump())


def test_a_format_without_its_hash_is_damage(place: Place) -> None:
    with CatalogWriter(place.folder / "newsqa.db") as writer:
        writer.db.execute("UPDATE meta SET value = '0' WHERE name = 'format'")
    with pytest.raises(IndexDamagedError, match="does not say its format"):
        Index.open(place.folder, encoder=place.encoder, settings=SETTINGS)
    assert verify(place.folder, place.encoder).state == "damaged"


@pytest.mark.parametrize("other", [FORMAT - 1, FORMAT + 1])
def test_another_format_is_refused_with_the_cure(place: Place, other: int) -> None:
    backup = place.root / "backup.db"
    with CatalogWriter(place.folder / "newsqa.db") as writer:
        writer.db.execute(insertion("meta", "INSERT OR REPLACE"), ("format", str(other)))
    shutil.copyfile(place.folder / "newsqa.db", backup)
    before = dump(place.folder / "newsqa.db")
    cure = rf"format {other}, this newsqa reads format {FORMAT}; build another index with"
    with pytest.raises(IndexFileError, match=cure):
        Index.open(place.folder, encoder=place.encoder, settings=SETTINGS)
    with pytest.raises(IndexFileError, match=cure):
        place.build([record("a", "One.")])
    with pytest.raises(IndexFileError, match=cure):
        verify(place.folder, place.encoder)
    with pytest.raises(IndexFileError, match=cure):
        Index.restore(place.folder, backup)
    assert dump(place.folder / "newsqa.db") == before
