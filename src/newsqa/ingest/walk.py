"""Finding the files to parse: folders are walked in a fixed order, links are never followed."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from newsqa.errors import Problem
from newsqa.ingest.types import LINK, InputFile, Walk

FORMATS = {
    ".txt": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
    ".jsonl": "jsonl",
    ".jsonl.gz": "jsonl.gz",
    ".rss": "feed",
    ".atom": "feed",
    ".xml": "feed",
    ".eml": "mail",
    ".docx": "docx",
    ".zip": "zip",
    ".tar": "tar",
    ".tar.gz": "tar",
    ".tgz": "tar",
    ".warc": "warc",
    ".warc.gz": "warc",
}
SKIPPED_NAMES = frozenset({"SOURCES.md", "README.md"})

_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_KINDS = {
    stat.S_ISFIFO: "a named pipe",
    stat.S_ISSOCK: "a socket",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
}


def walk(paths: Sequence[Path]) -> Walk:
    """Find the files to parse under ``paths``, in the order of the paths, then by name.

    A folder is searched with all its folders; hidden files and folders are skipped, and so are
    links, pipes, devices and unsupported formats, each with its reason. A path given twice is
    taken once. A hidden file that is given itself is taken.

    Raises:
        FileNotFoundError: One of ``paths`` does not exist.
    """
    finder = _Finder()
    for path in paths:
        finder.take(Path(path))
    return Walk(tuple(finder.files), tuple(finder.skipped), tuple(finder.failed))


def format_of(path: Path) -> str | None:
    """Return the format a file's name stands for, or None if that is not supported."""
    name = path.name.lower()
    return next((kind for end, kind in FORMATS.items() if name.endswith(end)), None)


def shown(name: str) -> str:
    """Return a file name fit for a message and a key: no raw bytes, no control characters."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return _UNSHOWABLE.sub(lambda m: m[0].encode("unicode_escape").decode("ascii"), text)


def kind_reason(mode: int) -> str | None:
    """Return why a file of this mode is not read, or None if it is a regular one."""
    if stat.S_ISREG(mode):
        return None
    if stat.S_ISLNK(mode):
        return LINK
    name = next((name for test, name in _KINDS.items() if test(mode)), "not a regular file")
    return f"{name}; only regular files are read"


class _Finder:
    def __init__(self) -> None:
        self.files: list[InputFile] = []
        self.skipped: list[Problem] = []
        self.failed: list[Problem] = []
        self.seen: set[Path] = set()

    def take(self, path: Path) -> None:
        try:
            status = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError, ValueError):
            raise FileNotFoundError(f"no such file or folder: {shown(os.fspath(path))}") from None
        except OSError as error:
            self._fail(path, error)
            return
        if not stat.S_ISDIR(status.st_mode):
            real = path if stat.S_ISLNK(status.st_mode) else path.resolve()
            self._file(real, path, path.name, status)
            return
        root = path.resolve()
        for found, status in self._under(root, path):
            relative = found.relative_to(root)
            if relative.as_posix() in SKIPPED_NAMES:
                self._skip(path / relative, f"not an article ({relative})")
            else:
                self._file(found, path / relative, relative.as_posix(), status)

    def _under(self, root: Path, given: Path) -> Iterator[tuple[Path, os.stat_result]]:
        """Yield what lies under ``root`` and is no folder, sorted by name, folder by folder."""
        waiting = [root]
        while waiting:
            at = waiting.pop()
            if at != root and at.name.startswith("."):
                self._skip(given / at.relative_to(root), "hidden")
                continue
            try:
                status = os.lstat(at)
                if not stat.S_ISDIR(status.st_mode):
                    yield at, status
                    continue
                names = sorted(os.listdir(at), key=os.fsencode, reverse=True)
            except OSError as error:
                self._fail(given / at.relative_to(root), error)
                continue
            waiting.extend(at / name for name in names)

    def _file(self, real: Path, name: Path, key: str, status: os.stat_result) -> None:
        reason = kind_reason(status.st_mode)
        if reason is None and format_of(real) is None:
            reason = f"unsupported format ({shown(real.suffix) or 'no extension'})"
        if reason is None and real in self.seen:
            reason = "already among the paths given"
        if reason is not None:
            self._skip(name, reason)
            return
        self.seen.add(real)
        self.files.append(InputFile(real, shown(os.fspath(name)), shown(key)))

    def _skip(self, path: Path, reason: str) -> None:
        self.skipped.append(Problem(shown(os.fspath(path)), reason))

    def _fail(self, path: Path, error: OSError) -> None:
        reason = f"cannot be read: {error.strerror or type(error).__name__}"
        self.failed.append(Problem(shown(os.fspath(path)), reason))
