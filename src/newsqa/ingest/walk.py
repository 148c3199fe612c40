"""Find the files to parse: walk folders in a fixed order, never follow a link."""

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
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".rtf": "rtf",
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
    taken once. A hidden file that is given itself is taken. Article keys are seen from the folder
    among ``paths``, or the one that holds them all, so that they depend neither on the order of the
    paths nor on what else was ever read.

    Raises:
        FileNotFoundError: One of ``paths`` does not exist.
    """
    finder = _Finder(_common_folder(paths))
    for path in paths:
        finder.take(Path(path))
    return Walk(tuple(finder.files), tuple(finder.skipped), tuple(finder.failed), base=finder.base)


def format_of(path: Path) -> str | None:
    """Return the format a file's name stands for, or None if that is not supported."""
    name = path.name.lower()
    return next((kind for end, kind in FORMATS.items() if name.endswith(end)), None)


def key_seen_from(folder: Path, path: Path) -> str:
    """Return the article key of a file anywhere, as seen from ``folder``.

    Inside the folder it is the relative path. Elsewhere it is the path from the nearest folder
    above both; a file directly in that one is called by its folder and its name.
    """
    if path.is_relative_to(folder):
        return printable(path.relative_to(folder).as_posix())
    above = Path(os.path.commonpath([folder, path]))
    if path.parent == above and above.name:
        above = above.parent
    return printable(path.relative_to(above).as_posix())


def _common_folder(paths: Sequence[Path]) -> Path:
    """Return the folder that holds all folders of ``paths``, or all files where there is none."""
    existing = [Path(path).resolve() for path in paths if os.path.lexists(path)]
    folders = [path for path in existing if path.is_dir()] or [path.parent for path in existing]
    return Path(os.path.commonpath(folders)) if folders else Path("/")


def printable(name: str) -> str:
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
    def __init__(self, base: Path) -> None:
        self.base = base
        self.files: list[InputFile] = []
        self.skipped: list[Problem] = []
        self.failed: list[Problem] = []
        self.seen: set[Path] = set()

    def take(self, path: Path) -> None:
        try:
            status = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError, ValueError):
            raise FileNotFoundError(
                f"no such file or folder: {printable(os.fspath(path))}"
            ) from None
        except OSError as error:
            self._fail(path, error)
            return
        if not stat.S_ISDIR(status.st_mode):
            real = path if stat.S_ISLNK(status.st_mode) else path.resolve()
            self._file(real, path, status)
            return
        root = path.resolve()
        for real, status in self._under(root, path):
            relative = real.relative_to(root)
            if relative.as_posix() in SKIPPED_NAMES:
                self._skip(path / relative, f"not an article ({relative})")
            else:
                self._file(real, path / relative, status)

    def _under(self, root: Path, name: Path) -> Iterator[tuple[Path, os.stat_result]]:
        """Yield what lies under ``root`` and is no folder, sorted by name, folder by folder."""
        waiting = [root]
        while waiting:
            at = waiting.pop()
            if at != root and at.name.startswith("."):
                self._skip(name / at.relative_to(root), "hidden")
                continue
            try:
                status = os.lstat(at)
                if not stat.S_ISDIR(status.st_mode):
                    yield at, status
                    continue
                children = sorted(os.listdir(at), key=os.fsencode, reverse=True)
            except OSError as error:
                self._fail(name / at.relative_to(root), error)
                continue
            waiting.extend(at / child for child in children)

    def _file(self, real: Path, name: Path, status: os.stat_result) -> None:
        reason = kind_reason(status.st_mode)
        if reason is None and format_of(real) is None:
            reason = f"unsupported format ({printable(real.suffix) or 'no extension'})"
        if reason is None and real in self.seen:
            reason = "already among the paths given"
        if reason is not None:
            self._skip(name, reason)
            return
        self.seen.add(real)
        key = key_seen_from(self.base, real)
        self.files.append(InputFile(real, printable(os.fspath(name)), key))

    def _skip(self, path: Path, reason: str) -> None:
        self.skipped.append(Problem(printable(os.fspath(path)), reason))

    def _fail(self, path: Path, error: OSError) -> None:
        reason = f"cannot be read: {error.strerror or type(error).__name__}"
        self.failed.append(Problem(printable(os.fspath(path)), reason))
