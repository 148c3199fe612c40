"""`newsqa show`: an article with its versions."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsqa.cli.options import ArticleId
from newsqa.cli.output import Screen, is_terminal, one_line, safe
from newsqa.cli.session import Session, command

if TYPE_CHECKING:
    from newsqa.types import Article, Span

app = typer.Typer()


@command(app, "newsqa show reports/flood.txt", "newsqa show abc-17 --version 2 --json")
def show(
    session: Session,
    article_id: ArticleId,
    version: Annotated[
        int | None, typer.Option(metavar="V", min=1, help="This version, not the current one.")
    ] = None,
) -> None:
    """Show an article with its versions. Exit code 1 if it is not in the index."""
    with session.engine() as engine:
        article = engine.article(article_id, version=version)
    if session.json:
        session.screen.json(article.to_dict())
    else:
        _paged(session.screen, article_text(article))


def article_text(article: Article, *, marked: Span | None = None) -> str:
    """Return the article for people; the span ``marked`` stands between »« signs."""
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


def _version(stored: Any, current: int) -> str:
    here = " (this one)" if stored.version == current else ""
    return f"{stored.version} since generation {stored.generation}{here}"


def _paged(screen: Screen, text: str) -> None:
    """Print, through a pager where the text is longer than the terminal."""
    pager = shlex.split(os.environ.get("PAGER", "less -FRX"))
    lines = text.count("\n") + 1
    fits = lines < shutil.get_terminal_size().lines
    if fits or not is_terminal(sys.stdout) or not pager or not shutil.which(pager[0]):
        screen.text(text)
        return
    subprocess.run(pager, input=safe(text).encode(errors="replace"), check=False)
