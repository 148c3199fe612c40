"""The thread of one visitor: turns, what a question may be filtered by, and the states of asking.

Nothing here knows Gradio; the page feeds it and shows the HTML that comes out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from typing import TypeVar

from newsqa.errors import NewsQAError
from newsqa.question.followups import turn_of
from newsqa.settings import Settings
from newsqa.types import Turn
from newsqa.web.chat.filters import NO_FILTER, Filter
from newsqa.web.engine_protocol import Engine
from newsqa.web.html import messages as strings
from newsqa.web.html import reply as render
from newsqa.web.work_queue import BusyError, Deadline, Desk, TooSlowError

_LOG = logging.getLogger(__name__)
_KEPT = 40  # turns shown; older ones leave the page
_CARRIED = 6  # turns handed to the engine with a follow-up
_LOOK_EVERY_S = 0.05

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and the HTML that stands under it; ``turn`` is None until it is answered."""

    number: int
    question: str
    body: str
    turn: Turn | None = None
    busy: bool = False
    chosen: Filter = NO_FILTER

    @property
    def html(self) -> str:
        """The turn as one line of HTML."""
        return render.turn(
            self.number,
            self.question,
            self.body,
            busy=self.busy,
            chosen=self.chosen.to_json(),
            limits=self.chosen.words(),
        )


Thread = tuple[Exchange, ...]


def html_of(thread: Thread) -> str:
    """Return the thread as blocks with a blank line between: an unchanged one stays as it is."""
    return "\n\n".join(exchange.html for exchange in thread)


@dataclass(slots=True)
class Stop:
    """What one visitor pressed while waiting: stop, or clear (which is more than stop)."""

    pressed: bool = False
    cleared: bool = False


class StoppedError(Exception):
    """The visitor does not want to wait for this answer."""


def _limit(stop: Stop, deadline: Deadline) -> Callable[[], None]:
    """Return what ends the work when its time is over or the visitor stops."""

    def check() -> None:
        if stop.pressed:
            raise StoppedError
        deadline()

    return check


def ask(
    engine: Engine,
    desk: Desk,
    settings: Settings,
    thread: Thread,
    question: str,
    raw_filter: str,
    stop: Stop | None = None,
) -> Iterator[Thread]:
    """Yield the thread in each of its states while ``question`` is answered; never raises."""
    stop = stop or Stop()
    stop.pressed = stop.cleared = False
    number = thread[-1].number + 1 if thread else 1
    before = tuple(e for e in thread if not e.busy)[-(_KEPT - 1) :]
    current = _begun(number, question, raw_filter, settings)
    yield (*before, current)
    if not current.busy:
        return
    try:
        turns = tuple(e.turn for e in before if e.turn)[-_CARRIED:]
        chosen = current.chosen.arguments() | {"turns": turns}
        most, deadline = settings.read_passages, Deadline()
        check = _limit(stop, deadline)
        hits = _waited(desk.submit(engine.search, question, k=most, check=check, **chosen), stop)
        deadline.pause()
        if len(hits):
            yield (*before, replace(current, body=render.reading(hits)))
        chosen |= {"explain": True}
        reply = _waited(desk.submit(engine.ask, question, check=check, **chosen), stop)
    except Exception as error:
        yield () if stop.cleared else (*before, _failed(current, _told(error)))
    else:
        body, turn = render.reply(reply, hits), turn_of(question, reply)
        yield (*before, replace(current, body=body, turn=turn, busy=False))


def _begun(number: int, question: str, raw_filter: str, settings: Settings) -> Exchange:
    """Return a turn in its first state, or failed already where it cannot be asked."""
    asked = Exchange(number, question, render.searching(), busy=True)
    try:
        asked = replace(asked, chosen=Filter.read(raw_filter))
    except ValueError as error:
        return _failed(asked, strings.BAD_FILTER.format(reason=error))
    most, given = settings.max_question_chars, len(question)
    if given > most:
        return _failed(asked, strings.TOO_LONG.format(limit=most, given=given))
    return asked


def _waited(work: Future[T], stop: Stop) -> T:
    """Return the result of ``work``; what has not begun is dropped when the visitor stops."""
    while not wait([work], timeout=_LOOK_EVERY_S).done:
        if stop.pressed:
            work.cancel()
            raise StoppedError
    return work.result()


def _told(error: Exception) -> str:
    """Return what a visitor is told of an error: nothing of the inside."""
    match error:
        case StoppedError():
            return strings.STOPPED
        case TooSlowError():
            return strings.TOO_SLOW
        case BusyError():
            return strings.BUSY
        case ValueError():
            return strings.BAD_FILTER.format(reason=error)
        case NewsQAError():
            return str(error)
    _LOG.error("a question could not be answered", exc_info=error)
    return strings.WENT_WRONG


def _failed(exchange: Exchange, message: str) -> Exchange:
    return replace(exchange, body=render.failure(message), busy=False)
