"""Examples are looked for when nobody asks, and never by making a visitor wait."""

from __future__ import annotations

import asyncio
from threading import Event, Thread
from typing import Any, cast

from newsqa.engine import NewsQA
from newsqa.errors import NewsQAError
from newsqa.web.chat.examples import MAX_EXAMPLES, Examples, packaged
from newsqa.web.work_queue import WorkQueue


class Reply:
    def __init__(self, answered: bool) -> None:
        self.answered = answered


class Asked:
    """An engine that answers questions with an "e" in them, and fails on those with a "!"."""

    def __init__(self) -> None:
        self.questions: list[str] = []

    def ask(self, question: str, **_: Any) -> Reply:
        self.questions.append(question)
        if "!" in question:
            raise NewsQAError("no")
        return Reply("e" in question)


def found(examples: Examples) -> list[str]:
    examples.find()
    return asyncio.run(examples.ready())


def test_what_is_answered_is_an_example_up_to_six() -> None:
    engine, queue = Asked(), WorkQueue(1)
    wanted = ["e1", "no", "e!", *(f"e{n}" for n in range(2, 9))]
    assert found(Examples(cast(NewsQA, engine), queue, wanted)) == [f"e{n}" for n in range(1, 7)]
    assert len(engine.questions) == MAX_EXAMPLES + 2
    assert len(packaged()) >= MAX_EXAMPLES


def test_a_visitor_goes_first() -> None:
    engine, queue, done = Asked(), WorkQueue(1), Event()
    work = queue.submit(done.wait, 10)
    examples = Examples(cast(NewsQA, engine), queue, ["e1", "e2"])
    looking = Thread(target=examples.find)
    looking.start()
    looking.join(timeout=0.5)
    assert looking.is_alive()
    assert engine.questions == []
    done.set()
    assert work.result(timeout=5)
    looking.join(timeout=5)
    assert engine.questions == ["e1", "e2"]
    queue.close()


def test_a_queue_that_is_never_free_does_not_keep_examples_away_for_ever() -> None:
    engine, queue, done = Asked(), WorkQueue(1), Event()
    queue.submit(done.wait, 10)
    assert found(Examples(cast(NewsQA, engine), queue, ["e1"], max_yield_s=0.2)) == ["e1"]
    done.set()
    queue.close()
