"""Search and ask: join the parts and hold the order of their work; no part decides here.

Reading is thread-safe; one object serves any number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from os import PathLike
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, TypeVar, Unpack

from newsqa.answering.answer import AnswerTask, reranked
from newsqa.answering.quotes import Proof, citation_from, stands_in
from newsqa.errors import UnknownArticleError
from newsqa.index import Coverage, Index, Listing, Report, Snapshot, Verification, coverage
from newsqa.models import ReaderCache, open_token_counter
from newsqa.options import AskOptions, CancelCheck, SearchOptions, never_cancel
from newsqa.protocols import Encoder, Progress, Reader
from newsqa.question.followups import Chat, interpretations, rewrite_standalone
from newsqa.question.query import Query
from newsqa.question.sources import unknown_sources
from newsqa.replies import Asked, Hits, Reply
from newsqa.retrieval.deduplication import copies_of
from newsqa.retrieval.search import Retriever, within_tokens
from newsqa.retrieval.spelling import Correction, correct
from newsqa.settings import Settings
from newsqa.types import Article, Copy, Filters, Hit, Turn

Paths = Sequence[str | PathLike[str]]
T = TypeVar("T")


class NewsQA:
    """Answers questions from one index, in the articles' own words."""

    def __init__(
        self,
        index: Index,
        *,
        encoder: Encoder,
        settings: Settings,
        reader: Reader | None = None,
        report: Report | None = None,
    ) -> None:
        """Join the parts; `newsqa.open` and `newsqa.build` do it for you.

        Args:
            index: An open index.
            encoder: The encoder that index was built with.
            settings: The numbers in force.
            reader: What reads passages; the one that ``settings.reader`` names, if None.
            report: What the build that made the index reported, if one did.
        """
        self.settings = settings
        self.report = report
        self._index = index
        self._encoder = encoder
        self._reader = reader
        self._readers = ReaderCache(threads=settings.threads)

    @property
    def index(self) -> Index:
        """The index itself, for its upkeep: repair, rollback, purge, backup, compact."""
        return self._index

    @property
    def generation(self) -> int:
        """The generation of the index that a question asked now would see."""
        return self._index.snapshot().generation

    def search(
        self,
        question: str,
        *,
        k: int = 10,
        offset: int = 0,
        since: date | None = None,
        until: date | None = None,
        sources: Sequence[str] = (),
        as_of: date | None = None,
        today: date | None = None,
        turns: Sequence[Turn] = (),
        rerank: bool = False,
        max_tokens: int | None = None,
        check: CancelCheck = never_cancel,
    ) -> Hits:
        """Return the best passages for ``question``, best first.

        Any string is a question; the part beyond ``max_question_chars`` is not read. ``k`` counts
        each text once. Filters (`newsqa.types.Filters`) apply before the search. ``today``, the
        day of asking, brings recent articles forward. ``turns`` is the conversation that a
        follow-up is read with. ``rerank`` reorders with the reader; ``max_tokens`` cuts the list.

        Raises:
            ValueError: ``k`` < 1, ``offset`` < 0, or ``since`` after ``until``.
        """
        _check(k, offset)
        began = perf_counter()
        filters = Filters(since=since, until=until, sources=tuple(sources), as_of=as_of)
        retriever, asked = self._prepare(question, interpretations(question, turns)[0], today)
        check()
        hits = retriever.hits(filters, offset + k)
        check()
        hits = (self._reranked(retriever, hits) if rerank else hits)[offset:]
        if max_tokens is not None:
            hits = within_tokens(hits, max_tokens, open_token_counter())
        unknown = unknown_sources(filters.sources, retriever.snapshot.sources())
        notes = (*asked.notes, *unknown, *filter(None, [asked.resolution]))
        elapsed_ms = {"total": round(1000 * (perf_counter() - began), 3)}
        return Hits(question, tuple(hits), asked.generation, elapsed_ms, notes)

    def ask(
        self,
        question: str,
        *,
        k: int = 3,
        since: date | None = None,
        until: date | None = None,
        sources: Sequence[str] = (),
        as_of: date | None = None,
        today: date | None = None,
        turns: Sequence[Turn] = (),
        reader: str | Reader | None = None,
        explain: bool = False,
        check: CancelCheck = never_cancel,
    ) -> Reply:
        """Return an Answer of at most ``k`` quotes, or a NoAnswer that says why not.

        Question, day, turns and filters are as in `search`; the reply comes from one generation.
        ``reader`` is another reader, or its name; ``explain`` puts what each stage found into the
        reply. Raise in ``check``, called often, to end it.

        Raises:
            ValueError: ``k`` < 1, or ``since`` after ``until``.
            IndexDamagedError: An article's stored row is not what was written.
        """
        _check(k, 0)
        filters = Filters(since=since, until=until, sources=tuple(sources), as_of=as_of)
        work = partial(self.work, k=k, today=today, reader=reader, explain=explain, check=check)
        contexts = interpretations(question, turns)
        replies = [work(question, turns=context).reply(filters) for context in contexts]
        return max(replies, key=lambda reply: reply.confidence if reply.answered else -1.0)

    async def asearch(self, question: str, **options: Unpack[SearchOptions]) -> Hits:
        """Await `search`, run in a thread; cancelling it ends the work at its next step."""
        check = options["check"] = _AsyncCheck(options.get("check", never_cancel))
        return await check.run(lambda: self.search(question, **options))

    async def aask(self, question: str, **options: Unpack[AskOptions]) -> Reply:
        """Await `ask`, run in a thread; cancelling it ends the work at its next step."""
        check = options["check"] = _AsyncCheck(options.get("check", never_cancel))
        return await check.run(lambda: self.ask(question, **options))

    def work(
        self,
        question: str,
        *,
        k: int = 3,
        today: date | None = None,
        turns: Sequence[Turn] = (),
        reader: str | Reader | None = None,
        explain: bool = False,
        check: CancelCheck = never_cancel,
    ) -> AnswerTask:
        """Return what `ask` does, ready to be run under some filters, or to be changed first."""
        retriever, asked = self._prepare(question, turns, today)
        return AnswerTask(
            asked=asked,
            retriever=retriever,
            reader=self._reader_for(retriever.snapshot, reader),
            k=k,
            explain=explain,
            check=check,
        )

    def batch(self, questions: Sequence[str], **options: Any) -> list[Reply]:
        """Return the reply to each question, in order; ``options`` are those of `ask`."""
        return [self.ask(question, **options) for question in questions]

    def chat(self) -> Chat:
        """Return a conversation that hands each question on together with the turns before it."""
        return Chat(self.ask)

    def article(self, article_id: str, *, version: int | None = None) -> Article:
        """Return an article, the current version if None is named.

        Raises:
            UnknownArticleError: There is no such article or version.
        """
        return self._index.article(article_id, version)

    def copies(self, article_id: str) -> tuple[Copy, ...]:
        """Return the current articles that print the same text, edited or cut, earliest first."""
        return copies_of(self._index.snapshot(), article_id)

    def prove(self, citation: Mapping[str, Any]) -> Proof:
        """Say whether a citation, as JSON, still stands.

        Returns:
            "exact": the current text says so, at that place. "changed": an earlier version said
            so, the text kept under that version is gone, or the article is removed.
            "unknown": the index never said so.

        Raises:
            ValueError: It is no citation.
        """
        claim = citation_from(citation)
        with suppress(UnknownArticleError):
            if stands_in(claim, self._index.article(claim.article_id)):
                return "exact"
        try:
            cited = self._index.article(claim.article_id, claim.version)
        except UnknownArticleError:  # its text is no longer kept, or it never was
            versions = self._index.versions(claim.article_id)
            named = (claim.version, claim.content_sha256)
            known = named in [(v.version, v.content_sha256) for v in versions]
            return "changed" if known else "unknown"
        return "changed" if stands_in(claim, cited) else "unknown"

    def add(
        self, paths: Paths, *, allow: Sequence[str] = (), progress: Progress | None = None
    ) -> Report:
        """Make new and changed articles of ``paths`` current; see `Index.add`."""
        return self._index.add([Path(p) for p in paths], allow=allow, progress=progress)

    def sync(
        self,
        folder: str | PathLike[str],
        *,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Report:
        """Make the index agree with a folder; see `Index.sync`."""
        return self._index.sync(Path(folder), dry_run=dry_run, progress=progress)

    def remove(self, article_ids: Sequence[str]) -> Report:
        """Hide articles from the next question on; see `Index.remove`."""
        return self._index.remove(article_ids)

    def verify(self, *, deep: bool = False) -> Verification:
        """List every damaged or disagreeing thing of the index; see `Index.verify`."""
        return self._index.verify(deep=deep)

    def repair(self) -> Verification:
        """Make the caches again from the articles; see `Index.repair`."""
        return self._index.repair()

    def describe(self) -> dict[str, Any]:
        """Return what `newsqa index info` prints."""
        return self._index.describe()

    def articles(self, *, contains: str = "", offset: int = 0, limit: int = 50) -> Listing:
        """Return current articles; see `Index.articles`."""
        return self._index.articles(contains=contains, offset=offset, limit=limit)

    def coverage(self, filters: Filters) -> Coverage:
        """Return how many current articles the filters let through, and when they appeared."""
        return coverage(self._index.snapshot().columns, filters)

    def sources(self) -> dict[str, int]:
        """Return the sources with the number of their current articles."""
        return self._index.snapshot().sources()

    def changed_paths(self, *, under: Path | None = None) -> list[str]:
        """Return the files that changed since the index read them; see `Index.changed_paths`."""
        return self._index.changed_paths(under=under)

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()

    def __enter__(self) -> NewsQA:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _prepare(
        self, question: str, turns: Sequence[Turn], today: date | None
    ) -> tuple[Retriever, Asked]:
        """Read the question with these turns: what is searched, and what a reply says of it."""
        snapshot = self._index.snapshot()
        limit = self.settings.max_question_chars
        note = f"only the first {limit:,} of {len(question):,} characters of the question were read"
        typed = correct(question[:limit], snapshot, self._encoder)
        alone = rewrite_standalone(typed.text, turns)
        final = Correction(alone.text)
        if alone.resolution:  # what the conversation adds may be misspelt there
            final = correct(alone.text, snapshot, self._encoder)
        reasons = filter(None, [alone.resolution, typed.resolution, final.resolution])
        asked = Asked(
            question=question,
            standalone_question=final.text,
            resolution="; ".join(reasons) or None,
            notes=(note,) if len(question) > limit else (),
            generation=snapshot.generation,
        )
        query = Query.of(final.text, names=alone.names)
        return Retriever(snapshot, self._encoder, self.settings, query, today), asked

    def _reranked(self, retriever: Retriever, hits: list[Hit]) -> list[Hit]:
        reader = self._reader_for(retriever.snapshot, None)
        return reranked(retriever.query.text, hits, reader, self.settings.read_passages)

    def _reader_for(self, snapshot: Snapshot, reader: str | Reader | None) -> Reader:
        if reader is None:
            reader = self._reader or self.settings.reader
        if not isinstance(reader, str):
            return reader
        return self._readers.get(reader, encoder=self._encoder, idf=snapshot.idf)


class _CancelledError(Exception):
    """The caller of an async method was cancelled."""


class _AsyncCheck:
    """A check that also ends the work in a thread once its caller is cancelled."""

    def __init__(self, check: CancelCheck) -> None:
        self._check = check
        self._cancelled = False

    def __call__(self) -> None:
        if self._cancelled:
            raise _CancelledError
        self._check()

    async def run(self, work: Callable[[], T]) -> T:
        """Run ``work`` in a thread and await it."""
        import asyncio  # not before it is needed: the command line starts without it

        try:
            return await asyncio.to_thread(work)
        except asyncio.CancelledError:
            self._cancelled = True
            raise


def _check(k: int, offset: int) -> None:
    if k < 1 or offset < 0:
        raise ValueError(f"need k >= 1 and offset >= 0, got {k} and {offset}")
