"""Find the story an article belongs to: a chain of articles, each close to another.

Two articles are linked when they appeared within 30 days of each other, a search for headline and
lead of the one finds the other with a cosine of at least `CLOSE`, and they share at least
`SHARED_NAMES` names. A chain could wander off by small steps; so every member must also hold a name
of the headline or lead of the article that was asked about. What is found is mostly right and far
from all: the figures are in `docs/evaluation.md`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from newsqa.text.analysis import MONTHS, STOPWORDS
from newsqa.types import Article, ArticleRef, Hit, day

WINDOW_DAYS = 30
CLOSE = 0.4  # cosine of a passage with headline and lead, by `python -m benchmarks.quality.stories`
SHARED_NAMES = 4
LEAD_CHARS = 250
SEARCHED = 30  # passages looked at for each article of the chain
LONGEST = 60  # articles of a chain; beyond it the chain is cut, and says so

_DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split()) | {
    month.casefold() for month in MONTHS
}
_NAME = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(ArticleRef):
    """One article of a story.

    ``copy_of`` is the article of which it is a near-copy. ``linked_to`` is the member through
    which it came in, with the cosine and the names the two share; the article asked about has none.
    """

    copy_of: str | None = None
    linked_to: str | None = None
    cosine: float | None = None
    names: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form of a part."""
        return {
            "article_id": self.article_id,
            "version": self.version,
            "title": self.title,
            "source": self.source or None,
            "published": day(self.published),
            "copy_of": self.copy_of,
            "linked_to": self.linked_to,
            "cosine": None if self.cosine is None else round(self.cosine, 4),
            "names": list(self.names),
        }


@dataclass(frozen=True, slots=True)
class Story:
    """The articles of a story by date; ``cut`` says that there may be more."""

    parts: tuple[Part, ...]
    cut: bool = False


def story_of(
    seed: Article,
    search: Callable[..., Sequence[Hit]],
    article: Callable[[str], Article],
    *,
    close: float = CLOSE,
    shared_names: int = SHARED_NAMES,
) -> Story:
    """Return the story of ``seed``; an article without a date is linked to its copies alone.

    Args:
        seed: The article asked about.
        search: As `NewsQA.search`.
        article: Returns an article by its id, as `NewsQA.article`.
        close: Least cosine of a link.
        shared_names: Least number of names a link shares.
    """
    chain = _Chain(seed, search, article, close, shared_names)
    while chain.waiting and len(chain.parts) < LONGEST:
        chain.follow(chain.waiting.pop(0))
    parts = sorted(
        chain.parts.values(),
        key=lambda p: (p.published is None, p.published or date.max, p.article_id),
    )
    return Story(tuple(parts[:LONGEST]), bool(chain.waiting) or len(parts) > LONGEST)


def names_in(text: str) -> frozenset[str]:
    """Return the words of ``text`` written with a capital, folded; no days and stop words."""
    matches = (match[0] for match in _NAME.finditer(text))
    folded = (re.sub(r"['’]s$", "", word).casefold() for word in matches if word[0].isupper())
    return frozenset(word for word in folded if len(word) > 2) - _DAYS - STOPWORDS


class _Chain:
    """The members found so far and those whose neighbours are still to be looked for."""

    def __init__(
        self,
        seed: Article,
        search: Callable[..., Sequence[Hit]],
        article: Callable[[str], Article],
        close: float,
        shared_names: int,
    ) -> None:
        self._search = search
        self._article = article
        self._close = close
        self._shared_names = shared_names
        self._seed_names = names_in(_head(seed))
        self._known: dict[str, frozenset[str]] = {}
        self.parts = {seed.article_id: _part(seed)}
        self.waiting = [seed]

    def follow(self, member: Article) -> None:
        """Take in what is linked to ``member``, and its copies."""
        hits = self._search(_head(member), k=SEARCHED, **_window(member.published))
        for hit in hits:
            article_id = hit.passage.article_id
            ids = {article_id, *(copy.article_id for copy in hit.copies)}
            if member.article_id in ids:
                self._take_copies(hit, member.article_id)
            elif member.published is not None and article_id not in self.parts:
                self._link(hit, member)

    def _link(self, hit: Hit, member: Article) -> None:
        if hit.dense is None or hit.dense < self._close:
            return
        other = self._article(hit.passage.article_id)
        names = self._names(other)
        shared = names & self._names(member)
        if len(shared) < self._shared_names or not names & self._seed_names:
            return
        part = _part(
            other, linked_to=member.article_id, cosine=hit.dense, names=tuple(sorted(shared))
        )
        self.parts[other.article_id] = part
        self.waiting.append(other)
        self._take_copies(hit, other.article_id)

    def _take_copies(self, hit: Hit, of: str) -> None:
        """Put down the others that print this text; they lead nowhere that it does not lead."""
        prints: tuple[ArticleRef, ...] = (hit.passage, *hit.copies)
        for printed in prints:
            self.parts.setdefault(printed.article_id, _part(printed, copy_of=of))

    def _names(self, article: Article) -> frozenset[str]:
        if article.article_id not in self._known:
            self._known[article.article_id] = names_in(f"{article.title}\n{article.body}")
        return self._known[article.article_id]


def _head(article: Article) -> str:
    """Return headline and lead, without furniture."""
    lead, at = "", 0
    for span in (*article.furniture, None):
        lead += article.body[at : span.start if span else len(article.body)]
        if span is None or len(lead) >= LEAD_CHARS:
            break
        at = span.end
    return f"{article.title}\n{lead[:LEAD_CHARS]}"


def _window(published: date | None) -> dict[str, date]:
    if published is None:
        return {}
    days = timedelta(WINDOW_DAYS)
    first, last = date.min + days, date.max - days
    return {
        "since": max(published, first) - days,
        "until": min(published, last) + days,
    }


def _part(of: ArticleRef, **link: Any) -> Part:
    return Part(**of.reference(), **link)
