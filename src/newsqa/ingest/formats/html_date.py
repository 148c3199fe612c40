"""The day that a web page prints beside its headline: "By Ada Lund, Nov. 18, 2019, 8:19 pm".

Metadata often give the moment in UTC, hours away from the day on which the readers' page says that
an article appeared, and some pages have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from newsqa.ingest.fields.dates import days_printed
from newsqa.ingest.formats.html_lines import Line

_BELOW_LINES = 30  # searched for a day near the one that metadata give
_ALONE_LINES = 12  # searched where metadata give none
_ABOVE_LINES = 3
_LINE_CHARS = 120
_PROSE_CHARS = 140
_LABEL_CHARS = 30
_ALONE_CHARS = 60  # a longer line must begin with its day or say that it is a byline
_SECOND_PROSE = 2  # a standfirst may stand above the day, two paragraphs do not
_CHANGED = re.compile(
    r"updat|modifi|revised|corrected|aktualis|actuali[sz]|atuali|aggiorn|mis à jour|обновл",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"\W*(?:(?:written )?by|(?:first )?published|posted|date)\b", re.IGNORECASE)
_DAY_FIRST_ENGLISH = ("en-gb", "en-au", "en-ie", "en-in", "en-nz", "en-za")


def printed_day(
    lines: Sequence[Line], at: int, *, known: date | None, changed: date | None, language: str
) -> date | None:
    """Return the day of publication printed beside the headline, which is ``lines[at]``.

    With a day ``known`` from metadata only its neighbours count, and not the day on which the
    article was ``changed``. Without, the day must be written out in full close to the headline.
    """
    tag = language.lower().replace("_", "-")
    day_first = tag.startswith(_DAY_FIRST_ENGLISH) or bool(tag and not tag.startswith("en"))
    for before, text in _beside(lines, at, known):
        for day in _published(before, text, known, day_first):
            if known in (None, day) or day != changed:
                return day
    return None


def _beside(lines: Sequence[Line], at: int, known: date | None) -> Iterator[tuple[str, str]]:
    """Yield short lines, each after the line before it: those below the headline, then above."""
    prose = 0
    for n in range(at + 1, min(at + 1 + (_BELOW_LINES if known else _ALONE_LINES), len(lines))):
        prose += len(lines[n].text) >= _PROSE_CHARS and not lines[n].beside
        if lines[n].heading == "h1" or prose == _SECOND_PROSE:
            break
        if len(lines[n].text) <= _LINE_CHARS and not lines[n].beside:
            yield lines[n - 1].text if n > at + 1 else "", lines[n].text
    # Above it stands today's day as often as the article's: of use only where one is known.
    for n in range(at - 1, max(-1, at - 1 - _ABOVE_LINES), -1):
        if known and len(lines[n].text) <= _LINE_CHARS and not lines[n].beside:
            yield lines[n - 1].text if n else "", lines[n].text


def _published(before: str, text: str, known: date | None, day_first: bool) -> Iterator[date]:
    """Yield the days of a line but for those that are said to be of a change."""
    end = 0
    for start, day in days_printed(text, near=known, day_first=day_first):
        label = text[end:start]
        if not re.search(r"\w", label) and not days_printed(before, near=known):
            label = before[-_LABEL_CHARS:]
        alone = start == 0 or len(text) <= _ALONE_CHARS or bool(_BYLINE.match(text))
        near = alone if known is None else abs(day - known) <= timedelta(days=1)
        if near and not _CHANGED.search(label):
            yield day
        end = start + 1
