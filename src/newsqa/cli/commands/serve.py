"""`newsqa serve` and `newsqa mcp`: the index served over HTTP, or to one MCP client."""

from __future__ import annotations

from typing import Annotated

import typer

from newsqa.cli.options import ReaderName
from newsqa.cli.session import Session, command

app = typer.Typer()


@command(app, "newsqa serve", "newsqa serve --port 8000 --read-only --index index", json=False)
def serve(
    session: Session,
    host: Annotated[str | None, typer.Option(metavar="H", help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(metavar="P", help="Port to listen on.")] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Refuse uploads and changes.")
    ] = False,
    reader: ReaderName = None,
) -> None:
    """Serve the web chat and the HTTP API until interrupted."""
    session.override(host=host, port=port, read_only=read_only or None, reader=reader)
    session.services.serve(session.settings)


@command(app, "newsqa mcp", "newsqa mcp --index index", json=False)
def mcp(session: Session, reader: ReaderName = None) -> None:
    """Serve one MCP client over stdin and stdout.

    Tools: search, ask, get_article, list_sources, prove_citation. `newsqa serve` has the same
    at /mcp. Exit code 2 if the mcp package is not installed.
    """
    session.override(reader=reader)
    session.services.serve_mcp(session.settings)
