"""The command line: `newsqa`, also `python -m newsqa`.

Data goes to stdout, progress and messages to stderr. Exit codes are in `newsqa.cli.exits`.
Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsqa.cli.doors import Doors

__all__ = ["main", "run"]


def main() -> int:
    """Run the command line of this process and return its exit code."""
    try:
        from newsqa.cli.streams import leave, prepare

        prepare()
        return leave(run())
    except KeyboardInterrupt:
        return 130


def run(arguments: Sequence[str] | None = None, *, doors: Doors | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: The words after ``newsqa``; those of this process if None.
        doors: Where the commands find the rest of newsqa; the real thing if None.
    """
    from newsqa.cli.root import invoke

    return invoke(arguments, doors)
