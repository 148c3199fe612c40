"""Correct misspelt words: one that no article holds is read as the nearest word that one does.

The reply says so; a word in double quotes stays as it is.

A word that the encoder's vocabulary has whole is a word, and no misspelling of another ("prize" is
not "price"). Which of several near words is meant, the rest of the question tells: only the
passages that fit it best are looked at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsqa.index import Snapshot
from newsqa.protocols import Encoder
from newsqa.text.analysis import STOPWORDS, content_terms, stem, words
from newsqa.text.folding import visible
from newsqa.types import Span

MIN_WORD_CHARS = 5  # a shorter word has too many neighbours
TWO_EDIT_CHARS = 8  # from here on two edits are allowed
MAX_CORRECTED_WORDS = 4  # words of one question that are corrected
MAX_PASSAGES = 20  # looked through for the word that is meant

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_QUOTED = re.compile(r'"[^"]*"|“[^“”]*”')


@dataclass(frozen=True, slots=True)
class Correction:
    """A question as it is read, with the replaced words: (as typed, as read)."""

    text: str
    replacements: tuple[tuple[str, str], ...] = ()

    @property
    def resolution(self) -> str | None:
        """The replacements in words, or None."""
        if not self.replacements:
            return None
        parts = [f"“{typed}” was read as “{read}”" for typed, read in self.replacements]
        return f"{'; '.join(parts)}: no article has the word as it was typed"


def correct(question: str, snapshot: Snapshot, encoder: Encoder) -> Correction:
    """Return the question with the words that no current passage holds read as near ones."""
    question = visible(question)
    parts: list[str] = []
    replacements: list[tuple[str, str]] = []
    at = 0
    for span in _unknown(question, snapshot, encoder):
        typed = span.cut(question)
        meant = (
            _meant(typed, question, snapshot) if len(replacements) < MAX_CORRECTED_WORDS else None
        )
        if meant is not None:
            parts += [question[at : span.start], meant]
            at = span.end
            replacements.append((typed, meant))
    return Correction("".join([*parts, question[at:]]), tuple(replacements))


def _unknown(question: str, snapshot: Snapshot, encoder: Encoder) -> Iterator[Span]:
    """Return the words, outside quotes, that no passage holds and that are in no vocabulary."""
    quoted = [match.span() for match in _QUOTED.finditer(question)]
    for match in _WORD.finditer(question):
        inside = any(first <= match.start() < last for first, last in quoted)
        folded = words(match.group())
        if inside or len(folded) != 1 or len(folded[0]) < MIN_WORD_CHARS or folded[0] in STOPWORDS:
            continue
        if not folded[0].isascii():  # of other scripts a few letters are a whole word
            continue
        if not snapshot.frequency(stem(folded[0])) and not _is_word(folded[0], encoder):
            yield Span(*match.span())


def _is_word(folded: str, encoder: Encoder) -> bool:
    counts = encoder.count_tokens([folded, "a"])
    return counts[0] == counts[1]


def _meant(typed: str, question: str, snapshot: Snapshot) -> str | None:
    """The word of the fitting passages that is nearest; of equals, the one that is there most."""
    folded = words(typed)[0]
    # Stems can be further apart than the words they come from ("ulali", "ullay").
    for edits in (1, 2):
        texts = _fitting(folded, edits, question, snapshot)
        if meant := _nearest(folded, texts):
            return meant
    return None


def _nearest(folded: str, texts: Sequence[str]) -> str | None:
    from rapidfuzz.distance import OSA

    edits = 2 if len(folded) >= TWO_EDIT_CHARS else 1
    seen = Counter(match.group() for text in texts for match in _WORD.finditer(visible(text)))
    best: tuple[int, int, str] | None = None
    for word, count in sorted(seen.items()):
        near = words(word)
        if len(near) != 1 or near[0][0] != folded[0] or near[0] in STOPWORDS:
            continue
        apart = OSA.distance(near[0], folded, score_cutoff=edits)
        if apart <= edits and (best is None or (apart, -count) < best[:2]):
            best = (apart, -count, _without_possessive(word))
    return best[2] if best else None


def _fitting(folded: str, edits: int, question: str, snapshot: Snapshot) -> Sequence[str]:
    keys = snapshot.near(stem(folded), edits)
    if not len(keys):
        return []
    others = [term for term in content_terms(question) if term != stem(folded)]
    fitting = (
        [key for key, _ in snapshot.lexical(others, MAX_PASSAGES, allowed=keys)] if others else []
    )
    passages = snapshot.passages(fitting or keys[:MAX_PASSAGES].tolist())
    return [f"{passage.title} {passage.source} {passage.text}" for passage in passages]


def _without_possessive(word: str) -> str:
    return re.sub(r"['’]s?$", "", word)
