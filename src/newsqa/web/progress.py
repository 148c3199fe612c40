"""Progress bars on stderr. Importing this imports rich; do so only where bars are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

_DETAIL_CHARS = 40


class Bars:
    """One bar a stage, with rate and time left, drawn from the first report on."""

    def __init__(self, rich: Progress) -> None:
        self._rich = rich
        self._tasks: dict[str, TaskID] = {}
        self._last = ("", 0)

    def __call__(self, stage: str, done: int, total: int | None, detail: str = "") -> None:
        """Report progress; see `newsqa.protocols.Progress`."""
        self._rich.start()
        previous, reached = self._last
        if stage != previous:
            if previous:  # where no total was known, this is it
                self._rich.update(self._tasks[previous], total=reached, detail="")
            if stage not in self._tasks:
                self._tasks[stage] = self._rich.add_task(stage, total=total, detail="")
        self._last = (stage, done)
        # A file's name must not move the cursor.
        printable = "".join(c if c.isprintable() else " " for c in detail)
        self._rich.update(
            self._tasks[stage], completed=done, total=total, detail=printable[-_DETAIL_CHARS:]
        )


class _Rate(ProgressColumn):
    """How many a second, lately; of a finished stage, over all of it."""

    def render(self, task: Task) -> Text:
        """Return the rate, or a dash while too little is known."""
        over = task.finished_time  # None before the end
        speed = task.completed / over if over else task.speed
        return Text("-/s" if speed is None else f"{speed:,.{0 if speed >= 10 else 1}f}/s")


@contextmanager
def bars() -> Iterator[Bars]:
    """Give bars for the length of a block; afterwards the cursor stands below them."""
    rich = Progress(
        TextColumn("{task.description:>9}", markup=False),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        TextColumn("{task.fields[detail]}", markup=False, style="dim"),
        console=Console(stderr=True),
        refresh_per_second=5,
    )
    try:
        yield Bars(rich)
    finally:
        if rich.live.is_started:
            rich.stop()  # also when interrupted: the cursor is hidden while bars move
