"""What is written where: data to stdout, messages to stderr, nothing that moves a cursor.

Text of articles reaches a terminal only through `safe`: without it an article could recolour,
retitle or rewrite the screen. JSON is lossless instead and never decorated.
"""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap
from dataclasses import dataclass
from typing import Any, TextIO

# CSI and OSC sequences, of ESC and of the one-character C1 form. None reaches over the beginning
# of another, so the time is linear in the text.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9b-\x9d]*(?:\x07|\x1b\\|\x9c)"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BIDI = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_SHOWN: dict[int, str | int | None] = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), "\N{REPLACEMENT CHARACTER}"),
    **dict.fromkeys(_BIDI, None),
}


def safe(text: str) -> str:
    """Return ``text`` as a terminal may see it: no escape sequence, control or bidi character."""
    text = _SEQUENCE.sub("", text).translate(_SHOWN)
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """Return ``text`` safe and with every run of white space as one space."""
    return safe(" ".join(text.split()))


def shortened(text: str, width: int, lines: int) -> list[str]:
    """Return the first ``lines`` lines of ``text``, wrapped at ``width`` characters."""
    wrapped = textwrap.wrap(
        one_line(text), width, max_lines=lines, placeholder=" …", break_on_hyphens=False
    )
    return wrapped or [""]


def json_text(value: object, *, indent: int | None = 2) -> str:
    """Return JSON in which every character survives, lone surrogates as escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


@dataclass(frozen=True, slots=True)
class Screen:
    """The two streams of one command, and how much it says.

    ``level``: -1 quiet, 0 as usual, 1 and more verbose.
    """

    level: int = 0

    def text(self, text: str) -> None:
        """Write data for people to stdout, made safe line by line."""
        self._write(sys.stdout, safe(text) + "\n")

    def line(self, text: str, *, style: str = "") -> None:
        """Write one line to stdout, in ``style`` ("bold" or "dim") where that can be seen."""
        self._write(sys.stdout, _styled(safe(text), style, sys.stdout) + "\n")

    def json(self, value: object, *, indent: int | None = 2) -> None:
        """Write one JSON value to stdout; on one line where ``indent`` is None."""
        text = json_text(value, indent=indent)
        if "utf" not in (getattr(sys.stdout, "encoding", None) or "utf-8").lower():
            text = json.dumps(value, indent=indent)
        self._write(sys.stdout, text + "\n")

    def note(self, text: str) -> None:
        """Write a message to stderr, unless quiet."""
        if self.level >= 0:
            self._write(sys.stderr, safe(text) + "\n")

    def complaint(self, text: str) -> None:
        """Write to stderr what must be said even when quiet."""
        self._write(sys.stderr, safe(text) + "\n")

    def flush(self) -> None:
        """Hand over what was written to stdout so far."""
        if sys.stdout is not None:
            sys.stdout.flush()

    @staticmethod
    def _write(stream: TextIO | Any, text: str) -> None:
        if stream is not None:  # closed with >&- or 2>&-
            stream.write(text)


def is_terminal(stream: TextIO | Any) -> bool:
    """Whether ``stream`` is a terminal that a person looks at."""
    try:
        return stream is not None and bool(stream.isatty())
    except ValueError:  # closed
        return False


def _styled(text: str, style: str, stream: TextIO | Any) -> str:
    if not style or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    code = {"bold": "1", "dim": "2"}[style]
    return f"\x1b[{code}m{text}\x1b[0m" if is_terminal(stream) else text
