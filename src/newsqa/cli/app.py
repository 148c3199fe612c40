"""The commands put together, and what becomes of their errors."""

from __future__ import annotations

import os
from collections.abc import Container
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_command_name

from newsqa.cli.commands import ask as asking
from newsqa.cli.commands import chat as chatting
from newsqa.cli.commands import evaluate as measuring
from newsqa.cli.commands import export as exporting
from newsqa.cli.commands import fetch as fetching
from newsqa.cli.commands import index as indexing
from newsqa.cli.commands import serve as serving
from newsqa.cli.commands import show as reading
from newsqa.cli.commands import size as sizing
from newsqa.cli.commands import story as stories
from newsqa.cli.exit_codes import BUG, INTERRUPTED, PIPE_CLOSED, code_of
from newsqa.cli.helping import COMPLETING
from newsqa.cli.options import Index, Quiet, Verbose, examples
from newsqa.cli.output import Screen
from newsqa.cli.services import REAL, Doors
from newsqa.cli.session import Start, remember
from newsqa.cli.streams import drop_stdout, unwritten

PARTS = (
    *(asking, chatting, reading, stories, indexing, fetching, exporting, sizing),
    *(serving, measuring),
)


class Root(TyperGroup):
    """The program: ends every command with the exit code that its error means."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a message and a code instead of a traceback."""
        try:
            result = super().invoke(ctx)
            Screen().flush()
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            drop_stdout()
            raise typer.Exit(PIPE_CLOSED) from None
        except Exception as error:
            if _is_typers_own(error):
                raise
            raise typer.Exit(_explained(error, ctx.ensure_object(Start))) from None
        return result


def _is_typers_own(error: Exception) -> bool:
    """Usage errors and exits: typer shows them itself. Their base classes have no public name."""
    return isinstance(error, typer.Exit | typer.Abort) or hasattr(error, "exit_code")


def _explained(error: Exception, start: Start) -> int:
    code = code_of(error)
    screen = Screen()
    if code == BUG or start.verbose > 1:
        import traceback

        screen.complaint("".join(traceback.format_exception(error)).rstrip())
    kind = "" if str(error) and code != BUG else f"{type(error).__name__}: "
    screen.complaint(f"newsqa: {kind}{error}")
    if code == BUG:
        screen.complaint("newsqa: this is a mistake in newsqa; please report the lines above")
    return code


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        Screen().text(f"newsqa {version('newsqa')}")
        raise typer.Exit


def _root(
    ctx: typer.Context,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
    version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", callback=_show_version, is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    """Ask questions of news articles; the answers are quoted from them and cited."""
    remember(ctx, index=index, quiet=quiet, verbose=verbose)


def create_app(words: Container[str] | None = None) -> typer.Typer:
    """Return the program with all its commands.

    Args:
        words: The only commands that will be run; the others can be listed with their help, but
            take no options. Reading the options of them all is a quarter of a start.
    """
    app = typer.Typer(
        name="newsqa",
        cls=Root,
        rich_markup_mode=None,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog=examples(
            "newsqa index build corpus/",
            'newsqa ask "Who wrote the letter?"',
            'newsqa search "harbour wall" --since 2024-11-01 --json',
        ),
    )
    app.callback()(_root)
    for module in PARTS:
        module.register(app)
    if words is not None:
        _list_only(app, words)
    return app


def _list_only(app: typer.Typer, words: Container[str]) -> None:
    """Leave of the commands that are not among ``words`` the name and the help."""
    for info in app.registered_commands:
        told = info.callback
        name = info.name or get_command_name(getattr(told, "__name__", ""))
        if name not in words:
            info.name, info.help, info.callback = name, info.help or told.__doc__, _unread
    for group in app.registered_groups:
        if group.typer_instance is not None:
            _list_only(group.typer_instance, words)


def _unread() -> None:
    raise AssertionError("a command that was only to be listed")


def invoke(words: list[str], doors: Doors | None) -> int:
    """Run one command; see `newsqa.cli.run`."""
    try:
        program = get_command(create_app(None if COMPLETING in os.environ else words))
        program.main(words, prog_name="newsqa", obj=Start(doors or REAL))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except OSError as error:  # the help could not be written
        return unwritten(error)
    return 0
