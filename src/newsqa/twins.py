"""The async twins of searching and asking: the same work in a thread, so that a loop goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol, TypedDict, TypeVar, Unpack

from newsqa.answering.answer import Check, go_on
from newsqa.protocols import Reader
from newsqa.replies import Hits, Reply
from newsqa.types import Turn

T = TypeVar("T")


class SearchOptions(TypedDict, total=False):
    """The arguments of `NewsQA.search` after the question."""

    k: int
    offset: int
    since: date | None
    until: date | None
    sources: Sequence[str]
    as_of: date | None
    today: date | None
    turns: Sequence[Turn]
    rerank: bool
    max_tokens: int | None
    check: Check


class AskOptions(TypedDict, total=False):
    """The arguments of `NewsQA.ask` after the question."""

    k: int
    since: date | None
    until: date | None
    sources: Sequence[str]
    as_of: date | None
    today: date | None
    turns: Sequence[Turn]
    reader: str | Reader | None
    explain: bool
    check: Check


class Twinned(Protocol):
    """What has both methods that the twins call."""

    def search(self, question: str, **options: Unpack[SearchOptions]) -> Hits:
        """Return the best passages."""
        ...

    def ask(self, question: str, **options: Unpack[AskOptions]) -> Reply:
        """Return an answer or say why not."""
        ...


class AsyncTwins:
    """Gives `search` and `ask` twins to await.

    A twin that is cancelled ends its work at the next pause between two pieces of it.
    """

    async def asearch(self: Twinned, question: str, **options: Unpack[SearchOptions]) -> Hits:
        """Return what `search` returns."""
        stop = _Stop(options.get("check", go_on))
        options["check"] = stop
        return await _in_thread(stop, lambda: self.search(question, **options))

    async def aask(self: Twinned, question: str, **options: Unpack[AskOptions]) -> Reply:
        """Return what `ask` returns."""
        stop = _Stop(options.get("check", go_on))
        options["check"] = stop
        return await _in_thread(stop, lambda: self.ask(question, **options))


class _CancelledError(Exception):
    """Nobody waits for this work any more."""


class _Stop:
    """A check that also ends the work once it was told to."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self.told = False

    def __call__(self) -> None:
        if self.told:
            raise _CancelledError
        self._check()


async def _in_thread(stop: _Stop, work: Callable[[], T]) -> T:
    import asyncio  # not before it is needed: the command line starts without it

    try:
        return await asyncio.to_thread(work)
    except asyncio.CancelledError:
        stop.told = True
        raise
