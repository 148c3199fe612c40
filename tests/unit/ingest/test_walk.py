from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from newsqa.ingest import Walk, walk
from newsqa.ingest.read_file import CannotReadError, read_once
from newsqa.ingest.types import InputFile
from newsqa.ingest.walk import printable


def write(path: Path, text: str = "Words.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def keys(found: Walk) -> list[str]:
    return [file.article_key for file in found.files]


def reasons(found: Walk, root: Path) -> dict[str, str]:
    return {os.path.relpath(p.path, root): p.reason for p in (*found.skipped, *found.failed)}


def test_folders_are_walked_by_name_and_formats_are_told_by_it(tmp_path: Path) -> None:
    names = [
        "b.md",
        "a/z.TXT",
        "a/b/c.jsonl.gz",
        "c.markdown",
        "d.htm",
        "e.html",
        "f.pdf",
        "g.jsonl",
    ]
    for name in [*names, "x.gz", "y.odt", "noext", "t.txt.gz"]:
        write(tmp_path / name)
    found = walk([tmp_path])
    assert keys(found) == sorted(names)
    assert [file.name for file in found.files] == [str(tmp_path / name) for name in sorted(names)]
    assert reasons(found, tmp_path) == {
        "noext": "unsupported format (no extension)",
        "t.txt.gz": "unsupported format (.gz)",
        "x.gz": "unsupported format (.gz)",
        "y.odt": "unsupported format (.odt)",
    }


def test_a_file_is_called_by_its_name_and_shown_as_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "in" / "a.txt")
    monkeypatch.chdir(tmp_path)
    [file] = walk([Path("in/a.txt")]).files
    assert file == InputFile((tmp_path / "in/a.txt").resolve(), "in/a.txt", "a.txt")
    [file] = walk([Path("in")]).files
    assert (file.name, file.article_key) == ("in/a.txt", "a.txt")


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    for path in ("nothing", "a.txt/b.txt", "nul\0.txt"):
        with pytest.raises(FileNotFoundError, match="no such file or folder"):
            walk([tmp_path / path])
    assert "too long" in walk([tmp_path / ("x" * 300)]).failed[0].reason


def test_what_is_given_twice_is_taken_once(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt")
    found = walk([tmp_path, file])
    assert keys(found) == ["a.txt"]
    assert reasons(found, tmp_path) == {"a.txt": "already among the paths given"}


def test_hidden_files_and_notes_at_the_root_are_skipped(tmp_path: Path) -> None:
    for name in (".a.txt", ".git/b.txt", "SOURCES.md", "README.md", "sub/README.md"):
        write(tmp_path / name)
    found = walk([tmp_path])
    assert keys(found) == ["sub/README.md"]
    assert reasons(found, tmp_path) == {
        ".a.txt": "hidden",
        ".git": "hidden",
        "README.md": "not an article (README.md)",
        "SOURCES.md": "not an article (SOURCES.md)",
    }
    assert keys(walk([tmp_path / ".a.txt"])) == [".a.txt"]
    assert keys(walk([tmp_path / "README.md"])) == ["README.md"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "outside" / "secret.txt")
    corpus = tmp_path / "corpus"
    write(corpus / "a.txt")
    (corpus / "file.txt").symlink_to(secret)
    (corpus / "folder").symlink_to(secret.parent)
    (corpus / "loop").symlink_to(corpus)
    (corpus / "gone.txt").symlink_to(tmp_path / "nowhere")
    found = walk([corpus])
    assert keys(found) == ["a.txt"]
    assert set(reasons(found, corpus)) == {"file.txt", "folder", "loop", "gone.txt"}
    given = walk([corpus / "file.txt", corpus / "folder"])
    assert not given.files
    for problem in (*found.skipped, *given.skipped):
        assert problem.reason == "a link; links are not followed"


def test_pipes_and_sockets_are_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(tmp_path)  # the path of a socket may not be long
        try:
            listener.bind("socket.txt")
        finally:
            os.chdir(here)
        found = reasons(walk([tmp_path]), tmp_path)
    assert found["pipe.txt"].startswith("a named pipe")
    assert found["socket.txt"].startswith("a socket")
    assert walk([Path("/dev/null")]).skipped[0].reason.startswith("a device")


def test_a_folder_that_cannot_be_read_fails_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "z.txt")
    locked = write(tmp_path / "locked" / "a.txt").parent
    real = os.listdir

    def listdir(path: Path) -> list[str]:
        if Path(path) == locked:  # root, who may run this, is refused nothing
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "listdir", listdir)
    found = walk([tmp_path])
    assert keys(found) == ["z.txt"]
    assert reasons(found, tmp_path) == {"locked": "cannot be read: Permission denied"}


def test_names_that_are_not_utf8_or_hold_control_characters_are_shown_safely(
    tmp_path: Path,
) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9\n\x1b[2J.txt"
    Path(os.fsdecode(raw)).write_text("Words.", encoding="utf-8")
    [file] = walk([tmp_path]).files
    assert file.article_key == r"caf\xe9\n\x1b[2J.txt"
    file.name.encode("utf-8")
    assert read_once(file, 1)[0] == b"Words."
    assert printable("a\u202eb.txt") == r"a\u202eb.txt"


def refused(path: Path, max_file_mb: int = 1) -> str:
    with pytest.raises(CannotReadError) as caught:
        read_once(InputFile(path, str(path), path.name), max_file_mb)
    return str(caught.value)


def test_a_file_that_changed_its_kind_since_the_walk_is_not_read(tmp_path: Path) -> None:
    target = write(tmp_path / "b.txt")
    link = tmp_path / "a.txt"
    link.symlink_to(target)
    assert "links are not followed" in refused(link)
    os.mkfifo(tmp_path / "p.txt")
    assert "named pipe" in refused(tmp_path / "p.txt")
    assert "cannot be read" in refused(tmp_path / "gone.txt")
    (tmp_path / "real").mkdir()
    write(tmp_path / "real" / "c.txt")
    (tmp_path / "swapped").symlink_to(tmp_path / "real")
    assert "links are not followed" in refused(tmp_path / "swapped" / "c.txt")


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 1_000_001)
    assert refused(path) == "larger than 1 MB"
    path.write_bytes(b"x" * 1_000_000)
    assert len(read_once(InputFile(path, "a.txt", "a.txt"), 1)[0]) == 1_000_000
