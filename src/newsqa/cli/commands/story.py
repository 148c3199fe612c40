"""`newsqa story ID`: the articles that report on the same, by date."""

from __future__ import annotations

from typing import Annotated

import typer

from newsqa.cli.options import Index, Json, Quiet, Verbose, article_name, examples
from newsqa.cli.output import one_line
from newsqa.cli.session import begin


def register(app: typer.Typer) -> None:
    """Give the program this command."""
    app.command(epilog=examples("newsqa story reports/flood.txt", "newsqa story abc-17 --json"))(
        story
    )


def story(
    ctx: typer.Context,
    article_id: Annotated[
        str, typer.Argument(metavar="ID", parser=article_name, help="Id of the article, as it is.")
    ],
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Show the story an article belongs to, by date. Exit code 1 if it is not in the index.

    These are articles of similar words that share names with it, each at most 30 days from
    another one; what merely resembles it may be among them. Near-copies are marked.
    """
    from newsqa.retrieval.story_chains import story_of

    session = begin(ctx, index=index, quiet=quiet, verbose=verbose)
    with session.opened() as engine:
        found = story_of(engine.article(article_id), engine.search, engine.article)
    if json:
        parts = [part.to_dict() for part in found.parts]
        session.screen.json({"article_id": article_id, "articles": parts, "cut": found.cut})
        return
    for part in found.parts:
        mark = "*" if part.article_id == article_id else " "
        when = str(part.published or "undated").ljust(10)
        about = f"{when}  {one_line(part.source)}"
        session.screen.line(f"{mark} {about}: {one_line(part.title)}", style="bold" * (mark == "*"))
        copied = f", near-copy of {one_line(part.copy_of)}" if part.copy_of else ""
        session.screen.line(f"    {one_line(part.article_id)}{copied}", style="dim")
        if session.screen.level > 0 and part.linked_to:
            why = f"linked to {part.linked_to} (cosine {part.cosine:.2f}): {', '.join(part.names)}"
            session.screen.line(f"    {one_line(why)}", style="dim")
    if found.cut:
        session.screen.note("the chain is cut here; there may be more")
