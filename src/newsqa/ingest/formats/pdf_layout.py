"""Lines of PDF pages: dropping running heads, joining lines into paragraphs.

Sizes and heights are in PDF points; y grows upwards.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_EDGE_LINES = 3  # running heads stand within so many lines of the top or the bottom
_PAGE_NUMBER = re.compile(
    r"(?:page|p\.|seite)?\s*[-–—|]?\s*(?:\d{1,4}|[ivxl]{1,6})\s*(?:(?:of|/|von)\s*\d{1,4})?\s*[-–—|]?",
    re.IGNORECASE,
)
_ENDS_SENTENCE = re.compile(r"[.!?…:][\"'”’»)\]]*$")
_BROKEN = re.compile(r"([^\W_]|\.)[-\u00ad\u2010\ufffe]$")
_HEAD = re.compile(r"[^\W\d_]*(?=.$)")
_BULLET = re.compile(r"[•‣▪●◦■□▸►➤✓·○]\s+\S|[•‣▪●◦■□▸►➤✓○]")
_LISTED = re.compile(r"(?:\(?\d{1,2}[.)]|[–—*-])\s+[\w\"“‘']")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_COMPOUND = re.compile(r"[^\W_]+(?:[-\u2010][^\W_]+)+")
# What a browser prints above and below a page.
_BROWSER = re.compile(
    r"\d{1,2}/\d{1,2}/\d{2,4}, \d{1,2}:\d\d( [AP]M)?( .*)?|(?:https?|file)://\S+( \d+/\d+)?"
)
# First parts of words that keep their hyphen when nothing in the text says otherwise.
_KEEPS = frozenset(
    """ex non self well half all anti co cross ill semi mid post pre pro vice so one two three four
    five six seven eight nine ten twenty thirty forty fifty sixty seventy eighty ninety high low
    long short old new north south east west""".split()
)


# Second parts that keep it: "state-owned", "U.S.-led".
_KEPT_BEFORE = frozenset(
    """owned based backed related funded sponsored controlled speaking friendly sized elect
    old wing round""".split()
)
_SUSPENDED = frozenset("and or to und oder et ou y o e bis".split())  # pre- and post-war


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line; ``y`` is its height on the page, ``size`` its type size (0: unknown)."""

    text: str
    y: float = 0.0
    size: float = 0.0
    x: float = 0.0


def drop_running(pages: Sequence[Sequence[Line]]) -> tuple[list[str], list[list[Line]]]:
    """Return the running heads that were dropped (texts of the first page) and the other lines.

    A running head stands at the top or the bottom of most pages, the same but for its digits.
    A bare page number at an edge is dropped on any page.
    """
    counts: Counter[str] = Counter()
    for page in pages:
        counts.update({_form(page[at].text) for at in _edges(page)})
    filled = sum(1 for page in pages if page)
    running = {form for form, n in counts.items() if n >= 2 and n > filled * 0.5}
    heads: list[str] = []
    kept_pages: list[list[Line]] = []
    for page in pages:
        dropped = _dropped(page, running)
        if not heads:
            heads = [page[at].text for at in sorted(dropped)]
        kept_pages.append([line for at, line in enumerate(page) if at not in dropped])
    return heads, kept_pages


def _edges(page: Sequence[Line]) -> set[int]:
    return {at for at in range(len(page)) if at < _EDGE_LINES or at >= len(page) - _EDGE_LINES}


def _dropped(page: Sequence[Line], running: set[str]) -> set[int]:
    """Which lines of the page go: from each edge inwards, as far as it is furniture."""
    dropped: set[int] = set()
    for order in (range(len(page)), range(len(page) - 1, -1, -1)):
        for at in list(order)[:_EDGE_LINES]:
            text = page[at].text
            known = any(form.fullmatch(text) for form in (_PAGE_NUMBER, _BROWSER))
            if not known and _form(text) not in running:
                break
            dropped.add(at)
    return dropped


