"""Coverage: counts by month and under filters, against counting by hand."""

from __future__ import annotations

from datetime import date

from newsqa.index import coverage
from newsqa.index.catalog import UNDATED, PassageKeys, TextRow
from newsqa.index.filter_columns import Columns
from newsqa.types import Filters

ARTICLES = [
    (1, date(2026, 1, 30), "Courier"),
    (2, date(2026, 1, 31), "Packet"),
    (3, date(2026, 4, 1), "Courier"),
    (4, None, "Courier"),
]


def columns() -> Columns:
    import numpy as np

    texts = []
    for key, day, source in ARTICLES:
        at = day.toordinal() if day else UNDATED
        texts.append(TextRow(revision_id=key, published=at, shown=at, source=source))
    revision_ids = np.array([1, 1, 2, 3, 3, 3, 4], dtype=np.int64)  # passages of each
    keys = np.arange(len(revision_ids), dtype=np.int64)
    return Columns.of(PassageKeys(keys, revision_ids, keys), texts)


def test_every_article_counts_once_whatever_its_length() -> None:
    found = coverage(columns(), Filters())
    assert (found.fitting, found.total) == (4, 4)
    assert found.months == {"2026-01": 2, "2026-02": 0, "2026-03": 0, "2026-04": 1}


def test_dates_narrow_the_count_but_not_the_months() -> None:
    found = coverage(columns(), Filters(since=date(2026, 1, 31), until=date(2026, 3, 1)))
    assert (found.fitting, found.total) == (1, 4)
    assert sum(found.months.values()) == 3


def test_sources_narrow_both() -> None:
    found = coverage(columns(), Filters(sources=("courier",)))
    assert found.fitting == 3
    assert found.months == {"2026-01": 1, "2026-02": 0, "2026-03": 0, "2026-04": 1}


def test_nothing_has_no_months() -> None:
    assert coverage(columns(), Filters(sources=("nobody",))).months == {}
