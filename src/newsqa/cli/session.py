"""What one command works with: the settings in force, the doors and the screen."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from newsqa.cli.output import Screen
from newsqa.cli.services import REAL, Doors

if TYPE_CHECKING:
    from newsqa.cli.services import Engine, Stored
    from newsqa.protocols import Progress
    from newsqa.settings import Layered, Settings


@dataclass(slots=True)
class Start:
    """What all commands take, wherever it stands; what stands further right is stronger."""

    doors: Doors = REAL
    index: Path | None = None
    quiet: bool = False
    verbose: int = 0


class Session:
    """One command's surroundings. Settings are read on first use, so that errors come late."""

    def __init__(self, doors: Doors, screen: Screen, overrides: dict[str, Any]) -> None:
        self.doors = doors
        self.screen = screen
        self._overrides = overrides
        self._layered: Layered | None = None

    @property
    def layered(self) -> Layered:
        """The settings together with where each comes from."""
        if self._layered is None:
            from newsqa.settings import layered

            self._layered = layered(self._overrides)
        return self._layered

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.layered.settings

    @contextmanager
    def opened(self) -> Iterator[Engine]:
        """Open the index that the settings name, for as long as the block lasts."""
        engine = self.doors.open(self.settings)
        try:
            yield engine
        finally:
            engine.close()

    @contextmanager
    def stored(self) -> Iterator[Stored]:
        """Open the index as a thing on disk, for as long as the block lasts."""
        stored = self.doors.stored(self.settings)
        try:
            yield stored
        finally:
            stored.close()

    def progress(self) -> AbstractContextManager[Progress | None]:
        """Give what long work reports to: a bar, lines, or nothing."""
        from newsqa.cli.progress import progress_for

        return progress_for(self.screen)


def begin(
    ctx: typer.Context,
    *,
    index: Path | None,
    quiet: bool,
    verbose: int,
    **overrides: Any,
) -> Session:
    """Return the session of a command; ``overrides`` are settings given as its options."""
    remember(ctx, index=index, quiet=quiet, verbose=verbose)
    start = ctx.ensure_object(Start)
    level = -1 if start.quiet else start.verbose
    heard = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}.get(level, logging.DEBUG)
    logging.getLogger("newsqa").setLevel(heard)
    overrides["index"] = start.index
    return Session(start.doors, Screen(level), overrides)


def remember(ctx: typer.Context, *, index: Path | None, quiet: bool, verbose: int) -> None:
    """Keep what a group of commands was given, for the command that follows."""
    start = ctx.ensure_object(Start)
    start.index = index or start.index
    start.quiet, start.verbose = quiet or start.quiet, max(verbose, start.verbose)


def filters_of(
    since: date | None, until: date | None, sources: Sequence[str] | None, as_of: date | None
) -> dict[str, Any]:
    """Return the filters as arguments of `search` and `ask`, or end with a usage error."""
    if since and until and since > until:
        raise typer.BadParameter(f"--since {since} is after --until {until}")
    return {"since": since, "until": until, "sources": tuple(sources or ()), "as_of": as_of}