def _form(text: str) -> str:
    return re.sub(r"\d+", "#", text).casefold()


def join(pages: Sequence[Sequence[Line]]) -> tuple[str, list[int]]:
    """Return the body and the offset at which each page begins in it.

    A page begins with its first character, also within a paragraph that runs over the page's
    end; a page without text begins where the next one does.
    """
    compounds = {
        word.casefold() for page in pages for line in page for word in _COMPOUND.findall(line.text)
    }
    plain = {w.casefold() for p in pages for line in p for w in _FIRST_WORD.findall(line.text)}
    body, starts = "", []
    parts: list[str] = []
    length = 0
    before: Line | None = None
    for page in pages:
        gap, width = _usual_gap(page), max((len(line.text) for line in page), default=0)
        begun = False
        for line in page:
            glue = "" if before is None else _glue(before, line, gap if begun else 0.0, width)
            if glue == " " and before is not None and _BROKEN.search(before.text):
                cut, glue = _mend(before.text, line.text, compounds, plain)
                if cut:
                    parts[-1], length = parts[-1][:-1], length - 1
            parts.append(glue)
            length += len(glue)
            if not begun:
                starts.append(length)
                begun = True
            parts.append(line.text)
            length += len(line.text)
            before = line
        if not begun:
            starts.append(-1)
    body = "".join(parts)
    for at in range(len(starts) - 1, -1, -1):
        if starts[at] < 0:
            starts[at] = starts[at + 1] if at + 1 < len(starts) else len(body)
    return body, starts


def _usual_gap(page: Sequence[Line]) -> float:
    gaps = sorted(a.y - b.y for a, b in pairwise(page) if a.y > b.y > 0)
    return gaps[len(gaps) // 2] if gaps else 0.0


def _glue(before: Line, line: Line, gap: float, width: int) -> str:
    """A space inside a paragraph, an empty line between two."""
    new = "\n\n"
    if before.size and line.size and abs(before.size - line.size) > 0.15 * before.size:
        return new
    if gap and before.y and line.y and before.y - line.y > 1.35 * gap:
        return new
    if _BULLET.match(line.text):
        return new
    ended = bool(_ENDS_SENTENCE.search(before.text))
    if _LISTED.match(line.text) and (ended or _LISTED.match(before.text)):
        return new
    if ended and len(before.text) < 0.75 * width and not line.text[0].islower():
        return new
    return " "


def _mend(before: str, after: str, compounds: set[str], plain: set[str]) -> tuple[bool, str]:
    """Whether the hyphen at the line's end goes, and what stands between the two lines then."""
    first, word = _FIRST_WORD.match(after), re.match(r"[^\W_]+", after)
    if word is None:
        return False, " "
    if before.endswith(("\u00ad", "\ufffe")):
        return True, ""
    head_match = _HEAD.search(before)
    head = head_match[0].casefold() if head_match else ""
    if first is None or not head:  # a number on one of the sides: F-16, 30-year-old, U.S.-led
        suspended = word[0].casefold() in _SUSPENDED
        return False, " " if suspended else ""
    tail = first[0].casefold()
    if tail in _SUSPENDED and head + tail not in plain:
        return False, " "
    if f"{head}-{tail}" in compounds and head + tail not in plain:
        return False, ""
    if head + tail in plain:
        return True, ""
    return not _keeps_hyphen(before, head, first[0]), ""


def _keeps_hyphen(before: str, head: str, tail: str) -> bool:
    """Whether a hyphen is one of the word's own, by what stands on its two sides."""
    token = before.rsplit(None, 1)[-1][:-1]
    if len(head) == 1 or head in _KEEPS or "-" in token:
        return True
    capitals = token[-len(head) :].isupper() and len(head) > 1
    if capitals or tail[0].isupper():
        return not (capitals and tail.isupper())
    return tail in _KEPT_BEFORE
