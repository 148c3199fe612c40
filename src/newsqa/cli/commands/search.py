"""`newsqa search`: passages, best first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from newsqa.cli.exit_codes import DONE, NO_ANSWER
from newsqa.cli.options import ReaderName
from newsqa.cli.output import Screen, one_line
from newsqa.cli.session import Session, command

if TYPE_CHECKING:
    from newsqa.replies import Hits
    from newsqa.types import Hit

WIDTH = 96
SNIPPET_CHARS = 280

app = typer.Typer()


@command(
    app,
    'newsqa search "harbour wall" -k 5',
    'newsqa search \'"state of emergency" floods\' --source "Example Times"',
    'newsqa search "mayor" --since 2024-11-01 --until 2024-11-30 --json',
    filters=True,
)
def search(
    session: Session,
    question: Annotated[
        list[str],
        typer.Argument(metavar="QUESTION", help='Words to find; a part in "quotes" as it is.'),
    ],
    k: Annotated[
        int, typer.Option("-k", metavar="N", min=1, help="At most this many passages.")
    ] = 10,
    offset: Annotated[int, typer.Option(metavar="N", min=0, help="Skip the first N.")] = 0,
    rerank: Annotated[bool, typer.Option("--rerank", help="Rerank with the reader.")] = False,
    reader: ReaderName = None,
    max_tokens: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="As many passages as fit into N tokens."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the dense and the lexical score.")
    ] = False,
) -> None:
    """Find passages, best first. Exit code 1 if there are none."""
    session.override(reader=reader)
    with session.engine() as engine:
        hits = engine.search(
            " ".join(question),
            k=k,
            offset=offset,
            rerank=rerank,
            max_tokens=max_tokens,
            **session.filters,
        )
    if session.json:
        session.screen.json(hits.to_dict())
    else:
        _print_hits(session.screen, hits, explain)
    raise typer.Exit(DONE if hits else NO_ANSWER)


def _print_hits(screen: Screen, hits: Hits, explain: bool) -> None:
    from newsqa.text.analysis import content_terms, terms

    query_terms = content_terms(hits.question) or terms(hits.question)
    for hit in hits:
        _print_hit(screen, hit, query_terms, explain)
    for note in hits.notes:
        screen.note(note)
    if not hits:
        screen.note("nothing found")


def _print_hit(screen: Screen, hit: Hit, query_terms: list[str], explain: bool) -> None:
    from newsqa.text.snippet import snippet

    p = hit.passage
    screen.line(f"{hit.rank}. {one_line(p.title) or one_line(p.article_id)}", style="bold")
    parts = [p.source, p.published, p.page and f"page {p.page}"]
    about = ", ".join(one_line(str(part)) for part in parts if part)
    where = f"{one_line(p.article_id)} {p.span.start}-{p.span.end}"
    screen.line(f"   {about} ({where})" if about else f"   ({where})", style="dim")
    for copy in hit.copies:
        screen.line(f"   also {one_line(copy.source or copy.article_id)}", style="dim")
    if explain:
        scores = [("score", hit.score), ("dense", hit.dense), ("lexical", hit.lexical)]
        screen.line("   " + "  ".join(f"{n} {v:.3f}" for n, v in scores if v is not None))
    whole = len(p.text) if screen.level > 0 else SNIPPET_CHARS
    snippet_parts = snippet(" ".join(p.text.split()), query_terms, chars=whole)
    screen.parts(
        [(part, "mark" if matches else "") for part, matches in snippet_parts],
        indent="   ",
        width=WIDTH,
    )
    screen.line("")
