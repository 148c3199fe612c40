"""The command line: `newsqa`, also `python -m newsqa`.

Data goes to stdout, progress and messages to stderr. Exit codes are in `newsqa.cli.exit_codes`.
Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsqa.cli.services import Doors

__all__ = ["main", "run"]


def main() -> int:
    """Run the command line of this process and return its exit code."""
    try:
        from newsqa.cli.helping import helped

        code = helped(sys.argv[1:])
        if code is not None:  # nothing of what follows is needed
            return code
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
    from newsqa.cli.helping import helped

    words = list(sys.argv[1:] if arguments is None else arguments)
    code = helped(words)
    if code is not None:
        return code
    from newsqa.cli.app import invoke

    return invoke(words, doors)
