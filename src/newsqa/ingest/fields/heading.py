"""What stands above a text's first paragraph: its title and lines such as ``By: Jonas Pell``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from newsqa.ingest.fields.dates import parse_day

MAX_TITLE_CHARS = 300

_FIELDS = {
    "by": "byline",
    "byline": "byline",
    "author": "byline",
    "authors": "byline",
    "published": "published",
    "date": "published",
    "updated": "updated",
    "last updated": "updated",
    "source": "source",
    "publisher": "source",
    "url": "url",
    "link": "url",
    "language": "language",
}
_FIELD = re.compile(rf"\s*(?P<key>{'|'.join(_FIELDS)})\s*:\s*(?P<value>\S[^\r\n]*)", re.IGNORECASE)
_DATED = re.compile(r"\s*(?P<key>published|(?:last )?updated)(?: on)?\s+(?P<value>\S.*)", re.I)
_NAME = r"[A-ZÀ-Þ][\w.'’-]*"
_BY = re.compile(
    rf"\s*By\s+(?P<value>{_NAME}(?:,?\s+(?:and\s+|de\s+|van\s+|von\s+)?{_NAME}){{0,7}})\s*"
)
_BY_AND_DAY = re.compile(r"(?P<by>\s*By\s.{2,100}?)\s*[,|·•–—]\s*(?P<day>[^,|·•–—]\S.{5,40})")
_NOT_A_NAME = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:january|february|march|april|may|june|"
    r"july|august|september|october|november|december|contrast|comparison|the|then|now)\b",
    re.IGNORECASE,
)
_EMPTY_LINES = re.compile(r"(?:[^\S\r\n]*[\r\n])+")
_LINE = re.compile(r"[^\r\n]*")
_ENDS_SENTENCE = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")


@dataclass(slots=True)
class Heading:
    """The fields found, and ``rest``: the offset in the text at which the body begins."""

    rest: int = 0
    title: str = ""
    byline: str = ""
    published: date | None = None
    updated: date | None = None
    source: str = ""
    url: str = ""
    language: str = ""


def read_heading(text: str, *, titled: bool = False) -> Heading:
    """Read title and header lines off the start of ``text``.

    The title is the first line that is not empty, if an empty line and something else follow it
    and it does not end a sentence; ``titled`` says that the title is known and not in the text.
    Header lines stand directly below the title, or at the start where there is none.
    """
    heading = Heading()
    if not titled:
        heading.title, heading.rest = _title(text)
    at = heading.rest
    while at < len(text):
        line = _LINE.match(text, at)
        assert line is not None
        after = min(line.end() + 1, len(text))
        if line[0].strip() and not _take(line[0], heading):
            break
        if line[0].strip():
            heading.rest = after
        at = after
    if not text[heading.rest :].strip():  # header lines and nothing else: then they are the text
        return Heading()
    empty = _EMPTY_LINES.match(text, heading.rest)
    heading.rest = empty.end() if empty else heading.rest
    return heading


def _title(text: str) -> tuple[str, int]:
    start = len(text) - len(text.lstrip())
    line = _LINE.match(text, start)
    assert line is not None
    title = line[0].strip()
    rest = text[line.end() :]
    below = re.match(r"\r?\n[^\S\n]*(?:\n|\Z)", rest)
    if (
        not any(map(str.isalnum, title))
        or len(title) > MAX_TITLE_CHARS
        or _ENDS_SENTENCE.search(title)
    ):
        return "", 0
    if below is None or not rest.strip() or _FIELD.fullmatch(title):
        return "", 0
    return title, line.end() + 1


def _take(line: str, heading: Heading) -> bool:
    """Read one header line into ``heading``; False if it is none."""
    found = _FIELD.fullmatch(line) or _DATED.fullmatch(line)
    if found is None:
        return _take_byline(line, heading)
    name = _FIELDS[found["key"].lower()]
    value = found["value"].strip()
    if name in ("published", "updated"):
        day = parse_day(value)
        if day is None or getattr(heading, name) is not None:
            return False
        setattr(heading, name, day)
    elif len(value) > MAX_TITLE_CHARS or getattr(heading, name):
        return False
    else:
        setattr(heading, name, value)
    return True


def _take_byline(line: str, heading: Heading) -> bool:
    """Read a line such as ``By Jonas Pell`` or ``By Jonas Pell, 3 March 2026``."""
    day = None
    if (dated := _BY_AND_DAY.fullmatch(line)) and (day := parse_day(dated["day"])):
        line = dated["by"]
    by = _BY.fullmatch(line)
    if by is None or heading.byline or _NOT_A_NAME.search(by["value"]):
        return False
    heading.byline = by["value"]
    heading.published = heading.published or day
    return True
