"""Files are replaced whole or not at all, and nothing stays beside them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from newsqa.files.atomic import make_folder, replace_file, replacing, temp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    replace_file(tmp_path / "file", "first: \u00e9")
    replace_file(tmp_path / "file", b"second")
    assert (tmp_path / "file").read_bytes() == b"second"
    assert names(tmp_path) == ["file"]


def test_it_is_as_open_as_any_other_file(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("")
    replace_file(tmp_path / "file", "")
    modes = {stat.S_IMODE(os.stat(tmp_path / name).st_mode) for name in ("other", "file")}
    assert len(modes) == 1


def stop_halfway(path: Path) -> None:
    with replacing(path) as stream:
        stream.write(b"half")
        raise KeyboardInterrupt


def test_what_fails_leaves_the_old_content(tmp_path: Path) -> None:
    replace_file(tmp_path / "file", "old")
    with pytest.raises(KeyboardInterrupt):
        stop_halfway(tmp_path / "file")
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        replace_file(tmp_path / "taken", "x")
    assert (tmp_path / "file").read_text() == "old"
    assert names(tmp_path) == ["file", "taken"]


def test_what_a_killed_writer_left_goes_and_what_another_writes_stays(tmp_path: Path) -> None:
    (tmp_path / ".file-0123abcd").write_text("left")
    (tmp_path / ".file-0123abcd.lock").touch()
    (tmp_path / ".file-mynotes.lock").touch()  # somebody else's
    with temp_path(tmp_path / "file") as living:
        living.write_text("mine")
        replace_file(tmp_path / "file", "theirs")
        assert living.read_text() == "mine"
    assert names(tmp_path) == [".file-mynotes.lock", "file"]


def test_a_folder_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    def fill(folder: Path) -> None:
        (folder / "a").write_text("a")

    def fail(folder: Path) -> None:
        fill(folder)
        raise OSError("no room")

    make_folder(tmp_path / "new" / "one", fill)
    with pytest.raises(OSError, match="no room"):
        make_folder(tmp_path / "new" / "two", fail)
    assert names(tmp_path / "new") == ["one"]
    assert names(tmp_path / "new" / "one") == ["a"]
