"""`newsqa serve`, `newsqa config` and `newsqa doctor`: the running of the program itself."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from newsqa.cli import mcp_door
from newsqa.cli.exit_codes import DONE, NO_ANSWER
from newsqa.cli.options import Index, Json, Quiet, ReaderName, Verbose, examples
from newsqa.cli.output import json_text, one_line
from newsqa.cli.session import begin, remember

MASK = "********"


def register(app: typer.Typer) -> None:
    """Give the program these commands."""
    app.command(
        epilog=examples("newsqa serve", "newsqa serve --port 8000 --read-only --index index")
    )(serve)
    mcp_door.register(app)
    app.command(epilog=examples("newsqa doctor", "newsqa doctor --index index --json"))(doctor)
    group = typer.Typer(
        name="config",
        help="Show the settings in force.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(_group)
    group.command(
        epilog=examples("newsqa config show --origin", "NEWSQA_PORT=8000 newsqa config show --json")
    )(show)
    app.add_typer(group)


def _group(
    ctx: typer.Context, index: Index = None, quiet: Quiet = False, verbose: Verbose = 0
) -> None:
    remember(ctx, index=index, quiet=quiet, verbose=verbose)


def serve(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option(metavar="H", help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(metavar="P", help="Port to listen on.")] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Nothing can be uploaded or changed.")
    ] = False,
    reader: ReaderName = None,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Serve the web chat and the HTTP API until interrupted."""
    session = begin(
        ctx,
        index=index,
        quiet=quiet,
        verbose=verbose,
        host=host,
        port=port,
        read_only=read_only or None,
        reader=reader,
    )
    with session.progress() as progress:
        session.doors.serve(session.settings, progress)


def show(
    ctx: typer.Context,
    origin: Annotated[
        bool, typer.Option("--origin", help="Also say where each value comes from.")
    ] = False,
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Show every setting in force, in the form of newsqa.toml."""
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose)
    origins = session.layered.origins
    values: dict[str, Any] = session.settings.model_dump(mode="json")
    if values["admin_token"]:
        values["admin_token"] = MASK
    if json:
        shown = {
            key: {"value": value, "origin": origins[key]} if origin else value
            for key, value in values.items()
        }
        session.screen.json(shown)
        return
    for key, value in values.items():
        line = f"{key} = {json_text(value)}"
        session.screen.text(f"{line}  # {one_line(origins[key])}" if origin else line)


def doctor(
    ctx: typer.Context,
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Check what newsqa needs and say what to do. Exit code 1 if something is wrong."""
    from newsqa.cli.commands.doctor import examine

    session = begin(ctx, index=index, quiet=quiet, verbose=verbose)
    findings = examine(session)
    if json:
        session.screen.json({"findings": [finding.to_dict() for finding in findings]})
    else:
        for finding in findings:
            session.screen.text(f"{finding.state:<5}{finding.subject}: {finding.says}")
            if finding.cure and finding.state != "ok":
                session.screen.text(f"     {finding.cure}")
    broken = any(finding.state == "fail" for finding in findings)
    raise typer.Exit(NO_ANSWER if broken else DONE)
