"""Progress of long work: a bar on a terminal, a line now and then with -v, else nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from newsqa.cli.output import Screen, is_terminal, one_line

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from newsqa.protocols import Progress

LINE_EVERY_S = 5.0


@contextmanager
def progress_for(screen: Screen) -> Iterator[Progress | None]:
    """Give the progress that suits the screen, or None where nobody wants any."""
    if screen.level >= 0 and is_terminal(sys.stderr):
        bars = Bars()
        try:
            yield bars
        finally:
            bars.close()  # also when interrupted: the cursor is hidden while bars move
    else:
        yield Lines(screen) if screen.level > 0 else None


class Lines:
    """Writes how far a stage is: when it begins, when it ends, and every few seconds."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._stage = ""
        self._last_s = 0.0

    def __call__(self, stage: str, done: int, total: int | None, detail: str = "") -> None:
        """Take note; see `newsqa.protocols.Progress`."""
        now = time.monotonic()
        if stage == self._stage and done != total and now - self._last_s < LINE_EVERY_S:
            return
        self._stage, self._last_s = stage, now
        of = "" if total is None else f" of {total}"
        self._screen.note(one_line(f"{stage}: {done}{of} {detail}"))


class Bars:
    """One bar a stage, with rate and time left. Drawn from the first report on."""

    def __init__(self) -> None:
        self._rich: RichProgress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._last = ("", 0)

    def __call__(self, stage: str, done: int, total: int | None, detail: str = "") -> None:
        """Take note; see `newsqa.protocols.Progress`."""
        rich = self._rich or self._begin()
        before, reached = self._last
        if stage != before:
            if before:  # where no total was known, this is it
                rich.update(self._tasks[before], total=reached, detail="")
            if stage not in self._tasks:
                self._tasks[stage] = rich.add_task(stage, total=total, detail="")
        self._last = (stage, done)
        shown = one_line(detail)[-40:]
        rich.update(self._tasks[stage], completed=done, total=total, detail=shown)

    def _begin(self) -> RichProgress:
        from rich.console import Console
        from rich.progress import Progress

        from newsqa.progress import columns

        self._rich = Progress(*columns(), console=Console(stderr=True), refresh_per_second=5)
        self._rich.start()
        return self._rich

    def close(self) -> None:
        """Leave the finished bars on the screen and the cursor below them."""
        if self._rich is not None:
            self._rich.stop()
