"""Describe the JSON of replies, hits, articles and errors as types.

MCP tools and the OpenAPI file take their output schemas from here. They are what the
`to_dict` of each noun returns, so that the two cannot disagree.
"""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from annotated_types import Len

# Pydantic takes the one of typing only from Python 3.12 on.
from typing_extensions import TypedDict


class PlaceShape(TypedDict):
    """A stretch of an article's body, in characters."""

    start: int
    end: int


class CopyShape(TypedDict):
    """The same text printed elsewhere."""

    article_id: str
    version: int
    title: str
    source: str | None
    published: str | None
    url: str | None
    start: int
    end: int


class ExcerptShape(TypedDict):
    """Which version of which article a text is of."""

    article_id: str
    version: int
    content_sha256: str
    title: str
    source: str | None
    published: str | None
    url: str | None
    page: int | None


class CitedShape(ExcerptShape):
    """Where a text stands; the offsets cut it out of the body of that version."""

    start: int
    end: int
    copies: list[CopyShape]


class QuoteShape(CitedShape):
    """A quote with its citation."""

    n: int
    quote: str
    highlight: PlaceShape | None
    role: str


class ReasonShape(TypedDict):
    """Why there is no answer."""

    code: str
    message: str
    missing: list[str]


class ReplyShape(TypedDict):
    """What `ask` gives."""

    question: str
    standalone_question: str
    resolution: str | None
    answered: bool
    confidence: float
    short_answer: str | None
    quotes: list[QuoteShape]
    reason: ReasonShape | None
    related: list[QuoteShape]
    notes: list[str]
    generation: int
    timings_ms: dict[str, float]
    explain: NotRequired[dict[str, Any]]


class HitShape(CitedShape):
    """A passage that was found."""

    rank: int
    score: float
    dense: float | None
    lexical: float | None
    passage: str


class HitsShape(TypedDict):
    """What `search` gives."""

    question: str
    hits: list[HitShape]
    notes: list[str]
    generation: int
    timings_ms: dict[str, float]


class VersionShape(TypedDict):
    """One stored version of an article."""

    version: int
    content_sha256: str
    generation: int


class ArticleShape(TypedDict):
    """What `show` gives."""

    article_id: str
    version: int
    title: str
    body: str
    furniture: list[Annotated[list[int], Len(2, 2)]]  # [start, end)
    source: str | None
    byline: str | None
    published: str | None
    updated: str | None
    url: str | None
    language: str | None
    encoding: str | None
    unreadable: int
    content_sha256: str
    pages: list[int]
    versions: list[VersionShape]


class SourcesShape(TypedDict):
    """Sources with the number of their articles."""

    sources: dict[str, int]


class ProvedShape(TypedDict):
    """One citation held against the articles."""

    article_id: str
    n: int | None
    state: str


class ProofShape(TypedDict):
    """What `prove` gives; "exact", "changed" or "unknown"."""

    state: str
    quotes: list[ProvedShape]


class LeftOutShape(TypedDict):
    """An input that did not go in, and why; ``line`` where it is a line of JSON lines."""

    path: str
    reason: str
    line: NotRequired[int]


class ReportShape(TypedDict):
    """What a change of the articles did; the numbers add up to the input."""

    generation: int
    indexed: int
    unchanged: int
    removed: int
    skipped: list[LeftOutShape]
    failed: list[LeftOutShape]


class DryRunShape(ReportShape):
    """What a change would do; ``plan`` has the ids of the articles to add, change and remove."""

    plan: dict[str, list[str]]


class KeptShape(TypedDict):
    """That a verdict was kept."""

    kept: bool


class ProblemShape(TypedDict):
    """An error, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str


def schema_of(shape: type) -> dict[str, Any]:
    """Return the JSON Schema of one of the shapes above."""
    from pydantic import TypeAdapter

    return TypeAdapter(shape).json_schema()
