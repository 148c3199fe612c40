"""The words of the whole article in the ranking of its passages."""

from __future__ import annotations

import json
from collections import Counter
from math import log
from pathlib import Path

import pytest

import newsqa
from newsqa.settings import load
from newsqa.text.analysis import terms
from tests.fakes.engine_parts import FakeEncoder

FILL = "The weather stayed calm along the coast that week. " * 5
# The question's words stand far apart in one article; in the others one of them stands alone.
SPREAD = f"A lighthouse burned.\n\n{FILL}\n\nThe bishop came.\n\n{FILL}\n\nA regatta was held."
RECORDS = [
    {"id": "spread", "title": "Week", "text": SPREAD},
    {"id": "one", "title": "One", "text": "The lighthouse has a keeper."},
    {"id": "two", "title": "Two", "text": "A bishop wrote to the editor."},
    {"id": "three", "title": "Three", "text": "This regatta follows tradition."},
]
SMALL = load({"passage_tokens": 64})
QUESTION = "lighthouse bishop regatta"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("article-leg")
    corpus = place / "corpus.jsonl"
    corpus.write_text("".join(json.dumps(r) + "\n" for r in RECORDS), encoding="utf-8")
    newsqa.build([corpus], index=place / "index", settings=SMALL, encoder=FakeEncoder()).close()
    return place / "index"


def ranked(folder: Path, **changes: float) -> dict[str, float]:
    settings = load({"passage_tokens": 64, **changes})
    with newsqa.open(folder, settings=settings, encoder=FakeEncoder()) as qa:
        return {
            hit.passage.article_id: hit.score
            for hit in reversed(qa.search(QUESTION, k=20).hits)  # the best passage of each stays
        }


def test_an_article_with_all_the_words_comes_first(folder: Path) -> None:
    scores = ranked(folder, article_weight=0.9, dense_weight=0.01)

    assert max(scores, key=lambda name: scores[name]) == "spread"


def test_without_the_leg_a_dense_short_passage_comes_first(folder: Path) -> None:
    scores = ranked(folder, article_weight=0.0, dense_weight=0.01)

    assert max(scores, key=lambda name: scores[name]) != "spread"


def test_a_leg_alone_is_left_alone(folder: Path) -> None:
    assert ranked(folder, dense_weight=0.0) == ranked(folder, dense_weight=0.0, article_weight=0.0)
    assert ranked(folder, dense_weight=1.0) == ranked(folder, dense_weight=1.0, article_weight=0.0)


def test_the_score_is_bm25_of_the_whole_text(folder: Path) -> None:
    with newsqa.open(folder, settings=SMALL, encoder=FakeEncoder()) as qa:
        snapshot = qa.index.snapshot()
        frequency = {term: snapshot.frequency(term) for term in terms(QUESTION)}
        passages, mean = len(snapshot), snapshot.mean_article_terms
    raw = {}
    for record in RECORDS:
        read = terms(f"{record['title']}\n{record['text']}")
        held = Counter(read)
        raw[record["id"]] = sum(
            log(1 + (passages - n + 0.5) / (n + 0.5))
            * (held[t] * 2.2 / (held[t] + 1.2 * (0.25 + 0.75 * len(read) / mean)))
            for t, n in frequency.items()
        )
    low, high = min(raw.values()), max(raw.values())

    found = ranked(folder, article_weight=1.0)

    assert found == pytest.approx({k: (v - low) / (high - low) for k, v in raw.items()}, abs=2e-6)
