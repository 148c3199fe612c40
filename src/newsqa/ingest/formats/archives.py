"""Zip and tar archives: each file is read as if it lay in a folder of the archive's name.

Nothing is written to disk. Bytes are counted as they are unpacked, whatever a header claims. An
archive inside an archive is not opened.
"""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

from newsqa.ingest.draft import Batch, Draft, EmptyError, RefusedError
from newsqa.ingest.walk import SKIPPED_NAMES, format_of, printable

ARCHIVES = ("zip", "tar")
_CHUNK = 1 << 16
_NESTED = "an archive within an archive"
_DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, RuntimeError)

Parser = Callable[[bytes], Draft | Iterator[Batch]]
Replies = Callable[[Parser, bytes, str], Iterator[Batch]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is read of one archive; ``ratio`` is of unpacked to packed size."""

    members: int = 10_000
    member_bytes: int = 100_000_000
    total_bytes: int = 1_000_000_000
    ratio: int = 100
    free_bytes: int = 10_000_000  # as much may unpack whatever the ratio

    def most(self, packed: int) -> int:
        """Return the bytes to which an archive of ``packed`` bytes may unpack by its ratio."""
        return max(self.free_bytes, self.ratio * packed)


BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive, or why it is left out."""

    name: str
    content: bytes = b""
    skipped: str = ""
    failed: str = ""


def parse_archive(
    content: bytes,
    *,
    kind: str,
    parser_of: Callable[[str], Parser],
    replies: Replies,
    bounds: Bounds = BOUNDS,
) -> Iterator[Batch]:
    """Yield what the files of an archive hold, file by file, each named by its path in it.

    Args:
        content: The archive.
        kind: "zip" or "tar" (also gzipped).
        parser_of: Gives the parser of a format.
        replies: Runs a parser, so that what goes wrong in one file becomes its reason.
        bounds: Beyond these nothing more of it is read, and it fails.

    Raises:
        EmptyError: There is no file in it.
    """
    seen = False
    try:
        counter = _Counter(len(content), bounds)
        for member in (_zipped if kind == "zip" else _tarred)(content, counter):
            seen = True
            for batch in _read(member, parser_of, replies):
                yield replace_last(batch, member.name)
    except _StoppedError as error:
        yield Batch(failed=[(None, str(error))])
        return
    except _DAMAGE as error:
        yield Batch(failed=[(None, f"damaged {kind} archive ({str(error)[:80]})")])
        return
    if not seen:
        raise EmptyError
    yield Batch()


def replace_last(batch: Batch, name: str) -> Batch:
    """Return the batch as one of several, its drafts and problems put down to a member."""
    return Batch(
        [replace(draft, member=name) for draft in batch.drafts],
        [(_place(name, line), why) for line, why in batch.skipped],
        [(_place(name, line), why) for line, why in batch.failed],
        last=False,
    )


def _place(name: str, line: int | str | None) -> str:
    return name if line is None else f"{name}#{line}"


def _read(member: Member, parser_of: Callable[[str], Parser], replies: Replies) -> Iterator[Batch]:
    kind = format_of(Path(member.name))
    skipped = member.skipped or ("" if kind else "unsupported format")
    if member.failed:
        yield Batch(failed=[(None, member.failed)])
    elif skipped or kind is None:
        yield Batch(skipped=[(None, skipped)])
    elif not member.content:
        yield Batch(skipped=[(None, "empty")])
    else:
        yield from replies(parser_of(kind), member.content, member.name)


class _StoppedError(RefusedError):
    """The archive goes over a limit: nothing more of it is read."""


class _Counter:
    """Reads members and adds up what they unpack to."""

    def __init__(self, packed: int, bounds: Bounds) -> None:
        self._bounds, self._most = bounds, bounds.most(packed)
        self.total = 0
        self.members = 0

    def begin(self, reached: int = 0) -> None:
        """Count the next file; ``reached`` is how far into the unpacked archive it begins."""
        self.members += 1
        if self.members > self._bounds.members:
            raise _StoppedError(f"more than {self._bounds.members:,} files in the archive")
        self._weigh(reached)

    def read(self, stream: IO[bytes]) -> bytes:
        parts, size = [], 0
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            self.total += len(chunk)
            self._check(size)
            parts.append(chunk)
        return b"".join(parts)

    def _check(self, size: int) -> None:
        if size > self._bounds.member_bytes:
            most = self._bounds.member_bytes / 1_000_000
            raise _StoppedError(f"a file of more than {most:,.0f} MB in the archive")
        if self.total > self._bounds.total_bytes:
            most = self._bounds.total_bytes / 1_000_000
            raise _StoppedError(f"unpacks to more than {most:,.0f} MB")
        self._weigh(self.total)

    def _weigh(self, unpacked: int) -> None:
        if unpacked > self._most:
            raise _StoppedError(
                f"unpacks to more than {self._bounds.ratio} times its size; is it a bomb?"
            )


def check_zip(content: bytes, bounds: Bounds = BOUNDS) -> None:
    """Unpack a zip file to nowhere within the limits.

    Raises:
        RefusedError: It is damaged, or goes over one of them.
    """
    try:
        counter = _Counter(len(content), bounds)
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for item in archive.infolist():
                counter.begin()
                with archive.open(item) as stream:
                    counter.read(stream)
    except _DAMAGE as error:
        raise RefusedError(f"damaged zip data ({str(error)[:80]})") from None


def _zipped(content: bytes, counter: _Counter) -> Iterator[Member]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for item in archive.infolist():
            counter.begin()
            name = item.filename.replace("\\", "/")  # as some programs on Windows write it
            if name.endswith("/"):
                continue
            mode = item.external_attr >> 16
            member = _left_out(name, link=mode & 0o170000 == 0o120000)
            if member is None and item.flag_bits & 1:
                member = Member(printable(name), skipped="encrypted")
            yield member or _unzipped(archive, item, printable(name), counter)


def _unzipped(
    archive: zipfile.ZipFile, item: zipfile.ZipInfo, name: str, counter: _Counter
) -> Member:
    """Unpack one member; what is wrong with it does not keep the others from being read."""
    try:
        with archive.open(item) as stream:
            return Member(name, counter.read(stream))
    except NotImplementedError as error:
        return Member(name, failed=f"cannot be unpacked ({str(error)[:80]})")
    except _DAMAGE as error:
        return Member(name, failed=f"damaged ({str(error)[:80]})")


def _tarred(content: bytes, counter: _Counter) -> Iterator[Member]:
    with tarfile.open(fileobj=BytesIO(content), mode="r:*") as archive:
        for item in archive:
            counter.begin(archive.offset)
            if item.isdir():
                continue
            member = _left_out(item.name, link=item.issym() or item.islnk())
            if member is None and not item.isreg():
                member = Member(printable(item.name), skipped="not a regular file")
            if member is None:
                stream: Any = archive.extractfile(item)
                member = Member(printable(item.name), counter.read(stream))
            yield member


def _left_out(path: str, *, link: bool) -> Member | None:
    """Return why a member is not read, None if it is: judged by its name and kind alone."""
    name, parts = printable(path), PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or "\\" in path or ":" in path[:2]:
        return Member(name, failed="its path leads out of the archive")
    if link:
        return Member(name, skipped="a link; links are not followed")
    if any(part.startswith(".") or part == "__MACOSX" for part in parts):
        return Member(name, skipped="hidden")
    if name in SKIPPED_NAMES:
        return Member(name, skipped=f"not an article ({name})")
    if format_of(Path(path)) in ARCHIVES:
        return Member(name, skipped=_NESTED)
    if format_of(Path(path)) is None:
        suffix = PurePosixPath(path).suffix
        return Member(name, skipped=f"unsupported format ({printable(suffix) or 'no extension'})")
    return None
