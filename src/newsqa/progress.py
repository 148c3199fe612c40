"""What stands in the line of a progress bar. Imports rich, so it is imported where one is drawn."""

from __future__ import annotations

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text


def columns() -> tuple[ProgressColumn, ...]:
    """Return the parts of a line: stage, bar, how many, rate, time left, the file at hand."""
    return (
        TextColumn("{task.description:>9}", markup=False),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        TextColumn("{task.fields[detail]}", markup=False, style="dim"),
    )


class Rate(ProgressColumn):
    """How many a second, lately; of a stage that is finished, over all of it."""

    def render(self, task: Task) -> Text:
        """Return it, or a dash while too little is known."""
        over = task.finished_time  # None before the end
        speed = task.completed / over if over else task.speed
        return Text("-/s" if speed is None else f"{speed:,.{0 if speed >= 10 else 1}f}/s")
