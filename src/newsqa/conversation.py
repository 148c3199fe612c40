"""Conversations: the turns so far, handed on with each question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from newsqa.replies import Answer, Reply
from newsqa.types import Turn


class Chat:
    """One conversation; it remembers its own turns and nothing of any other."""

    def __init__(self, ask: Callable[..., Reply]) -> None:
        """Take what answers a question that may have ``turns`` before it, as `NewsQA.ask`."""
        self._ask = ask
        self.turns: tuple[Turn, ...] = ()

    def ask(self, question: str, **options: Any) -> Reply:
        """Ask ``question`` after the turns so far; ``options`` are those of `NewsQA.ask`."""
        reply = self._ask(question, turns=self.turns, **options)
        quotes = tuple(q.text for q in reply.quotes) if isinstance(reply, Answer) else ()
        self.turns = (*self.turns, Turn(question=question, quotes=quotes))
        return reply
