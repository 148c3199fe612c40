"""`newsqa index ...`: what puts articles in and takes them out, and what is in."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from newsqa.cli.commands import maintain as keeping
from newsqa.cli.commands.maintain import end_with, tell
from newsqa.cli.commands.size import measured
from newsqa.cli.options import (
    Allow,
    Index,
    Json,
    Model,
    Quiet,
    Verbose,
    article_name,
    examples,
    existing,
    source,
)
from newsqa.cli.output import Screen, one_line
from newsqa.cli.session import begin, remember
from newsqa.cli.stdin import with_stdin

if TYPE_CHECKING:
    from newsqa.cli.services import Engine, Report
    from newsqa.cli.session import Session

WATCH_EVERY_S = 2.0
WATCH_AT_LEAST_EVERY_S = 32.0  # after failures
WATCH_SHARE = 10  # so many times longer than the look at the files took is the pause after it


def register(app: typer.Typer) -> None:
    """Give the program these commands."""
    group = typer.Typer(
        name="index",
        help="Build an index, change it and check it.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(_group)
    add_examples = ("newsqa index add tuesday.jsonl wednesday/", "newsqa index add - < more.jsonl")
    group.command(
        epilog=examples(
            "newsqa index build corpus/ --index index",
            "newsqa index build --model sentence-transformers/all-MiniLM-L6-v2",
        )
    )(build)
    group.command(epilog=examples(*add_examples))(add)
    group.command(
        epilog=examples("newsqa index sync corpus/ --dry-run", "newsqa index sync corpus/ --watch")
    )(sync)
    group.command(epilog=examples("newsqa index remove reports/flood.txt abc-17"))(remove)
    group.command(
        name="info", epilog=examples("newsqa index info --json", "newsqa index info --measure")
    )(show_info)
    keeping.register(group)
    app.add_typer(group)


def _group(
    ctx: typer.Context, index: Index = None, quiet: Quiet = False, verbose: Verbose = 0
) -> None:
    remember(ctx, index=index, quiet=quiet, verbose=verbose)


def build(
    ctx: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH",
            parser=source,
            help="Files and folders; '-': JSONL on stdin; none: the stored articles once more.",
        ),
    ] = None,
    model: Model = None,
    allow: Allow = None,
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Make exactly these articles current.

    Earlier ones stay in the history. Exit code 4 if some input failed.
    """
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose, encoder=model)
    with session.progress() as progress:
        files = with_stdin(paths or (), session.settings.index)
        report = session.doors.build(files, session.settings, progress, allow or ())
    end_with(session, report, json)


def add(
    ctx: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH", parser=source, help="Files and folders; '-' is JSONL on stdin."
        ),
    ],
    allow: Allow = None,
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Add new and changed articles; the others stay. Exit code 4 if some input failed."""
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose)
    with session.opened() as engine, session.progress() as progress:
        files = with_stdin(paths, session.settings.index)
        report = engine.add(files, allow=allow or (), progress=progress)
    end_with(session, report, json)


def sync(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", parser=existing, help="The folder.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on following the folder until interrupted.")
    ] = False,
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Follow a folder: add, and remove what is gone.

    What is new or changed is added, and articles whose file is gone are removed.
    Exit code 4 if some input failed.
    """
    if not folder.is_dir():
        raise typer.BadParameter(f"{str(folder)!r} is not a folder")
    if watch and dry_run:
        raise typer.BadParameter("--watch and --dry-run exclude each other")
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose)
    with session.opened() as engine:
        with session.progress() as progress:
            report = engine.sync(folder, dry_run=dry_run, progress=progress)
        if watch:
            _watch(session, engine, folder, report, json)
    end_with(session, report, json)


def remove(
    ctx: typer.Context,
    ids: Annotated[
        list[str],
        typer.Argument(metavar="ID", parser=article_name, help="Article ids, as they are."),
    ],
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Hide articles; the history keeps them. Exit code 1 if one is unknown."""
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose)
    with session.opened() as engine:
        report = engine.remove(ids)
    end_with(session, report, json)


def show_info(
    ctx: typer.Context,
    measure: Annotated[
        bool, typer.Option("--measure", help="Also measure its files, its memory and a search.")
    ] = False,
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Show what is in the index."""
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose)
    with session.stored() as stored:
        facts = stored.describe()
    if measure:
        facts["measured"] = measured(session, facts)
    if json:
        session.screen.json(facts)
    else:
        _print_facts(session.screen, facts)


def _watch(session: Session, engine: Engine, folder: Path, report: Report, json: bool) -> NoReturn:
    """Tell of every change, one line each, until interrupted."""
    from newsqa.errors import NewsQAError

    style, failure, pause = "jsonl" if json else "text", "", WATCH_EVERY_S
    tell(session, report, style)
    while True:
        time.sleep(pause)
        began = time.monotonic()
        try:
            changed = engine.changed_paths(under=folder)
            took = time.monotonic() - began
            done = engine.sync(folder) if changed else None
        except (NewsQAError, OSError) as error:  # a locked index, a full disk; another round comes
            if str(error) != failure:
                session.screen.complaint(f"not now: {one_line(str(error))}")
            failure, pause = str(error), min(2 * pause, WATCH_AT_LEAST_EVERY_S)
            continue
        failure, pause = "", max(WATCH_EVERY_S, WATCH_SHARE * took)
        if done is not None:
            tell(session, done, style)


def _print_facts(screen: Screen, facts: dict[str, Any]) -> None:
    """One line a fact; what a fact holds stands under it, indented."""
    for name, value in facts.items():
        if isinstance(value, dict):
            screen.text(f"{name}:" if value else f"{name}: none")
            for key, inner in value.items():
                screen.text(f"  {one_line(str(key)) or '(none)'}: {_plain(inner)}")
        elif isinstance(value, list):
            screen.text(f"{name}:" if value else f"{name}: none")
            for inner in value:
                screen.text(f"  {_plain(inner)}")
        else:
            screen.text(f"{name}: {_plain(value)}")


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(inner)}" for key, inner in value.items())
    return "none" if value is None else one_line(str(value))
