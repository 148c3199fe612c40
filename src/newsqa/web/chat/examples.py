"""Questions to begin with: those of a list that this very index answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import Future
from importlib.resources import files

from newsqa.errors import NewsQAError
from newsqa.web.engine_protocol import Engine
from newsqa.web.work_queue import Desk

MOST = 6
PATIENCE_S = 60.0
_LOOK_EVERY_S = 0.1


class Examples:
    """Looks for examples once, in the background; asking them warms the models as well.

    Visitors go first: while the desk has work for them, nothing is looked for, up to ``patience_s``
    in all.
    """

    def __init__(
        self,
        engine: Engine,
        desk: Desk,
        candidates: Sequence[str] | None = None,
        *,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._engine = engine
        self._desk = desk
        self._patience_s = patience_s
        self._candidates = candidates
        self._found: Future[list[str]] = Future()

    def find(self) -> None:
        """Ask the candidates and keep those with an answer; never raises."""
        try:
            found = self._answered()
        except Exception:
            found = []
        self._found.set_result(found)

    async def ready(self) -> list[str]:
        """Return the examples, once they are found."""
        return await asyncio.shield(asyncio.wrap_future(self._found))

    def _answered(self) -> list[str]:
        found: list[str] = []
        for question in self._candidates if self._candidates is not None else packaged():
            self._give_way()
            try:
                if self._engine.ask(question, k=1).answered:
                    found.append(question)
            except NewsQAError:
                continue
            if len(found) == MOST:
                break
        return found

    def _give_way(self) -> None:
        while self._desk.taken and self._patience_s > 0:
            time.sleep(_LOOK_EVERY_S)
            self._patience_s -= _LOOK_EVERY_S


def packaged() -> list[str]:
    """Return the questions about the sample corpus that come with the program."""
    listed = (files("newsqa.web") / "page" / "examples.txt").read_text(encoding="utf-8")
    return [line for line in listed.splitlines() if line and not line.startswith("#")]
