"""`newsqa story ID`: the articles that report on the same, by date."""

from __future__ import annotations

import typer

from newsqa.cli.options import ArticleId
from newsqa.cli.output import one_line
from newsqa.cli.session import Session, command

app = typer.Typer()


@command(app, "newsqa story reports/flood.txt", "newsqa story abc-17 --json")
def story(session: Session, article_id: ArticleId) -> None:
    """Show the story an article belongs to, by date. Exit code 1 if it is not in the index.

    These are articles of similar words that share names with it, each at most 30 days from
    another one; what merely resembles it may be among them. Near-copies are marked.
    """
    from newsqa.retrieval.story_chains import story_of

    with session.engine() as engine:
        chain = story_of(engine.article(article_id), engine.search, engine.article)
    if session.json:
        parts = [part.to_dict() for part in chain.parts]
        session.screen.json({"article_id": article_id, "articles": parts, "cut": chain.cut})
        return
    for part in chain.parts:
        mark = "*" if part.article_id == article_id else " "
        when = str(part.published or "undated").ljust(10)
        about = f"{when}  {one_line(part.source)}"
        session.screen.line(f"{mark} {about}: {one_line(part.title)}", style="bold" * (mark == "*"))
        copied = f", near-copy of {one_line(part.copy_of)}" if part.copy_of else ""
        session.screen.line(f"    {one_line(part.article_id)}{copied}", style="dim")
        if session.screen.level > 0 and part.linked_to:
            why = f"linked to {part.linked_to} (cosine {part.cosine:.2f}): {', '.join(part.names)}"
            session.screen.line(f"    {one_line(why)}", style="dim")
    if chain.cut:
        session.screen.note("the chain is cut here; there may be more")
