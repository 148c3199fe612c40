"""Read what stands above a text's first paragraph: its title and lines such as ``By: Jonas Pell``.

Header lines stand directly below the title, below a standfirst (a short paragraph that sums up the
article), or at the start of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from newsqa.ingest.fields.byline import read_byline
from newsqa.ingest.fields.dates import looks_back, parse_day

MAX_TITLE_CHARS = 300
MAX_STANDFIRST_LINES = 3
MAX_OTHER_CHARS = 200  # of a line in a block of fields whose name says nothing to us

_NAMES = {
    "title": ("title", "headline"),
    "byline": ("by", "byline", "author", "authors", "writer", "reporter", "written by"),
    "published": (
        *("published", "date", "publication date", "date published", "date of publication"),
        *("published on", "publish date", "pub date", "posted", "posted on", "first published"),
    ),
    "updated": ("updated", "last updated", "modified", "last modified", "date updated"),
    "source": ("source", "publisher", "publication", "newspaper", "outlet"),
    "url": ("url", "link"),
    "language": ("language",),
}
_FIELDS = {key: name for name, keys in _NAMES.items() for key in keys}
_KEYS = "|".join(sorted(_FIELDS, key=len, reverse=True))
_FIELD = re.compile(rf"\s*(?P<key>{_KEYS})\s*:\s*(?P<value>\S[^\r\n]*)", re.IGNORECASE)
_OTHER = re.compile(r"\s*[A-Za-z][\w-]*(?: [\w-]+){0,2}\s*:(?:\s+\S[^\r\n]*|\s*)")
# "Published 3 March 2026 | Updated 5 March 2026": each day behind its word.
_DATED = re.compile(
    r"(?:^|(?<=[\s|·•;,/(–—]))(?:(?P<first>(?:first |originally )?(?:published|posted|issued))"
    r"|(?:last )?(?:updated|modified))\b(?: on| at)?\s*:?\s*",
    re.IGNORECASE,
)
_AROUND = " \t|·•;,/()–—-"
_DAY_AND_BY = re.compile(r"(?P<day>.{6,60}?),?\s+(?P<by>by\s.+)", re.IGNORECASE)
_BY_AND_DAY = re.compile(
    r"(?P<by>\s*by\s.{2,100}?)\s*[,|·•–—]\s*(?P<day>[^,|·•–—]\S.{5,40})", re.IGNORECASE
)
_EMPTY_LINES = re.compile(r"(?:[^\S\r\n]*[\r\n])+")
_EMPTY_LINE = re.compile(r"\r?\n[^\S\n]*(?:\n|\Z)")
_LINE = re.compile(r"[^\r\n]*")
_ENDS_SENTENCE = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")


@dataclass(slots=True)
class Heading:
    """The fields above a text, and ``rest``: the offset in the text at which the body begins.

    ``standfirst`` stands between the title and the fields and belongs to the body.
    """

    rest: int = 0
    title: str = ""
    standfirst: str = ""
    byline: str = ""
    published: date | None = None
    updated: date | None = None
    source: str = ""
    url: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is not empty, where it starts, and where the next one does."""

    text: str
    start: int
    after: int


def read_heading(text: str, *, titled: bool = False) -> Heading:
    """Read title and header lines off the start of ``text``.

    The title is the first line that is not empty, if an empty line and something else follow it
    and it does not end a sentence, or if header lines follow it. ``titled`` says that the title is
    known and not in the text.
    """
    heading = _read(text, titled)
    if not text[heading.rest :].strip():  # header lines and nothing else: then they are the text
        return Heading()
    empty = _EMPTY_LINES.match(text, heading.rest)
    heading.rest = empty.end() if empty else heading.rest
    return heading


def _read(text: str, titled: bool) -> Heading:
    first = next(_lines(text, 0), None)
    if first is None:
        return Heading()
    if titled or _FIELD.fullmatch(first.text):
        heading = _fields(text, 0, titled=titled)
        if heading and not titled and not heading.title:
            _take_title(text, heading)
        return heading or (titled and _below_standfirst(text, 0)) or Heading()
    title = first.text.strip()
    if len(title) > MAX_TITLE_CHARS or not any(map(str.isalnum, title)):
        return Heading()
    fields = _fields(text, first.after, titled=True)
    if fields and _take(first, replace(fields), text, titled=True):  # a first line of fields, too
        return _fields(text, 0, titled=True) or Heading()
    heading = fields
    if heading is None and not title.endswith("."):
        heading = _below_standfirst(text, first.after)
    if heading is None:
        heading = Heading()
        _take_title(text, heading)
    heading.title = heading.title or (title if heading.rest else "")
    return heading


