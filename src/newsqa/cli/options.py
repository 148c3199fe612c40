"""The options that several commands share, each written once."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def day(text: str) -> date:
    """Read a day written YYYY-MM-DD; ``date.fromisoformat`` alone would take other forms too."""
    if not _DAY.fullmatch(text):
        raise typer.BadParameter(f"{text!r} is not a day; write YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a day: {error}") from None


def place(text: str) -> Path:
    """Read a path; an empty one, as an unset shell variable leaves it, would mean here."""
    if not text:
        raise typer.BadParameter("the path is empty")
    return Path(text)


def article_name(text: str) -> str:
    """Read an article id; bytes that are not UTF-8 are written as ids of such files have them."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def existing(text: str) -> Path:
    """Read a path at which there is something."""
    path = place(text)
    try:
        there = path.exists() or path.is_symlink()
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{text!r}: {error}") from None
    if not there:
        raise typer.BadParameter(f"{text!r} does not exist")
    return path


def source(text: str) -> Path:
    """Read a path at which there is something; "-" is stdin."""
    return Path(text) if text == "-" else existing(text)


def input_file(text: str) -> Path:
    """Read the path of a file to be read; "-" is stdin."""
    path = place(text) if text == "-" else existing(text)
    if path.is_dir():
        raise typer.BadParameter(f"{text!r} is a folder")
    return path


def output_file(text: str) -> Path:
    """Read the path of a file to be written: known before the work, not after it."""
    path = place(text)
    try:
        folder, is_folder = path.absolute().parent.is_dir(), path.is_dir()
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{text!r}: {error}") from None
    if is_folder:
        raise typer.BadParameter(f"{text!r} is a folder")
    if not folder:
        raise typer.BadParameter(f"{str(path.parent)!r} is no folder to write in")
    return path


Index: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--index", metavar="DIR", parser=place, help="Folder of the index (else NEWSQA_INDEX)."
    ),
]
Quiet: TypeAlias = Annotated[
    bool, typer.Option("--quiet", "-q", help="Say only what failed; no progress.")
]
Verbose: TypeAlias = Annotated[
    int,
    typer.Option(
        "--verbose", "-v", count=True, show_default=False, help="Say more; twice: still more."
    ),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Since: TypeAlias = Annotated[
    date | None,
    typer.Option(metavar="DAY", parser=day, help="Only articles published on or after this day."),
]
Until: TypeAlias = Annotated[
    date | None,
    typer.Option(metavar="DAY", parser=day, help="Only articles published on or before this day."),
]
Sources: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="NAME", help="Only this source; may be given several times."),
]
AsOf: TypeAlias = Annotated[
    date | None,
    typer.Option(metavar="DAY", parser=day, help="Search what had been published by this day."),
]
Today: TypeAlias = Annotated[
    date | None,
    typer.Option(
        metavar="DAY", parser=day, help="The day of asking: news of shortly before first."
    ),
]
ReaderName: TypeAlias = Annotated[
    str | None,
    typer.Option("--reader", metavar="NAME", help="A reader by name, or 'none': without a model."),
]
Model: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Encoder: packaged name, hub id or folder."),
]
Allow: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID",
        parser=article_name,
        help="Take this purged article again; may be given several times.",
    ),
]


def examples(*lines: str) -> str:
    """Return the foot of a command's help; the sign at its head keeps the lines as they are."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])
