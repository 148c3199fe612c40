"""How many current articles some filters let through, and how they spread over the months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from newsqa.index.catalog import UNDATED
from newsqa.index.filter_columns import Columns
from newsqa.types import Filters


@dataclass(frozen=True, slots=True)
class Coverage:
    """Articles the filters let through, of all there are; ``months`` ("2026-03") set dates aside.

    Months are in order; those without an article between the first and the last count 0.
    """

    fitting: int
    total: int
    months: Mapping[str, int]


def coverage(columns: Columns, filters: Filters) -> Coverage:
    """Count the articles of ``columns``; ``as_of`` is not looked at."""
    rows = columns.articles()
    undated = replace(filters, since=None, until=None)
    days = columns.published[rows][columns.fitting(undated)[rows]]
    days, counts = np.unique(days[days != UNDATED], return_counts=True)
    months: dict[str, int] = {}
    for day, count in zip(days.tolist(), counts.tolist(), strict=True):
        month = f"{date.fromordinal(day):%Y-%m}"
        months[month] = months.get(month, 0) + count
    fitting = int(columns.fitting(filters)[rows].sum())
    return Coverage(fitting, len(rows), _without_gaps(months))


def _without_gaps(months: Mapping[str, int]) -> dict[str, int]:
    if not months:
        return {}
    first, last = (12 * int(m[:4]) + int(m[5:]) - 1 for m in (min(months), max(months)))
    names = [f"{at // 12:04d}-{at % 12 + 1:02d}" for at in range(first, last + 1)]
    return {name: months.get(name, 0) for name in names}
