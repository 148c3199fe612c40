"""The day a question is asked on, and the days it names: what was printed near them comes forward.

"Who won the cup?", asked on a day, means the cup of that week, not that of four years ago; "the
storm in November" is told of in November.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import exp

from newsqa.retrieval.fusion import mixed
from newsqa.types import Filters, Hit

FADES_DAYS = 30.0  # after so many days the share of the day is down to 1/e
AHEAD_DAYS = 3  # a page may be dated a little after the day: time zones, print editions
SHARE = 0.1  # of a score, for being printed near a day the question names (docs/evaluation.md)
AFTER_DAYS = 3  # what happened is told of in the days after
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_VERBS = {"March", "May"}
_MONTH = "|".join(m if m in _VERBS else f"[{m[0]}{m[0].lower()}]{m[1:]}" for m in _MONTHS)
_NAME, _DAY = rf"(?P<month>{_MONTH})", r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_OF_YEAR = rf"(?:,? (?P<year>{_YEAR.pattern}))?\b"
_OPENING_MAY = re.compile(r"^May (?!\d)")  # "May I ask": a verb
_DATES = (
    re.compile(rf"\b{_DAY}(?: of)? {_NAME}{_OF_YEAR}"),
    re.compile(rf"\b{_NAME} {_DAY}{_OF_YEAR}"),
    re.compile(rf"\b{_NAME}{_OF_YEAR}"),
    re.compile(rf"(?P<year>{_YEAR.pattern})"),
)


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a year, a month or a date as a question names it; what it leaves open is None."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def hold(self, day: date) -> bool:
        """Whether it is one of them."""
        return (
            self.year in (None, day.year)
            and self.month in (None, day.month)
            and self.day in (None, day.day)
        )


def days_named(question: str, filters: Filters) -> tuple[Days, ...]:
    """Return the years, months and dates a question names; none where a filter gives the dates.

    Names of months as English writes them; "may" and "march" in small letters are verbs, and so is
    a "May" that opens the question.
    """
    found: dict[int, Days] = {}
    rest = "" if filters.dated else _OPENING_MAY.sub("", " ".join(question.split()))
    for pattern in _DATES:
        for match in pattern.finditer(rest):
            parts = {name: _number(text) for name, text in match.groupdict().items() if text}
            found[match.start()] = Days(**parts)
        rest = pattern.sub(lambda match: " " * len(match.group()), rest)
    return tuple(found[at] for at in sorted(found))


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS.index(text.capitalize()) + 1


def near_days(hits: Sequence[Hit], named: Sequence[Days]) -> list[Hit]:
    """Return the hits anew in order, `SHARE` of a score for being printed on named days.

    Or up to three days after. Equal scores keep their order.
    """

    def told(hit: Hit) -> bool:
        last = hit.passage.published.toordinal() if hit.passage.published else 0
        days = [date.fromordinal(n) for n in range(max(1, last - AFTER_DAYS), last + 1)]
        return any(one.hold(day) for one in named for day in days)

    return mixed(hits, SHARE, told)


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
    return mixed(hits, weight, lambda hit: _nearness(hit, day))


def _nearness(hit: Hit, day: date) -> float:
    published = hit.passage.published
    before = (day - published).days if published else -AHEAD_DAYS - 1
    return exp(-max(before, 0) / FADES_DAYS) if before >= -AHEAD_DAYS else 0.0
