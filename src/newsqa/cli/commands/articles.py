"""`newsqa articles` and `newsqa sources`: what there is to ask about."""

from __future__ import annotations

from typing import Annotated

import typer

from newsqa.cli.exit_codes import DONE, NO_ANSWER
from newsqa.cli.output import one_line
from newsqa.cli.session import Session, command

app = typer.Typer()


@command(app, "newsqa articles", "newsqa articles --contains ferry -n 200 --json")
def articles(
    session: Session,
    contains: Annotated[
        str, typer.Option(metavar="TEXT", help="Only with this text in title, source or id.")
    ] = "",
    limit: Annotated[
        int, typer.Option("-n", "--limit", metavar="N", min=1, help="At most this many.")
    ] = 50,
    offset: Annotated[int, typer.Option(metavar="N", min=0, help="Skip the first N.")] = 0,
) -> None:
    """List the current articles, newest first. Exit code 1 if there are none."""
    with session.index() as index:
        listing = index.articles(contains=contains, offset=offset, limit=limit)
    if session.json:
        rows = [
            {
                "article_id": article.article_id,
                "version": article.version,
                "title": article.title,
                "source": article.source or None,
                "published": article.published and article.published.isoformat(),
            }
            for article in listing.articles
        ]
        session.screen.json({"total": listing.total, "articles": rows})
    else:
        for article in listing.articles:
            when = str(article.published or "undated").ljust(10)
            about = ", ".join(filter(None, [one_line(article.title), one_line(article.source)]))
            session.screen.line(f"{when}  {about}")
            session.screen.line(f"            {one_line(article.article_id)}", style="dim")
        last = offset + len(listing.articles)
        if last < listing.total:
            session.screen.note(f"{last:,} of {listing.total:,}; --offset {last} shows the next")
    raise typer.Exit(DONE if listing.articles else NO_ANSWER)


@command(app, "newsqa sources", "newsqa sources --json")
def sources(session: Session) -> None:
    """List the sources with the number of their current articles."""
    with session.index() as index:
        counts = index.snapshot().sources()
    if session.json:
        session.screen.json({"sources": counts})
        return
    width = len(f"{max(counts.values(), default=0):,}")
    for name, count in counts.items():
        session.screen.line(f"{count:>{width},}  {one_line(name)}")
