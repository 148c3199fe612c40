"""Asking on the page: the states of a turn, follow-ups, filters, failures, a full queue."""

from __future__ import annotations

import threading
import time
from datetime import date
from typing import Any

import pytest

from newsqa.replies import Reply
from newsqa.web.chat import filters
from newsqa.web.chat import thread as threads
from newsqa.web.chat.thread import Thread
from newsqa.web.html import messages
from newsqa.web.work_queue import BusyError, Deadline, TooSlowError, WorkQueue
from tests.fakes import engine as fakes


def ask(
    engine: fakes.FakeEngine, question: str, thread: Thread = (), chosen: str = ""
) -> list[Thread]:
    queue = WorkQueue(1)
    try:
        return list(threads.ask(engine, queue, fakes.settings(), thread, question, chosen))
    finally:
        queue.close()


def test_a_turn_is_searched_then_read_then_answered() -> None:
    states = ask(fakes.FakeEngine(), "When did the tunnel open?")
    assert [state[-1].busy for state in states] == [True, True, False]
    assert messages.SEARCHING in states[0][-1].body
    assert "Reading 2 passages from 2 articles" in states[1][-1].body
    assert "Citation 1" in states[2][-1].body


def test_blocks_that_did_not_change_stay_as_they_are() -> None:
    engine = fakes.FakeEngine()
    first = ask(engine, "One?")[-1]
    states = ask(engine, "Two?", first)
    before = threads.html_of(first)
    assert all(threads.html_of(state).startswith(before + "\n\n") for state in states)
    assert [e.number for e in states[-1]] == [1, 2]


def test_a_follow_up_carries_the_turns_before_it() -> None:
    engine = fakes.FakeEngine()
    thread = ask(engine, "not_stated at all", ask(engine, "One?")[-1])[-1]
    ask(engine, "Two?", thread)
    turns = engine.asked[-1][1]["turns"]
    assert [turn.question for turn in turns] == ["One?", "not_stated at all"]
    assert turns[0].quotes[0].startswith("The harbour tunnel")
    assert turns[1].quotes == ()


def test_filters_reach_search_and_ask() -> None:
    engine = fakes.FakeEngine()
    ask(engine, "When?", chosen='{"since": "2026-01-01", "until": null, "sources": ["A", "B"]}')
    for _, options in engine.asked:
        assert options["since"] == date(2026, 1, 1)
        assert options["until"] is None
        assert options["sources"] == ("A", "B")


@pytest.mark.parametrize(
    "raw",
    [
        "{",
        "[]",
        '"x"',
        '{"since": "yesterday"}',
        '{"since": 5}',
        '{"sources": "A"}',
        '{"since": "2026-02-01", "until": "2026-01-01"}',
        "[" * 100_000,
        '{"sources": [' + '"a",' * 300 + '"b"]}',
    ],
)
def test_a_filter_that_the_page_would_not_send_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        filters.parse(raw)
    last = ask(fakes.FakeEngine(), "When?", chosen=raw)[-1][-1]
    assert "cannot be used" in last.body
    assert not last.busy


def test_nothing_of_an_inner_error_is_shown() -> None:
    last = ask(fakes.FakeEngine(), "boom")[-1][-1]
    assert messages.WENT_WRONG in last.body
    assert "secret" not in last.body
    assert last.turn is None


def test_a_question_that_is_too_long_is_not_asked() -> None:
    engine = fakes.FakeEngine()
    states = ask(engine, "x" * 2001)
    assert len(states) == 1
    assert "up to 2,000 characters" in states[0][-1].body
    assert engine.asked == []


def test_a_turn_that_was_stopped_says_so_and_is_not_carried() -> None:
    engine, queue, stop = fakes.FakeEngine(), WorkQueue(1), threads.Stop()
    states = threads.ask(engine, queue, fakes.settings(), (), "slow", "", stop)
    assert next(states)[-1].busy
    assert next(states)[-1].busy
    stop.pressed = True
    began = time.monotonic()
    last = next(states)
    assert time.monotonic() - began < 1.5  # "slow" takes two seconds
    assert messages.STOPPED in last[-1].body
    assert not last[-1].busy
    after = ask(engine, "Two?", last)[-1]
    assert [e.question for e in after] == ["slow", "Two?"]
    assert engine.asked[-1][1]["turns"] == ()
    queue.close()


def test_what_was_cleared_while_it_was_read_does_not_come_back() -> None:
    engine, queue, stop = fakes.FakeEngine(), WorkQueue(1), threads.Stop()
    states = threads.ask(engine, queue, fakes.settings(), (), "slow", "", stop)
    next(states)
    stop.pressed = stop.cleared = True
    assert list(states)[-1] == ()
    queue.close()


