"""Readers that must do badly: whatever a real one shares with them, it did not get by reading.

A reader that does well with the question blanked has learned what answers look like, not what is
asked; with the passage blanked, it has learned where answers stand. What is blanked for the reader
is blanked for the decision too: its features look at both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from newsqa.protocols import Reader
from newsqa.types import Candidate, Passage, Span

if TYPE_CHECKING:
    import numpy as np

_LETTER = re.compile(r"\w")
NO_QUESTION = "?"  # what is asked instead: see `benchmarks.lib.reading_only.Desk`


class PassageBlanked:
    """A reader that sees every letter of the title and the passage as an x, and says so."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.name = reader.name

    def read(self, question: str, passages: Sequence[Passage]) -> list[Candidate]:
        """See `newsqa.protocols.Reader.read`."""
        blank = [
            replace(p, text=_LETTER.sub("x", p.text), title=_LETTER.sub("x", p.title))
            for p in passages
        ]
        return self._reader.read(question, blank)


class BySentence:
    """Scores each sentence by a rule that looks at nothing but its place in the article."""

    name = "none"

    def __init__(self, rule: Callable[[Span], float]) -> None:
        self._rule = rule

    def read(self, question: str, passages: Sequence[Passage]) -> list[Candidate]:
        """See `newsqa.protocols.Reader.read`."""
        return [self._candidate(passage) for passage in passages]

    def _candidate(self, passage: Passage) -> Candidate:
        scored = tuple((span, self._rule(span)) for span in passage.sentences)
        return Candidate(
            passage=passage,
            relevance=max(score for _, score in scored),
            no_answer=0.0,
            sentences=scored,
        )


def first_sentence() -> BySentence:
    """Return the reader that prefers what comes first."""
    return BySentence(lambda span: 1.0 / (1 + span.start))


def random_sentence(random: np.random.Generator) -> BySentence:
    """Return the reader that draws lots."""
    return BySentence(lambda span: float(random.random()))
