"""The timeline of the filters as HTML: bars of months, years or decades that set the dates.

As many units are drawn as have room; of a range that is chosen the finer ones.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date

from newsqa.web.html import messages as strings
from newsqa.web.html.markup import attributes, counted, text

MOST = 24  # bars side by side
_HEIGHT = 36

Chosen = tuple[date | None, date | None]


def timeline(months: Mapping[str, int], chosen: Chosen = (None, None)) -> str:
    """Return a bar for each unit of time; pressing one sets the dates to it.

    Args:
        months: Articles by month ("2026-03"), in order and without gaps.
        chosen: The first and the last day of the filters.
    """
    if len(months) < 2:
        return ""
    shown = _within(months, chosen)
    units = _grouped(shown)
    most = max(units.values())
    bars = "".join(_bar(unit, count, most, chosen) for unit, count in units.items())
    first, last = min(units), max(units)
    ends = f"<span>{text(_name(first))}</span><span>{text(_name(last))}</span>"
    return (
        f'{_whole() if len(shown) < len(months) else ""}<div class="nq-timeline">'
        f'<div class="nq-scale"><div class="nq-bars" role="group" '
        f'aria-label="{text(strings.TIMELINE)}">{bars}</div>'
        f'<div class="nq-ends" aria-hidden="true">{ends}</div></div></div>'
    )


def _within(months: Mapping[str, int], chosen: Chosen) -> Mapping[str, int]:
    """The months of the years that are chosen, where there are too many of all."""
    since, until = chosen
    if len(months) <= MOST or not since or not until:
        return months
    years = {f"{year:04d}" for year in range(since.year, until.year + 1)}
    inside = {month: count for month, count in months.items() if month[:4] in years}
    return inside if len(inside) > 1 else months


def _grouped(months: Mapping[str, int]) -> Mapping[str, int]:
    """Articles by month ("2026-03"), year ("2026") or decade ("202"), at most MOST if need be."""
    for length in (7, 4, 3):
        units: dict[str, int] = {}
        for month, count in months.items():
            units[month[:length]] = units.get(month[:length], 0) + count
        if len(units) <= MOST:
            break
    return units


def _days(unit: str) -> tuple[str, str]:
    """The first and the last day of a month, a year or a decade."""
    if len(unit) == 7:
        return f"{unit}-01", f"{unit}-{monthrange(int(unit[:4]), int(unit[5:]))[1]}"
    return f"{unit.ljust(4, '0')}-01-01", f"{unit.ljust(4, '9')}-12-31"


def _name(unit: str) -> str:
    if len(unit) == 7:
        return f"{date.fromisoformat(unit + '-01'):%B %Y}"
    return unit if len(unit) == 4 else f"{unit}0s"


def _bar(unit: str, count: int, most: int, chosen: Chosen) -> str:
    said = strings.TIME_BAR.format(time=_name(unit), articles=counted(count, strings.ARTICLES))
    tall = max(1, round(_HEIGHT * count / most)) if count else 1
    first, last = _days(unit)
    pressed = [day and day.isoformat() for day in chosen] == [first, last]
    named = attributes(
        css="nq-time",
        type="button",
        data_since=first,
        data_until=last,
        aria_pressed=str(pressed).lower(),
        aria_label=said,
        title=said,
    )
    shape = (
        f'<svg viewBox="0 0 10 {_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect x="0" y="{_HEIGHT - tall}" width="10" height="{tall}"></rect></svg>'
    )
    return f"<button{named}>{shape}</button>"


def _whole() -> str:
    named = attributes(css="nq-time nq-plain", type="button", data_since="", data_until="")
    return f"<button{named}>{text(strings.WHOLE_TIME)}</button>"
