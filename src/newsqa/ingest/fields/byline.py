"""Read a byline: ``By Jonas Pell``, ``BY ADA FINCH``, ``By Łucja Żak & Jon Pike, Trade Editor``."""

from __future__ import annotations

import re

MAX_PARTS = 14
_BY = re.compile(
    r"\s*(?:(?:written|reported|words|text|story|report)\s+)?by:?\s+(?P<names>\S[^\r\n]{0,120}?)\s*",
    re.IGNORECASE,
)
_PART = re.compile(r"\w[\w.'’-]*|[&,+/]")
_STOP = re.compile(r"[^\W\d_]{3}\.$")  # of a sentence; not of "Jr." or an initial
_SMALL = frozenset(
    """and & , + / of for in at the de del della der den di da do dos du la le les el al bin ibn
    van von zu zur ter ten af av y e und et""".split()
)
_DAY = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day")
_MONTH = re.compile(
    r"january|february|march|april|may|june|july|august|september|october|november|december"
)
# "By contrast", "BY POPULAR DEMAND": what else a line may begin with.
_NO_NAME = frozenset(
    """the then now contrast comparison far all any order act way means law popular chance
    accident design default definition""".split()
)


# Behind a comma: "By Ada Wren, staff writer".
_ROLES = frozenset(
    """staff senior chief deputy political health business sports crime education science local
    foreign news special writer writers reporter reporters correspondent correspondents editor
    editors columnist contributor agencies""".split()
)


def read_byline(line: str) -> str | None:
    """Return who wrote an article by a line of its own, or None if it is no such line."""
    match = _BY.fullmatch(line)
    if match is None:
        return None
    names = match["names"]
    parts = _PART.findall(names)
    if "".join(parts) != "".join(names.split()) or len(parts) > MAX_PARTS:
        return None
    if not _is_name(parts[0]) or parts[-1].casefold() in _SMALL or _STOP.search(names):
        return None
    if len(parts) == 1 and _MONTH.fullmatch(parts[0].casefold()):
        return None
    roles = parts.index(",") if "," in parts else len(parts)
    people = all(_is_name(part) or part in _SMALL for part in parts[:roles])
    return names if people and all(map(_is_role, parts[roles:])) else None


def _is_role(part: str) -> bool:
    return _is_name(part) or part in _SMALL or part in _ROLES


def _is_name(part: str) -> bool:
    first, folded = part[0], part.casefold()
    cased = first.isupper() or first.istitle() or first.lower() == first.upper()
    letters = not any(character.isdigit() for character in part)
    return first.isalpha() and cased and letters and not _is_common(folded)


def _is_common(folded: str) -> bool:
    return folded in _NO_NAME or folded in _SMALL or bool(_DAY.fullmatch(folded))
