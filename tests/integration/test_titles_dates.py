"""Titles and days of the labelled web pages stay as right as they were measured to be."""

from __future__ import annotations

import hashlib
import random

import pytest

from benchmarks import titles_dates
from tests.shared import shared


def test_labels_are_a_drawn_hundred() -> None:
    labels = titles_dates.labels()
    assert len({label.page for label in labels}) == len(labels) == 100
    assert all(label.title_sha256 is None or len(label.title_sha256) == 64 for label in labels)


def test_labels_are_in_the_order_of_their_seed() -> None:
    pages = shared("article-extraction") / "html"
    names = sorted(path.name.removesuffix(".html.gz") for path in pages.iterdir())
    drawn = random.Random(20261124).sample(names, 100)
    assert [label.page for label in titles_dates.labels()] == drawn


def test_titles_are_compared_without_regard_to_quotes_case_and_spaces() -> None:
    assert titles_dates.plain("  “It’s”\u00a0 A\nFerry… ") == '"it\'s" a ferry...'
    same = hashlib.sha256(b"ferry stops").hexdigest()
    assert titles_dates.fingerprint("Ferry  STOPS") == same
    assert titles_dates.fingerprint("Ferry stops!") != same


@pytest.mark.slow
def test_titles_and_dates_are_right() -> None:
    result = titles_dates.measure(shared("article-extraction"))
    for half in ("first half", "second half"):
        counts = result[half]
        assert isinstance(counts, dict)
        assert counts["titles_share"] >= 0.96
        assert counts["dates_share"] >= 0.92
        assert counts["dates_invented"] == 0
