"""`newsqa mcp`: the index as tools for programs that speak the Model Context Protocol."""

from __future__ import annotations

import typer

from newsqa.cli.options import Index, Quiet, ReaderName, Verbose, examples
from newsqa.cli.session import begin


def register(app: typer.Typer) -> None:
    """Give the program this command."""
    app.command(epilog=examples("newsqa mcp", "newsqa mcp --index index"))(mcp)


def mcp(
    ctx: typer.Context,
    reader: ReaderName = None,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Serve one MCP client over stdin and stdout.

    Tools: search, ask, get_article, list_sources, prove_citation. `newsqa serve` has the same
    at /mcp. Exit code 2 if the mcp package is not installed.
    """
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose, reader=reader)
    session.doors.mcp(session.settings)
