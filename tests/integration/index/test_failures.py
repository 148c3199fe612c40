"""What a failing disk does behind Python's back: in SQLite, tantivy and faiss."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
import tantivy

from newsqa.errors import IndexFileError
from newsqa.index import Index
from newsqa.index.catalog import Change
from newsqa.index.catalog.connections import DatabaseFailedError
from newsqa.index.stores import LOCAL_STORES
from tests.indexes import SETTINGS, Place, ids, record
from tests.integration.index.test_safety import run, unprivileged

STORM = record("storm", "A storm broke the harbour wall. Nobody was hurt.")
MAYOR = record("mayor", "The mayor resigns. She leaves in May.")


NO_VECTORS = np.zeros((0, 2), dtype=np.float32)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


class FailingIndex:
    def __init__(self, *_: Any, **__: Any) -> None:
        raise ValueError("An IO error occurred: 'No space left on device (os error 28)'")


def fail_to_write(*_: Any) -> None:
    raise RuntimeError("write error: No space left on device")


def break_caches(patch: pytest.MonkeyPatch, kind: str) -> None:
    if kind == "words":
        real = tantivy.Index
        # In memory it goes on.
        patch.setattr(
            tantivy,
            "Index",
            lambda schema, path=None: real(schema) if path is None else FailingIndex(),
        )
    else:
        patch.setattr(faiss, "write_index", fail_to_write)


@pytest.mark.parametrize("kind", ["words", "vectors"])
def test_a_change_is_published_where_its_caches_cannot_be_written(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    place.build([STORM])
    with caplog.at_level(logging.WARNING), monkeypatch.context() as patch:
        break_caches(patch, kind)
        place.build([STORM, MAYOR])
        with Index.open(place.folder, encoder=place.encoder, settings=SETTINGS) as index:
            assert place.add(index, record("museum", "The museum is open.")).indexed == 1
            assert ids(index) == ["mayor", "museum", "storm"]
    assert "could not be written" in caplog.text
    with Index.open(place.folder, encoder=place.encoder, settings=SETTINGS) as index:
        assert ids(index) == ["mayor", "museum", "storm"]
        assert index.repair().state == "sound"


def test_stores_say_what_the_system_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: dict[str, Callable[[], None]] = {
        "words": lambda: LOCAL_STORES.words.write([(np.arange(0), [])], tmp_path),
        "vectors": lambda: LOCAL_STORES.vectors.write([(np.arange(0), NO_VECTORS)], tmp_path),
    }
    for kind, write in writes.items():
        with monkeypatch.context() as patch:
            break_caches(patch, kind)
            with pytest.raises(OSError, match=rf"{kind} could not be written.*No space left"):
                write()


def test_a_published_change_is_not_called_undone(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.build([STORM])

    def fail(*_: object, **__: object) -> None:
        raise DatabaseFailedError("newsqa.db: disk I/O error")

    with place.opened() as index:
        with monkeypatch.context() as patch:
            patch.setattr(Change, "remember_files", fail)
            with pytest.raises(IndexFileError, match="generation 2 is published, but the files"):
                place.add(index, MAYOR)
        assert ids(index) == ["mayor", "storm"]
        assert place.add(index, MAYOR).unchanged == 1
        assert index.changed_paths() == []


def test_a_head_that_cannot_be_read_is_a_clear_error(place: Place) -> None:
    place.build([STORM])
    head = place.folder / "head"
    head.unlink()
    head.mkdir()
    with pytest.raises(IndexFileError, match="head cannot be read: Is a directory"):
        Index.open(place.folder, encoder=place.encoder, settings=SETTINGS)


@pytest.mark.parametrize("shut", ["index", "index/newsqa.db", "index/head"])
def test_what_must_not_be_read_is_a_clear_error(place: Place, shut: str) -> None:
    place.build([STORM])
    path = place.root / shut
    mode = path.stat().st_mode
    path.chmod(0)
    script = """
from newsqa.errors import IndexFileError
try:
    Index.open(place.folder, encoder=place.encoder, settings=SETTINGS)
except IndexFileError as error:
    print(error, flush=True)
"""
    with run(place, script, unprivileged()) as child:
        out, _ = child.communicate()
    path.chmod(mode)
    assert str(path) in out
    assert "no index at" not in out


def test_stores_that_are_out_of_room(place: Place) -> None:
    """A limit on the size of files stops faiss and tantivy themselves."""
    place.build([STORM])
    script = f"""
import resource
import signal
from pathlib import Path
import numpy as np
from newsqa.index.stores import LOCAL_STORES
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
none = np.zeros((0, 2), dtype=np.float32)
for kind, backend, items in (
    ("words", LOCAL_STORES.words, []),
    ("vectors", LOCAL_STORES.vectors, none),
):
    try:
        backend.write([(np.arange(0), items)], Path({str(place.root / "stores")!r}) / kind)
    except OSError:
        print(kind, "OSError")
"""
    root = Path(__file__).parents[3]
    out = subprocess.run(
        [sys.executable, "-c", script],
        cwd=root,
        env={"PYTHONPATH": f"{root / 'src'}:{root}", "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # pytest's is a file, and limited too
        text=True,
        check=True,
    ).stdout
    shutil.rmtree(place.root / "stores")
    assert out.splitlines() == ["words OSError", "vectors OSError"]
