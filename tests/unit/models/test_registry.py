"""Readers by name: a trained one is loaded once, the model-free one weighs words anew."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from newsqa.errors import ModelNotFoundError
from newsqa.models import ReaderCache
from newsqa.models.sentence_reader import SentenceReader
from newsqa.protocols import Reader
from tests.fakes.engine_parts import FakeEncoder


def weight(term: str) -> float:
    return 1.0


def open_one(cache: ReaderCache, name: str) -> Reader:
    return cache.get(name, encoder=FakeEncoder(), idf=weight)


def test_two_first_questions_load_a_trained_reader_once() -> None:
    loads = []

    def load() -> Reader:
        loads.append(1)
        time.sleep(0.1)  # long enough for the other threads to ask as well
        return SentenceReader(FakeEncoder(), weight)

    cache = ReaderCache(threads=1, load=load)
    with ThreadPoolExecutor(4) as pool:
        readers = list(pool.map(lambda _: open_one(cache, "shipped"), range(4)))

    assert len(loads) == 1
    assert all(reader is readers[0] for reader in readers)


def test_weights_that_are_missing_are_looked_for_once_and_the_model_free_reader_is_made_anew() -> (
    None
):
    loads = []

    def load() -> Reader:
        loads.append(1)
        raise ModelNotFoundError("no weights")

    cache = ReaderCache(threads=1, load=load)
    first, second = open_one(cache, "auto"), open_one(cache, "auto")

    assert len(loads) == 1
    assert first.name == second.name == "none"
    assert first is not second
