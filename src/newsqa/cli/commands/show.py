"""`newsqa show` and `newsqa prove`: articles, and quotes held against them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsqa.cli.exit_codes import PROOF
from newsqa.cli.options import Index, Json, Quiet, Verbose, article_name, examples, input_file
from newsqa.cli.output import Screen, is_terminal, one_line, safe
from newsqa.cli.session import begin
from newsqa.cli.streams import stdin

if TYPE_CHECKING:
    from newsqa.types import Article, Span


def register(app: typer.Typer) -> None:
    """Give the program these commands."""
    app.command(
        epilog=examples("newsqa show reports/flood.txt", "newsqa show abc-17 --version 2 --json")
    )(show)
    app.command(
        epilog=examples(
            'newsqa ask "Who wrote the letter?" --json > reply.json && newsqa prove reply.json',
            "newsqa prove - < quote.json",
        )
    )(prove)


def show(
    ctx: typer.Context,
    article_id: Annotated[
        str, typer.Argument(metavar="ID", parser=article_name, help="Id of the article, as it is.")
    ],
    version: Annotated[
        int | None, typer.Option(metavar="V", min=1, help="This version, not the current one.")
    ] = None,
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Show an article with its versions. Exit code 1 if it is not in the index."""
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose)
    with session.opened() as engine:
        article = engine.article(article_id, version=version)
    if json:
        session.screen.json(article.to_dict())
    else:
        _paged(session.screen, article_text(article))


def prove(
    ctx: typer.Context,
    citation: Annotated[
        Path,
        typer.Argument(
            metavar="CITATION.json",
            parser=input_file,
            help="A quote, or a whole reply, in the JSON of `newsqa ask`; '-' is stdin.",
        ),
    ],
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Hold quotes against the stored articles.

    Exit code 0: exact. 1: the article has changed since. 3: the index never said so. Of several
    quotes, the worst counts.
    """
    quotes = _quotes_in(citation)
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose)
    with session.opened() as engine:
        states = [engine.prove(quote) for quote in quotes]
    worst = max(states, key=lambda state: PROOF[state])
    if json:
        rows = zip(quotes, states, strict=True)
        proofs = [{"article_id": q["article_id"], "n": q.get("n"), "state": s} for q, s in rows]
        session.screen.json({"state": worst, "quotes": proofs})
    else:
        for quote, state in zip(quotes, states, strict=True):
            place = f"{one_line(quote['article_id'])} {quote['start']}-{quote['end']}"
            session.screen.line(f"{state}: {place}")
    raise typer.Exit(PROOF[worst])


def article_text(article: Article, *, marked: Span | None = None) -> str:
    """Return the article for reading; the span marked stands between »« signs."""
    rows = {
        "id": article.article_id,
        "version": str(article.version),
        "source": article.source,
        "byline": article.byline,
        "published": str(article.published or ""),
        "updated": str(article.updated or ""),
        "url": article.url,
        "encoding": article.encoding,
        "lost": f"{article.unreadable:,} (U+FFFD in their place)" if article.unreadable else "",
    }
    head = [one_line(article.title), ""]
    head += [f"{name + ':':<11}{one_line(value)}" for name, value in rows.items() if value]
    body = article.body
    if marked is not None:
        before, after = body[: marked.start], body[marked.end :]
        body = f"{before}»{marked.cut(body)}«{after}"
    if len(article.versions) > 1:
        head.append(
            "versions:  " + ", ".join(_version(v, article.version) for v in article.versions)
        )
    return "\n".join([*head, "", body])


def _version(stored: Any, shown: int) -> str:
    here = " (this one)" if stored.version == shown else ""
    return f"{stored.version} since generation {stored.generation}{here}"


def _quotes_in(file: Path) -> list[Mapping[str, Any]]:
    import json

    try:
        found = json.loads(stdin().read() if str(file) == "-" else file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter(f"{str(file)!r} is not JSON: {error}") from None
    if isinstance(found, dict) and "quotes" in found:
        found = found["quotes"]
    quotes = found if isinstance(found, list) else [found]
    if not quotes:
        raise typer.BadParameter(f"{str(file)!r} is a reply without quotes; nothing to prove")
    from newsqa.answering.quotes import citation_from

    for quote in quotes:
        try:
            citation_from(quote)
        except ValueError as error:
            raise typer.BadParameter(f"{str(file)!r} holds no citation: {error}") from None
    return quotes


def _paged(screen: Screen, text: str) -> None:
    """Print, or page what is longer than the terminal is high."""
    pager = shlex.split(os.environ.get("PAGER", "less -FRX"))
    lines = text.count("\n") + 1
    fits = lines < shutil.get_terminal_size().lines
    if fits or not is_terminal(sys.stdout) or not pager or not shutil.which(pager[0]):
        screen.text(text)
        return
    subprocess.run(pager, input=safe(text).encode(errors="replace"), check=False)
