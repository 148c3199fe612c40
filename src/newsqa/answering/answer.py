"""The work on one question after retrieval: read, decide, quote, or say why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from newsqa.answering.decision import Choice, Decision, decide, order
from newsqa.answering.quotes import numbered, quote_of, quote_span
from newsqa.index import Snapshot
from newsqa.options import CancelCheck, never_cancel
from newsqa.protocols import Reader
from newsqa.replies import Answer, Asked, NoAnswer, Quote, Reason, ReasonCode, Reply, Role
from newsqa.text.analysis import content_terms, terms
from newsqa.types import Candidate, Copy, Filters, Hit, Span

RELATED = 3  # nearest passages shown with an abstention
READ_BATCH = 4  # passages read between two calls of the cancel check


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One question on one snapshot of the index.

    ``names`` are those that were asked about, without what a follow-up was read together with;
    ``retrieve`` gives the hits under some filters; ``idf`` weighs a term; ``k`` is the most
    quotes; below ``min_confidence`` there is no answer.
    """

    asked: Asked
    names: Sequence[str]
    snapshot: Snapshot
    retrieve: Callable[[Filters], list[Hit]]
    reader: Reader
    idf: Callable[[str], float]
    k: int
    min_confidence: float
    explain: bool
    check: CancelCheck = never_cancel

    def reply(self, filters: Filters) -> Reply:
        """Answer under the filters; without an answer, find out which reason holds."""
        began = perf_counter()
        reply = self._attempt(filters)
        if isinstance(reply, NoAnswer):
            reply = replace(reply, reason=self._reason(reply.reason, filters))
        timings = {**reply.asked.timings_ms, "total": _ms(began)}
        return replace(reply, asked=replace(reply.asked, timings_ms=timings))

    def _attempt(self, filters: Filters) -> Reply:
        self.check()
        began = perf_counter()
        hits = self.retrieve(filters) if self._shares_a_word() else []
        timings = {"retrieve": _ms(began)}
        if not hits:
            return NoAnswer(asked=replace(self.asked, timings_ms=timings), reason=_not_stated(()))
        began = perf_counter()
        question = self.asked.standalone_question
        candidates = self._read(question, hits)
        timings["read"] = _ms(began)
        decision = decide(
            question,
            candidates,
            legs=[(hit.dense, hit.lexical, hit.score) for hit in hits],
            idf=self.idf,
            reader=self.reader.name,
            k=self.k,
            names=self.names,
            groups=self.snapshot.moment(filters.as_of).groups.by_article,
        )
        asked = replace(self.asked, timings_ms=timings)
        if self.explain:
            asked = replace(asked, explain=_explained(self.reader.name, hits, candidates, decision))
        if not decision.answers(self.min_confidence):
            return NoAnswer(
                asked=asked,
                reason=_not_stated(decision.missing),
                confidence=decision.confidence,
                related=self._related(hits),
            )
        quotes = self._quotes(decision.choices, hits)
        return Answer(asked=asked, quotes=quotes, confidence=decision.confidence)

    def _read(self, question: str, hits: Sequence[Hit]) -> list[Candidate]:
        """Read the passages a few at a time: scores do not depend on what is read beside them."""
        found: list[Candidate] = []
        for at in range(0, len(hits), READ_BATCH):
            self.check()
            found += self.reader.read(question, [h.passage for h in hits[at : at + READ_BATCH]])
        return found

    def _shares_a_word(self) -> bool:
        question = self.asked.standalone_question
        wanted = content_terms(question) or terms(question)
        return any(self.snapshot.frequency(term) for term in wanted)

    def _reason(self, reason: Reason, filters: Filters) -> Reason:
        """Apply the tests in their order: nothing found, dates, sources, not stated."""
        if not self._shares_a_word():
            return Reason(
                code="nothing_found",
                message="no article shares a name or a word with the question",
                missing=reason.missing,
            )
        for code, message, loosened in _loosened(filters):
            if isinstance(self._attempt(loosened), Answer):
                return Reason(code=code, message=message, missing=reason.missing)
        return reason

    def _quotes(self, choices: Sequence[Choice], hits: Sequence[Hit]) -> tuple[Quote, ...]:
        copies = {id(hit.passage): hit.copies for hit in hits}
        quotes = []
        for at, choice in enumerate(choices):
            passage = choice.candidate.passage
            role: Role = "answer" if at == 0 else "supports"
            article = self.snapshot.article(passage.article_id, passage.version)
            span = quote_span(article, choice.candidate, choice.sentence)
            quotes.append(
                quote_of(
                    article,
                    span,
                    n=at + 1,
                    role=role,
                    highlight=choice.candidate.answer,
                    copies=self._printed(copies.get(id(passage), ()), span.cut(article.body)),
                )
            )
        return numbered(quotes)

    def _printed(self, copies: Sequence[Copy], quote: str) -> list[Copy]:
        """The copies of a passage that hold the quote itself, with its place in each."""
        found = []
        for copy in copies:
            body = self.snapshot.article(copy.article_id, copy.version).body
            at = body.find(quote, copy.span.start)
            if at < 0:  # a near-copy may be cut into passages elsewhere
                at = body.find(quote)
            if at >= 0:
                found.append(replace(copy, span=type(copy.span)(at, at + len(quote))))
        return found

    def _related(self, hits: Sequence[Hit]) -> tuple[Quote, ...]:
        quotes = []
        for at, hit in enumerate(hits[:RELATED]):
            passage = hit.passage
            article = self.snapshot.article(passage.article_id, passage.version)
            quotes.append(
                quote_of(article, passage.span, n=at + 1, role="related", copies=hit.copies)
            )
        return tuple(quotes)


