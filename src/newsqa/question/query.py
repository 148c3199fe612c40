"""Analyse a question once, for every part that needs to know what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newsqa.question.dates import DatePattern, dates_mentioned
from newsqa.question.kinds import Kind, kind_of, names_of, phrases_of
from newsqa.text.analysis import query_terms, stem, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Everything that the parts of the pipeline read out of a question.

    ``words`` are folded, ``terms`` are their stems, and ``content_terms`` are what the question is
    searched by (`newsqa.text.analysis.query_terms`). ``names`` must be mentioned near an answer,
    ``phrases`` must stand in a passage as they are, ``dates`` are the years, months and days it
    names.
    """

    text: str
    words: tuple[str, ...]
    terms: tuple[str, ...]
    content_terms: tuple[str, ...]
    names: tuple[str, ...]
    phrases: tuple[str, ...]
    kind: Kind
    dates: tuple[DatePattern, ...]

    @classmethod
    def of(cls, text: str, names: Sequence[str] | None = None) -> Query:
        """Analyse ``text``; ``names`` stand in for its own where only those were asked about."""
        folded = words(text)
        return cls(
            text=text,
            words=tuple(folded),
            terms=tuple(map(stem, folded)),
            content_terms=tuple(query_terms(text)),
            names=tuple(names_of(text) if names is None else names),
            phrases=tuple(phrases_of(text)),
            kind=kind_of(text),
            dates=dates_mentioned(text),
        )

    @property
    def search_terms(self) -> tuple[str, ...]:
        """The content terms, or all terms where there are none."""
        return self.content_terms or self.terms
