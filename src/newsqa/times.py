"""The day a question is asked on: what was printed shortly before it comes forward.

"Who won the cup?", asked on a day, means the cup of that week, not that of four years ago.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import exp

from newsqa.types import Filters, Hit

FADES_DAYS = 30.0  # after so many days the share of the day is down to 1/e
AHEAD_DAYS = 3  # a page may be dated a little after the day: time zones, print editions
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")


def day_meant(question: str, today: date | None, filters: Filters) -> date | None:
    """Return the day near which answers are looked for, or None.

    There is none where no day is given, where the filters name one themselves, and where the
    question names another year.
    """
    if today is None or filters.dated:
        return None
    years = {int(year) for year in _YEAR.findall(question)}
    return None if years - {today.year} else today


def near_day(hits: Sequence[Hit], day: date, weight: float) -> list[Hit]:
    """Return the hits anew in order, ``weight`` of a score, in [0, 1], being how near it is.

    Nearness is exp(-days / 30) of what was printed before the day, 1 up to three days after it,
    and 0 later than that or without a date. The share 0.2 was chosen on news quizzes that no
    reader was trained on (docs/evaluation.md). Equal scores keep their order.
    """
    scored = [
        replace(hit, score=(1 - weight) * hit.score + weight * _nearness(hit, day)) for hit in hits
    ]
    ranked = sorted(scored, key=lambda hit: -hit.score)
    return [replace(hit, rank=rank) for rank, hit in enumerate(ranked, start=1)]


def _nearness(hit: Hit, day: date) -> float:
    published = hit.passage.published
    before = (day - published).days if published else -AHEAD_DAYS - 1
    return exp(-max(before, 0) / FADES_DAYS) if before >= -AHEAD_DAYS else 0.0