def _not_stated(missing: tuple[str, ...]) -> Reason:
    message = "related passages were found, but none states it"
    if missing:
        named = ", ".join(f"“{name}”" for name in missing)
        message = f"no passage that was read mentions {named}"
    return Reason(code="not_stated", message=message, missing=missing)


def _loosened(filters: Filters) -> list[tuple[ReasonCode, str, Filters]]:
    """The filters with one kind lifted, then all, with the reason that would then hold."""
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


def _explained(
    reader: str, hits: Sequence[Hit], candidates: Sequence[Candidate], decision: Decision
) -> dict[str, Any]:
    weights = decision.weights
    return {
        "reader": reader,
        "passages": [
            {
                "rank": hit.rank,
                **_where(hit.passage.article_id, hit.passage.span),
                "dense": hit.dense,
                "lexical": hit.lexical,
                "fused": hit.score,
                "relevance": candidate.relevance,
                "no_answer": candidate.no_answer,
                "best_sentence": max(score for _, score in candidate.sentences),
            }
            for hit, candidate in zip(hits, candidates, strict=True)
        ],
        "sentences": [
            {
                **_where(one.choice.candidate.passage.article_id, one.choice.sentence),
                "score": one.choice.score,
                **one.parts,
                "total": one.total,
            }
            for one in decision.first
        ],
        "sentence_weights": {n: getattr(weights, n) for n in ("place", "votes", "lead")},
        "features": dict(decision.features),
        "feature_weights": {"bias": weights.bias, **weights.features},
        "adds_to_log_odds": dict(decision.adds),
        "missing": list(decision.missing),
        "confidence": decision.confidence,
    }


def _where(article_id: str, span: Span) -> dict[str, Any]:
    return {"article_id": article_id, "start": span.start, "end": span.end}


def reranked(question: str, hits: Sequence[Hit], reader: Reader, n: int) -> list[Hit]:
    """Return the hits, the first ``n`` in the order that the reader helped to find."""
    read = reader.read(question, [hit.passage for hit in hits[:n]])
    places = order(read, [hit.score for hit in hits[:n]], reader.name)
    moved = [hits[at] for at in places] + list(hits[n:])
    return [replace(hit, rank=rank) for rank, hit in enumerate(moved, start=1)]


def fitting(hits: Sequence[Hit], max_tokens: int, count: Callable[[str], int]) -> list[Hit]:
    """Return the hits from the top whose passages together have at most ``max_tokens`` tokens."""
    kept: list[Hit] = []
    used = 0
    for hit in hits:
        used += count(hit.passage.text)
        if used > max_tokens:
            break
        kept.append(hit)
    return kept


def _ms(began: float) -> float:
    return round(1000 * (perf_counter() - began), 3)
