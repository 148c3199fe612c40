"""Define the values of newsqa: small, frozen, checked when made.

Offsets are character offsets (``str`` indices) into ``Article.body``, from 0; spans
are half-open, ``[start, end)``. Ranks start at 1. A higher score is always better.
Replies are in `newsqa.replies`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self

from newsqa.errors import CitationError

if TYPE_CHECKING:  # importing the values costs no pydantic
    from newsqa.schemas import ArticleShape, CopyShape, ExcerptShape, HitShape


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open interval of characters, ``[start, end)``."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"need 0 <= start < end, got [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def cut(self, text: str) -> str:
        """Return the characters of ``text`` this span covers.

        Raises:
            ValueError: The span runs past the end of ``text``. (A slice would
                silently come out short, and a citation would misquote.)
        """
        if self.end > len(text):
            raise ValueError(f"span ends at {self.end}, text has {len(text)} characters")
        return text[self.start : self.end]

    def shifted(self, by: int) -> Span:
        """Return this span moved right by ``by`` characters: passage to article offsets."""
        return Span(self.start + by, self.end + by)

    def holds(self, other: Span) -> bool:
        """Whether ``other`` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end


def day(value: date | None) -> str | None:
    """Return a day as ISO text, or None: the form of every date in JSON."""
    return None if value is None else value.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One stored version of an article and the generation that first had it current."""

    version: int
    content_sha256: str
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRef:
    """Which version of which article something is, and what heads it."""

    article_id: str
    version: int
    title: str = ""
    source: str = ""
    published: date | None = None
    url: str = ""

    def reference(self) -> dict[str, Any]:
        """Return these fields, to make another record of the same version."""
        return {name: getattr(self, name) for name in ArticleRef.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class Article(ArticleRef):
    """One version of one news article; its body is never edited after ingestion.

    ``furniture`` holds the spans of the body that are a site's leftovers: kept, never indexed or
    quoted. ``pages`` holds the offset at which each page of a PDF begins, else nothing.
    ``encoding`` is what the bytes of a text or page were read in, by Python's name; "" where the
    format leaves no choice, or it was not noted. It is no part of the content.
    ``versions`` lists all stored ones where the article came out of an index.
    """

    body: str
    version: int = 1
    updated: date | None = None
    byline: str = ""
    language: str = ""
    furniture: tuple[Span, ...] = ()
    pages: tuple[int, ...] = ()
    encoding: str = field(default="", compare=False)
    versions: tuple[Version, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if not self.article_id:
            raise ValueError("an article needs an id")
        if self.version < 1:
            raise ValueError(f"versions count from 1, got {self.version}")
        if any(span.end > len(self.body) for span in self.furniture):
            raise ValueError("furniture runs past the end of the body")

    @property
    def content_sha256(self) -> str:
        """SHA-256 of the body in UTF-8: what a text is known by."""
        return sha256(self.body.encode()).hexdigest()

    @property
    def unreadable(self) -> int:
        """How many characters of the body are U+FFFD, which stands for what could not be read."""
        return self.body.count("\ufffd")

    def page_at(self, offset: int) -> int | None:
        """Return the page, from 1, that holds the character at ``offset``; None without pages."""
        return bisect_right(self.pages, offset) if self.pages else None

    def to_dict(self) -> ArticleShape:
        """Return the JSON form of `newsqa show`."""
        return {
            "article_id": self.article_id,
            "version": self.version,
            "title": self.title,
            "body": self.body,
            "furniture": [[span.start, span.end] for span in self.furniture],
            "source": self.source or None,
            "byline": self.byline or None,
            "published": day(self.published),
            "updated": day(self.updated),
            "url": self.url or None,
            "language": self.language or None,
            "encoding": self.encoding or None,
            "unreadable": self.unreadable,
            "content_sha256": self.content_sha256,
            "pages": list(self.pages),
            "versions": [
                {
                    "version": v.version,
                    "content_sha256": v.content_sha256,
                    "generation": v.generation,
                }
                for v in self.versions
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt(ArticleRef):
    """A stretch of one version of an article; ``page`` counts from 1, None without pages."""

    content_sha256: str
    span: Span
    page: int | None = None

    @classmethod
    def _cut(cls, article: Article, span: Span, **own: Any) -> Self:
        """Cut it out of its article, so that the two cannot disagree."""
        return cls(
            **article.reference(),
            content_sha256=article.content_sha256,
            span=span,
            page=article.page_at(span.start),
            **own,
        )

    def place(self) -> ExcerptShape:
        """Return the JSON form of where it stands."""
        return {
            "article_id": self.article_id,
            "version": self.version,
            "content_sha256": self.content_sha256,
            "title": self.title,
            "source": self.source or None,
            "published": day(self.published),
            "url": self.url or None,
            "page": self.page,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage(Excerpt):
    """The unit of retrieval: an exact slice of one version of one article.

    ``sentences`` are the article's whole sentences that the slice touches, in order, in article
    offsets; the first or last reaches beyond ``span`` only where an overlong sentence was cut.
    """

    text: str
    sentences: tuple[Span, ...] = ()

    @classmethod
    def of(cls, article: Article, span: Span, sentences: tuple[Span, ...] = ()) -> Passage:
        """Cut the passage out of its article."""
        return cls._cut(article, span, text=span.cut(article.body), sentences=sentences or (span,))

    @property
    def passage_id(self) -> str:
        """Hash of article id, content and span; versions of equal body share it."""
        key = f"{self.article_id}\0{self.content_sha256}\0{self.span.start}-{self.span.end}"
        return sha256(key.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy(ArticleRef):
    """The same text printed elsewhere, and where it stands there."""

    span: Span

    def to_dict(self) -> CopyShape:
        """Return the JSON form of a copy."""
        return {
            "article_id": self.article_id,
            "version": self.version,
            "title": self.title,
            "source": self.source or None,
            "published": day(self.published),
            "url": self.url or None,
            "start": self.span.start,
            "end": self.span.end,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which articles may be found: all of them when nothing is set. Days are inclusive."""

    since: date | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()
    as_of: date | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise ValueError(f"since ({self.since}) is after until ({self.until})")

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.sources or self.as_of)

    @property
    def dated(self) -> bool:
        """Whether a date restricts the search."""
        return bool(self.since or self.until or self.as_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage at one rank of one ranking; ``dense`` and ``lexical`` are what each leg scored."""

    passage: Passage
    score: float
    rank: int
    dense: float | None = None
    lexical: float | None = None
    copies: tuple[Copy, ...] = ()

    def to_dict(self) -> HitShape:
        """Return the JSON form of a search hit."""
        return {
            "rank": self.rank,
            "score": self.score,
            "dense": self.dense,
            "lexical": self.lexical,
            "passage": self.passage.text,
            "start": self.passage.span.start,
            "end": self.passage.span.end,
            **self.passage.place(),
            "copies": [copy.to_dict() for copy in self.copies],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What the reader found in one passage.

    ``relevance`` and ``no_answer`` are raw scores, higher meaning more of what they name;
    `newsqa.answering.decision` alone turns them into a probability. ``sentences`` pairs whole
    sentences of the article with their scores, in reading order. ``answer`` holds the answering
    words, or None where the reader sees none.
    """

    passage: Passage
    relevance: float
    no_answer: float
    sentences: tuple[tuple[Span, float], ...]
    answer: Span | None = None

    def __post_init__(self) -> None:
        if not self.sentences:
            raise ValueError("a candidate needs a sentence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation(Excerpt):
    """Where a quote stands, and the quote itself, letter for letter."""

    quote: str

    @classmethod
    def of(cls, article: Article, span: Span) -> Citation:
        """Quote ``span`` of ``article``."""
        return cls._cut(article, span, quote=span.cut(article.body))

    def check(self, article: Article) -> None:
        """Raise CitationError unless the quote is exactly what ``article`` says there."""
        same = (
            article.article_id == self.article_id
            and article.content_sha256 == self.content_sha256
            and self.span.end <= len(article.body)
            and self.span.cut(article.body) == self.quote
        )
        if not same:
            where = f"{self.article_id}[{self.span.start}:{self.span.end}]"
            raise CitationError(f"{where} does not say {self.quote!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One earlier question of a conversation, with the quotes that answered it (or none).

    ``alone`` says that it was read by itself though it might have leaned on those before it.
    """

    question: str
    quotes: tuple[str, ...] = ()
    alone: bool = False
