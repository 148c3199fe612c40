"""Questions to begin with: those of a list that this very index answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from importlib.resources import files

from newsqa.errors import NewsQAError
from newsqa.web.engine import Engine

MOST = 6


class Examples:
    """Looks for examples once, in the background; asking them warms the models as well."""

    def __init__(self, engine: Engine, candidates: Sequence[str] | None = None) -> None:
        self._engine = engine
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
            try:
                if self._engine.ask(question, k=1).answered:
                    found.append(question)
            except NewsQAError:
                continue
            if len(found) == MOST:
                break
        return found


def packaged() -> list[str]:
    """Return the questions about the sample corpus that come with the program."""
    listed = (files("newsqa.web") / "page" / "examples.txt").read_text(encoding="utf-8")
    return [line for line in listed.splitlines() if line and not line.startswith("#")]
