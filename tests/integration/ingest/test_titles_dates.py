"""Titles and days of the labelled web pages stay as right as they were measured to be."""

from __future__ import annotations

import hashlib
import random

import pytest

from benchmarks.quality import titles_dates
from tests.shared import shared


def drawn() -> list[str]:
    parts = titles_dates.labels()
    return [label.page for label in parts["first half"] + parts["second half"]]


def test_labels_are_a_drawn_hundred_and_the_others() -> None:
    labels = [label for part in titles_dates.labels().values() for label in part]
    assert len({label.page for label in labels}) == len(labels)
    assert len(set(drawn())) == 100
    assert all(label.title_sha256 is None or len(label.title_sha256) == 64 for label in labels)


def test_labels_are_in_the_order_of_their_seed() -> None:
    pages = shared("article-extraction") / "html"
    names = sorted(path.name.removesuffix(".html.gz") for path in pages.iterdir())
    assert drawn() == random.Random(20261124).sample(names, 100)
    others = [label.page for label in titles_dates.labels()["others"]]
    assert others == [name for name in names if name not in drawn()]


def test_titles_are_compared_without_regard_to_quotes_case_and_spaces() -> None:
    assert titles_dates.plain("  “It’s”\u00a0 A\nFerry… ") == '"it\'s" a ferry...'
    same = hashlib.sha256(b"ferry stops").hexdigest()
    assert titles_dates.fingerprint("Ferry  STOPS") == same
    assert titles_dates.fingerprint("Ferry stops!") != same


@pytest.mark.slow
def test_titles_and_dates_are_right() -> None:
    counts, _ = titles_dates.measure(shared("article-extraction"))
    for name, row in counts.items():
        assert row["titles_share"] >= 0.95, name
        assert row["dates_share"] >= 0.92, name
        assert row["dates_invented"] == 0, name
