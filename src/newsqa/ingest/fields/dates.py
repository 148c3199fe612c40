"""Read days as articles write them: in metadata, in a header line, in a dateline. Never guess.

A day is taken as it is written, without a change of time zone. ``03/04/2026`` may be either of
two days and is therefore none.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from newsqa.text.analysis import MONTHS

_MONTHS = {name.lower(): n for n, name in enumerate(MONTHS, start=1)}
_MONTHS |= {name[:3]: n for name, n in _MONTHS.items()} | {"sept": 9}
# German, French, Spanish, Italian, Portuguese and Dutch; names that English shares are above.
_FOREIGN = (
    "januar jänner janvier enero gennaio janeiro januari",
    "februar février febrero febbraio fevereiro februari",
    "märz mars marzo março maart",
    "avril abril aprile",
    "mai mayo maggio maio mei",
    "juni juin junio giugno junho",
    "juli juillet julio luglio julho",
    "août agosto augustus",
    "septembre septiembre settembre setembro",
    "oktober octobre octubre ottobre outubro",
    "novembre noviembre novembro",
    "dezember décembre diciembre dicembre dezembro",
)
_MONTHS |= {name: n for n, names in enumerate(_FOREIGN, start=1) for name in names.split()}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_CLOCK = r"(?:(?:,|:|\s[-–|·]\s|\s|T|\bat\b|\bum\b)+\d{1,2}[:.h]?\d{0,2}\b[^\n]{0,40})?"
_YEAR = r"(?P<y>1[5-9]\d\d|20\d\d)"

_WRITTEN = (
    rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s+(?:(?:of|de)\s+)?(?P<m>{_MONTH})\.?,?"
    rf"\s+(?:del?\s+)?{_YEAR}",
    rf"(?P<m>{_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}",
    rf"{_YEAR}[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}})",
)
_NUMERIC = (
    rf"{_YEAR}(?P<m>\d\d)(?P<d>\d\d)(?:T?\d{{6}}Z?)?",
    rf"(?P<d>\d{{1,2}})(?P<parting>[-/]?)(?P<m>{_MONTH})(?P=parting){_YEAR}",
    rf"(?P<m>{_MONTH})-(?P<d>\d{{1,2}})-{_YEAR}",
    rf"{_YEAR}[-\s](?P<m>{_MONTH})[-\s](?P<d>\d{{1,2}})",
    rf"(?P<a>\d{{1,2}})[-/.](?P<b>\d{{1,2}})[-/.]{_YEAR}",
)
_TIME = r"\d{1,2}:\d\d(?::\d\d)?"
_AFTER_CLOCK = rf"{_TIME}\s*(?:[ap]\.?m\.?)?\s*(?:[a-z]{{2,5}})?,?\s+"  # 01:38 PM IST Nov 20, 2019
_ZONE = r"(?:[a-z]{2,5}|[+-]\d{4})"
_LOGGED = rf"(?P<m>{_MONTH})\s+(?P<d>\d{{1,2}})\s+{_TIME}\s+(?:{_ZONE}\s+)?{_YEAR}"
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
_LOOKS_BACK = re.compile(
    r"\b(?:years|decades|centuries|century|generations?) (?:ago|earlier|before|later|since)\b"
    r"|\b(?:anniversary|commemorat\w+|on (?:that|this) (?:day|date|morning|evening|night) in)\b"
    r"|\bon that (?:day|date|morning|evening|night)\b",
    re.IGNORECASE,
)
_ANY_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_OPENING_CHARS = 250  # in which a text says that it looks back
_LOOK_BACK_CHARS = 2_000
_URL_DAY = re.compile(rf"/{_YEAR}/(?P<m>\d{{1,2}})/(?P<d>\d{{1,2}})(?:/|$)")


def parse_day(text: str) -> date | None:
    """Return the day that ``text`` as a whole names (a time of day may follow), else None."""
    if len(text) > 100:
        return None
    for pattern in _WHOLE:
        if (match := pattern.fullmatch(text)) and (day := _day_of(match)):
            return day
    return None


def dateline(body: str) -> date | None:
    """Return the day of an explicit dateline at the start of ``body``, else None.

    That is ``PLACE, 3 March 2026 —`` (or the day alone before the dash), or a first line which
    holds nothing but a day. A day that the text looks back on is none.
    """
    for pattern in _DATELINES:
        if match := pattern.match(body):
            day, body = _day_of(match), body[match.end() :]
            # Two days with a dash between are a time or a life, not a dateline.
            if day is None or any(form.match(body[:40]) for form in _ANYWHERE):
                return None
            return None if not match["place"] and looks_back(body, day) else day
    alone = _ALONE.match(body)
    day = parse_day(alone["line"]) if alone else None
    return None if alone is None or day is None or looks_back(body[alone.end() :], day) else day


def looks_back(text: str, day: date) -> bool:
    """Whether a text under a day is about that day as one of the past.

    It names a year well after it, or opens with a look back and does not name its year.
    """
    years = {int(year) for year in _ANY_YEAR.findall(text[:_LOOK_BACK_CHARS])}
    opens = day.year not in years and _LOOKS_BACK.search(text[:_OPENING_CHARS])
    return bool(opens) or max(years, default=0) > day.year + 5


def written_days(text: str) -> list[date]:
    """Return the days written out in full in ``text``, in order of their form, then place."""
    matches = (match for pattern in _ANYWHERE for match in pattern.finditer(text))
    return [day for match in matches if (day := _day_of(match))]


def days_printed(
    text: str, *, near: date | None = None, day_first: bool = False
) -> list[tuple[int, date]]:
    """Return the days in ``text`` with their offsets, in order.

    ``03/04/2026`` is read only if the two readings are one, ``day_first`` says how, or just one is
    within a day of ``near``; so are ``3/4/26`` and ``3 April``, which need ``near``.
    """
    days: dict[int, date] = {}
    for pattern in _ANYWHERE:
        for match in pattern.finditer(text):
            if day := _day_of(match):
                days.setdefault(match.start(), day)
    for pattern in _SHORT:
        for match in pattern.finditer(text):
            readings = _readings(match, near, day_first)
            if len(readings) == 1:
                days.setdefault(match.start(), readings.pop())
    return sorted(days.items())


def _readings(match: re.Match[str], near: date | None, day_first: bool) -> set[date]:
    """The days that a short form may mean, those near the known day where one is known."""
    parts = match.groupdict()
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
    match = _URL_DAY.search(url)
    return _day_of(match) if match else None


def _day_of(match: re.Match[str]) -> date | None:
    parts = match.groupdict()
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
