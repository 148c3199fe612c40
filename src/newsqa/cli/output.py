"""Output: data to stdout, messages to stderr; the streams and log lines of the process.

Text of articles reaches a terminal only through `safe`: without it an article could recolour,
retitle or rewrite the screen. JSON is lossless instead and never decorated.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import textwrap
import warnings
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from shutil import get_terminal_size
from typing import Any, BinaryIO, TextIO

# CSI and OSC sequences, of ESC and of the one-character C1 form. None reaches over the beginning
# of another, so the time is linear in the text.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9b-\x9d]*(?:\x07|\x1b\\|\x9c)"
)
# Private-use characters stand for escape sequences while a text is wrapped.
_STARTS = {"bold": "\ue000", "dim": "\ue001", "mark": "\ue002"}
_END = "\ue003"
_SEQUENCES = {0xE000: "\x1b[1m", 0xE001: "\x1b[2m", 0xE002: "\x1b[1;33m", 0xE003: "\x1b[0m"}
MIN_WIDTH = 20
_NO_STYLE = dict.fromkeys(_SEQUENCES)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BIDI = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_SHOWN: dict[int, str | int | None] = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), "\N{REPLACEMENT CHARACTER}"),
    **dict.fromkeys(_BIDI, None),
}


def safe(text: str) -> str:
    """Return ``text`` without escape sequences, control characters and bidi controls."""
    text = _SEQUENCE.sub("", text).translate(_SHOWN)
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """Return ``text`` made safe, with every run of white space as one space."""
    return safe(" ".join(text.split()))


def json_text(value: object, *, indent: int | None = 2) -> str:
    """Return JSON with all characters as they are, except lone surrogates, which are escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


@dataclass(frozen=True, slots=True)
class Screen:
    """Stdout and stderr of one command.

    ``level``: -1 quiet, 0 as usual, 1 and more verbose.
    """

    level: int = 0

    def text(self, text: str) -> None:
        """Write text to stdout, made safe."""
        self._write(sys.stdout, safe(text) + "\n")

    def line(self, text: str, *, style: str = "") -> None:
        """Write one line to stdout, "bold" or "dim" on a terminal with colours."""
        self._write(sys.stdout, _styled(safe(text), style, sys.stdout) + "\n")

    def parts(self, parts: Iterable[tuple[str, str]], *, indent: str = "", width: int = 0) -> None:
        """Write a line whose parts have styles, wrapped to the terminal, or elsewhere to ``width``.

        Styles are those of `line` and "mark"; a ``width`` of 0 means no wrapping.
        """
        text = "".join(_marked(safe(part.translate(_NO_STYLE)), style) for part, style in parts)
        width = get_terminal_size().columns if is_terminal(sys.stdout) else width
        wrapper = textwrap.TextWrapper(
            max(width, MIN_WIDTH),
            initial_indent=indent,
            subsequent_indent=indent,
            break_on_hyphens=False,
        )
        for line in text.split("\n"):
            rows = wrapper.wrap(line) if width else [indent + line]
            for row in rows or [""]:
                self._write(sys.stdout, _with_styles(row, sys.stdout) + "\n")

    def json(self, value: object, *, indent: int | None = 2) -> None:
        """Write one JSON value to stdout, on one line if ``indent`` is None."""
        text = json_text(value, indent=indent)
        if "utf" not in (getattr(sys.stdout, "encoding", None) or "utf-8").lower():
            text = json.dumps(value, indent=indent)
        self._write(sys.stdout, text + "\n")

    def note(self, text: str) -> None:
        """Write a message to stderr, unless quiet."""
        if self.level >= 0:
            self._write(sys.stderr, safe(text) + "\n")

    def error(self, text: str) -> None:
        """Write a message to stderr, even when quiet."""
        self._write(sys.stderr, safe(text) + "\n")

    def flush(self) -> None:
        """Flush stdout."""
        if sys.stdout is not None:
            sys.stdout.flush()

    @staticmethod
    def _write(stream: TextIO | Any, text: str) -> None:
        if stream is not None:  # closed with >&- or 2>&-
            stream.write(text)


def is_terminal(stream: TextIO | Any) -> bool:
    """Return whether ``stream`` is a terminal."""
    try:
        return stream is not None and bool(stream.isatty())
    except ValueError:  # closed
        return False


def _styled(text: str, style: str, stream: TextIO | Any) -> str:
    return _with_styles(_marked(text, style), stream)


def _marked(text: str, style: str) -> str:
    return f"{_STARTS[style]}{text}{_END}" if style else text


def _with_styles(text: str, stream: TextIO | Any) -> str:
    """Replace the signs of styles by escape sequences, or by nothing where there are no colours."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    if plain or not is_terminal(stream):
        return text.translate(_NO_STYLE)
    return text.translate(_SEQUENCES)


def prepare() -> None:
    """Set up streams, warnings and logging of the process: any character, one line a message."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # None where the stream is closed or replaced
            reconfigure(errors="backslashreplace")
    # Libraries log and warn about things that users can do nothing about.
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
    """Keep a record on one line, so that text from articles cannot forge others."""

    def format(self, record: logging.LogRecord) -> str:
        return one_line(super().format(record))


def stdin() -> BinaryIO:
    """Return stdin as bytes (UTF-8), empty if it is closed."""
    return BytesIO() if sys.stdin is None else sys.stdin.buffer


def leave(code: int) -> int:
    """Return ``code``, or end the process with it if daemon threads still run.

    They may be inside native code, where an interpreter that shuts down would abort the process.
    """
    threading = sys.modules.get("threading")
    if threading is None or not any(thread.daemon for thread in threading.enumerate()):
        return code
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def drop_stdout() -> None:
    """Redirect stdout to the null device, so that flushing a closed pipe at exit is silent."""
    try:
        descriptor = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):
        return
    null_device = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null_device, descriptor)
    os.close(null_device)
