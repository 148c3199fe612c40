"""Define what `ask` and `search` return: as values, as JSON and as text.

A reply is an Answer, which opens with a quote, or a NoAnswer, which says why. The type
checker asks every caller what it does with no answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

from newsqa.types import Citation, Copy, Hit, Span, day

if TYPE_CHECKING:
    from newsqa.schemas import HitsShape, QuoteShape, ReplyShape

Part: TypeAlias = tuple[str, Literal["", "bold", "dim", "mark"]]  # of a line, with its style
Role: TypeAlias = Literal["answer", "supports", "conflicts", "earlier", "correction", "related"]
ReasonCode: TypeAlias = Literal["nothing_found", "outside_dates", "filtered_out", "not_stated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One quoted stretch of whole sentences in a reply, with its place and its part."""

    n: int
    citation: Citation
    highlight: Span | None = None
    role: Role = "answer"
    copies: tuple[Copy, ...] = ()

    def __post_init__(self) -> None:
        if self.highlight is not None and not self.citation.span.holds(self.highlight):
            raise ValueError("the highlight lies outside its quote")

    @property
    def text(self) -> str:
        """The quoted characters."""
        return self.citation.quote

    @property
    def highlighted(self) -> str | None:
        """The answering words inside the quote, or None."""
        if self.highlight is None:
            return None
        return self.highlight.shifted(-self.citation.span.start).cut(self.citation.quote)

    def to_dict(self) -> QuoteShape:
        """Return the JSON form of a quote."""
        span, marked = self.citation.span, self.highlight
        return {
            "n": self.n,
            "quote": self.citation.quote,
            "start": span.start,
            "end": span.end,
            "highlight": {"start": marked.start, "end": marked.end} if marked else None,
            **self.citation.place(),
            "copies": [copy.to_dict() for copy in self.copies],
            "role": self.role,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why there is no answer; ``missing`` names what no passage mentions."""

    code: ReasonCode
    message: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reply says of the asking: the question and how it was treated.

    ``timings_ms`` are milliseconds by stage; ``generation`` is the index state that answered.
    """

    question: str
    standalone_question: str
    resolution: str | None = None
    notes: tuple[str, ...] = ()
    generation: int = 0
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    explain: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer in the articles' own words, with at least one quote; the first one answers."""

    asked: Asked
    quotes: tuple[Quote, ...]
    confidence: float

    def __post_init__(self) -> None:
        if not self.quotes or self.quotes[0].role != "answer":
            raise ValueError("an Answer opens with a quote that answers; else return NoAnswer")
        _check_probability(self.confidence)

    @property
    def answered(self) -> Literal[True]:
        """True: this is an answer."""
        return True

    @property
    def question(self) -> str:
        """The question as it was asked."""
        return self.asked.question

    @property
    def short_answer(self) -> str | None:
        """The answering words of the first quote, or None."""
        return self.quotes[0].highlighted

    def to_dict(self) -> ReplyShape:
        """Return the JSON form of the reply."""
        return _reply_dict(self)

    def __str__(self) -> str:
        return _text_of(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """The articles do not answer the question, and why we think so."""

    asked: Asked
    reason: Reason
    confidence: float = 0.0
    related: tuple[Quote, ...] = ()

    def __post_init__(self) -> None:
        _check_probability(self.confidence)

    @property
    def answered(self) -> Literal[False]:
        """False: there is no answer."""
        return False

    @property
    def question(self) -> str:
        """The question as it was asked."""
        return self.asked.question

    def to_dict(self) -> ReplyShape:
        """Return the JSON form of the reply."""
        return _reply_dict(self)

    def __str__(self) -> str:
        return _text_of(self)


Reply: TypeAlias = Answer | NoAnswer


@dataclass(frozen=True, slots=True)
class Hits(Sequence[Hit]):
    """The hits of one search, best first, with the state of the index that gave them."""

    question: str
    hits: tuple[Hit, ...]
    generation: int = 0
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.hits)

    @overload
    def __getitem__(self, at: int) -> Hit: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Hit, ...]: ...

    def __getitem__(self, at: int | slice) -> Hit | tuple[Hit, ...]:
        return self.hits[at]

    def to_dict(self) -> HitsShape:
        """Return the JSON form of a search."""
        return {
            "question": self.question,
            "hits": [hit.to_dict() for hit in self.hits],
            "notes": list(self.notes),
            "generation": self.generation,
            "timings_ms": dict(self.timings_ms),
        }


def _reply_dict(reply: Reply) -> ReplyShape:
    asked = reply.asked
    body: ReplyShape = {
        "question": asked.question,
        "standalone_question": asked.standalone_question,
        "resolution": asked.resolution,
        "answered": reply.answered,
        "confidence": reply.confidence,
        "short_answer": None,
        "quotes": [],
        "reason": None,
        "related": [],
        "notes": list(asked.notes),
        "generation": asked.generation,
        "timings_ms": dict(asked.timings_ms),
    }
    if isinstance(reply, Answer):
        body["short_answer"] = reply.short_answer
        body["quotes"] = [quote.to_dict() for quote in reply.quotes]
    else:
        body["reason"] = {
            "code": reply.reason.code,
            "message": reply.reason.message,
            "missing": list(reply.reason.missing),
        }
        body["related"] = [quote.to_dict() for quote in reply.related]
    if asked.explain is not None:
        body["explain"] = dict(asked.explain)
    return body


def lines_of(reply: Reply) -> list[list[Part]]:
    """Return a reply for people: its lines, each in parts with a style; `str` joins them."""
    lines: list[list[Part]] = []
    if isinstance(reply, Answer):
        quotes, about = reply.quotes, [f"confidence {reply.confidence:.2f}"]
        lines += [[(reply.short_answer, "bold")], []] if reply.short_answer else []
    else:
        quotes, about = reply.related, []
        lines.append([(f"The articles do not say: {reply.reason.message}", "bold")])
        lines += [[], [("Nearest passages, not an answer:", "")]] if quotes else []
    lines += [_quoted(quote) for quote in quotes]
    about = [_place(quote) for quote in quotes] + about
    # Who typed the question must see that another was answered.
    about += [reply.asked.resolution] if reply.asked.resolution else []
    about += reply.asked.notes
    lines += [[]] if quotes else []
    lines += [[(line, "dim")] for line in about]
    return lines


def _text_of(reply: Reply) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines_of(reply))


def _quoted(quote: Quote) -> list[Part]:
    if quote.highlight is None:
        return [(f"“{quote.text}” [{quote.n}]", "")]
    marked = quote.highlight.shifted(-quote.citation.span.start)
    before, after = quote.text[: marked.start], quote.text[marked.end :]
    return [(f"“{before}", ""), (marked.cut(quote.text), "mark"), (f"{after}” [{quote.n}]", "")]


def _place(quote: Quote) -> str:
    c = quote.citation
    parts = [c.title, c.source, day(c.published), c.page and f"page {c.page}"]
    words = ", ".join(str(part) for part in parts if part)
    also = "".join(f"; also {copy.source or copy.article_id}" for copy in quote.copies)
    return f"[{quote.n}] {words} ({c.article_id} {c.span.start}-{c.span.end}{also})"


def _check_probability(value: float) -> None:
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"confidence is a probability, got {value}")
