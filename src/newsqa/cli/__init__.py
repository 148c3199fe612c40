"""The command line: `newsqa`, also `python -m newsqa`.

Data goes to stdout, progress and messages to stderr. Exit codes are in `newsqa.cli.exit_codes`.
Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsqa.cli.services import Services

__all__ = ["main", "run"]


def main() -> int:
    """Run the command line of this process and return its exit code."""
    try:
        from newsqa.cli.output import leave, prepare

        prepare()
        return leave(run())
    except KeyboardInterrupt:
        return 130


def run(arguments: Sequence[str] | None = None, *, services: Services | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: The words after ``newsqa``; those of this process if None.
        services: What the commands call; newsqa itself if None.
    """
    from newsqa.cli.app import invoke
    from newsqa.cli.services import Services

    words = list(sys.argv[1:] if arguments is None else arguments)
    return invoke(words, services or Services())
