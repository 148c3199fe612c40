"""Bounded work queue over a thread pool, and the deadline of a question."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

MAX_WAITING = 32  # pieces of work that wait for a thread
MAX_WAIT_S = 5.0  # work that could not start by then is not started
DEADLINE_S = 5.0  # a question that takes longer is cancelled
RETRY_AFTER_S = 2
_MEAN_WEIGHT = 0.1  # of the latest piece of work in the mean duration


class BusyError(Exception):
    """The queue is full; ask again in ``RETRY_AFTER_S`` seconds."""


class TooSlowError(BusyError):
    """A question took longer than its deadline."""


class Deadline:
    """A cancel check (see `NewsQA.ask`) that ends a question when its time is over.

    A question has one, whatever it consists of: its search and its reading share the time.
    """

    def __init__(self, seconds: float = DEADLINE_S) -> None:
        self._seconds = self._left_s = seconds
        self._start_s: float | None = None

    def __call__(self) -> None:
        """Start the clock, or check it.

        Raises:
            TooSlowError: The time is over.
        """
        now = time.monotonic()
        self._start_s = now if self._start_s is None else self._start_s
        if now - self._start_s > self._left_s:
            raise TooSlowError(f"this took more than {self._seconds:g} s and was ended")

    def pause(self) -> None:
        """Stop the clock until the next check, while the question waits for a thread again."""
        if self._start_s is not None:
            self._left_s -= time.monotonic() - self._start_s
            self._start_s = None


class WorkQueue:
    """Runs CPU-bound work in a few threads, never in the event loop."""

    def __init__(
        self, threads: int, *, max_waiting: int = MAX_WAITING, max_wait_s: float = MAX_WAIT_S
    ) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="newsqa-ask")
        self._threads = threads
        self._capacity = threads + max_waiting
        self._max_wait_s = max_wait_s
        self._pending = 0
        self._mean_s = 0.0
        self._stopping = False
        self._stop_callbacks: list[Callable[[], object]] = []
        self._lock = Lock()

    @property
    def pending(self) -> int:
        """How many pieces of work run or wait."""
        return self._pending

    @property
    def stopping(self) -> bool:
        """Whether no more work is started."""
        return self._stopping

    def submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue ``work``; its result is a BusyError if it could not start in time.

        Raises:
            BusyError: The queue is full, or, judged by the mean duration of late, this piece
                would not start in time; nothing was queued.
        """
        with self._lock:
            ahead = max(0, self._pending - self._threads + 1)
            too_late = ahead and ahead * self._mean_s / self._threads > self._max_wait_s
            if self._pending >= self._capacity or too_late:
                raise BusyError("the queue of questions is full")
            self._pending += 1
        start_by = time.monotonic() + self._max_wait_s

        def run() -> T:
            if self._stopping:
                raise BusyError("the server is stopping; this one was not begun")
            if time.monotonic() > start_by:
                raise BusyError("too many questions wait; this one was not begun")
            start_s = time.monotonic()
            try:
                return work(*args, **kwargs)
            finally:
                self._record(time.monotonic() - start_s)

        try:
            future = self._pool.submit(run)
        except BaseException:
            self._release()
            raise
        future.add_done_callback(lambda _: self._release())
        return future

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Queue ``work`` and await it; work that has not started is cancelled with its caller."""
        return await asyncio.wrap_future(self.submit(work, *args, **kwargs))

    def stop(self) -> None:
        """Start no more work: waiting pieces are refused, running ones finish."""
        self._stopping = True
        for callback in self._stop_callbacks:
            callback()

    def on_stop(self, callback: Callable[[], object]) -> None:
        """Call ``callback`` when the queue stops."""
        self._stop_callbacks.append(callback)

    def close(self) -> None:
        """Drop waiting pieces; running ones finish."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _record(self, seconds: float) -> None:
        """Update the mean; a very long piece of work counts as ``max_wait_s``."""
        with self._lock:
            self._mean_s += _MEAN_WEIGHT * (min(seconds, self._max_wait_s) - self._mean_s)

    def _release(self) -> None:
        with self._lock:
            self._pending -= 1
