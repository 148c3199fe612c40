"""`newsqa prove`: quotes compared with the stored articles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from newsqa.cli.exit_codes import PROOF
from newsqa.cli.options import input_file
from newsqa.cli.output import one_line, stdin
from newsqa.cli.session import Session, command

app = typer.Typer()


@command(
    app,
    'newsqa ask "Who wrote the letter?" --json > reply.json && newsqa prove reply.json',
    "newsqa prove - < quote.json",
)
def prove(
    session: Session,
    citation: Annotated[
        Path,
        typer.Argument(
            metavar="CITATION.json",
            parser=input_file,
            help="A quote, or a whole reply, in the JSON of `newsqa ask`; '-' is stdin.",
        ),
    ],
) -> None:
    """Check quotes against the stored articles.

    Exit code 0: exact. 1: the article has changed since. 3: the index never said so. With several
    quotes, the worst counts.
    """
    quotes = _quotes_in(citation)
    with session.engine() as engine:
        states = [engine.prove(quote) for quote in quotes]
    worst = max(states, key=lambda state: PROOF[state])
    rows = list(zip(quotes, states, strict=True))
    if session.json:
        proofs = [{"article_id": q["article_id"], "n": q.get("n"), "state": s} for q, s in rows]
        session.screen.json({"state": worst, "quotes": proofs})
    else:
        for quote, state in rows:
            place = f"{one_line(quote['article_id'])} {quote['start']}-{quote['end']}"
            session.screen.line(f"{state}: {place}")
    raise typer.Exit(PROOF[worst])


def _quotes_in(file: Path) -> list[Mapping[str, Any]]:
    import json

    try:
        content = json.loads(stdin().read() if str(file) == "-" else file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter(f"{str(file)!r} is not JSON: {error}") from None
    if isinstance(content, dict) and "quotes" in content:
        content = content["quotes"]
    quotes = content if isinstance(content, list) else [content]
    if not quotes:
        raise typer.BadParameter(f"{str(file)!r} is a reply without quotes; nothing to prove")
    from newsqa.answering.quotes import citation_from

    for quote in quotes:
        try:
            citation_from(quote)
        except ValueError as error:
            raise typer.BadParameter(f"{str(file)!r} holds no citation: {error}") from None
    return quotes
