"""`newsqa eval`: question sets in, a table of metrics out."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsqa.cli.options import (
    Json,
    Model,
    Quiet,
    ReaderName,
    Verbose,
    examples,
    existing,
    input_file,
    output_file,
)
from newsqa.cli.services import QuestionRun
from newsqa.cli.session import begin

if TYPE_CHECKING:
    from newsqa.cli.services import Results


def register(app: typer.Typer) -> None:
    """Give the program this command."""
    app.command(
        name="eval",
        epilog=examples(
            "newsqa eval tests/data/sample --corpus corpus/",
            "newsqa eval sets/time1963 --per-question rows.jsonl --json > run.json",
            "newsqa eval sets/time1963 --against rows.jsonl",
        ),
    )(evaluate)


def evaluate(
    ctx: typer.Context,
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="FOLDER", parser=existing, help="Question sets."),
    ],
    corpus: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", parser=existing, help="Articles, if a set has none."),
    ] = None,
    per_question: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl", parser=output_file, help="Write each reply and its hits."
        ),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(metavar="RUN.json", parser=input_file, help="An earlier run to compare with."),
    ] = None,
    model: Model = None,
    reader: ReaderName = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Run question sets and print a table of metrics."""
    session = begin(ctx, index=None, quiet=quiet, verbose=verbose, encoder=model, reader=reader)
    run = QuestionRun(folders, corpus=corpus, per_question=per_question, against=against)
    with session.progress() as progress:
        results = session.doors.evaluate(run, session.settings, progress)
    if json:
        session.screen.json(_without_nan(results))
    else:
        from newsqa.evaluation.tables import text_table

        session.screen.text(text_table(results))


def _without_nan(results: Results) -> dict[str, dict[str, float | None]]:
    """JSON has no NaN: a metric without a question to measure it on is null."""
    return {
        name: {metric: value if isfinite(value) else None for metric, value in of.items()}
        for name, of in results.items()
    }
