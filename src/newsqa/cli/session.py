"""A command's surroundings, and the decorator that gives commands the options they share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import typer

from newsqa.cli.options import FILTERS, INDEX, JSON, LEVELS, Index, Quiet, Verbose, examples
from newsqa.cli.output import Screen
from newsqa.cli.services import Services

if TYPE_CHECKING:
    from newsqa.engine import NewsQA
    from newsqa.index import Index as StoredIndex
    from newsqa.protocols import Progress
    from newsqa.settings import Layered, Settings


class FilterOptions(TypedDict):
    """The filters of a command line as arguments of `search` and `ask`."""

    since: date | None
    until: date | None
    sources: tuple[str, ...]
    as_of: date | None
    today: date | None


@dataclass(slots=True)
class Start:
    """The options of groups and command; what stands further right on the line is stronger."""

    services: Services = field(default_factory=Services)
    index: Path | None = None
    quiet: bool = False
    verbose: int = 0

    def add(self, index: Path | None, quiet: bool, verbose: int) -> None:
        """Add the options of one more group, or of the command."""
        self.index = index or self.index
        self.quiet, self.verbose = quiet or self.quiet, max(verbose, self.verbose)

    @property
    def level(self) -> int:
        """-1 quiet, 0 as usual, 1 and more verbose."""
        return -1 if self.quiet else self.verbose


class Session:
    """The settings, the output and the shared options of one command."""

    def __init__(self, start: Start, *, json: bool, filters: FilterOptions) -> None:
        self.services = start.services
        self.screen = Screen(start.level)
        self.json = json
        self.filters = filters
        self._overrides: dict[str, Any] = {"index": start.index}
        self._layered: Layered | None = None

    def override(self, **options: Any) -> None:
        """Set settings from options of the command; None leaves a setting as it is."""
        self._overrides |= options

    @property
    def layered(self) -> Layered:
        """The settings with the origin of each; read on first use."""
        if self._layered is None:
            from newsqa.settings import layered

            self._layered = layered(self._overrides)
        return self._layered

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.layered.settings

    @contextmanager
    def engine(self) -> Iterator[NewsQA]:
        """Open the index to ask questions, for the length of a block."""
        engine = self.services.open(self.settings)
        try:
            yield engine
        finally:
            engine.close()

    @contextmanager
    def index(self) -> Iterator[StoredIndex]:
        """Open the index to read and change what is stored, for the length of a block."""
        index = self.services.open_index(self.settings)
        try:
            yield index
        finally:
            index.close()

    def progress(self) -> AbstractContextManager[Progress | None]:
        """Return what long work reports to: a bar, lines, or nothing."""
        from newsqa.cli.progress import progress_for

        return progress_for(self.screen)


def command(
    group: typer.Typer,
    *lines: str,
    name: str | None = None,
    json: bool = True,
    index: bool = True,
    filters: bool = False,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command with example ``lines`` and with the options that commands share.

    The function takes a `Session` and its own options; -q and -v are always added, --json,
    --index and the filters of a search where asked for.
    """
    shared = [*FILTERS * filters, *JSON * json, *INDEX * index, *LEVELS]

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        def call(ctx: typer.Context, **arguments: Any) -> None:
            options = {option.name: arguments.pop(option.name) for option in shared}
            function(_session(ctx, options), **arguments)

        own = list(signature(function, eval_str=True).parameters.values())[1:]
        parameters = [
            Parameter("ctx", Parameter.KEYWORD_ONLY, annotation=typer.Context),
            *(option.replace(kind=Parameter.KEYWORD_ONLY) for option in own),
            *shared,
        ]
        call.__name__, call.__doc__ = function.__name__, function.__doc__
        call.__annotations__ = {option.name: option.annotation for option in parameters}
        call.__dict__["__signature__"] = Signature(parameters)
        group.command(name=name, epilog=examples(*lines))(call)
        return function

    return decorate


def _session(ctx: typer.Context, options: dict[str, Any]) -> Session:
    since, until = options.get("since"), options.get("until")
    if since and until and since > until:
        raise typer.BadParameter(f"--since {since} is after --until {until}")
    start = ctx.ensure_object(Start)
    start.add(options.get("index"), options["quiet"], options["verbose"])
    levels = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}
    logging.getLogger("newsqa").setLevel(levels.get(start.level, logging.DEBUG))
    filters: FilterOptions = {
        "since": since,
        "until": until,
        "sources": tuple(options.get("source") or ()),
        "as_of": options.get("as_of"),
        "today": options.get("today"),
    }
    return Session(start, json=options.get("json", False), filters=filters)


def group_options(
    ctx: typer.Context, index: Index = None, quiet: Quiet = False, verbose: Verbose = 0
) -> None:
    """Take the shared options before the name of a command."""
    ctx.ensure_object(Start).add(index, quiet, verbose)
