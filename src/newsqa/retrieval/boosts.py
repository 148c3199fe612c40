"""Raise the scores of hits that match what a question says beyond its words: days and sources.

Each boost blends a share of another score into the retrieval score and ranks the hits anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from math import exp

from newsqa.question.dates import DatePattern
from newsqa.types import Hit

FADES_DAYS = 30.0  # after so many days nearness is down to 1/e
AHEAD_DAYS = 3  # a page may be dated a little after the day: time zones, print editions
AFTER_DAYS = 3  # what happened is reported in the days after
DATE_SHARE = 0.1  # of a score, for being printed near a day the question names (docs/evaluation.md)
SOURCE_SHARE = 0.2  # docs/evaluation.md, "Ablations"


def boost_recent(hits: Sequence[Hit], day: date, weight: float) -> list[Hit]:
    """Return the hits anew in order, ``weight`` of a score, in [0, 1], being how near it is.

    Nearness is exp(-days / 30) of what was printed before the day, 1 up to three days after it,
    and 0 later than that or without a date. The share 0.2 was chosen on news quizzes that no
    reader was trained on (docs/evaluation.md). Equal scores keep their order.
    """
    return blend(hits, weight, lambda hit: _nearness(hit, day))


def boost_dates(hits: Sequence[Hit], named: Sequence[DatePattern]) -> list[Hit]:
    """Return the hits anew in order, `DATE_SHARE` of a score for being printed on named days.

    Or up to three days after. Equal scores keep their order.
    """

    def matches(hit: Hit) -> bool:
        last = hit.passage.published.toordinal() if hit.passage.published else 0
        days = [date.fromordinal(n) for n in range(max(1, last - AFTER_DAYS), last + 1)]
        return any(one.hold(day) for one in named for day in days)

    return blend(hits, DATE_SHARE, matches)


def boost_sources(hits: Sequence[Hit], sources: frozenset[str]) -> list[Hit]:
    """Return the hits in a new order: `SOURCE_SHARE` of a score being for the named sources.

    A near-copy that one of them printed counts. Equal scores keep their order.
    """

    def matches(hit: Hit) -> bool:
        return not sources.isdisjoint({hit.passage.source, *(copy.source for copy in hit.copies)})

    return blend(hits, SOURCE_SHARE, matches)


def blend(hits: Sequence[Hit], share: float, worth: Callable[[Hit], float]) -> list[Hit]:
    """Return the hits anew in order, ``share`` of a score, in [0, 1], being what a hit is worth.

    ``worth`` is in [0, 1]. Equal scores keep their order.
    """
    scored = [replace(hit, score=(1 - share) * hit.score + share * worth(hit)) for hit in hits]
    ranked = sorted(scored, key=lambda hit: -hit.score)
    return [replace(hit, rank=rank) for rank, hit in enumerate(ranked, start=1)]


def _nearness(hit: Hit, day: date) -> float:
    published = hit.passage.published
    before = (day - published).days if published else -AHEAD_DAYS - 1
    return exp(-max(before, 0) / FADES_DAYS) if before >= -AHEAD_DAYS else 0.0
