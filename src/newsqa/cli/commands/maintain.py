"""`newsqa index verify` and the other commands that check, mend, reverse, erase and copy."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsqa.cli.exit_codes import DONE, SOME_FAILED, SOUNDNESS
from newsqa.cli.options import ArticleIds, input_file, output_file
from newsqa.cli.output import is_terminal, one_line
from newsqa.cli.session import Session, command

if TYPE_CHECKING:
    from newsqa.errors import Problem
    from newsqa.index import Report, Verification

app = typer.Typer()


@command(app, "newsqa index verify --deep")
def verify(
    session: Session,
    deep: Annotated[
        bool,
        typer.Option("--deep", help="Also recompute passages, caches and a sample of vectors."),
    ] = False,
) -> None:
    """Check every row and file.

    Exit code 0: sound. 1: damaged, and `newsqa index repair` mends it. 3: articles are damaged,
    and a backup must be restored.
    """
    _end_verification(session, session.services.verify(session.settings, deep=deep))


@command(app, "newsqa index repair")
def repair(session: Session) -> None:
    """Rebuild the caches from the stored articles. Same exit codes as verify."""
    with session.progress() as progress:
        verification = session.services.repair(session.settings, progress=progress)
    _end_verification(session, verification)


@command(app, "newsqa index rollback 12")
def rollback(
    session: Session,
    generation: Annotated[int, typer.Argument(metavar="G", help="The generation to return to.")],
) -> None:
    """Make the articles of an earlier generation current again.

    They become a new generation; purged articles stay away. Exit code 1 if it is unknown.
    """
    with session.index() as index, session.progress() as progress:
        report = index.rollback(generation, progress=progress)
    end_with(session, report)


@command(app, "newsqa index purge reports/flood.txt")
def purge(
    session: Session,
    ids: ArticleIds,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
) -> None:
    """Erase articles for good, with their history; on a terminal, ask first.

    Their ids are refused from then on; see `newsqa index build --allow`. Exit code 1 if one is
    unknown or the answer is no, 3 if something still reads the erased bytes.
    """
    if not yes and is_terminal(sys.stdin):
        named = ", ".join(one_line(article_id) for article_id in ids)
        typer.confirm(f"Erase {named} with the whole history?", abort=True, err=True)
    with session.index() as index, session.progress() as progress:
        report = index.purge(ids, progress=progress)
    session.screen.note("earlier backups still hold what was erased")
    end_with(session, report)


@command(app, "newsqa index compact", "newsqa index compact --keep 10")
def compact(
    session: Session,
    keep: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Also erase what the last N generations lack."),
    ] = None,
) -> None:
    """Rewrite the caches and free unused space."""
    with session.index() as index:
        counts = index.compact(keep=keep)
    if session.json:
        session.screen.json(counts)
    else:
        session.screen.text(", ".join(f"{name}: {count:,}" for name, count in counts.items()))


@command(app, "newsqa index backup newsqa.backup")
def backup(
    session: Session,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", parser=output_file, help="The file to write.")
    ],
    force: Annotated[bool, typer.Option("--force", "-f", help="Overwrite FILE.")] = False,
) -> None:
    """Copy the whole index into one file, while questions and writes continue."""
    if file.exists() and not force:
        raise typer.BadParameter(f"{str(file)!r} exists; --force overwrites it")
    with session.index() as index:
        generation = index.backup(file)
    _end_copy(session, file, generation)


@command(app, "newsqa index restore index.backup --index index")
def restore(
    session: Session,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", parser=input_file, help="What `backup` wrote.")
    ],
) -> None:
    """Replace the index by a backup; its present content is lost.

    Running servers use it from their next question on.
    """
    generation = session.services.restore(session.settings, file)
    _end_copy(session, file, generation)


def end_with(session: Session, report: Report) -> None:
    """Print the report of a change and exit with its code."""
    print_report(session, report, "json" if session.json else "text")
    raise typer.Exit(SOME_FAILED if report.failed else DONE)


def print_report(session: Session, report: Report, style: str) -> None:
    """Print the report of a change as "text", "json" or one line of "jsonl"."""
    for problem in report.skipped:
        session.screen.note(f"skipped {_named(problem)}")
    for problem in report.failed:
        session.screen.error(f"failed {_named(problem)}")
    if style == "text":
        session.screen.text(
            f"generation {report.generation}: {report.indexed} indexed, "
            f"{report.unchanged} unchanged, {report.removed} removed, "
            f"{len(report.skipped)} skipped, {len(report.failed)} failed"
        )
        for change, article_ids in asdict(report.plan).items() if report.plan else ():
            for article_id in article_ids:
                session.screen.text(f"  {change} {one_line(article_id)}")
    else:
        session.screen.json(report.to_dict(), indent=2 if style == "json" else None)
    session.screen.flush()


def _named(problem: Problem) -> str:
    return f"{one_line(problem.path)}: {one_line(problem.reason)}"


def _end_verification(session: Session, verification: Verification) -> None:
    result = verification.to_dict()
    if session.json:
        session.screen.json(result)
    else:
        session.screen.text(result["state"])
        for damage in result["damaged"]:
            session.screen.text(f"  {one_line(damage['what'])}: {one_line(damage['reason'])}")
    raise typer.Exit(SOUNDNESS[result["state"]])


def _end_copy(session: Session, file: Path, generation: int) -> None:
    if session.json:
        session.screen.json({"generation": generation, "file": str(file)})
    else:
        session.screen.text(f"generation {generation}: {file}")
