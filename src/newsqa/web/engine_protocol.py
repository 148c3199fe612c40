"""What the web faces ask of the engine; `newsqa.engine.NewsQA` fits, and so does a stand-in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from os import PathLike
from typing import Any, Protocol

from newsqa.answering.quotes import Proof
from newsqa.index import Coverage, Listing
from newsqa.protocols import Progress
from newsqa.replies import Hits, Reply
from newsqa.types import Article, Copy, Filters, Turn


class Changed(Protocol):
    """What a change of the index reports."""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form of `newsqa index add`."""
        ...


class Upkeep(Protocol):
    """What is asked of the index itself; see `newsqa.index.Index`."""

    def rebuild(self, *, progress: Progress | None = ...) -> Changed:
        """Cut and embed the stored articles anew."""
        ...


class Engine(Protocol):
    """Searches, asks, shows and changes; see `newsqa.engine.NewsQA` for the promises."""

    @property
    def generation(self) -> int:
        """The generation that a question asked now would see."""
        ...

    def search(
        self,
        question: str,
        *,
        k: int = ...,
        offset: int = ...,
        since: date | None = ...,
        until: date | None = ...,
        sources: Sequence[str] = ...,
        as_of: date | None = ...,
        today: date | None = ...,
        turns: Sequence[Turn] = ...,
        rerank: bool = ...,
        max_tokens: int | None = ...,
        check: Callable[[], None] = ...,
    ) -> Hits:
        """Return the best passages."""
        ...

    def ask(
        self,
        question: str,
        *,
        k: int = ...,
        since: date | None = ...,
        until: date | None = ...,
        sources: Sequence[str] = ...,
        as_of: date | None = ...,
        today: date | None = ...,
        turns: Sequence[Turn] = ...,
        reader: str | None = ...,
        explain: bool = ...,
        check: Callable[[], None] = ...,
    ) -> Reply:
        """Return an answer or say why not."""
        ...

    def article(self, article_id: str, *, version: int | None = ...) -> Article:
        """Return an article, or raise UnknownArticleError."""
        ...

    def copies(self, article_id: str) -> Sequence[Copy]:
        """Return the current articles that print the same text."""
        ...

    def prove(self, citation: Mapping[str, Any]) -> Proof:
        """Say whether a citation, as JSON, still stands."""
        ...

    @property
    def index(self) -> Upkeep:
        """The index itself."""
        ...

    def add(
        self,
        paths: Sequence[str | PathLike[str]],
        *,
        allow: Sequence[str] = ...,
        progress: Progress | None = ...,
    ) -> Changed:
        """Make the articles under ``paths`` current."""
        ...

    def remove(self, article_ids: Sequence[str]) -> Changed:
        """Hide articles from the next question on."""
        ...

    def articles(self, *, contains: str = ..., offset: int = ..., limit: int = ...) -> Listing:
        """Return current articles whose title, source or id holds ``contains``, newest first."""
        ...

    def coverage(self, filters: Filters) -> Coverage:
        """Return how many current articles the filters let through, and when they appeared."""
        ...

    def describe(self) -> Mapping[str, Any]:
        """Return what `newsqa index info` prints."""
        ...

    def sources(self) -> Mapping[str, int]:
        """Return the outlets with the number of their current articles."""
        ...
