"""Small indexes for tests, and what a state of one is compared by."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from newsqa.index import Index, Report
from newsqa.index.update import WriteContext
from newsqa.ingest import InputFile, Limits, Parsed
from newsqa.protocols import Encoder, Progress
from newsqa.settings import Settings
from newsqa.text import analysis as text
from newsqa.types import Article, Filters
from tests.fakes.engine_parts import FakeEncoder

SETTINGS = Settings.model_validate({})
QUESTIONS = ("harbour storm", "mayor resigns", "bridge 2031", "lindle water", "museum")


def record(article_id: str, body: str, **rest: str) -> dict[str, str]:
    """One line of a JSONL corpus."""
    return {"id": article_id, "title": f"About {article_id}", "text": body, **rest}


STORM = record("storm", "A storm broke the harbour wall. Nobody was hurt.", date="2026-03-01")
MAYOR = record("mayor", "The mayor resigns. She leaves in May.", date="2026-04-01", source="Post")
MUSEUM = record("museum", "The museum is open. Entry is free.")


def write_corpus(path: Path, records: Iterable[dict[str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(record) + "\n" for record in records]
    path.write_text("".join(lines), encoding="utf-8")
    return path


class Place:
    """An index in a temporary folder with its corpus beside it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.folder = folder / "index"
        self.corpus = folder / "corpus.jsonl"
        self.encoder = FakeEncoder()

    def build(self, records: Sequence[dict[str, str]], **options: Any) -> Report:
        write_corpus(self.corpus, records)
        return self.rebuild([self.corpus], **options)

    def rebuild(self, paths: Sequence[Path], **options: Any) -> Report:
        return Index.build(paths, self.folder, encoder=self.encoder, settings=SETTINGS, **options)

    def add(self, index: Index, *records: dict[str, str], **options: Any) -> Report:
        path = write_corpus(self.root / "more" / f"{len(records)}.jsonl", records)
        return index.add([path], **options)

    @contextmanager
    def opened(self) -> Iterator[Index]:
        """Open, and whatever was done, find the index sound afterwards."""
        with Index.open(self.folder, encoder=self.encoder, settings=SETTINGS) as index:
            yield index
            assert index.verify(deep=True).to_dict() == {"state": "sound", "damaged": []}


def quick_parse(
    files: Iterable[InputFile], *, limits: Limits, known: Callable[[InputFile, str], bool]
) -> Iterator[Parsed]:
    """Read JSONL in this process: for tests that change an index very often."""
    for file in files:
        raw = file.path.read_bytes()
        digest = sha256(raw).hexdigest()
        if known(file, digest):
            yield Parsed(file=file, sha256=digest, unchanged=True)
            continue
        rows = [json.loads(line) for line in raw.decode().splitlines()]
        articles = tuple(
            Article(
                article_id=row["id"],
                title=row["title"],
                body=row["text"],
                published=date.fromisoformat(row["date"]) if "date" in row else None,
                source=row.get("source", ""),
            )
            for row in rows
        )
        yield Parsed(file=file, sha256=digest, articles=articles)


class QuickIndex(Index):
    """An index that parses in its own process."""

    def _context(self, progress: Progress | None) -> WriteContext:
        return quick_context(self.folder, self.encoder)


def quick_context(folder: Path, encoder: Encoder) -> WriteContext:
    return WriteContext(folder, encoder, SETTINGS, parse=quick_parse)


def shown(index: Index, filters: Filters | None = None) -> dict[str, Any]:
    """What readers see: every current article, and what questions find, with their scores."""
    snapshot = index.snapshot()
    allowed = None if filters is None else snapshot.allowed(filters)
    found: dict[str, Any] = {}
    for question in QUESTIONS:
        vector = index.encoder.encode_questions([question])[0]
        dense = snapshot.dense(vector, 100, allowed=allowed)
        words = snapshot.lexical(text.terms(question), 100, allowed=allowed)
        found[question] = (_named(snapshot, dense), _named(snapshot, words))
    return found


def _named(snapshot: Any, scored: list[tuple[int, float]]) -> list[tuple[float, str, str]]:
    passages = snapshot.passages([key for key, _ in scored])
    return sorted(
        (round(-score, 4), passage.article_id, passage.text)
        for passage, (_, score) in zip(passages, scored, strict=True)
    )


def ids(index: Index) -> list[str]:
    """The current articles that can be found, by id."""
    snapshot = index.snapshot()
    return sorted({p.article_id for p in snapshot.passages(snapshot.columns.keys.tolist())})


def groups(index: Index) -> list[tuple[str, ...]]:
    """The groups of near-copies, each by the ids of its articles."""
    members = index.snapshot().groups.members.values()
    return sorted(tuple(article_id for article_id, _ in pairs) for pairs in members)
