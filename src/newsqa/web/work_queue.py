"""Where questions queue: as many at work as there are threads, a bounded number waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

WAITING = 32  # most pieces of work that wait for a thread
RETRY_AFTER_S = 2
DEADLINE_S = 5.0  # a question that takes longer is ended
PATIENCE_S = 5.0  # work that could not begin by then is not begun
RECENT = 0.1  # weight of the latest piece of work in the mean of how long one takes


class BusyError(Exception):
    """As much work waits as may; ask again in ``RETRY_AFTER_S`` seconds."""


class TooSlowError(BusyError):
    """This question took longer than a question may."""


class Deadline:
    """Ends a question that takes too long, between two pieces of its work; see `NewsQA.ask`.

    A question has one, whatever it consists of: its search and its reading share the time.
    """

    def __init__(self, seconds: float = DEADLINE_S) -> None:
        self._seconds = self._left = seconds
        self._began: float | None = None

    def __call__(self) -> None:
        """Start the clock, or look at it.

        Raises:
            TooSlowError: The time is over.
        """
        now = time.monotonic()
        self._began = now if self._began is None else self._began
        if now - self._began > self._left:
            raise TooSlowError(f"this took more than {self._seconds:g} s and was ended")

    def pause(self) -> None:
        """Stop the clock until the next look: the question waits for a thread once more."""
        if self._began is not None:
            self._left -= time.monotonic() - self._began
            self._began = None


class Desk:
    """Runs work of the processor in a few threads, never in the event loop."""

    def __init__(
        self, threads: int, *, waiting: int = WAITING, patience_s: float = PATIENCE_S
    ) -> None:
        self._patience_s = patience_s
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="newsqa-ask")
        self._threads = threads
        self._room = threads + waiting
        self._taken = 0
        self._takes_s = 0.0
        self._stopping = False
        self._told: list[Callable[[], object]] = []
        self._lock = Lock()

    @property
    def taken(self) -> int:
        """How many pieces of work are at work or wait."""
        return self._taken

    @property
    def stopping(self) -> bool:
        """Whether nothing more is begun."""
        return self._stopping

    def submit(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> Future[T]:
        """Queue ``work``; its result is a BusyError if it could not begin in time.

        Raises:
            BusyError: The queue is full, or so long that this piece would not begin in time, going
                by how long one took lately; nothing was queued.
        """
        with self._lock:
            ahead = max(0, self._taken - self._threads + 1)
            too_late = ahead and ahead * self._takes_s / self._threads > self._patience_s
            if self._taken >= self._room or too_late:
                raise BusyError("the queue of questions is full")
            self._taken += 1
        until = time.monotonic() + self._patience_s

        def begin() -> T:
            if self._stopping:
                raise BusyError("the server is stopping; this one was not begun")
            if time.monotonic() > until:
                raise BusyError("too many questions wait; this one was not begun")
            began = time.monotonic()
            try:
                return work(*args, **named)
            finally:
                self._took(time.monotonic() - began)

        try:
            future = self._pool.submit(begin)
        except BaseException:
            self._leave()
            raise
        future.add_done_callback(lambda _: self._leave())
        return future

    async def run(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Queue ``work`` and wait for it; work that has not begun ends with its caller."""
        return await asyncio.wrap_future(self.submit(work, *args, **named))

    def stop(self) -> None:
        """Begin nothing more: what waits is refused, what is at work is finished."""
        self._stopping = True
        for told in self._told:
            told()

    def when_stopping(self, told: Callable[[], object]) -> None:
        """Call ``told`` when `stop` is."""
        self._told.append(told)

    def close(self) -> None:
        """Drop what waits; what is at work is finished."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _took(self, seconds: float) -> None:
        """Learn from a piece of work; a very long one tells little of the next."""
        with self._lock:
            self._takes_s += RECENT * (min(seconds, self._patience_s) - self._takes_s)

    def _leave(self) -> None:
        with self._lock:
            self._taken -= 1
