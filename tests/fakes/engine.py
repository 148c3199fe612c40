"""A stand-in for the engine: replies of every role and reason, whatever the index holds."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from newsqa.answering.quotes import Proof, citation_from, stands_in
from newsqa.engine import NewsQA
from newsqa.errors import CorpusError, Problem, UnknownArticleError
from newsqa.index import Coverage, Index, Listed, Listing, Report
from newsqa.protocols import Progress
from newsqa.replies import Answer, Asked, Hits, NoAnswer, Quote, Reason, ReasonCode, Reply, Role
from newsqa.settings import Settings
from newsqa.types import Article, Citation, Copy, Filters, Hit, Passage, Span

BODY = (
    "The harbour tunnel opened on Friday morning, four months late.\n\n"
    "Engineers had found that the eastern barrier left a gap of 11 millimetres. "
    "“We will not open a tunnel whose doors we do not trust,” said Dana Okafor.\n\n"
    "SHARE THIS ARTICLE\n\n"
    "Tolls will not rise."
)
ROLES: tuple[Role, ...] = ("answer", "supports", "conflicts", "earlier", "correction")
SECONDS = {"slow": 2, "slower": 8}
REASONS: tuple[ReasonCode, ...] = ("nothing_found", "outside_dates", "filtered_out", "not_stated")


def settings(**values: Any) -> Settings:
    """Settings with these values and defaults for the rest."""
    return Settings(**values)


def article(article_id: str = "tunnel-1", **changes: Any) -> Article:
    """One article with furniture; any field may be another."""
    start = BODY.index("SHARE")
    given: dict[str, Any] = {
        "article_id": article_id,
        "title": "Tunnel opens to long queues",
        "body": BODY,
        "published": date(2026, 10, 9),
        "source": "Northport Courier",
        "byline": "Ann Bell",
        "url": "https://courier.example/tunnel",
        "furniture": (Span(start, start + len("SHARE THIS ARTICLE")),),
    }
    return Article(**{**given, **changes})


def quote(of: Article, words: str, *, n: int = 1, role: Role = "answer", **more: Any) -> Quote:
    """The quote of ``words``, which must stand in the article."""
    start = of.body.index(words)
    span = Span(start, start + len(words))
    return Quote(n=n, citation=Citation.of(of, span), role=role, **more)


def answer(of: Article | None = None, question: str = "When did the tunnel open?") -> Answer:
    """An answer with a quote of every role, a highlight, a copy and a note."""
    of = of or article()
    first = "The harbour tunnel opened on Friday morning, four months late."
    words = [first, "Tolls will not rise.", "Engineers had found", "four months late", "11 milli"]
    day = of.body.index("Friday morning")
    quotes = [quote(of, w, n=n + 1, role=ROLES[n]) for n, w in enumerate(words)]
    copy = Copy(
        article_id="copy", version=1, title="T", source="Vale Gazette", published=None, url="",
        span=Span(0, 9),
    )  # fmt: skip
    lead = quote(of, first, highlight=Span(day, day + len("Friday morning")), copies=(copy,))
    asked = Asked(question=question, standalone_question=question, notes=("a note",))
    return Answer(asked=asked, quotes=(lead, *quotes[1:]), confidence=0.91)


def no_answer(code: ReasonCode, of: Article | None = None, question: str = "Why?") -> NoAnswer:
    """An abstention with one related passage."""
    related = quote(of or article(), "Tolls will not rise.", role="related")
    return NoAnswer(
        asked=Asked(question=question, standalone_question=question),
        reason=Reason(code=code, message=f"this is {code}", missing=("Atlantis",)),
        confidence=0.2,
        related=(related,),
    )


def hits_of(*articles: Article, question: str = "") -> Hits:
    """One hit for each article: its first 60 characters."""
    found = [
        Hit(passage=Passage.of(a, Span(0, min(60, len(a.body)))), score=1.0 / n, rank=n)
        for n, a in enumerate(articles, 1)
    ]
    return Hits(question, tuple(found), generation=1)


class FakeIndex(Index):
    """The index of a fake engine: it can be rebuilt."""

    def __init__(self, engine: FakeEngine) -> None:
        self._engine = engine

    def rebuild(self, *, progress: Progress | None = None) -> Report:
        count = len(self._engine.articles_held)
        if progress is not None:
            progress("embedding", count, count)
        self._engine.generation += 1
        return Report(generation=self._engine.generation, unchanged=count)


@dataclass
class FakeEngine(NewsQA):
    """Answers a question that begins with a reason's code with that reason, others with all roles.

    "boom" fails, "nothing" finds nothing, "slow" and "slower" take their time, "endless" is never
    done unless it is told to end.
    ``asked`` remembers the arguments of every question.
    """

    articles_held: dict[str, Article] = field(
        default_factory=lambda: {a.article_id: a for a in (article(), article("tunnel-2"))}
    )
    generation: int = 1
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def search(self, question: str, **options: Any) -> Hits:
        self.asked.append((question, options))
        if question == "boom":
            raise RuntimeError("a secret of the house")
        held = () if question == "nothing" else tuple(self.articles_held.values())
        return hits_of(*held[: options.get("k", 10)], question=question)

    def ask(self, question: str, **options: Any) -> Reply:
        self.asked.append((question, options))
        if question == "boom":
            raise RuntimeError("a secret of the house")
        if question in SECONDS:
            time.sleep(SECONDS[question])
        while question == "endless":
            options["check"]()
            time.sleep(0.02)
        first = next(iter(self.articles_held.values()), article())
        code = question.split(" ")[0]
        if code in REASONS:
            return no_answer(code, first, question)
        return answer(first, question)

    def article(self, article_id: str, *, version: int | None = None) -> Article:
        found = self.articles_held.get(article_id)
        if found is None or version not in (None, found.version):
            raise UnknownArticleError(f"no article {article_id!r}")
        return found

    def copies(self, article_id: str) -> tuple[Copy, ...]:
        """Every other article with the same body."""
        held = self.articles_held.get(article_id, article())
        return tuple(
            Copy(
                article_id=a.article_id, version=a.version, title=a.title, source=a.source,
                published=a.published, url=a.url, span=Span(0, len(a.body)),
            )
            for a in self.articles_held.values()
            if a.body == held.body and a.article_id != article_id
        )  # fmt: skip

    def prove(self, citation: Mapping[str, Any]) -> Proof:
        claim = citation_from(citation)
        held = self.articles_held.get(claim.article_id)
        return "exact" if held is not None and stands_in(claim, held) else "unknown"

    @property
    def index(self) -> FakeIndex:
        return FakeIndex(self)

    def add(
        self, paths: Sequence[Any], *, allow: Sequence[str] = (), progress: Progress | None = None
    ) -> Report:
        """Take ``.txt`` and ``.jsonl`` files; anything else fails."""
        indexed, failed = 0, []
        for path in sorted(file for folder in paths for file in Path(folder).iterdir()):
            if path.suffix == ".txt":
                title, _, body = path.read_text().partition("\n\n")
                held = [article(path.name, title=title, body=body or title, furniture=())]
            elif path.suffix == ".jsonl":
                records = [json.loads(line) for line in path.read_text().splitlines()]
                held = [article(r["id"], body=r["text"], furniture=()) for r in records]
            else:
                failed.append(Problem(str(path), "cannot be read"))
                continue
            self.articles_held |= {a.article_id: a for a in held}
            indexed += len(held)
        if not indexed:
            raise CorpusError("no article could be read from x", failed)
        self.generation += 1
        return Report(generation=self.generation, indexed=indexed, failed=tuple(failed))

    def remove(self, article_ids: Sequence[str]) -> Report:
        for article_id in article_ids:
            self.article(article_id)
            del self.articles_held[article_id]
        self.generation += 1
        return Report(generation=self.generation, removed=len(article_ids))

    def articles(self, *, contains: str = "", offset: int = 0, limit: int = 50) -> Listing:
        found = [a for a in self.articles_held.values() if contains.lower() in a.title.lower()]
        rows = [
            Listed(a.article_id, a.version, a.title, a.source, a.published)
            for a in found[offset : offset + limit]
        ]
        return Listing(len(found), tuple(rows))

    def coverage(self, filters: Filters) -> Coverage:
        fits = [
            a
            for a in self.articles_held.values()
            if not filters.sources or a.source in filters.sources
        ]
        months = {"2026-09": 0, "2026-10": len(fits)}
        return Coverage(len(fits), len(self.articles_held), months)

    def describe(self) -> dict[str, Any]:
        return {
            "articles": len(self.articles_held),
            "passages": len(self.articles_held),
            "generation": self.generation,
            "changed": "2026-11-24T20:15:00+00:00",
            "sources": self.sources(),
            "first": "2026-01-02",
            "last": "2026-11-20",
            "paths": [],
        }

    def sources(self) -> dict[str, int]:
        names = [a.source for a in self.articles_held.values() if a.source]
        return {name: names.count(name) for name in sorted(set(names))}
