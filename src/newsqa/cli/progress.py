"""Progress of long work: a bar on a terminal, a line now and then with -v, else nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from newsqa.cli.output import Screen, is_terminal, one_line

if TYPE_CHECKING:
    from newsqa.protocols import Progress

LINE_EVERY_S = 5.0


@contextmanager
def progress_for(screen: Screen) -> Iterator[Progress | None]:
    """Give the progress that suits the screen, or None where none is wanted."""
    if screen.level >= 0 and is_terminal(sys.stderr):
        from newsqa.web.progress import bars

        with bars() as progress:
            yield progress
    else:
        yield Lines(screen) if screen.level > 0 else None


class Lines:
    """Writes a line when a stage begins and ends, and every few seconds between."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._stage = ""
        self._last_s = 0.0

    def __call__(self, stage: str, done: int, total: int | None, detail: str = "") -> None:
        """Report progress; see `newsqa.protocols.Progress`."""
        now = time.monotonic()
        if stage == self._stage and done != total and now - self._last_s < LINE_EVERY_S:
            return
        self._stage, self._last_s = stage, now
        of = "" if total is None else f" of {total}"
        self._screen.note(one_line(f"{stage}: {done}{of} {detail}"))
