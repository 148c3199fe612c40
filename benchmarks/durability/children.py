"""Work in forked children: cheap to start, and what they do to memory or die of stays theirs.

The process that forks opens no index itself, so that no library of it has threads.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Say = Callable[[str], None]


class ChildFailedError(Exception):
    """A child ended in an error of its own; the message is its traceback."""


def warm_up() -> None:
    """Import what every child needs, once."""
    import faiss  # noqa: F401
    import numpy as np  # noqa: F401
    import pydantic  # noqa: F401
    import snowballstemmer  # noqa: F401
    import tantivy  # noqa: F401

    import newsqa.index.update
    import newsqa.ingest
    import newsqa.models

    newsqa.models.open_token_counter()
    logging.disable(logging.WARNING)


@dataclass
class Child:
    """A child at work, and the lines it has said."""

    pid: int
    out: int
    heard: bytes = b""

    @classmethod
    def start(cls, work: Callable[..., None], *given: Any) -> Child:
        """Fork; ``work(*given, say)`` runs there, ``say`` sends a line here at once."""
        out, into = os.pipe()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                os.close(out)
                work(*given, lambda line: os.write(into, f"{line}\n".encode()))
                code = 0
            except BaseException:
                os.write(into, f"!{json.dumps(traceback.format_exc())}\n".encode())
            finally:
                os._exit(code)
        os.close(into)
        return cls(pid, out)

    def first(self) -> str:
        """Wait for the first line; empty if the child ended without one."""
        while b"\n" not in self.heard:
            part = os.read(self.out, 65_536)
            if not part:
                return ""
            self.heard += part
        return self.heard.split(b"\n", 1)[0].decode()

    def kill(self) -> None:
        """kill -9."""
        os.kill(self.pid, signal.SIGKILL)

    def lines(self) -> list[str]:
        """Wait for the end and return every whole line."""
        while part := os.read(self.out, 1 << 20):
            self.heard += part
        os.close(self.out)
        os.waitpid(self.pid, 0)
        return [line.decode() for line in self.heard.split(b"\n")[:-1]]


def forked(work: Callable[..., Any], *given: Any) -> Any:
    """Return what ``work(*given)`` returns in a child, as JSON.

    Raises:
        ChildFailedError: It raised, or died.
    """

    def tell(say: Say) -> None:
        say("=" + json.dumps(work(*given)))

    for line in Child.start(tell).lines():
        if line.startswith("!"):
            raise ChildFailedError(json.loads(line[1:]))
        if line.startswith("="):
            return json.loads(line[1:])
    raise ChildFailedError("died without a word")


def killed(work: Callable[..., None], delay_s: float, *given: Any) -> list[str]:
    """Let a child work, kill it so long after its first line, and return its lines.

    Raises:
        ChildFailedError: It raised before it was killed.
    """
    child = Child.start(work, *given)
    child.first()
    time.sleep(delay_s)
    child.kill()
    lines = child.lines()
    for line in lines:
        if line.startswith("!"):
            raise ChildFailedError(json.loads(line[1:]))
    return lines
