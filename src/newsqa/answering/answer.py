"""Answer one question from what was retrieved: read, decide, quote, or say why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Protocol

from newsqa.answering.decision import Decision, RankedSentence, decide, reorder
from newsqa.answering.explanation import explained
from newsqa.answering.quotes import numbered, quote_of, quote_span
from newsqa.index import Snapshot
from newsqa.options import CancelCheck, never_cancel
from newsqa.protocols import Reader
from newsqa.question.query import Query
from newsqa.question.sources import unknown_sources
from newsqa.replies import Answer, Asked, NoAnswer, Quote, Reason, ReasonCode, Reply
from newsqa.settings import Settings
from newsqa.types import Candidate, Copy, Filters, Hit, Span

RELATED_HITS = 3  # nearest passages shown with an abstention
READ_BATCH = 4  # passages read between two calls of the cancel check


class Retrieval(Protocol):
    """What answering asks of a retriever: the question, the snapshot it is asked of, and hits."""

    @property
    def snapshot(self) -> Snapshot:
        """The state of the index."""
        ...

    @property
    def settings(self) -> Settings:
        """The numbers in force."""
        ...

    @property
    def query(self) -> Query:
        """The question."""
        ...

    def hits(self, filters: Filters, k: int) -> list[Hit]:
        """Return at most ``k`` hits, best first."""
        ...

    def any_word_known(self) -> bool:
        """Whether any passage, whatever is filtered, holds a word of the question."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTask:
    """One question on one snapshot of the index, ready to be answered under some filters.

    ``retriever`` has the question and the snapshot, ``asked`` what a reply says of the question;
    ``k`` is the most quotes.
    """

    asked: Asked
    retriever: Retrieval
    reader: Reader
    k: int = 3
    explain: bool = False
    check: CancelCheck = never_cancel

    def reply(self, filters: Filters) -> Reply:
        """Answer under the filters; without an answer, find out which reason holds."""
        began = perf_counter()
        reply = self._attempt(filters)
        if isinstance(reply, NoAnswer):
            reply = replace(reply, reason=self._reason(reply.reason, filters))
        timings = {**reply.asked.timings_ms, "total": _elapsed_ms(began)}
        unknown = unknown_sources(filters.sources, self.retriever.snapshot.sources())
        notes = (*reply.asked.notes, *unknown)
        return replace(reply, asked=replace(reply.asked, timings_ms=timings, notes=notes))

    def _attempt(self, filters: Filters) -> Reply:
        self.check()
        began = perf_counter()
        settings = self.retriever.settings
        hits = self._hits(filters)
        timings = {"retrieve": _elapsed_ms(began)}
        if not hits:
            return NoAnswer(asked=replace(self.asked, timings_ms=timings), reason=_not_stated(()))
        began = perf_counter()
        candidates = self._read(hits)
        timings["read"] = _elapsed_ms(began)
        decision = self._decide(hits, candidates, filters)
        asked = replace(self.asked, timings_ms=timings)
        if self.explain:
            asked = replace(asked, explain=explained(self.reader.name, hits, candidates, decision))
        if not decision.answers(settings.min_confidence):
            return NoAnswer(
                asked=asked,
                reason=_not_stated(decision.missing),
                confidence=decision.confidence,
                related=self._related(hits),
            )
        quotes = self._quotes(decision.chosen)
        return Answer(asked=asked, quotes=quotes, confidence=decision.confidence)

    def _hits(self, filters: Filters) -> list[Hit]:
        if not self.retriever.any_word_known():
            return []
        return self.retriever.hits(filters, self.retriever.settings.read_passages)

    def _read(self, hits: Sequence[Hit]) -> list[Candidate]:
        """Read the passages a few at a time: scores do not depend on what is read beside them."""
        question = self.retriever.query.text
        candidates: list[Candidate] = []
        for at in range(0, len(hits), READ_BATCH):
            self.check()
            batch = [hit.passage for hit in hits[at : at + READ_BATCH]]
            candidates += self.reader.read(question, batch)
        return candidates

    def _decide(
        self, hits: Sequence[Hit], candidates: Sequence[Candidate], filters: Filters
    ) -> Decision:
        snapshot = self.retriever.snapshot
        return decide(
            self.retriever.query,
            hits,
            candidates,
            idf=snapshot.idf,
            reader=self.reader.name,
            k=self.k,
            groups=snapshot.view(filters.as_of).groups.by_article,
        )

    def _reason(self, reason: Reason, filters: Filters) -> Reason:
        """Apply the tests in their order: nothing found, dates, sources, not stated."""
        if not self.retriever.any_word_known():
            return Reason(
                code="nothing_found",
                message="no article shares a name or a word with the question",
                missing=reason.missing,
            )
        for code, message, loosened in _loosened(filters):
            if isinstance(self._attempt(loosened), Answer):
                return Reason(code=code, message=message, missing=reason.missing)
        return reason

    def _quotes(self, chosen: Sequence[RankedSentence]) -> tuple[Quote, ...]:
        quotes = []
        for at, sentence in enumerate(chosen):
            passage = sentence.hit.passage
            article = self.retriever.snapshot.article(passage.article_id, passage.version)
            span = quote_span(article, sentence.candidate, sentence.span)
            quotes.append(
                quote_of(
                    article,
                    span,
                    n=at + 1,
                    role="answer" if at == 0 else "supports",
                    highlight=sentence.candidate.answer,
                    copies=self._copies_with(sentence.hit.copies, span.cut(article.body)),
                )
            )
        return numbered(quotes)

    def _copies_with(self, copies: Sequence[Copy], quote: str) -> list[Copy]:
        """Return the copies of a passage that hold the quote itself, with its place in each."""
        placed = []
        for copy in copies:
            body = self.retriever.snapshot.article(copy.article_id, copy.version).body
            at = body.find(quote, copy.span.start)
            if at < 0:  # a near-copy may be cut into passages elsewhere
                at = body.find(quote)
            if at >= 0:
                placed.append(replace(copy, span=Span(at, at + len(quote))))
        return placed

    def _related(self, hits: Sequence[Hit]) -> tuple[Quote, ...]:
        quotes = []
        for at, hit in enumerate(hits[:RELATED_HITS]):
            passage = hit.passage
            article = self.retriever.snapshot.article(passage.article_id, passage.version)
            quotes.append(
                quote_of(article, passage.span, n=at + 1, role="related", copies=hit.copies)
            )
        return tuple(quotes)


