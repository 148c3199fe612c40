"""A small fake of what the commands call: `run(words, services=World())`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, cast

from newsqa.cli.services import Services
from newsqa.engine import NewsQA
from newsqa.errors import IndexNotFoundError, UnknownArticleError
from newsqa.evaluation.harness import Results
from newsqa.index import Index, Listed, Listing, Report, Verification
from newsqa.protocols import Progress
from newsqa.replies import Answer, Asked, Hits, NoAnswer, Quote, Reason, Reply
from newsqa.settings import Settings
from newsqa.types import Article, Citation, Hit, Passage, Span, Version

BODY = "The mayor wrote the letter.\nIt came on Monday."
LETTER = Article(
    article_id="post/letter.txt",
    title="A letter \x1b[31mfrom\x1b[0m the mayor",
    body=BODY,
    source="Example Times",
    published=date(2024, 11, 29),
    versions=(
        Version(version=1, content_sha256="a" * 64, generation=1),
        Version(version=2, content_sha256="b" * 64, generation=3),
    ),
)
SENTENCE = Span(0, 27)
REPORT = Report(generation=3, indexed=2, unchanged=1)

EXPLAIN = {
    "reader": "fake",
    "passages": [
        {
            "rank": 1, "article_id": "a/1", "start": 0, "end": 28, "dense": 0.5, "lexical": None,
            "fused": 1.0, "relevance": 2.0, "no_answer": -1.0, "best_sentence": 0.875,
        }
    ],
    "sentences": [
        {
            "article_id": "a/1", "start": 0, "end": 27, "score": 0.875, "reader": 1.95,
            "place": 3.0, "votes": 0.25, "lead": -0.5, "total": 4.7,
        }
    ],
    "sentence_weights": {"place": 3.0, "votes": 1.0, "lead": 0.5},
    "features": {"odds": 2.0},
    "feature_weights": {"bias": -1.0, "odds": 0.75},
    "adds_to_log_odds": {"bias": -1.0, "odds": 1.5},
    "missing": [],
    "confidence": 0.62,
}  # fmt: skip


@dataclass
class FakeVerification:
    state: str = "sound"
    damaged: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        rows = [{"what": what, "reason": "not what was written"} for what in self.damaged]
        return {"state": self.state, "damaged": rows}


@dataclass
class FakeQA:
    """Answers questions about a letter; notes every call."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    report: Report = REPORT
    verification: FakeVerification = field(default_factory=FakeVerification)
    proof: Literal["exact", "changed", "unknown"] = "exact"
    error: BaseException | None = None
    closed: int = 0
    changes: Iterator[list[str]] = field(default_factory=lambda: iter(()))

    def _note(self, name: str, **options: Any) -> None:
        self.calls.append((name, options))
        if self.error is not None:
            raise self.error

    def search(self, question: str, **options: Any) -> Hits:
        self._note("search", question=question, **options)
        if "letter" not in question:
            return Hits(question, ())
        passage = Passage.of(LETTER, SENTENCE)
        return Hits(question, (Hit(passage=passage, score=0.8, rank=1, dense=0.6, lexical=4.0),))

    def ask(self, question: str, **options: Any) -> Reply:
        self._note("ask", question=question, **options)
        explain = EXPLAIN if options.get("explain") else None
        asked = Asked(question=question, standalone_question=question, explain=explain)
        if "letter" not in question:
            return NoAnswer(
                asked=asked, reason=Reason(code="nothing_found", message="no word of it")
            )
        quote = Quote(n=1, citation=Citation.of(LETTER, SENTENCE), highlight=Span(4, 9))
        return Answer(asked=asked, quotes=(quote,), confidence=0.9)

    def chat(self) -> FakeChat:
        self._note("chat")
        return FakeChat(self)

    def article(self, article_id: str, *, version: int | None = None) -> Article:
        self._note("article", article_id=article_id, version=version)
        if article_id != LETTER.article_id:
            raise UnknownArticleError(f"no article {article_id!r}")
        return LETTER

    def prove(self, citation: Mapping[str, Any]) -> Literal["exact", "changed", "unknown"]:
        self._note("prove", **citation)
        return self.proof

    def add(
        self,
        paths: Sequence[Path],
        *,
        allow: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> Report:
        self._note("add", paths=list(paths), allow=list(allow))
        if progress is not None:
            progress("reading", 1, 2, "one.txt")
            progress("embedding", 2, 2)
        return self.report

    def sync(
        self, folder: Path, *, dry_run: bool = False, progress: Progress | None = None
    ) -> Report:
        self._note("sync", folder=folder, dry_run=dry_run)
        return self.report

    def changed_paths(self, *, under: Path | None = None) -> list[str]:
        try:
            return next(self.changes)
        except StopIteration:
            raise KeyboardInterrupt from None

    def remove(self, ids: Sequence[str]) -> Report:
        self._note("remove", ids=list(ids))
        return self.report

    def verify(self, *, deep: bool = False) -> FakeVerification:
        self._note("verify", deep=deep)
        return self.verification

    def repair(self) -> FakeVerification:
        self._note("repair")
        self.verification = FakeVerification()
        return self.verification

    def rollback(self, generation: int, *, progress: Progress | None = None) -> Report:
        self._note("rollback", generation=generation)
        if generation > 3:
            raise UnknownArticleError(f"no generation {generation}")
        return self.report

    def purge(self, article_ids: Sequence[str], *, progress: Progress | None = None) -> Report:
        self._note("purge", ids=list(article_ids))
        return self.report

    def compact(self, *, keep: int | None = None) -> dict[str, int]:
        self._note("compact", keep=keep)
        return {"texts": 1, "vectors": 2, "bytes_before": 4096, "bytes_after": 1024}

    def backup(self, target: Path) -> int:
        self._note("backup", target=target)
        return 3

    def current(self) -> Iterator[Article]:
        self._note("current")
        yield LETTER

    def articles(self, *, contains: str = "", offset: int = 0, limit: int = 50) -> Listing:
        self._note("articles", contains=contains, offset=offset, limit=limit)
        letter = Listed(LETTER.article_id, 2, LETTER.title, LETTER.source, LETTER.published)
        return Listing(1, (letter,)[offset : offset + limit])

    def snapshot(self) -> FakeQA:
        return self

    def sources(self) -> dict[str, int]:
        return {LETTER.source: 1}

    def describe(self) -> dict[str, Any]:
        self._note("describe")
        return {"articles": 1, "passages": 2, "sources": {"Example Times": 1}, "paths": ["corpus"]}

    def close(self) -> None:
        self.closed += 1


class FakeChat:
    def __init__(self, qa: FakeQA) -> None:
        self._qa = qa

    def ask(self, question: str, **options: Any) -> Reply:
        return self._qa.ask(question, **options)


@dataclass
class World(Services):
    """Serves one fake to every command, and notes the settings that each came with."""

    qa: FakeQA = field(default_factory=FakeQA)
    missing: bool = False
    settings: list[Settings] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)

    def _fake(self, settings: Settings) -> FakeQA:
        self.settings.append(settings)
        if self.missing:
            raise IndexNotFoundError(settings.index)
        return self.qa

    def open(self, settings: Settings) -> NewsQA:
        return cast(NewsQA, self._fake(settings))

    def open_index(self, settings: Settings) -> Index:
        return cast(Index, self._fake(settings))

    def build(self, paths: Sequence[Path], settings: Settings, **options: Any) -> Report:
        self.settings.append(settings)
        return self.qa.add(paths, **options)

    def restore(self, settings: Settings, file: Path) -> int:
        self.settings.append(settings)
        self.qa.calls.append(("restore", {"file": file}))
        return 9

    def verify(self, settings: Settings, *, deep: bool = False) -> Verification:
        return cast(Verification, self._fake(settings).verify(deep=deep))

    def repair(self, settings: Settings, *, progress: Progress | None = None) -> Verification:
        return cast(Verification, self._fake(settings).repair())

    def serve(self, settings: Settings) -> None:
        self.settings.append(settings)

    def serve_mcp(self, settings: Settings) -> None:
        self.settings.append(settings)

    def evaluate(self, folders: Sequence[Path], settings: Settings, **options: Any) -> Results:
        self.runs.append({"folders": folders, **options})
        self.settings.append(settings)
        return {"sample": {"success@1": 0.5, "auroc": float("nan")}}
