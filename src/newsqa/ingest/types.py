"""Inputs and results of ingestion: input files, limits, parsed articles.

Sizes are in megabytes of 1,000,000 bytes (memory: of 1,048,576), times in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from newsqa.errors import Problem
from newsqa.types import Article

EMPTY = "empty"
LINK = "a link; links are not followed"


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file to be parsed.

    ``path`` is resolved and opens the file. ``name`` is what people see: the path as it was
    written. ``article_key`` names the file among all of one index: its path as seen from the folder
    that was indexed, with ``/``. Bytes that are not UTF-8 stand in both as ``\\xNN``.
    """

    path: Path
    name: str
    article_key: str


@dataclass(frozen=True, slots=True)
class Walk:
    """The files under some paths, in order, and what was left out.

    ``base`` is the folder that the article keys are seen from.
    """

    files: tuple[InputFile, ...]
    skipped: tuple[Problem, ...]
    failed: tuple[Problem, ...]
    base: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may cost before its worker is stopped (a JSONL file: each batch of it)."""

    memory_mb: int
    cpu_s: int
    wall_s: int
    max_file_mb: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The articles and problems of one file, or of one batch of a file of records.

    ``sha256`` is that of the bytes which were parsed; it is empty where the file could not be
    read. ``last`` is True on the final one of a file. ``unchanged`` says that the caller knew
    these bytes already, so that they were not parsed.
    """

    file: InputFile
    sha256: str
    articles: tuple[Article, ...] = ()
    skipped: tuple[Problem, ...] = ()
    failed: tuple[Problem, ...] = ()
    last: bool = True
    unchanged: bool = False
