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
_SECOND_PROSE = 2  # a standfirst may stand above the day, two paragraphs do not
_CHANGED = re.compile(
    r"updat|modifi|revised|corrected|aktualis|actuali[sz]|atuali|aggiorn|mis à jour|обновл",
    re.IGNORECASE,
)
_PUBLISHED = (
    r"(?:(?:published|posted|printed|written|filed|released|issued|created|added|uploaded|submitted)"
    r"(?: (?:on|at|by|in))?|publicad[oa](?: (?:el|em|por))?|postado(?: em)?|publi[ée]e?(?: le)?|"
    r"mis en ligne(?: le)?|veröffentlicht(?: am)?|erschienen(?: am)?|publiziert(?: am)?|"
    r"pubblicato(?: il)?|gepubliceerd(?: op)?|geplaatst(?: op)?|опубликовано|publicerad|"
    r"publisert|julkaistu|기사입력|입력|등록|게시|公開|掲載|配信|发布|發布|发表)"
)
_SHORT_LABEL = r"(?:by|dated?|on|stand|vom|am|le|data|datum|fecha|дата)"  # alone before the day
_BYLINE = re.compile(rf"\W*(?:(?:first |originally )?{_PUBLISHED}|by|date)\b", re.IGNORECASE)
_LABEL = re.compile(
    rf"(?:^|.*[\W_]){_PUBLISHED}\W*$|^\W*{_SHORT_LABEL}\W*$", re.IGNORECASE | re.DOTALL
)
_SMALL_WORDS = 5  # in a line after its day: a sentence
_OTHER_DAY = re.compile(
    r"\b(?:born|birth\w*|died?|dead|deaths?|née?|geboren|gestorben|naci\w+|when|where|venue|"
    r"event\w*|start\w*|begin\w*|open\w*|end(?:s|ing|ed)?|until|till|through|deadline|due|expires?|"
    r"closing|doors|tickets?|wedding|funeral|elected|founded|released? date|valid|"
    r"joined|member since|since|copyright)\b|[†*©]",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?:(?:[A-ZÀ-ÞА-Я][\w.'’-]+|and|und|et|y|e|&|de|van|von)\s+){1,6}[A-ZÀ-ÞА-Я][\w.'’-]+"
)
_WEEKDAY = re.compile(
    r"\W*(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\W*$", re.IGNORECASE
)
_APART = re.compile(r"[|/•·,\]–—-]\s*$|:\d\d\W*$")
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


def is_date_line(line: str, *, day_first: bool = False) -> bool:
    """Return whether a line gives the day of publication: alone, after a label, or in a byline.

    A line with two days must say which of them it is; "Born May 3, 1921" says another thing.
    """
    days = days_printed(line, day_first=day_first)
    if not days or len(line) > _LINE_CHARS or _OTHER_DAY.search(line):
        stated = days and re.search(_PUBLISHED, line[: days[0][0]], re.IGNORECASE)
        return bool(stated and len(line) <= _LINE_CHARS and _LABEL.search(line[: days[0][0]]))
    before, after = line[: days[0][0]], line[days[-1][0] :]
    if len(re.findall(r"(?<![\w.])[a-z]{2,}(?![\w.])", after)) >= _SMALL_WORDS:
        return bool(_LABEL.search(before) and re.search(_PUBLISHED, before, re.IGNORECASE))
    labelled = bool(_LABEL.search(before) or _BYLINE.match(line))
    if len({day for _, day in days}) > 1:
        return labelled or bool(_CHANGED.search(line))
    head = _WEEKDAY.sub("", before).strip(" ([")
    return labelled or not head or bool(_APART.search(before) or _NAME.fullmatch(head))


def _beside(lines: Sequence[Line], at: int, known: date | None) -> Iterator[tuple[str, str]]:
    """Yield short lines, each after the line before it: those below the headline, then above."""
    prose = 0
    for n in range(at + 1, min(at + 1 + (_BELOW_LINES if known else _ALONE_LINES), len(lines))):
        prose += len(lines[n].text) >= _PROSE_CHARS and not lines[n].aside
        if lines[n].heading == "h1" or prose == _SECOND_PROSE:
            break
        if len(lines[n].text) <= _LINE_CHARS and not lines[n].aside:
            yield lines[n - 1].text if n > at + 1 else "", lines[n].text
    # Above it stands today's day as often as the article's: of use only where one is known.
    for n in range(at - 1, max(-1, at - 1 - _ABOVE_LINES), -1):
        if known and len(lines[n].text) <= _LINE_CHARS and not lines[n].aside:
            yield lines[n - 1].text if n else "", lines[n].text


def _published(before: str, text: str, known: date | None, day_first: bool) -> Iterator[date]:
    """Yield the days of a line but for those that are said to be of a change."""
    end = 0
    for start, day in days_printed(text, near=known, day_first=day_first):
        label = text[end:start]
        if not re.search(r"\w", label) and not days_printed(before, near=known):
            label = before[-_LABEL_CHARS:]
        near = (
            is_date_line(text, day_first=day_first)
            if known is None
            else abs(day - known) <= timedelta(days=1)
        )
        if near and not _CHANGED.search(label):
            yield day
        end = start + 1
