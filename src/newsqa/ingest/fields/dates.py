"""Days as articles write them: in metadata, in a header line, in a dateline. Never guessed.

A day is taken as it is written, without a change of time zone. ``03/04/2026`` may be either of
two days and is therefore none.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

_NAMES = (
    "january february march april may june july august september october november december".split()
)
_MONTHS = {name: n for n, name in enumerate(_NAMES, start=1)}
_MONTHS |= {name[:3]: n for name, n in _MONTHS.items()} | {"sept": 9}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_CLOCK = r"(?:(?:,|\s|T|\bat\b)+\d{1,2}[:.h]?\d{0,2}\b[^\n]{0,40})?"
_YEAR = r"(?P<y>1[5-9]\d\d|20\d\d)"

_WRITTEN = (
    rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m>{_MONTH})\.?,?\s+{_YEAR}",
    rf"(?P<m>{_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}",
    rf"{_YEAR}[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}})",
)
_NUMERIC = (
    rf"{_YEAR}(?P<m>\d\d)(?P<d>\d\d)",
    rf"(?P<a>\d{{1,2}})[-/.](?P<b>\d{{1,2}})[-/.]{_YEAR}",
)
_TIME = r"\d{1,2}:\d\d(?::\d\d)?"
_AFTER_CLOCK = rf"{_TIME}\s*(?:[ap]\.?m\.?)?\s*(?:[a-z]{{2,5}})?,?\s+"  # 01:38 PM IST Nov 20, 2019
_LOGGED = rf"(?P<m>{_MONTH})\s+(?P<d>\d{{1,2}})\s+{_TIME}\s+(?:[a-z]{{2,5}}\s+)?{_YEAR}"
_WHOLE = [
    re.compile(rf"\s*{_WEEKDAY}{form}{_CLOCK}\s*\.?\s*", re.IGNORECASE)
    for form in (*_WRITTEN, *_NUMERIC)
]
_WHOLE += [re.compile(rf"\s*{_AFTER_CLOCK}{_WEEKDAY}{form}\s*", re.IGNORECASE) for form in _WRITTEN]
_WHOLE.append(re.compile(rf"\s*{_WEEKDAY}{_LOGGED}\s*", re.IGNORECASE))  # as `date` prints it
_ANYWHERE = [re.compile(rf"(?<![\w-]){form}(?![\w-])", re.IGNORECASE) for form in _WRITTEN]
_SHORT = [
    re.compile(rf"(?<![\w/.-]){form}(?![\w/-])", re.IGNORECASE)
    for form in (
        r"(?P<a>\d{1,2})(?P<parting>[-/.])(?P<b>\d{1,2})(?P=parting)(?P<y>(?:20)?\d\d)",
        rf"(?P<m>{_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?",
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<m>{_MONTH})\.?",
    )
]

_DASH = r"\s*(?:—|–|--|\s-\s|:)\s*"
_PLACE = r"(?P<place>[A-Z][^\d\n.!?—–:]{1,60}?)"
_DATELINES = [
    re.compile(
        rf"\s*(?:{_PLACE},\s+)?(?i:{_WEEKDAY}{form})(?:\s*\([^()\n]{{1,40}}\))?{_DASH}(?=\S)"
    )
    for form in _WRITTEN[:2]
]
_ALONE = re.compile(r"\s*(?P<line>[^\n]{6,60})(?:\n|$)")
_A_DAY = timedelta(days=1)
_URL_DAY = re.compile(rf"/{_YEAR}/(?P<m>\d{{1,2}})/(?P<d>\d{{1,2}})(?:/|$)")


def parse_day(text: str) -> date | None:
    """Return the day that ``text`` as a whole names (a time of day may follow), else None."""
    if len(text) > 100:
        return None
    for pattern in _WHOLE:
        if (found := pattern.fullmatch(text)) and (day := _day_of(found)):
            return day
    return None


def dateline(body: str) -> date | None:
    """Return the day of an explicit dateline at the start of ``body``, else None.

    That is ``PLACE, 3 March 2026 —`` (or the day alone before the dash), or a first line which
    holds nothing but a day.
    """
    for pattern in _DATELINES:
        if found := pattern.match(body):
            # Two days with a dash between are a time or a life, not a dateline.
            after = body[found.end() : found.end() + 40]
            return None if any(form.match(after) for form in _ANYWHERE) else _day_of(found)
    alone = _ALONE.match(body)
    return parse_day(alone["line"]) if alone else None


def written_days(text: str) -> list[date]:
    """Return the days written out in full in ``text``, in order of their form, then place."""
    found = (match for pattern in _ANYWHERE for match in pattern.finditer(text))
    return [day for match in found if (day := _day_of(match))]


def days_printed(
    text: str, *, near: date | None = None, day_first: bool = False
) -> list[tuple[int, date]]:
    """Return the days in ``text`` with their offsets, in order.

    ``03/04/2026`` is read only if the two readings are one, ``day_first`` says how, or just one is
    within a day of ``near``; so are ``3/4/26`` and ``3 April``, which need ``near``.
    """
    found: dict[int, date] = {}
    for pattern in _ANYWHERE:
        for match in pattern.finditer(text):
            if day := _day_of(match):
                found.setdefault(match.start(), day)
    for pattern in _SHORT:
        for match in pattern.finditer(text):
            days = _readings(match, near, day_first)
            if len(days) == 1:
                found.setdefault(match.start(), days.pop())
    return sorted(found.items())


def _readings(found: re.Match[str], near: date | None, day_first: bool) -> set[date]:
    """The days that a short form may mean, those near the known day where one is known."""
    parts = found.groupdict()
    if near is None and ("y" not in parts or len(parts["y"]) < 4):
        return set()
    years = [int(parts["y"]) % 100 + 2000] if "y" in parts else []
    years = years or [near.year + n for n in (-1, 0, 1) if near]
    if "a" in parts:
        a, b = int(parts["a"]), int(parts["b"])
        orders = [(b, a)] if day_first and near is None else [(a, b), (b, a)]
    else:
        orders = [(_MONTHS[parts["m"].lower()], int(parts["d"]))]
    days = {day for y in years for m, d in orders if (day := _valid(y, m, d))}
    return {day for day in days if near is None or abs(day - near) <= _A_DAY}


def day_in_url(url: str) -> date | None:
    """Return the day in a path such as ``/2026/03/19/``, else None."""
    found = _URL_DAY.search(url)
    return _day_of(found) if found else None


def _day_of(found: re.Match[str]) -> date | None:
    parts = found.groupdict()
    year = int(parts["y"])
    if "a" in parts:
        a, b = int(parts["a"]), int(parts["b"])
        if a <= 12 and b <= 12 and a != b:
            return None
        month, day = (a, b) if b > 12 else (b, a)
    else:
        name = parts["m"].lower()
        month = int(name) if name.isdigit() else _MONTHS[name]
        day = int(parts["d"])
    return _valid(year, month, day)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
