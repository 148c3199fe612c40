"""What the commands need of the rest of newsqa, and the doors through which they get it.

The protocols name what a command calls, no more; the tests stand in for them with small fakes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from newsqa.errors import Problem
    from newsqa.index import Listing
    from newsqa.protocols import Encoder, Progress
    from newsqa.replies import Hits, Reply
    from newsqa.settings import Settings
    from newsqa.types import Article


class Report(Protocol):
    """What a change of the index did."""

    @property
    def skipped(self) -> Sequence[Problem]:
        """Inputs that hold no article."""
        ...

    @property
    def failed(self) -> Sequence[Problem]:
        """Inputs that could not be read."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        ...


class Verification(Protocol):
    """What a check of the index found."""

    @property
    def state(self) -> str:
        """One of "sound", "repairable" and "damaged"."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        ...


class Chat(Protocol):
    """A conversation: each question may lean on those before it."""

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
    ) -> Reply:
        """Answer the next question."""
        ...


class Engine(Protocol):
    """An open index that answers: `newsqa.NewsQA`, as far as the commands use it."""

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
        rerank: bool = False,
        max_tokens: int | None = None,
    ) -> Hits:
        """Find passages."""
        ...

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
        explain: bool = False,
    ) -> Reply:
        """Answer, or say why not."""
        ...

    def chat(self) -> Chat:
        """Begin a conversation."""
        ...

    def article(self, article_id: str, *, version: int | None = None) -> Article:
        """Return a stored article."""
        ...

    def prove(self, citation: Mapping[str, Any]) -> Literal["exact", "changed", "unknown"]:
        """Compare a quote with what is stored."""
        ...

    def add(
        self,
        paths: Sequence[Path],
        *,
        allow: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> Report:
        """Add new and changed articles."""
        ...

    def sync(
        self, folder: Path, *, dry_run: bool = False, progress: Progress | None = None
    ) -> Report:
        """Make the index follow a folder."""
        ...

    def changed_paths(self, *, under: Path | None = None) -> Sequence[str]:
        """Return the files that changed, came or went since the index read them."""
        ...

    def remove(self, ids: Sequence[str]) -> Report:
        """Hide articles."""
        ...

    def close(self) -> None:
        """Let go of the index."""
        ...


class Stored(Protocol):
    """An open index as a thing on disk: `newsqa.index.Index`, as far as the commands use it."""

    def describe(self) -> dict[str, Any]:
        """Return what is in the index."""
        ...

    def current(self) -> Iterator[Article]:
        """Yield the current articles."""
        ...

    def articles(self, *, contains: str = "", offset: int = 0, limit: int = 50) -> Listing:
        """Return some of the current articles, newest first."""
        ...

    def rollback(self, generation: int, *, progress: Progress | None = None) -> Report:
        """Make the articles of an earlier generation current."""
        ...

    def purge(self, article_ids: Sequence[str], *, progress: Progress | None = None) -> Report:
        """Erase articles with their history."""
        ...

    def compact(self, *, keep: int | None = None) -> dict[str, int]:
        """Give unused space back; return what was erased."""
        ...

    def backup(self, target: Path) -> int:
        """Copy everything into one file; return its generation."""
        ...

    def close(self) -> None:
        """Let go of the index."""
        ...


Results: TypeAlias = dict[str, dict[str, float]]  # {set: {metric: value}}


@dataclass(frozen=True, slots=True)
class QuestionRun:
    """Which question sets to run, on which articles; where the rows go; what to compare with."""

    folders: Sequence[Path]
    corpus: Path | None = None
    per_question: Path | None = None
    against: Path | None = None


@dataclass(frozen=True, slots=True)
class Doors:
    """The ways from a command into newsqa; each imports what it needs when it is called.

    Attributes:
        open: Opens the index that the settings name, to ask.
        build: Builds it from paths, or from the stored articles where there are none.
        stored: Opens it to look at what is on disk, and to change that.
        restore: Puts a backup in its place and returns the new generation.
        verify: Checks every stored row and file, or deep: makes a part of them again.
        repair: Makes the caches again from the articles; says what is damaged then.
        serve: Serves the web chat until it is stopped.
        mcp: Serves one MCP client over stdin and stdout until it leaves.
        evaluate: Runs question sets and returns the results.
    """

    open: Callable[[Settings], Engine]
    build: Callable[[Sequence[Path], Settings, Progress | None, Sequence[str]], Report]
    stored: Callable[[Settings], Stored]
    restore: Callable[[Settings, Path], int]
    verify: Callable[[Settings, bool], Verification]
    repair: Callable[[Settings, Progress | None], Verification]
    serve: Callable[[Settings, Progress | None], None]
    mcp: Callable[[Settings], None]
    evaluate: Callable[[QuestionRun, Settings, Progress | None], Results]


def _open(settings: Settings) -> Engine:
    import newsqa

    return newsqa.open(settings.index, settings=settings)


def _build(
    paths: Sequence[Path], settings: Settings, progress: Progress | None, allow: Sequence[str]
) -> Report:
    import newsqa
    from newsqa.errors import IndexNotFoundError
    from newsqa.index import exists

    if not paths and not exists(settings.index):
        raise IndexNotFoundError(settings.index)
    with newsqa.build(
        paths, index=settings.index, settings=settings, progress=progress, allow=allow
    ) as qa:
        assert qa.report is not None  # a build reports
        return qa.report


def _stored(settings: Settings) -> Stored:
    from newsqa.index import Index

    return Index.open(settings.index, encoder=_encoder(settings), settings=settings)


def _restore(settings: Settings, file: Path) -> int:
    from newsqa.index import Index

    generation = Index.restore(settings.index, file)
    _repair(settings, None)  # a backup holds no caches; `verify` would miss them
    return generation


def _verify(settings: Settings, deep: bool) -> Verification:
    # Not through Index.open: it refuses what is damaged, and that is what is looked for here.
    from newsqa.index.verify import verify

    return verify(settings.index, _encoder(settings), deep=deep)


def _repair(settings: Settings, progress: Progress | None) -> Verification:
    from newsqa.index.update import Tools
    from newsqa.index.verify import repair

    return repair(Tools(settings.index, _encoder(settings), settings, progress))


def _encoder(settings: Settings) -> Encoder:
    from newsqa.models import open_encoder

    return open_encoder(settings.encoder, threads=settings.threads, cache_dir=settings.cache_dir)


def _serve(settings: Settings, progress: Progress | None) -> None:
    from newsqa.web.server import serve

    serve(settings, progress=progress)


def _mcp(settings: Settings) -> None:
    from newsqa.web.mcp.transports import serve_stdio

    serve_stdio(settings)


def _evaluate(run: QuestionRun, settings: Settings, progress: Progress | None) -> Results:
    from newsqa.evaluation.harness import evaluate

    return evaluate(
        run.folders,
        corpus=run.corpus,
        settings=settings,
        per_question=run.per_question,
        against=run.against,
        progress=progress,
    )


REAL = Doors(
    open=_open,
    build=_build,
    stored=_stored,
    restore=_restore,
    verify=_verify,
    repair=_repair,
    serve=_serve,
    mcp=_mcp,
    evaluate=_evaluate,
)
