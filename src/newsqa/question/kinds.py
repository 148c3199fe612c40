"""Find what a question asks for: the kind of its answer, its names, its exact phrases.

Rules over English question words; for a question in another language the kind is OTHER and
the names are its capitalised words and numbers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from enum import Enum

from newsqa.text.analysis import STOPWORDS, content_terms, words
from newsqa.text.folding import NUMBER, visible
from newsqa.types import Span


class Kind(Enum):
    """The kind of answer a question asks for."""

    PERSON = "person"
    DATE = "date"
    PLACE = "place"
    NUMBER = "number"
    REASON = "reason"
    NAME = "name"  # which country, what company: a name of some kind
    OTHER = "other"


_MONTH = (
    r"(?:jan(?:uary|\.)?|feb(?:ruary|\.)?|march|mar\.|april|apr\.|may|june|july|aug(?:ust|\.)?"
    r"|sept?(?:ember|\.)?|oct(?:ober|\.)?|nov(?:ember|\.)?|dec(?:ember|\.)?)"
)
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_CALENDAR = re.compile(rf"(?:{_MONTH}|{_DAY})", re.IGNORECASE)
_DAY_OF_MONTH = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}|\b{_MONTH}\s+(\d{{1,2}})\b", re.IGNORECASE
)
_DATE = re.compile(
    rf"\b(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:\s*[-–]\s*\d{{1,2}})?(?:,?\s+\d{{4}})?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?:\s*[-–]\s*\d{{1,2}})?\s+{_MONTH}(?:\s+\d{{4}})?"
    rf"|(?:early |mid-|late )?{_MONTH}(?:\s+\d{{4}})?|(?:1[5-9]|20)\d\d(?:s\b)?"
    rf"|(?:next|last|this|on)?\s*{_DAY}(?:\s+(?:morning|afternoon|evening|night))?"
    r"|yesterday|today|tomorrow|tonight|(?:last|next|this)\s+(?:week|month|year|spring|summer|autumn"
    r"|fall|winter)|\d+\s+(?:days|weeks|months|years)\s+(?:ago|later|earlier)"
    r"|\d{1,2}(?::\d\d)?\s*[ap]\.?m\.?)\b",
    re.IGNORECASE,
)
_NUMBER_WORD = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    r"|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    r"|dozens?|hundreds?|thousands?|million|billion|half|third|quarter)"
)
_NUMBER = re.compile(
    rf"(?:[$€£]\s?)?\b\d(?:[\d,.]|[\u00a0\u2009\u202f](?=\d{{3}}))*\d?\b(?:\s*(?:%|per\s?cent|percent|million|billion|trillion"
    rf"|{_NUMBER_WORD}|km|kilomet(?:re|er)s|metres|meters|miles|tonnes|tons|years?|people))?"
    rf"|\b{_NUMBER_WORD}(?:[- ]{_NUMBER_WORD})*\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because(?: of)?|due to|owing to|thanks to|in order to|so that|as a result|in response to"
    r"|the reason|blam\w+|caus\w+|after|since|amid|over|following|aim\w* to|to (?:avoid|make|stop"
    r"|prevent|protect|allow|ensure|save|give|keep|help|reduce|raise))\b",
    re.IGNORECASE,
)
_LETTER = r"[\w\u0300-\u036f]"  # or an accent that stands apart from its letter
_CAPITAL = rf"[^\W\d_a-z]{_LETTER}*(?:[.'’ʼ‘‐‑-]{_LETTER}+)*\.?"
_NAME = re.compile(rf"\b{_CAPITAL}(?:\s+(?:(?:of|de|van|von|al|bin)\s+)?{_CAPITAL})*")
_PHRASE = re.compile(r'"([^"]+)"|“([^“”]+)”')

_HOW_MUCH = re.compile(
    r"\bhow (?:many|much|old|long|far|tall|big|large|high|deep|fast|often|heavy|wide|expensive)\b"
    r"|\bwhat (?:percentage|proportion|share|number|amount|fraction)\b|\bat what (?:age|price)\b"
    r"|\bwhat (?:is|was|were|are) the (?:\w+ )?(?:cost|price|number|total|fine|toll|score|amount"
    r"|population|turnout|budget)\b|\bwhich (?:number)\b"
)
_WHEN = re.compile(
    r"\bwhen\b|\b(?:what|which) (?:\w+ )?(?:day|date|month|year|time|week|season)\b|\bsince when\b"
    r"|\bby what (?:date|year)\b"
)
_PLACE_NOUN = (
    "country|countries|city|cities|town|place|state|region|village|province|island|capital|county"
    "|continent|nation|location|venue|port|street|district"
)


def kind_of(question: str) -> Kind:
    """Return the kind of answer that ``question`` asks for."""
    q = " ".join(question.lower().split())
    if _HOW_MUCH.search(q):
        return Kind.NUMBER
    if _WHEN.search(q):
        return Kind.DATE
    if re.search(r"\bwhy\b|\bfor what reason\b|\bwhat (?:caused|led to|was the reason)\b", q):
        return Kind.REASON
    if re.search(r"\b(?:who|whom|whose)\b|\bwhich (?:man|woman|person|minister|player|actor)\b", q):
        return Kind.PERSON
    if re.search(rf"\bwhere\b|\b(?:which|what)(?:\s\w+){{0,2}}\s(?:{_PLACE_NOUN})\b", q):
        return Kind.PLACE
    if re.search(r"\b(?:which|what)\s\w+|\bname (?:of|the)\b", q) and not re.search(
        r"\bwhat (?:did|do|does|is|was|are|were|has|have|will|would|happened|happens|can)\b", q
    ):
        return Kind.NAME
    return Kind.OTHER


def answers_of(kind: Kind, sentence: str, asked: Collection[str]) -> list[Span]:
    """Return the stretches of ``sentence`` that are of ``kind`` and add to the words ``asked``.

    In reading order, in offsets into ``sentence``; for OTHER there are none.
    """
    if kind is Kind.OTHER:
        return []
    if kind is Kind.REASON:
        return [Span(m.start(), len(sentence)) for m in _REASON.finditer(sentence)][:1]
    pattern = {Kind.DATE: _DATE, Kind.NUMBER: _NUMBER}.get(kind, _NAME)
    spans = []
    for match in pattern.finditer(sentence):
        own = [w for w in words(match.group()) if w not in STOPWORDS]
        if not own or all(w in asked for w in own):
            continue
        text = match.group().rstrip()
        if text.endswith(".") and text.count(".") == 1:  # the sentence's stop, not "U.S."
            text = text[:-1]
        lead = len(text) - len(text.lstrip())
        spans.append(Span(match.start() + lead, match.start() + len(text)))
    return spans


def names_of(question: str) -> list[str]:
    """Return the names and numbers of a question: what an answer's surroundings must mention.

    A single capitalised word that opens a sentence does not count; where nearly every word has a
    capital, capitals tell nothing and only numbers count. Days and months are no names: a text
    says "on Monday" of the day that a question gives by its date; nor are single digits. A name is
    without the words that open its sentence ("Was Harrow", "In July").
    """
    question = visible(question)
    names: list[str] = []
    inside: list[tuple[int, int]] = []
    letters = [word for word in question.split() if word[:1].isalpha()]
    shouted = len(letters) > 3 and sum(w[0].isupper() for w in letters) > 0.7 * len(letters)
    for match in () if shouted else _NAME.finditer(question):
        own = [w for w in words(match.group()) if w not in STOPWORDS]
        starts = match.start() == 0 or question[: match.start()].rstrip()[-1:] in {".", "?", "!"}
        opens = starts and len(own) == 1 and len(match.group().split()) == 1
        name = _without_opening(match.group()) if starts else match.group()
        if own and not opens and not _CALENDAR.fullmatch(name):
            names.append(name)
            inside.append(match.span())
    days = {match.span(1) for match in _DAY_OF_MONTH.finditer(question)}
    days |= {match.span(2) for match in _DAY_OF_MONTH.finditer(question)}
    for match in NUMBER.finditer(question):
        in_name = any(start <= match.start() < end for start, end in inside)
        if not in_name and match.span() not in days:
            names.append(match.group())
    return list(dict.fromkeys(names))


def _without_opening(name: str) -> str:
    while len(parts := name.split(None, 1)) > 1 and parts[0].lower() in STOPWORDS:
        name = parts[1]
    return name


def phrases_of(question: str) -> list[str]:
    """Return the parts of a question that stand in double quotes, straight or curly."""
    return [a or b for a, b in _PHRASE.findall(question) if words(a or b)]


def missing_from(names: Sequence[str], terms: set[str]) -> tuple[str, ...]:
    """Return the names of which no content word's stem is among ``terms``."""
    absent = []
    for name in names:
        own = content_terms(name)
        if own and not any(term in terms for term in own):
            absent.append(name)
    return tuple(absent)
