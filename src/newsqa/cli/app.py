"""The program: all commands put together, and the exit code of each error."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from newsqa.cli.commands import (
    articles,
    ask,
    chat,
    config,
    doctor,
    evaluate,
    export,
    fetch,
    index,
    prove,
    search,
    serve,
    show,
    size,
    story,
)
from newsqa.cli.exit_codes import BUG, INTERRUPTED, PIPE_CLOSED, code_of
from newsqa.cli.options import Index, Quiet, Verbose, examples
from newsqa.cli.output import Screen, drop_stdout
from newsqa.cli.services import Services
from newsqa.cli.session import Start, group_options

_PARTS = (
    *(search, ask, chat, show, prove, articles, story, fetch, export, size),
    *(serve, doctor, evaluate, index, config),
)


class Root(TyperGroup):
    """Ends every command with the exit code of its error."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command; name the group of one that was typed without it."""
        for name, group in self.commands.items():
            if args[0] not in self.commands and args[0] in getattr(group, "commands", {}):
                ctx.fail(f"No such command {args[0]!r}. Did you mean `newsqa {name} {args[0]}`?")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; print a message and exit with a code instead of a traceback."""
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
            raise typer.Exit(_report(error, ctx.ensure_object(Start))) from None
        return result


def _is_typers_own(error: Exception) -> bool:
    """Usage errors and exits: typer shows them itself. Their base classes have no public name."""
    return isinstance(error, typer.Exit | typer.Abort) or hasattr(error, "exit_code")


def _report(error: Exception, start: Start) -> int:
    code = code_of(error)
    screen = Screen()
    if code == BUG or start.verbose > 1:
        import traceback

        screen.error("".join(traceback.format_exception(error)).rstrip())
    kind = "" if str(error) and code != BUG else f"{type(error).__name__}: "
    screen.error(f"newsqa: {kind}{error}")
    if code == BUG:
        screen.error("newsqa: this is a bug in newsqa; please report the lines above")
    return code


def _show_version(value: bool) -> None:
    if value:
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
    """Answer questions of news articles with exact, cited quotes from them."""
    group_options(ctx, index, quiet, verbose)


def create_app() -> typer.Typer:
    """Return the program with all its commands."""
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
    for part in _PARTS:
        app.add_typer(part.app)
    return app


def invoke(words: list[str], services: Services) -> int:
    """Run one command; see `newsqa.cli.run`."""
    try:
        get_command(create_app()).main(words, prog_name="newsqa", obj=Start(services))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except OSError as error:  # the help could not be written
        drop_stdout()
        if isinstance(error, BrokenPipeError):
            return 1  # silently, as typer does for the help of a command
        Screen().error(f"newsqa: {error}")
        return code_of(error)
    return 0
