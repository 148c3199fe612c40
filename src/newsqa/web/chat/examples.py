"""Example questions: those of a list that this index answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import Future
from importlib.resources import files

from newsqa.engine import NewsQA
from newsqa.errors import NewsQAError
from newsqa.web.work_queue import WorkQueue

MAX_EXAMPLES = 6
MAX_YIELD_S = 60.0
_POLL_S = 0.1


class Examples:
    """Finds examples once, in the background; asking them warms the models as well.

    Visitors go first: while the queue has work, no candidate is asked, for up to
    ``max_yield_s`` in all.
    """

    def __init__(
        self,
        qa: NewsQA,
        queue: WorkQueue,
        candidates: Sequence[str] | None = None,
        *,
        max_yield_s: float = MAX_YIELD_S,
    ) -> None:
        self._qa = qa
        self._queue = queue
        self._candidates = candidates
        self._yield_s = max_yield_s
        self._questions: Future[list[str]] = Future()

    def find(self) -> None:
        """Ask the candidates and keep those with an answer; never raises."""
        try:
            questions = self._answered()
        except Exception:
            questions = []
        self._questions.set_result(questions)

    async def ready(self) -> list[str]:
        """Return the examples, once they are found."""
        return await asyncio.shield(asyncio.wrap_future(self._questions))

    def _answered(self) -> list[str]:
        questions: list[str] = []
        for question in self._candidates if self._candidates is not None else packaged():
            self._yield_to_visitors()
            try:
                if self._qa.ask(question, k=1).answered:
                    questions.append(question)
            except NewsQAError:
                continue
            if len(questions) == MAX_EXAMPLES:
                break
        return questions

    def _yield_to_visitors(self) -> None:
        while self._queue.pending and self._yield_s > 0:
            time.sleep(_POLL_S)
            self._yield_s -= _POLL_S


def packaged() -> list[str]:
    """Return the questions about the sample corpus that come with the program."""
    lines = (files("newsqa.web") / "page" / "examples.txt").read_text(encoding="utf-8")
    return [line for line in lines.splitlines() if line and not line.startswith("#")]
