"""Raised and lowered characters in running text: exponents, ordinals, marks of notes.

Plain text has no raised characters: written on the line, the 1 of a note makes 171 of 17. A mark
of a note is left out; an exponent keeps a sign of its own.
"""

from __future__ import annotations

import re

_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|[èe]re|re|nde?|[èe]me|[eao]s?|ª|º|te|de|ste)\.?", re.I)
_NUMBER = re.compile(r"[-−–+]?\d+(?:[.,]\d+)?")
_MARK = re.compile(r"[\[(]?\s*(?:\d{1,3}|[a-z]|[ivx]{1,4}|[*†‡§¶#]{1,3}|note \d+)\s*[\])]?", re.I)
_BRACKETED = re.compile(r"[\[(].*[\])]")
_BASE = re.compile(r"(?:^|[^\d.,])(?:10|2)$")
_PRICE = re.compile(r"[$£€¥]\s?\d+$")
_UNIT = re.compile(r"(?<![^\W_])(?:[a-zA-Zµμπ]{1,2}|ft|in|mi|yd|sec|min|mile|inch|foot)$")
_ENDS_WITH_DIGIT = re.compile(r"\d$")
_FRACTION = re.compile(r"\s*[/⁄∕]\s*$")
_RAISED = str.maketrans("0123456789+-−–()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁽⁾ⁿ")


def raised(before: str, text: str, *, is_note: bool = False, is_fraction: bool = False) -> str:
    """Return what stands in plain text for raised characters.

    Args:
        before: The text before them, as far as it is on the same line.
        text: The raised characters.
        is_note: The page marks them as a reference to a note.
        is_fraction: A stroke and a lowered number follow.
    """
    word = " ".join(text.split())
    if not word:
        return text
    if is_fraction and word.isdigit():
        return f" {word}" if _ENDS_WITH_DIGIT.search(before) else word
    if is_note and _MARK.fullmatch(word):
        return ""
    if _NUMBER.fullmatch(word):
        return _raised_number(before, word)
    if _BRACKETED.fullmatch(word) and _MARK.fullmatch(word):
        return ""
    after_digit = bool(_ENDS_WITH_DIGIT.search(before))
    if after_digit and not _ORDINAL.fullmatch(word):
        return "" if _MARK.fullmatch(word) else f" {word}"
    return text


def lowered(before: str, text: str) -> str:
    """Return what stands in plain text for lowered characters: never a longer number."""
    word = text.strip()
    if not _ENDS_WITH_DIGIT.search(before) or not word[:1].isalnum():
        return text
    return f"_{word}" if word.isdigit() else f" {word}"


def _raised_number(before: str, word: str) -> str:
    if _PRICE.search(before) and len(word) == 2 and word.isdigit():
        return f".{word}"
    if _ENDS_WITH_DIGIT.search(before):
        is_exponent = _BASE.search(before) or not word.isdigit() or len(word) > 2
        return f"^{word}" if is_exponent else ""
    if _UNIT.search(before) or before.endswith((")", "²", "³")):
        return word.translate(_RAISED)
    return "" if before[-1:].strip() else f"{word} "  # a note's own number begins its line
