"""The options and arguments that several commands share."""

from __future__ import annotations

import re
from datetime import date
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

READERS = ("auto", "shipped", "none")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def day(text: str) -> date:
    """Parse a day written YYYY-MM-DD; ``date.fromisoformat`` would accept other forms too."""
    if not _DAY.fullmatch(text):
        raise typer.BadParameter(f"{text!r} is not a day; write YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a day: {error}") from None


def place(text: str) -> Path:
    """Parse a path; refuse an empty one (an unset shell variable), which would mean this folder."""
    if not text:
        raise typer.BadParameter("the path is empty")
    return Path(text)


def article_name(text: str) -> str:
    """Parse an article id; escape bytes that are not UTF-8, as ingest does in ids of files."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def existing(text: str) -> Path:
    """Parse a path that must exist."""
    path = place(text)
    try:
        there = path.exists() or path.is_symlink()
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{text!r}: {error}") from None
    if not there:
        raise typer.BadParameter(f"{text!r} does not exist")
    return path


def path_or_stdin(text: str) -> Path:
    """Parse a path that must exist; "-" is stdin."""
    return Path(text) if text == "-" else existing(text)


def input_file(text: str) -> Path:
    """Parse the path of an existing file; "-" is stdin."""
    path = place(text) if text == "-" else existing(text)
    if path.is_dir():
        raise typer.BadParameter(f"{text!r} is a folder")
    return path


def output_file(text: str) -> Path:
    """Parse the path of a file to write, so that a wrong one fails before the work."""
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


def reader_name(text: str) -> str:
    """Parse the name of a reader."""
    if text not in READERS:
        raise typer.BadParameter(f"no reader {text!r}; known are {', '.join(READERS)}")
    return text


def complete_source(ctx: typer.Context) -> list[str]:
    """Return the sources of the index, from which typer chooses those that fit."""
    from newsqa.cli.services import Services
    from newsqa.errors import NewsQAError
    from newsqa.settings import load

    folders = [place.params.get("index") for place in (ctx, ctx.parent) if place]
    try:
        settings = load({"index": next(filter(None, folders), None)})
        index = Services().open_index(settings)
    except (NewsQAError, OSError):  # no index, no completion
        return []
    with index:
        return list(index.snapshot().sources())


Index: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--index", metavar="DIR", parser=place, help="Folder of the index (else NEWSQA_INDEX)."
    ),
]
Quiet: TypeAlias = Annotated[
    bool, typer.Option("--quiet", "-q", help="Report failures only; no progress.")
]
Verbose: TypeAlias = Annotated[
    int,
    typer.Option(
        "--verbose", "-v", count=True, show_default=False, help="Report more; -vv: still more."
    ),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]
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
    typer.Option(
        "--source",
        metavar="NAME",
        autocompletion=complete_source,
        help="Only this source; may be repeated.",
    ),
]
AsOf: TypeAlias = Annotated[
    date | None,
    typer.Option(metavar="DAY", parser=day, help="Search what had been published by this day."),
]
Today: TypeAlias = Annotated[
    date | None,
    typer.Option(metavar="DAY", parser=day, help="The day of asking: prefer recent news."),
]


def _option(name: str, annotation: Any, default: object = None) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


# What `newsqa.cli.session.command` adds to a command.
FILTERS = [
    _option("since", Since),
    _option("until", Until),
    _option("source", Sources),
    _option("as_of", AsOf),
    _option("today", Today),
]
JSON = [_option("json", Json, default=False)]
INDEX = [_option("index", Index)]
LEVELS = [_option("quiet", Quiet, default=False), _option("verbose", Verbose, default=0)]

ArticleId: TypeAlias = Annotated[
    str, typer.Argument(metavar="ID", parser=article_name, help="Article id, exactly as stored.")
]
ArticleIds: TypeAlias = Annotated[
    list[str],
    typer.Argument(metavar="ID", parser=article_name, help="Article ids, exactly as stored."),
]
ReaderName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--reader",
        metavar="NAME",
        parser=reader_name,
        autocompletion=lambda: list(READERS),
        help="shipped, none (without a model), or auto (shipped if it is there, else none).",
    ),
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
        help="Accept this purged article again; may be repeated.",
    ),
]


def examples(*lines: str) -> str:
    """Return the epilog of a command's help; "\\b" keeps its lines from being wrapped."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])
