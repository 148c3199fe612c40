"""Folding: one spelling for what people write in several ways, for matching and never for quoting.

Case, accents, letters that a keyboard lacks (ł, ø, ß), apostrophes, soft hyphens and zero-width
characters, thousands (12,000 and 12 000), G-7 and G7, U.S. and USA, °C. Capitals tell "US" from
"us" and "WHO" from "who"; where a whole text is in capitals they do not.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Nothing of them is seen: soft hyphens, zero-width characters, marks of direction.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
_NARROW = "\u00a0\u2007\u2009\u202f"  # spaces that keep the digits of one number together
_SIGNS = str.maketrans(dict.fromkeys("’‘ʼʻ‛′`´", "'") | dict.fromkeys("“”„‟″", '"'))
_HYPHENS = re.compile("[‐‑]")
_THOUSANDS = (
    rf"(?<![\d.,'])\d{{1,3}}(?:(?:[{_NARROW}']\d{{3}})+|(?:,\d{{2,3}})*,\d{{3}}"
    rf"|(?: \d{{3}})* 000|(?:\.\d{{3}}){{2,}})(?!\d)"
)
_NUMBER_PARTS = re.compile(_THOUSANDS)
_SEPARATOR = re.compile(rf"[{_NARROW} ,.']")
NUMBER = re.compile(rf"{_THOUSANDS}(?:\.\d+)?|\b\d[\d,.]*\d\b")  # two digits and more

_STATES = re.compile(
    r"(?<![\w.])(?:[Uu]\.\s?[Ss]\.(?:\s?[Aa]\.)?|U\.S(?:\.A)?(?!\w)|USA?(?!\w))(?!\w)"
)
_HEALTH = re.compile(r"(?<![\w.])WHO(?!\w)")
STATES, HEALTH = "usa", "worldhealthorganization"
MIN_SHOUTED_WORDS = 4  # from here on a text in capitals tells nothing by them
_DEGREES = re.compile(r"[°º]\s?([CF])(?!\w)|([℃℉])")
_DEGREE_NAMES = {"C": "celsius", "F": "fahrenheit", "℃": "celsius", "℉": "fahrenheit"}
# A year is a word of its own ("mid-2026").
_HYPHENED = re.compile(r"(?<![\w-])([^\W\d_]+)-(\d{1,3})(?![\w-]|[.,]\d)")
_TRANSCRIBED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


def visible(text: str) -> str:
    """Return the text without the characters that nobody sees."""
    return _UNSEEN.sub("", text)


def fold(text: str, *, transcribed: bool = False) -> str:
    """Return the one spelling of a text; what it means the same as is spelt the same.

    ``transcribed`` spells ä, ö, ü, å and ø as "ae", "oe", "ue", "aa" and "oe", not without marks.
    """
    text = visible(text).translate(_SIGNS)
    text = _NUMBER_PARTS.sub(lambda match: _SEPARATOR.sub("", match[0]), text)
    if not text.isupper() or len(text.split()) < MIN_SHOUTED_WORDS:
        text = _HEALTH.sub(HEALTH, _STATES.sub(STATES, text))
    text = _DEGREES.sub(lambda m: f" degrees {_DEGREE_NAMES[m[1] or m[2]]} ", text)
    text = unicodedata.normalize("NFKC", text).casefold()
    text = text.translate(_TRANSCRIBED) if transcribed else text
    text = unicodedata.normalize("NFKD", text)
    if not text.isascii():
        for character in set(text):  # a text has few different characters
            if character > "\x7f" and (plain := _plain(character)) != character:
                text = text.replace(character, plain)
    return _HYPHENED.sub(r"\1\2", _HYPHENS.sub("-", text))


def hyphened(text: str) -> list[tuple[str, str]]:
    """Return the parts of names such as "Covid-19" in a text: a word and a number."""
    folded = _HYPHENS.sub("-", visible(text)).casefold()
    return _HYPHENED.findall(folded) if "-" in folded else []


def has_transcription(text: str) -> bool:
    """Whether a text has a letter that is also written as two."""
    return any(letter in text for letter in "äöüåøÄÖÜÅØ\u0308\u030a")


@lru_cache(10_000)
def _plain(character: str) -> str:
    """A mark is dropped; a Latin letter that has no plain one in it is typed as another."""
    if unicodedata.combining(character):
        return ""
    if not unicodedata.name(character, "").startswith("LATIN"):
        return character
    from anyascii import anyascii  # 10 ms: not before it is needed

    return anyascii(character).casefold() or character
