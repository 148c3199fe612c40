"""`newsqa eval`: question sets in, a table of metrics out."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsqa.cli.options import Model, ReaderName, existing, input_file, output_file
from newsqa.cli.session import Session, command

if TYPE_CHECKING:
    from newsqa.evaluation.harness import Results

app = typer.Typer()


@command(
    app,
    "newsqa eval tests/data/sample --corpus corpus/",
    "newsqa eval sets/time1963 --per-question rows.jsonl --json > run.json",
    "newsqa eval sets/time1963 --against rows.jsonl",
    name="eval",
    index=False,
)
def evaluate(
    session: Session,
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
) -> None:
    """Run question sets and print a table of metrics."""
    session.override(encoder=model, reader=reader)
    with session.progress() as progress:
        results = session.services.evaluate(
            folders,
            session.settings,
            corpus=corpus,
            per_question=per_question,
            against=against,
            progress=progress,
        )
    if session.json:
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
