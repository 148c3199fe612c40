"""Uploads: articles sent over HTTP are written under the index, indexed, and kept there.

The files stay in ``<index>/uploads/<time>/``, so that the index can still find what it read.
"""

from __future__ import annotations

import re
import secrets
import shutil
import unicodedata
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from newsqa.engine import NewsQA
from newsqa.errors import CorpusError, IndexFileError, Problem
from newsqa.schemas import LeftOutShape, ReportShape
from newsqa.web.middleware.allowlist import FILE_BYTES, MIB

MAX_FILES = 500
_MAX_NAME_BYTES = 150
_LINES = {
    "application/x-ndjson",
    "application/jsonl",
    "application/jsonlines",
    "application/x-jsonlines",
    "application/json",
}
_UNFIT = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*/\\\u200b-\u200f\u202a-\u202e\u2066-\u2069]')
_LINE = re.compile(r"\.jsonl(?:\.gz)?#(\d{1,9})$")
NOTHING_READ = "no article could be read"
TOO_LARGE = f"larger than {FILE_BYTES // MIB} MB"


@dataclass(slots=True)
class Batch:
    """The files of one request, on disk under names of their own."""

    folder: Path
    names: list[str] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)

    def place(self, sent_name: str) -> Path:
        """Return a new path for a file: inside the folder, never that of another file."""
        name = safe_name(sent_name)
        stem, dot, suffix = name.partition(".")
        used, number = {_folded(other) for other in self.names}, 2
        while _folded(name) in used:
            name, number = f"{stem}-{number}{dot}{suffix}", number + 1
        self.names.append(name)
        return self.folder / name

    def add(self, qa: NewsQA) -> ReportShape:
        """Index the files and return the report, with the names that were sent.

        The files stay where they are, failed ones too: the index remembers what it read.

        Raises:
            CorpusError: Nothing could be read from any of them; none was kept.
        """
        try:
            if not self._any_left():
                raise CorpusError(NOTHING_READ)
            report = qa.add([self.folder]).to_dict()
        except BaseException:
            self.drop()
            raise
        report["skipped"] = [self._row(row["path"], row["reason"]) for row in report["skipped"]]
        report["failed"] = [self._row(row["path"], row["reason"]) for row in report["failed"]]
        report["failed"] += self.rows(self.refused)
        return report

    def drop(self) -> None:
        """Delete the files."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def rows(self, problems: Iterable[Problem]) -> list[LeftOutShape]:
        """Return problems as rows of a report."""
        return [self._row(problem.path, problem.reason) for problem in problems]

    def _row(self, path: str, reason: str) -> LeftOutShape:
        """Return one row: a path without our folder, and the number of a line of JSON lines."""
        name = path.removeprefix(str(self.folder)).lstrip("/")
        line = _LINE.search(name)
        row: LeftOutShape = {"path": name, "reason": reason}
        return {**row, "line": int(line.group(1))} if line else row

    def _any_left(self) -> bool:
        return self.folder.is_dir() and any(self.folder.iterdir())


def _folded(name: str) -> str:
    """Return a name as file systems that ignore case and the form of accents compare it."""
    return unicodedata.normalize("NFC", name.casefold())


def safe_name(sent_name: str) -> str:
    """Return a name that any file system takes and that looks like the one sent."""
    name = _UNFIT.sub("_", re.split(r"[/\\]", sent_name)[-1]).strip(" .")
    stem, dot, suffix = name.rpartition(".")
    if len(name.encode()) > _MAX_NAME_BYTES:
        kept = (stem if dot else name).encode()[: _MAX_NAME_BYTES - 20].decode(errors="ignore")
        name = kept + dot + suffix[:16]
    return name or "article.txt"


async def receive(request: Request, index: Path) -> Batch:
    """Write the files of a request below the index.

    Raises:
        HTTPException: 413 for a single file that is too large, 415 and 422 for what is no upload.
        IndexFileError: They could not be written; nothing is left of them.
    """
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    batch = Batch(index / "uploads" / stamp)
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    try:
        await run_in_threadpool(batch.folder.mkdir, parents=True)
        if kind == "multipart/form-data":
            await _receive_files(request, batch)
        elif kind in _LINES:
            await _receive_lines(request.stream(), batch)
        else:
            raise HTTPException(415, "send files as multipart/form-data, or application/x-ndjson")
        if not batch.names and not batch.refused:
            raise HTTPException(422, "no file was sent")
    except OSError as error:
        batch.drop()
        raise IndexFileError(
            f"nothing was added: the folder of the index cannot be written "
            f"({error.strerror or error}); the server needs room there and the right to write"
        ) from error
    except BaseException:
        batch.drop()
        raise
    return batch


async def _receive_lines(chunks: AsyncIterator[bytes], batch: Batch) -> None:
    size = 0
    with batch.place("articles.jsonl").open("wb") as out:
        async for chunk in chunks:
            size += len(chunk)
            if size > FILE_BYTES:
                raise HTTPException(413, f"the body is {TOO_LARGE}")
            await run_in_threadpool(out.write, chunk)


async def _receive_files(request: Request, batch: Batch) -> None:
    parser = MultiPartParser(request.headers, _stream(request), max_files=MAX_FILES, max_fields=10)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError) as error:
        raise HTTPException(422, f"the form cannot be read: {error}") from None
    files = [item for _, item in form.multi_items() if isinstance(item, UploadFile)]
    try:
        await run_in_threadpool(_write, files, batch)
    finally:
        await form.close()
    if len(files) == 1 and batch.refused:
        raise HTTPException(413, f"{batch.refused[0].path} is {TOO_LARGE}")


async def _stream(request: Request) -> Any:
    async for chunk in request.stream():
        yield chunk


def _write(files: Iterable[UploadFile], batch: Batch) -> None:
    for upload in files:
        name = upload.filename or "article.txt"
        if (upload.size or 0) > FILE_BYTES:
            batch.refused.append(Problem(safe_name(name), TOO_LARGE))
            continue
        with batch.place(name).open("wb") as out:
            shutil.copyfileobj(upload.file, out)