def reranked(question: str, hits: Sequence[Hit], reader: Reader, n: int) -> list[Hit]:
    """Return the hits, the first ``n`` in the order that the reader helped to find."""
    candidates = reader.read(question, [hit.passage for hit in hits[:n]])
    return [*reorder(hits[:n], candidates, reader.name), *hits[n:]]


def _not_stated(missing: tuple[str, ...]) -> Reason:
    message = "related passages were found, but none states it"
    if missing:
        named = ", ".join(f"“{name}”" for name in missing)
        message = f"no passage that was read mentions {named}"
    return Reason(code="not_stated", message=message, missing=missing)


def _loosened(filters: Filters) -> list[tuple[ReasonCode, str, Filters]]:
    """Return the filters with one kind lifted, then all, with the reason that would then hold."""
    dates = f"the articles answer this, but nothing {_within(filters)} does"
    removed = "the articles answer this, but the source filter leaves those articles out"
    undated = replace(filters, since=None, until=None, as_of=None)
    steps: list[tuple[ReasonCode, str, Filters]] = []
    if filters.dated:
        steps.append(("outside_dates", dates, undated))
    if filters.sources:
        steps.append(("filtered_out", removed, replace(filters, sources=())))
    if filters.dated and filters.sources:
        steps.append(("outside_dates", dates, Filters()))
    return steps


def _within(filters: Filters) -> str:
    """Say in words which dates are asked for."""
    ends = (("from", filters.since), ("to", filters.until))
    dated = [f"{word} {day.isoformat()}" for word, day in ends if day is not None]
    parts = [f"dated {' '.join(dated)}"] if dated else []
    parts += [f"known as of {filters.as_of.isoformat()}"] if filters.as_of else []
    return " and ".join(parts)


def _elapsed_ms(began: float) -> float:
    return round(1000 * (perf_counter() - began), 3)
