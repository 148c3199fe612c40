"""`newsqa index ...`: what an operator does to an index: check, mend, go back, erase, save."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsqa.cli.exit_codes import DONE, SOME_FAILED, SOUNDNESS
from newsqa.cli.options import (
    Index,
    Json,
    Quiet,
    Verbose,
    article_name,
    examples,
    input_file,
    output_file,
)
from newsqa.cli.output import one_line
from newsqa.cli.session import Session, begin

if TYPE_CHECKING:
    from newsqa.cli.services import Report
    from newsqa.errors import Problem


def register(group: typer.Typer) -> None:
    """Give the group these commands."""
    group.command(epilog=examples("newsqa index verify --deep"))(verify)
    group.command(epilog=examples("newsqa index repair"))(repair)
    group.command(epilog=examples("newsqa index rollback 12"))(rollback)
    group.command(epilog=examples("newsqa index purge reports/flood.txt"))(purge)
    group.command(epilog=examples("newsqa index compact", "newsqa index compact --keep 10"))(
        compact
    )
    group.command(epilog=examples("newsqa index backup newsqa.backup"))(backup)
    group.command(epilog=examples("newsqa index restore index.backup --index index"))(restore)


def verify(
    ctx: typer.Context,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also make passages, caches and some vectors again.")
    ] = False,
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Check every row and file.

    Exit code 0: sound. 1: damaged, and `newsqa index repair` mends it. 3: articles are damaged,
    and a backup must be restored.
    """
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose)
    found = session.doors.verify(session.settings, deep).to_dict()
    _end_verification(session, found, json)


def repair(
    ctx: typer.Context,
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Make the caches again from the stored articles. Exit codes as those of verify."""
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose)
    with session.progress() as progress:
        found = session.doors.repair(session.settings, progress).to_dict()
    _end_verification(session, found, json)


def rollback(
    ctx: typer.Context,
    generation: Annotated[int, typer.Argument(metavar="G", help="The generation to go back to.")],
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Make the articles of an earlier generation current again.

    They become a new generation; purged articles stay away. Exit code 1 if it is unknown.
    """
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose)
    with session.stored() as stored, session.progress() as progress:
        report = stored.rollback(generation, progress=progress)
    end_with(session, report, json)


def purge(
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
    """Erase articles for good, also from the history.

    Their ids are refused from then on; see `newsqa index build --allow`. Exit code 1 if one is
    unknown, 3 if something still reads the erased bytes.
    """
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose)
    with session.stored() as stored, session.progress() as progress:
        report = stored.purge(ids, progress=progress)
    session.screen.note("backups made before still hold what was erased")
    end_with(session, report, json)


def compact(
    ctx: typer.Context,
    keep: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Also erase what none of the last N generations held."
        ),
    ] = None,
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Write the caches anew and give unused space back."""
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose)
    with session.stored() as stored:
        told = stored.compact(keep=keep)
    if json:
        session.screen.json(told)
    else:
        session.screen.text(", ".join(f"{name}: {count:,}" for name, count in told.items()))


def backup(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", parser=output_file, help="The file to write.")
    ],
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Copy the whole index into one file; questions and writes go on."""
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose)
    with session.stored() as stored:
        generation = stored.backup(file)
    _end_copy(session, file, generation, json)


def restore(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", parser=input_file, help="What `backup` wrote.")
    ],
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Put a backup in the place of the index; what that held is gone.

    Running servers take it up with their next question.
    """
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose)
    generation = session.doors.restore(session.settings, file)
    _end_copy(session, file, generation, json)


def end_with(session: Session, report: Report, json: bool) -> None:
    """Say what a change did; end with the code that it means."""
    tell(session, report, "json" if json else "text")
    raise typer.Exit(SOME_FAILED if report.failed else DONE)


def tell(session: Session, report: Report, style: str) -> None:
    """Say what a change did, as "text", "json" or one line of "jsonl"."""
    for problem in report.skipped:
        session.screen.note(f"skipped {_named(problem)}")
    for problem in report.failed:
        session.screen.complaint(f"failed {_named(problem)}")
    counts = report.to_dict()
    if style == "text":
        parts = [f"{counts[name]} {name}" for name in ("indexed", "unchanged", "removed")]
        parts += [f"{len(counts[name])} {name}" for name in ("skipped", "failed")]
        session.screen.text(f"generation {counts['generation']}: {', '.join(parts)}")
    else:
        session.screen.json(counts, indent=2 if style == "json" else None)
    session.screen.flush()


def _named(problem: Problem) -> str:
    return f"{one_line(problem.path)}: {one_line(problem.reason)}"


def _end_verification(session: Session, found: dict[str, Any], json: bool) -> None:
    if json:
        session.screen.json(found)
    else:
        session.screen.text(found["state"])
        for damage in found["damaged"]:
            session.screen.text(f"  {one_line(damage['what'])}: {one_line(damage['reason'])}")
    raise typer.Exit(SOUNDNESS[found["state"]])


def _end_copy(session: Session, file: Path, generation: int, json: bool) -> None:
    if json:
        session.screen.json({"generation": generation, "file": str(file)})
    else:
        session.screen.text(f"generation {generation}: {file}")
