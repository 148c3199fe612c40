"""The questions typed in earlier chats, for the arrow keys: a small file of the user's own."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

MOST_LINES = 500


class History:
    """Keeps what was typed at a terminal. A file that cannot be used costs the history alone."""

    def __init__(self, path: Path | None = None, *, kept: bool = True) -> None:
        """Take the arrow keys in hand, with the lines of ``path`` unless nothing is kept."""
        self._path = path or _users_own()
        self._kept = kept
        with suppress(ImportError):  # then input() takes bare lines
            import readline

            for line in self._earlier() if kept else ():
                readline.add_history(line)

    def _earlier(self) -> list[str]:
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        lines = [line for line in text.split("\n") if line]
        if len(lines) > 2 * MOST_LINES:
            self._write("\n".join(lines[-MOST_LINES:]) + "\n", os.O_TRUNC)
        return lines[-MOST_LINES:]

    def note(self, line: str) -> None:
        """Add a line to the file."""
        words = line.split()
        if self._kept and words:
            self._write(f"{' '.join(words)}\n", os.O_APPEND)

    def _write(self, text: str, how: int) -> None:
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | how, 0o600)
            with os.fdopen(file, "wb") as written:
                written.write(text.encode("utf-8", errors="replace"))


def _users_own() -> Path:
    import platformdirs

    return Path(platformdirs.user_state_dir("newsqa")) / "chat-history"
