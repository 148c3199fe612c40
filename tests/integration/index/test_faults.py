"""Every file operation of a swap fails once: the old state or the new one, never a mixture."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newsqa.errors import IndexFileError
from newsqa.index import update as changing
from tests.fakes.engine_parts import FakeEncoder
from tests.indexes import SETTINGS, QuickIndex, quick_context, record, shown, write_corpus

OPERATIONS = ("open", "fsync", "rename", "replace", "mkdir", "unlink", "rmdir")
OLD = [record("a", "The harbour is open. It is big."), record("b", "The mayor resigns.")]
NEW = [record("a", "The harbour is shut. It was big."), record("c", "The museum opens.")]


class Faults:
    """Counts the file operations made through ``os`` and lets the n-th fail."""

    def __init__(self, fail_at: int | None = None) -> None:
        self.fail_at = fail_at
        self.count = 0
        self.failed = ""

    @contextlib.contextmanager
    def active(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        with monkeypatch.context() as patch:
            for name in OPERATIONS:
                patch.setattr(os, name, self._counting(name, getattr(os, name)))
            yield

    def _counting(self, name: str, real: Any) -> Any:
        def operation(*args: Any, **kwargs: Any) -> Any:
            self.count += 1
            if self.count - 1 == self.fail_at:
                self.failed = name
                raise OSError(errno.EIO, os.strerror(errno.EIO), str(args[0]))
            return real(*args, **kwargs)

        return operation


def rebuild(folder: Path, corpus: Path) -> None:
    changing.build(quick_context(folder, FakeEncoder()), [corpus], ())


def state(folder: Path) -> dict[str, Any]:
    with QuickIndex.open(folder, encoder=FakeEncoder(), settings=SETTINGS) as index:
        found = shown(index)
        assert index.verify().state == "sound"
        return found


@pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.slow)])
def test_each_operation_of_a_swap_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    old = write_corpus(tmp_path / "old" / "corpus.jsonl", OLD)
    new = write_corpus(tmp_path / "new" / "corpus.jsonl", NEW)
    rebuild(tmp_path / "index", old)
    before = state(tmp_path / "index")
    shutil.copytree(tmp_path / "index", tmp_path / "counted")
    counting = Faults()
    with counting.active(monkeypatch):
        rebuild(tmp_path / "counted", new)
    after = state(tmp_path / "counted")
    assert counting.count > 20
    outcomes = {"refused": 0, "published": 0}
    for at in range(0, counting.count, step):
        folder = tmp_path / f"index-{at}"
        shutil.copytree(tmp_path / "index", folder)
        faults = Faults(at)
        refused = ""
        with faults.active(monkeypatch):
            try:
                rebuild(folder, new)
            except IndexFileError as error:
                refused = str(error)
        found = state(folder)
        if refused and "is published" not in refused:
            assert found == before, (at, faults.failed, refused)
            assert "not indexed" in refused or "cannot be changed" in refused
            outcomes["refused"] += 1
        else:
            assert found == after, (at, faults.failed, refused)
            outcomes["published"] += 1
        rebuild(folder, new)  # the same again sets it right
        assert state(folder) == after
        shutil.rmtree(folder)
    assert step > 1 or min(outcomes.values()) > 0, outcomes
