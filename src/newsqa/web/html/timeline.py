"""The timeline of the filters as HTML: bars of months, years or decades that set the dates.

As many units are drawn as have room; of a range that is chosen the finer ones.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from newsqa.web.html import messages
from newsqa.web.html.markup import counted, render

MAX_BARS = 24
_HEIGHT = 36

DayRange = tuple[date | None, date | None]


@dataclass(frozen=True, slots=True)
class Bar:
    """The articles of one unit of time, and the days that it sets."""

    since: str
    until: str
    pressed: bool
    label: str
    height: int


def render_timeline(months: Mapping[str, int], chosen: DayRange = (None, None)) -> Markup:
    """Return a bar for each unit of time; pressing one sets the dates to it.

    Args:
        months: Articles by month ("2026-03"), in order and without gaps.
        chosen: The first and the last day of the filters.
    """
    if len(months) < 2:
        return Markup()
    drawn = _within(months, chosen)
    units = _grouped(drawn)
    highest = max(units.values())
    return render(
        "timeline",
        narrowed=len(drawn) < len(months),
        bars=[_bar(unit, count, highest, chosen) for unit, count in units.items()],
        height=_HEIGHT,
        first=_unit_words(min(units)),
        last=_unit_words(max(units)),
    )


def _within(months: Mapping[str, int], chosen: DayRange) -> Mapping[str, int]:
    """The months of the years that are chosen, where there are too many of all."""
    since, until = chosen
    if len(months) <= MAX_BARS or not since or not until:
        return months
    years = {f"{year:04d}" for year in range(since.year, until.year + 1)}
    inside = {month: count for month, count in months.items() if month[:4] in years}
    return inside if len(inside) > 1 else months


def _grouped(months: Mapping[str, int]) -> Mapping[str, int]:
    """Articles by month ("2026-03"), year ("2026") or decade ("202"): the finest that has room."""
    for length in (7, 4, 3):
        units: dict[str, int] = {}
        for month, count in months.items():
            units[month[:length]] = units.get(month[:length], 0) + count
        if len(units) <= MAX_BARS:
            break
    return units


def _days(unit: str) -> tuple[str, str]:
    """The first and the last day of a month, a year or a decade."""
    if len(unit) == 7:
        return f"{unit}-01", f"{unit}-{monthrange(int(unit[:4]), int(unit[5:]))[1]}"
    return f"{unit.ljust(4, '0')}-01-01", f"{unit.ljust(4, '9')}-12-31"


def _unit_words(unit: str) -> str:
    if len(unit) == 7:
        return f"{date.fromisoformat(unit + '-01'):%B %Y}"
    return unit if len(unit) == 4 else f"{unit}0s"


def _bar(unit: str, count: int, highest: int, chosen: DayRange) -> Bar:
    since, until = _days(unit)
    return Bar(
        since,
        until,
        pressed=[day and day.isoformat() for day in chosen] == [since, until],
        label=messages.TIME_BAR.format(
            time=_unit_words(unit), articles=counted(count, messages.ARTICLES)
        ),
        height=max(1, round(_HEIGHT * count / highest)) if count else 1,
    )
