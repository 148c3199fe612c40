"""The help of the program itself, from a file: to import the option parser takes far longer.

`python -m newsqa.cli.docs_page help > src/newsqa/cli/help.txt` makes the file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

COMPLETING = "_NEWSQA_COMPLETE"  # set by a shell that asks what could follow
COLUMNS = 80  # the option parser wraps at this many where the terminal has them


def helped(words: Sequence[str]) -> int | None:
    """Print the program's help where only that is asked for, and return the exit code.

    Returns None, with nothing printed, where something else is asked for or where the option
    parser would not print what is in the file.
    """
    asked = list(words) in (["--help"], ["-h"]) and COMPLETING not in os.environ
    if not asked or _columns() < COLUMNS:
        return None
    try:
        with open(os.path.join(os.path.dirname(__file__), "help.txt"), encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return None
    try:
        if sys.stdout is not None:  # closed with >&-
            sys.stdout.write(text)
            sys.stdout.flush()
    except OSError as error:
        from newsqa.cli.streams import unwritten

        return unwritten(error)
    return 0


def _columns() -> int:
    """Return the width that `shutil.get_terminal_size` finds; to import that is slow, too."""
    try:
        told = int(os.environ["COLUMNS"])
    except (KeyError, ValueError):
        told = 0
    if told > 0:
        return told
    if sys.__stdout__ is None:
        return COLUMNS
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or COLUMNS
    except (ValueError, OSError):  # closed, or no terminal
        return COLUMNS
