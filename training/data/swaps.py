"""Near misses: a question changed in one name, number, date or predicate, so that its passage
almost answers it. Rules only; what they make reads like a question somebody could ask.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

_NAME = re.compile(r"(?:[A-Z]\.|[A-Z][\w’'-]+)(?:\s(?:(?:of|de|the)\s)?(?:[A-Z]\.|[A-Z][\w’'-]+))*")
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")
_NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})*(?![\w%])(?![.,]\d)")
_OPENING = re.compile(r"(?:^|[.!?:\n]\W*|[\"“])$")
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_OPPOSITES = (
    ("first", "last"), ("before", "after"), ("win", "lose"), ("won", "lost"), ("most", "least"),
    ("largest", "smallest"), ("highest", "lowest"), ("increase", "decrease"), ("rise", "fall"),
    ("oldest", "youngest"), ("start", "end"), ("begin", "finish"), ("began", "ended"),
    ("buy", "sell"), ("bought", "sold"), ("arrive", "leave"), ("born", "buried"),
    ("open", "close"), ("opened", "closed"), ("support", "oppose"), ("supported", "opposed"),
    ("accept", "reject"), ("accepted", "rejected"), ("north", "south"), ("east", "west"),
    ("husband", "wife"), ("son", "daughter"), ("father", "mother"), ("brother", "sister"),
    ("more", "fewer"), ("hired", "fired"), ("arrested", "released"), ("killed", "rescued"),
    ("minimum", "maximum"), ("best", "worst"), ("same", "different"), ("king", "queen"),
    ("can", "can't"), ("did", "didn't"), ("does", "doesn't"), ("is", "isn't"), ("was", "wasn't"),
)  # fmt: skip
_SWAP = {a: b for pair in _OPPOSITES for a, b in (pair, pair[::-1])}
_NEGATED = frozenset(b for _, b in _OPPOSITES if b.endswith("n't") or b == "can't")
_OPENERS = frozenset(
    "Who What When Where Why Which How Whose Whom The In On At Is Are Was Were Did Does Do A An "
    "For From To By With According Name I Then However But And While After Before It He She They "
    "We You This That There These Those His Her Their Its Also Meanwhile Although As If Or So "
    "Since During Under Some Many Most Both Each Other Another Not No Yes Now Here Our My".split()
)


def names_of(text: str) -> list[str]:
    """Capitalised runs that do not merely open the text."""
    found = []
    for match in _NAME.finditer(text):
        parts = re.sub(r"[’']s$", "", match.group().rstrip(".'’-")).split()
        opens = bool(_OPENING.search(text[max(0, match.start() - 4) : match.start()]))
        while parts and parts[0] in _OPENERS:
            parts, opens = parts[1:], False
        name = " ".join(parts)
        if (opens and len(parts) == 1) or len(name) < 3 or name in _MONTHS + _DAYS:
            continue
        found.append(name)
    return found


def near_misses(
    question: str, passage: str, strangers: Sequence[str], rng: random.Random
) -> list[str]:
    """Up to four changed questions, each by another rule; [] where none applies.

    A new name is one of `strangers` (texts of other articles) that is not in the passage, or one of
    the passage itself: the second kind is the harder.
    """
    made = [
        _other_name(question, passage, strangers, rng),
        _other_year(question, passage, rng),
        _other_number(question, passage, rng),
        _other_word(question, rng),
    ]
    return sorted({m for m in made if m and m != question})


def _other_name(
    question: str, passage: str, strangers: Sequence[str], rng: random.Random
) -> str | None:
    mine = [n for n in names_of(question) if n in passage]
    if not mine:
        return None
    old = rng.choice(sorted(set(mine)))
    near = [n for n in names_of(passage) if n not in question and old not in n and n not in old]
    far = [n for text in strangers for n in names_of(text) if n not in passage]
    pool = sorted(set(near if near and (rng.random() < 0.4 or not far) else far))
    pool = [n for n in pool if len(n.split()) == len(old.split())] or pool
    return question.replace(old, rng.choice(pool)) if pool else None


def _other_year(question: str, passage: str, rng: random.Random) -> str | None:
    years = _YEAR.findall(question)
    months = [m for m in _MONTHS + _DAYS if re.search(rf"\b{m}\b", question)]
    if years:
        old = rng.choice(years)
        new = str(int(old) + rng.choice([-9, -4, -3, -2, -1, 1, 2, 3, 4, 7]))
        return question.replace(old, new) if new not in passage else None
    if months:
        old = rng.choice(months)
        pool = [m for m in (_MONTHS if old in _MONTHS else _DAYS) if m not in passage]
        return question.replace(old, rng.choice(pool)) if pool else None
    return None


def _other_number(question: str, passage: str, rng: random.Random) -> str | None:
    found = [m for m in _NUMBER.finditer(question) if not _YEAR.fullmatch(m.group())]
    if not found:
        return None
    match = rng.choice(found)
    value = int(match.group().replace(",", ""))
    new = f"{max(1, int(value * rng.choice([0.3, 0.5, 1.5, 2, 3])) + rng.choice([1, 2, 3])):,}"
    if new in passage:
        return None
    return question[: match.start()] + new + question[match.end() :]


def _other_word(question: str, rng: random.Random) -> str | None:
    places = [m for m in re.finditer(r"[A-Za-z']+", question) if m.group() in _SWAP]
    strong = [m for m in places if _SWAP[m.group()] not in _NEGATED]
    if not strong and rng.random() > 0.25:
        return None
    chosen = rng.choice(strong or places) if places else None
    if chosen is None:
        return None
    return question[: chosen.start()] + _SWAP[chosen.group()] + question[chosen.end() :]