def test_the_stop_button_is_for_one_question() -> None:
    engine, queue, stop = fakes.FakeEngine(), WorkQueue(1), threads.Stop(pressed=True)
    last = list(threads.ask(engine, queue, fakes.settings(), (), "When?", "", stop))[-1]
    assert "Citation 1" in last[-1].body
    queue.close()


def test_a_turn_left_half_way_leaves_the_thread() -> None:
    halfway = ask(fakes.FakeEngine(), "One?")[1]
    after = ask(fakes.FakeEngine(), "Two?", halfway)[-1]
    assert [e.question for e in after] == ["Two?"]


def test_a_thread_does_not_grow_without_end() -> None:
    engine = fakes.FakeEngine()
    thread: Thread = ()
    for number in range(45):
        thread = ask(engine, f"Question {number}?", thread)[-1]
    assert len(thread) == 40
    assert len(engine.asked[-1][1]["turns"]) == 6


def test_a_full_queue_says_so_at_once() -> None:
    queue, gate = WorkQueue(1, max_waiting=1), threading.Event()
    running = [queue.submit(gate.wait), queue.submit(gate.wait)]
    with pytest.raises(BusyError):
        queue.submit(gate.wait)
    engine = fakes.FakeEngine()
    last = list(threads.ask(engine, queue, fakes.settings(), (), "When?", ""))[-1][-1]
    assert messages.BUSY in last.body
    gate.set()
    assert all(future.result(5) for future in running)
    assert queue.submit(lambda: 5).result(5) == 5
    queue.close()


def test_work_that_could_not_begin_in_time_is_refused_at_once() -> None:
    queue, gate = WorkQueue(1, max_waiting=100, max_wait_s=0.5), threading.Event()
    for _ in range(10):
        queue.submit(time.sleep, 0.05).result(5)
    waiting = [queue.submit(gate.wait)]
    with pytest.raises(BusyError):
        waiting += [queue.submit(gate.wait) for _ in range(100)]
    gate.set()
    assert all(future.result(5) for future in waiting)
    queue.close()


def test_one_very_long_piece_of_work_does_not_turn_others_away() -> None:
    queue, gate = WorkQueue(1, max_waiting=4, max_wait_s=0.1), threading.Event()
    queue.submit(time.sleep, 0.3).result(5)
    waiting = [queue.submit(gate.wait) for _ in range(5)]
    assert len(waiting) == 5
    gate.set()
    queue.close()


def test_work_that_fails_leaves_its_place() -> None:
    queue = WorkQueue(1, max_waiting=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            queue.submit(lambda: 1 / 0).result(5)
    queue.close()


def test_work_that_waited_too_long_is_not_begun() -> None:
    queue, gate = WorkQueue(1, max_wait_s=0.5), threading.Event()
    begun: list[int] = []
    first, second = queue.submit(gate.wait), queue.submit(begun.append, 1)
    time.sleep(0.6)
    gate.set()
    assert first.result(5)
    with pytest.raises(BusyError):
        second.result(5)
    assert begun == []
    assert queue.submit(lambda: 5).result(5) == 5
    queue.close()


def test_a_question_past_its_deadline_is_ended_and_says_so() -> None:
    look = Deadline(0.01)
    look()  # starts the clock
    time.sleep(0.02)
    with pytest.raises(BusyError, match=r"took more than 0\.01 s"):
        look()


def test_waiting_for_a_thread_is_not_work() -> None:
    look = Deadline(0.2)
    look()
    look.pause()
    time.sleep(0.25)
    look()  # goes on with what was left
    time.sleep(0.1)
    look.pause()
    look()
    time.sleep(0.15)
    with pytest.raises(TooSlowError):
        look()


def test_searching_and_reading_share_the_time_of_a_question() -> None:
    engine = fakes.FakeEngine()
    ask(engine, "When?")
    searching, reading = (options["check"] for _, options in engine.asked)
    assert searching is reading


class Late(fakes.FakeEngine):
    def ask(self, question: str, **options: Any) -> Reply:
        raise TooSlowError("this took more than 5 s and was ended")


def test_a_question_that_took_too_long_is_not_told_that_others_were_in_the_way() -> None:
    last = ask(Late(), "When?")[-1][-1]
    assert messages.TOO_SLOW in last.body
    assert messages.BUSY not in last.body


def test_stopping_ends_the_work_itself() -> None:
    engine, queue, stop = fakes.FakeEngine(), WorkQueue(1), threads.Stop()
    list(threads.ask(engine, queue, fakes.settings(), (), "When?", "", stop))
    check = engine.asked[-1][1]["check"]
    check()
    stop.pressed = True
    with pytest.raises(threads.StoppedError):
        check()
    queue.close()
