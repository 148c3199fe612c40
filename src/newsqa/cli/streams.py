"""What is set once for the whole process, by `main` alone: streams, warnings, log lines."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from contextlib import suppress
from io import BytesIO
from typing import BinaryIO, TextIO


def prepare() -> None:
    """Make the standard streams take any character, and messages one line each."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # None where the stream is closed or replaced
            reconfigure(errors="backslashreplace")
    # Libraries log and warn about what a reader of articles can do nothing about.
    logging.getLogger().addHandler(logging.NullHandler())
    handler = logging.StreamHandler()
    handler.setFormatter(_Line("newsqa: %(message)s"))
    ours = logging.getLogger("newsqa")
    ours.addHandler(handler)
    ours.propagate = False
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
        warnings.filterwarnings("default", module=r"newsqa(\.|$)")
    warnings.showwarning = _show_warning


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    stream = file or sys.stderr
    if stream is not None:
        stream.write(f"newsqa: warning: {' '.join(str(message).split())}\n")


class _Line(logging.Formatter):
    """One record, one line: text from articles must not forge further lines."""

    def format(self, record: logging.LogRecord) -> str:
        from newsqa.cli.output import one_line

        return one_line(super().format(record))


def stdin() -> BinaryIO:
    """Return the bytes of stdin; none where it is closed. What is typed or piped is UTF-8."""
    return BytesIO() if sys.stdin is None else sys.stdin.buffer


def leave(code: int) -> int:
    """Return ``code``, or end the process with it where threads still run in the background.

    A server's threads may be inside native code. The interpreter on its way out would unwind
    them there, which aborts the process instead of ending it.
    """
    threading = sys.modules.get("threading")
    if threading is None or not any(thread.daemon for thread in threading.enumerate()):
        return code
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def drop_stdout() -> None:
    """Send what is still buffered for a closed pipe to nowhere, so that exit is silent."""
    try:
        number = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)


def unwritten(error: OSError) -> int:
    """Say that the help could not be written, and return the exit code."""
    drop_stdout()
    if isinstance(error, BrokenPipeError):
        return 1  # silently, as typer does it for the help of a command
    from newsqa.cli.exit_codes import code_of
    from newsqa.cli.output import Screen

    Screen().complaint(f"newsqa: {error}")
    return code_of(error)
