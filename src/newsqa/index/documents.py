"""What the lexical store knows of a passage."""

from __future__ import annotations

from newsqa.index import chunking as passages
from newsqa.text import analysis as text
from newsqa.types import Passage

WORDS_RECIPE = f"{text.TEXT_RECIPE}; {passages.PASSAGE_RECIPE}; header and passage"


def document(passage: Passage) -> list[str]:
    """Return the terms under which a passage is found by its words."""
    return text.terms(passages.lexical_text(passage))


def holds(passage: Passage, phrase: list[str]) -> bool:
    """Whether the passage itself (not its title or source) holds the terms in a row."""
    return _at(text.terms(passage.text), phrase)


def _at(terms: list[str], phrase: list[str]) -> bool:
    n = len(phrase)
    return any(terms[at : at + n] == phrase for at in range(len(terms) - n + 1))


def may_begin(title: str, source: str, phrase: list[str]) -> bool:
    """Whether an occurrence of the phrase may begin in the title or the source."""
    header = text.terms("\n".join(part for part in (title, source) if part))
    return any(
        header[at : at + len(phrase)] == phrase[: len(header) - at] for at in range(len(header))
    )
