"""Reading from many threads, and the twins to await: the same replies as one after the other."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import newsqa
from newsqa.settings import load
from tests.fakes.engine_parts import FakeEncoder
from tests.indexes import write_corpus

TOWNS = ("Lindle", "Orme", "Sarn", "Hale", "Brack", "Tarn", "Wether", "Moor")
QUESTIONS = [
    *(f"When does the ferry of {town} sail?" for town in TOWNS),
    *(f"Who is the mayor of {town}?" for town in TOWNS),
    "How deep is the harbour of Atlantis?",
    '"never again" said the mayor',
    "",
]
FOR_MODELS = [*QUESTIONS[:4], *QUESTIONS[8:11], *QUESTIONS[-3:]]


def corpus(folder: Path) -> Path:
    """A file with one article for each town."""
    rows = []
    for n, town in enumerate(TOWNS):
        text = (
            f"The ferry of {town} sails at {n + 5} on weekdays.\n\n"
            f"“Never again,” said Ada {town}son, the mayor of {town}, about the strike of 20{n}0."
        )
        rows.append(
            {"id": town, "title": f"{town} news", "text": text, "date": f"2026-0{n + 1}-01"}
        )
    return write_corpus(folder / "news.jsonl", rows)


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[newsqa.NewsQA]:
    folder = tmp_path_factory.mktemp("threads")
    settings = load({"reader": "none", "min_confidence": 0.2})
    with newsqa.build(
        [corpus(folder)], index=folder / "index", settings=settings, encoder=FakeEncoder()
    ) as qa:
        yield qa


def same(found: newsqa.Reply | newsqa.Hits) -> dict[str, Any]:
    """All that must be equal: everything but the time it took."""
    return {name: value for name, value in found.to_dict().items() if name != "timings_ms"}


Pairs = list[tuple[dict[str, Any], dict[str, Any]]]


def replies_of(qa: newsqa.NewsQA, questions: Sequence[str]) -> Pairs:
    return [(same(qa.ask(q)), same(qa.search(q))) for q in questions]


def from_threads(qa: newsqa.NewsQA, questions: Sequence[str]) -> list[Pairs]:
    """What eight threads get; each begins elsewhere, so that different questions meet."""
    began = threading.Barrier(8)

    def ask_all(first: int) -> Pairs:
        began.wait()
        found = replies_of(qa, [*questions[first:], *questions[:first]])
        return found[len(questions) - first :] + found[: len(questions) - first]

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(ask_all, range(8)))


def test_eight_threads_get_the_replies_of_one(qa: newsqa.NewsQA) -> None:
    alone = replies_of(qa, QUESTIONS)
    assert sum(reply["answered"] for reply, _ in alone) >= len(TOWNS)
    assert not all(reply["answered"] for reply, _ in alone)
    for found in from_threads(qa, QUESTIONS):
        assert found == alone


@pytest.mark.slow
def test_eight_threads_get_the_replies_of_one_from_the_models_that_are_shipped(
    tmp_path: Path,
) -> None:
    settings = load({"index": tmp_path / "index"})
    with newsqa.build([corpus(tmp_path)], index=settings.index, settings=settings) as qa:
        alone = replies_of(qa, FOR_MODELS)
        explained = qa.ask(FOR_MODELS[0], explain=True).to_dict()["explain"]
        assert explained["reader"] == "shipped"
        assert sum(reply["answered"] for reply, _ in alone) >= 4
        for found in from_threads(qa, FOR_MODELS):
            assert found == alone


def test_a_shared_index_that_was_just_opened_takes_eight_threads_at_once(
    qa: newsqa.NewsQA,
) -> None:
    alone = same(qa.ask(QUESTIONS[0]))
    with newsqa.open(qa.settings.index, settings=qa.settings, encoder=FakeEncoder()) as fresh:
        began = threading.Barrier(8)

        def ask(_: int) -> dict[str, Any]:
            began.wait()
            return same(fresh.ask(QUESTIONS[0]))

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(ask, range(8))) == [alone] * 8


def test_the_twins_give_the_same_all_at_once(qa: newsqa.NewsQA) -> None:
    async def all_at_once() -> tuple[list[newsqa.Reply], list[newsqa.Hits]]:
        replies = asyncio.gather(*(qa.aask(q, k=2) for q in QUESTIONS))
        hits = asyncio.gather(*(qa.asearch(q, k=3, sources=[]) for q in QUESTIONS))
        return await replies, await hits

    replies, hits = asyncio.run(all_at_once())
    assert [same(r) for r in replies] == [same(qa.ask(q, k=2)) for q in QUESTIONS]
    assert [same(h) for h in hits] == [same(qa.search(q, k=3)) for q in QUESTIONS]


def test_the_loop_goes_on_while_a_question_is_answered(qa: newsqa.NewsQA) -> None:
    ticks = 0

    def slow() -> None:
        time.sleep(0.2)

    async def run() -> None:
        nonlocal ticks
        asking = asyncio.create_task(qa.aask(QUESTIONS[0], check=slow))
        while not asking.done():
            ticks += 1
            await asyncio.sleep(0.01)

    asyncio.run(run())
    assert ticks > 5


def test_a_cancelled_question_stops_working(qa: newsqa.NewsQA) -> None:
    began, checks = threading.Event(), 0

    def check() -> None:
        nonlocal checks
        checks += 1
        began.set()
        time.sleep(0.1)

    async def run() -> None:
        asking = asyncio.create_task(qa.aask(QUESTIONS[0], check=check))
        await asyncio.to_thread(began.wait)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    whole = 0

    def count() -> None:
        nonlocal whole
        whole += 1

    qa.ask(QUESTIONS[0], check=count)
    asyncio.run(run())  # waits for the thread, which has come to its end
    assert checks < whole


def test_what_the_check_raises_comes_through(qa: newsqa.NewsQA) -> None:
    def late() -> None:
        raise TimeoutError("too late")

    with pytest.raises(TimeoutError, match="too late"):
        asyncio.run(qa.aask(QUESTIONS[0], check=late))
