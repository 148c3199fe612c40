"""`newsqa prove`: quotes compared with the stored articles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsqa.cli.exit_codes import PROOF
from newsqa.cli.options import input_file
from newsqa.cli.output import one_line, stdin
from newsqa.cli.session import Session, command
from newsqa.errors import UnknownArticleError

if TYPE_CHECKING:
    from newsqa.engine import NewsQA

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
        proofs = [_proof(engine, quote) for quote in quotes]
    worst = max((proof["state"] for proof in proofs), key=lambda state: PROOF[state])
    if session.json:
        session.screen.json({"state": worst, "quotes": proofs})
    else:
        for quote, proof in zip(quotes, proofs, strict=True):
            place = f"{one_line(quote['article_id'])} {quote['start']}-{quote['end']}"
            session.screen.line(f"{proof['state']}: {place}")
            if proof["difference"]:
                session.screen.line(f"  {one_line(proof['difference'])}")
    raise typer.Exit(PROOF[worst])


def _proof(engine: NewsQA, quote: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON form of a proof; ``difference`` says what is stored instead."""
    from newsqa.answering.quotes import citation_from, difference

    state, claim, text = engine.prove(quote), citation_from(quote), None
    if state != "exact":
        try:
            version = claim.version if state == "unknown" else None
            text = difference(claim, engine.article(claim.article_id, version=version))
        except UnknownArticleError as error:
            text = str(error)
    record = {"article_id": claim.article_id, "n": quote.get("n")}
    return {**record, "state": state, "difference": text}


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
