"""The conversation of one visitor: its turns, and the states of a question being answered.

Nothing here knows Gradio; the page feeds it and shows the HTML that comes out.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Future, wait
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from markupsafe import Markup

from newsqa.engine import NewsQA
from newsqa.errors import NewsQAError
from newsqa.options import CancelCheck
from newsqa.question.followups import turn_of
from newsqa.settings import Settings
from newsqa.types import Filters, Turn
from newsqa.web.chat import filters
from newsqa.web.html import messages
from newsqa.web.html.markup import render
from newsqa.web.html.reply import render_progress, render_reply, render_turn
from newsqa.web.work_queue import BusyError, Deadline, TooSlowError, WorkQueue

_LOG = logging.getLogger(__name__)
_MAX_SHOWN = 40  # turns on the page; older ones leave it
_MAX_CONTEXT = 6  # turns handed to the engine with a follow-up
_POLL_S = 0.05
_NO_FILTERS = Filters()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and the HTML that stands under it; ``turn`` is None until it is answered."""

    number: int
    question: str
    body: Markup
    turn: Turn | None = None
    busy: bool = False
    filters: Filters = _NO_FILTERS

    @property
    def html(self) -> Markup:
        """The turn as one line of HTML."""
        return render_turn(
            self.number,
            self.question,
            self.body,
            busy=self.busy,
            filter_json=filters.to_json(self.filters),
            limits=filters.to_words(self.filters),
        )


Thread = tuple[Exchange, ...]


def html_of(thread: Thread) -> str:
    """Return the thread as blocks with a blank line between: an unchanged one stays as it is."""
    return "\n\n".join(exchange.html for exchange in thread)


@dataclass(slots=True)
class Stop:
    """Whether the visitor pressed stop, or clear, which also stops, while waiting."""

    pressed: bool = False
    cleared: bool = False


class StoppedError(Exception):
    """The visitor stopped this question."""


def _cancel_check(stop: Stop, deadline: Deadline) -> CancelCheck:
    """Return a check that ends the work when its time is over or the visitor stops."""

    def check() -> None:
        if stop.pressed:
            raise StoppedError
        deadline()

    return check


def ask(
    qa: NewsQA,
    queue: WorkQueue,
    settings: Settings,
    thread: Thread,
    question: str,
    raw_filters: str,
    stop: Stop | None = None,
) -> Iterator[Thread]:
    """Yield the thread in each of its states while ``question`` is answered; never raises."""
    stop = stop or Stop()
    stop.pressed = stop.cleared = False
    number = thread[-1].number + 1 if thread else 1
    before = tuple(e for e in thread if not e.busy)[-(_MAX_SHOWN - 1) :]
    current = _first_state(number, question, raw_filters, settings)
    yield (*before, current)
    if not current.busy:
        return
    try:
        turns = tuple(e.turn for e in before if e.turn)[-_MAX_CONTEXT:]
        options: dict[str, Any] = {**asdict(current.filters), "turns": turns}
        k, deadline = settings.read_passages, Deadline()
        check = _cancel_check(stop, deadline)
        hits = _result(queue.submit(qa.search, question, k=k, check=check, **options), stop)
        deadline.pause()
        if len(hits):
            yield (*before, replace(current, body=render_progress(hits)))
        work = queue.submit(qa.ask, question, explain=True, check=check, **options)
        reply = _result(work, stop)
    except Exception as error:
        yield () if stop.cleared else (*before, _failed(current, _message(error)))
    else:
        body, turn = render_reply(reply, hits), turn_of(question, reply)
        yield (*before, replace(current, body=body, turn=turn, busy=False))


def _first_state(number: int, question: str, raw_filters: str, settings: Settings) -> Exchange:
    """Return a turn in its first state, or failed where it cannot be asked."""
    turn = Exchange(number, question, render_progress(), busy=True)
    try:
        turn = replace(turn, filters=filters.parse(raw_filters))
    except ValueError as error:
        return _failed(turn, messages.BAD_FILTER.format(reason=error))
    limit, length = settings.max_question_chars, len(question)
    if length > limit:
        return _failed(turn, messages.TOO_LONG.format(limit=limit, given=length))
    return turn


def _result(work: Future[T], stop: Stop) -> T:
    """Wait for the result of ``work``; cancel what has not started when the visitor stops."""
    while not wait([work], timeout=_POLL_S).done:
        if stop.pressed:
            work.cancel()
            raise StoppedError
    return work.result()


def _message(error: Exception) -> str:
    """Return what a visitor is told of an error: nothing internal."""
    match error:
        case StoppedError():
            return messages.STOPPED
        case TooSlowError():
            return messages.TOO_SLOW
        case BusyError():
            return messages.BUSY
        case ValueError():
            return messages.BAD_FILTER.format(reason=error)
        case NewsQAError():
            return str(error)
    _LOG.error("a question could not be answered", exc_info=error)
    return messages.WENT_WRONG


def _failed(exchange: Exchange, message: str) -> Exchange:
    return replace(exchange, body=render("failure", message=message), busy=False)
