"""An index on other stores than faiss and tantivy: found through the protocols alone."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import newsqa
from newsqa.index import Index
from newsqa.protocols import Stores
from newsqa.text import analysis as text
from newsqa.types import Filters
from tests.fakes.exact_stores import EXACT_STORES
from tests.indexes import QUESTIONS, SETTINGS, Place, record, write_corpus

RECORDS = [
    record("storm", "A storm broke the harbour wall. Nobody was hurt.", date="2026-03-01"),
    record("mayor", "The mayor resigns. She leaves in May.", date="2026-04-01", source="Post"),
    *(record(f"a{i}", f"The harbour number {i} is open. It has {i} boats.") for i in range(30)),
]
BRIDGE = record("bridge", "The bridge opens in 2031. It was late.", date="2026-01-05")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.build(RECORDS)
    return place


def opened(place: Place, stores: Stores) -> Index:
    return Index.open(place.folder, encoder=place.encoder, settings=SETTINGS, stores=stores)


def hits(index: Index) -> dict[str, list[dict[int, float]]]:
    """What both legs find, with and without a filter, by passage number."""
    snapshot = index.snapshot()
    filters = (Filters(), Filters(since=date(2026, 2, 1)), Filters(as_of=date(2026, 3, 20)))
    found = {}
    for question in QUESTIONS:
        vector, terms = index.encoder.encode_questions([question])[0], text.terms(question)
        found[question] = [
            dict(leg)
            for allowed in map(snapshot.allowed, filters)
            for leg in (
                snapshot.dense(vector, 9, allowed=allowed),
                snapshot.lexical(terms, 99, allowed=allowed),
            )
        ]
    return found


def manifests(folder: Path) -> set[str]:
    paths = folder.glob("cache/*/manifest.json")
    return {str(json.loads(path.read_text(encoding="utf-8"))["store"]) for path in paths}


def check_same(some: dict[str, list[dict[int, float]]], other: Any) -> None:
    for question, legs in some.items():
        for one, another in zip(legs, other[question], strict=True):
            assert list(one) == list(another)
            assert one == pytest.approx(another, abs=2e-4)


def test_other_stores_find_the_same(place: Place) -> None:
    with place.opened() as index:
        before = hits(index)
    assert manifests(place.folder) == {"faiss", "tantivy"}
    with opened(place, EXACT_STORES) as index:
        check_same(before, hits(index))
        assert manifests(place.folder) == {"exact"}
        place.add(index, BRIDGE)
        index.remove(["a7"])
        index.compact()
        assert index.verify(deep=True).state == "sound"
        after = hits(index)
    with opened(place, EXACT_STORES) as index:
        check_same(after, hits(index))
    with place.opened() as index:
        index.repair()
        check_same(after, hits(index))
        assert manifests(place.folder) == {"faiss", "tantivy"}


def test_stores_are_given_with_the_index(place: Place, tmp_path: Path) -> None:
    path = write_corpus(tmp_path / "more.jsonl", [BRIDGE])
    options: dict[str, Any] = {"settings": SETTINGS, "encoder": place.encoder}
    with newsqa.build([path], index=tmp_path / "other", stores=EXACT_STORES, **options) as qa:
        assert manifests(tmp_path / "other") == {"exact"}
        assert [hit.passage.article_id for hit in qa.search("When does the bridge open?")] == [
            "bridge"
        ]
    with newsqa.open(tmp_path / "other", stores=EXACT_STORES, **options) as qa:
        assert qa.search("the bridge")
        assert manifests(tmp_path / "other") == {"exact"}