def _take_title(text: str, heading: Heading) -> None:
    """Take the next line for the title if it stands alone and does not end a sentence."""
    line = next(_lines(text, heading.rest), None)
    if line is None or len(line.text.strip()) > MAX_TITLE_CHARS:
        return
    apart = _EMPTY_LINE.match(text, line.start + len(line.text))
    title = line.text.strip()
    if apart and text[line.after :].strip() and not _ENDS_SENTENCE.search(title):
        heading.title, heading.rest = title, line.after


def _lines(text: str, at: int) -> Iterator[_Line]:
    while at < len(text):
        match = _LINE.match(text, at)
        assert match is not None
        after = min(match.end() + 1, len(text))
        if match[0].strip():
            yield _Line(match[0], at, after)
        at = after


def _fields(text: str, at: int, *, titled: bool) -> Heading | None:
    """Read the header lines that begin at an offset; None if there is none, or nothing else.

    In a block that has a line of its own for the title, lines of other fields are left out.
    """
    heading = Heading(rest=at)
    for line in _lines(text, at):
        block = heading.title and heading.rest == line.start and not titled
        other = block and len(line.text) <= MAX_OTHER_CHARS and _OTHER.fullmatch(line.text)
        if not _take(line, heading, text, titled=titled) and not other:
            break
        heading.rest = line.after
    return heading if heading.rest > at and text[heading.rest :].strip() else None


def _below_standfirst(text: str, at: int) -> Heading | None:
    """Read past a short paragraph or two, if a byline or a dated line follows."""
    for passed, line in enumerate(_lines(text, at)):
        if passed:
            probe = Heading()
            _take(line, probe, text, titled=False)
            if probe.byline or probe.published or probe.updated:
                heading = _fields(text, line.start, titled=True)
                if heading is not None:
                    heading.standfirst = text[at : line.start].strip()
                return heading
        if passed == MAX_STANDFIRST_LINES or len(line.text) > MAX_TITLE_CHARS:
            return None
    return None


def _take(line: _Line, heading: Heading, text: str, *, titled: bool) -> bool:
    """Read one header line into ``heading``; False if it is none."""
    field = _FIELD.fullmatch(line.text)
    if field is None:
        return (
            _take_dated(line.text, heading)
            or _take_byline(line.text, heading)
            or ((titled or bool(heading.byline)) and _take_day(line, heading, text))
        )
    name = _FIELDS[field["key"].lower()]
    value = field["value"].strip()
    if name in ("published", "updated"):
        return _take_dated(f"{name} {value}", heading)
    if len(value) > MAX_TITLE_CHARS or getattr(heading, name):
        return False
    setattr(heading, name, value)
    return True


def _take_dated(line: str, heading: Heading) -> bool:
    """Read a line of days, each behind a word such as "Published"; a byline may end it."""
    words = list(_DATED.finditer(line))
    if not words or line[: words[0].start()].strip(_AROUND):
        return False
    byline, days = "", {}
    for at, word in enumerate(words):
        end = words[at + 1].start() if at + 1 < len(words) else len(line)
        value = line[word.end() : end].strip(_AROUND)
        if parse_day(value) is None and (parted := _DAY_AND_BY.fullmatch(value)):
            value, byline = parted["day"], read_byline(parted["by"]) or ""
        name = "published" if word["first"] else "updated"
        day = parse_day(value)
        if day is None or name in days or getattr(heading, name) is not None:
            return False
        days[name] = day
    for name, day in days.items():
        setattr(heading, name, day)
    heading.byline = heading.byline or byline
    return True


def _take_day(line: _Line, heading: Heading, text: str) -> bool:
    """Read a line that holds nothing but the day of publication."""
    day = parse_day(line.text.strip(_AROUND))
    if day is None or heading.published or looks_back(text[line.after :], day):
        return False
    heading.published = day
    return True


def _take_byline(line: str, heading: Heading) -> bool:
    """Read a line such as ``By Jonas Pell`` or ``By Jonas Pell, 3 March 2026``."""
    day = None
    if (dated := _BY_AND_DAY.fullmatch(line)) and (day := parse_day(dated["day"])):
        line = dated["by"]
    byline = read_byline(line)
    if byline is None or heading.byline:
        return False
    heading.byline = byline
    heading.published = heading.published or day
    return True
