"""Find the days that a question names, and the day it is asked on.

"Who won the cup?", asked on a day, means the cup of that week, not that of four years ago; "the
storm in November" is told of in November. `newsqa.retrieval.boosts` uses both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from newsqa.text.analysis import MONTHS

_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_VERBS = {"March", "May"}
_MONTH = "|".join(m if m in _VERBS else f"[{m[0]}{m[0].lower()}]{m[1:]}" for m in MONTHS)
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
class DatePattern:
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


def dates_mentioned(question: str) -> tuple[DatePattern, ...]:
    """Return the years, months and dates a question names, in order.

    Names of months as English writes them; "may" and "march" in small letters are verbs, and so is
    a "May" that opens the question.
    """
    patterns: dict[int, DatePattern] = {}
    rest = _OPENING_MAY.sub("", " ".join(question.split()))
    for pattern in _DATES:
        for match in pattern.finditer(rest):
            parts = {name: _number(text) for name, text in match.groupdict().items() if text}
            patterns[match.start()] = DatePattern(**parts)
        rest = pattern.sub(lambda match: " " * len(match.group()), rest)
    return tuple(patterns[at] for at in sorted(patterns))


def _number(text: str) -> int:
    return int(text) if text.isdigit() else MONTHS.index(text.capitalize()) + 1


def anchor_day(named: Sequence[DatePattern], today: date | None) -> date | None:
    """Return the day near which answers are looked for: today, unless another year is named."""
    other = today and any(pattern.year not in (None, today.year) for pattern in named)
    return None if other else today
