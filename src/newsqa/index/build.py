"""Read, stage, chunk and embed articles; all is stored as it is made, and nothing is visible yet.

At no time are the texts of more than a few hundred articles in memory.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from newsqa.errors import IndexFileError, Problem
from newsqa.index.catalog import CatalogWriter, Change, Recipe, SeenFile, text_sha256
from newsqa.index.chunking import Chunker
from newsqa.protocols import Encoder, Progress
from newsqa.settings import Settings
from newsqa.types import Article, Passage

if TYPE_CHECKING:
    from newsqa.ingest import InputFile, Limits, Parsed

WINDOW = 2_048  # passages in memory at a time while embedding
CLOCK_NS = 20_000_000  # the time of a file may be behind the clock by as much
BATCH = 64  # passages embedded, then stored, at a time
NOTHING_TO_INDEX = "empty: no sentence to index"


@dataclass
class IngestStats:
    """Count what a run has read so far."""

    skipped: list[Problem] = field(default_factory=list)
    failed: list[Problem] = field(default_factory=list)
    admitted: int = 0


class Builder:
    """Stage the articles of one change in the catalog."""

    def __init__(
        self,
        writer: CatalogWriter,
        change: Change,
        recipe: Recipe,
        encoder: Encoder,
        progress: Progress | None,
        counter: Callable[[], tuple[str, Callable[[str], int]]],
    ) -> None:
        self._writer = writer
        self._change = change
        self._recipe = recipe
        self._encoder = encoder
        self._progress = progress
        # Loading a token table takes a while: not before there is a text to count.
        self._counter = cache(counter)
        self._chunker = Chunker(encoder, recipe.cut)
        self.stats = IngestStats()
        self._replacing, self._uploads = True, Path()
        self._began_ns = time.time_ns() - CLOCK_NS

    # -- reading --

    def take(
        self,
        stream: Iterable[Parsed],
        roots: Callable[[Path], Path],
        *,
        replacing: bool,
        uploads: Path,
    ) -> None:
        """Stage parsed articles, batch by batch, in order.

        Args:
            stream: Parsed files, or batches of their records.
            roots: Says which PATH a file was found under.
            replacing: Whether an article named after its file may replace that of another file.
            uploads: The folder of files that were sent by name: one sent again is an update.
        """
        from newsqa.ingest import PARSER_RECIPE

        self._replacing, self._uploads = replacing, uploads
        skipped: list[Problem] = []
        clean = True
        for parsed in stream:
            if parsed.unchanged:
                self._replay(parsed)
            else:
                skipped += parsed.skipped
                clean = clean and not parsed.failed
                self._fail(parsed)
                clean = self._store(parsed, skipped) and clean
            if parsed.last:
                key = (parsed.sha256, parsed.file.article_key, PARSER_RECIPE)
                if clean and parsed.sha256 and self._writer.find_parse(*key) is None:
                    self._writer.stage_parse(*key, skipped)
                self._remember(parsed, roots(parsed.file.path))
                self._writer.clear_parsed()
                skipped, clean = [], True
            self._tell("reading", self.stats.admitted, None, parsed.file.name)

    def _fail(self, parsed: Parsed) -> None:
        self.stats.skipped += parsed.skipped
        self.stats.failed += parsed.failed
        if parsed.failed:
            self._change.note_failed(parsed.file.path)

    def _remember(self, parsed: Parsed, root: Path) -> None:
        try:
            stat = parsed.file.path.stat()
        except OSError:  # gone since it was read: the start will say so
            return
        self._change.note_file(
            SeenFile(
                path=parsed.file.path,
                root=root,
                article_key=parsed.file.article_key,
                size=stat.st_size,
                # Changed since it was read, perhaps: then its hash must tell, not its time.
                mtime_ns=stat.st_mtime_ns if stat.st_mtime_ns < self._began_ns else 0,
                sha256=parsed.sha256,
            )
        )

    def _replay(self, parsed: Parsed) -> None:
        from newsqa.ingest import PARSER_RECIPE

        parse_key = self._writer.find_parse(parsed.sha256, parsed.file.article_key, PARSER_RECIPE)
        assert parse_key is not None, "the parser says unchanged only of what it was told"
        skipped, texts = self._writer.parse_result(parse_key)
        self.stats.skipped += skipped
        for revision_id, article_id, place in texts:
            self._admit(article_id, revision_id, parsed.file, place)

    def _store(self, parsed: Parsed, skipped: list[Problem]) -> bool:
        """Store the articles of one batch and their passages in one transaction.

        Returns:
            Whether all of them were let in: else the file must be read again another time.
        """
        welcome = [a for a in parsed.articles if not self._refused(a.article_id, parsed.file)]
        ready = [(article, self._known_or_cut(article)) for article in welcome]
        with self._writer.batch():
            for article, known in ready:
                place = _place(parsed.file, article)
                if known == ():
                    problem = Problem(place, NOTHING_TO_INDEX)
                    skipped.append(problem)
                    self.stats.skipped.append(problem)
                    continue
                revision_id = known if isinstance(known, int) else self._stage(article, known)
                if article.encoding:
                    self._writer.stage_encoding(revision_id, article.encoding)
                self._writer.note_parsed(revision_id, place)
                self._admit(article.article_id, revision_id, parsed.file, place)
        return len(welcome) == len(parsed.articles)

    def _refused(self, article_id: str, file: InputFile) -> bool:
        if not self._change.is_purged(article_id):
            return False
        reason = f"{article_id!r} was purged; `--allow {article_id}` lets it in again"
        self.stats.failed.append(Problem(file.name, reason))
        return True

    def _known_or_cut(self, article: Article) -> int | tuple[Passage, ...]:
        """Return the number of a text that is stored and cut, else its passages, perhaps none."""
        revision_id = self._writer.find_text(article)
        if revision_id is not None and self._writer.is_cut(revision_id, self._recipe.recipe):
            return revision_id
        return tuple(self._chunker.chunk(article))

    def _stage(self, article: Article, cut: Sequence[Passage]) -> int:
        revision_id = self._writer.find_text(article)  # twice in one batch, or cut another way
        if revision_id is None:
            revision_id = self._writer.stage_text(article)
            name, count = self._counter()
            self._writer.stage_size(article.content_sha256, name, count(article.body))
        if not self._writer.is_cut(revision_id, self._recipe.recipe):
            self.stage_cut(revision_id, cut)
        return revision_id

    def _admit(self, article_id: str, revision_id: int, file: InputFile, place: str) -> None:
        from newsqa.ingest import format_of

        if self._taken(article_id, revision_id, file, place):
            return
        is_capture = format_of(file.path) == "warc"
        earlier = self._change.admit(
            article_id, revision_id, file.path, place, is_capture=is_capture
        )
        if earlier is None:
            self.stats.admitted += 1
        elif earlier.same_text:
            reason = f"duplicate: the same article as {earlier.place}"
            self.stats.skipped.append(Problem(place, reason))
        else:
            reason = (
                f"id {article_id!r} stands at {place} and, with another content, at {earlier.place}"
            )
            self.stats.failed.append(Problem(place, reason))

    def _taken(self, article_id: str, revision_id: int, file: InputFile, place: str) -> bool:
        """Refuse an article named after its file where another file has that name already."""
        if self._replacing or not _named_after(article_id, file):
            return False
        other = self._writer.other_file(article_id, revision_id, file.path)
        if other is None or (self._uploads in other.parents and self._uploads in file.path.parents):
            return False
        reason = (
            f"id {article_id!r} is that of another file, {other}; "
            "rename one of them, or build one folder that holds both"
        )
        self.stats.failed.append(Problem(place, reason))
        self._change.note_failed(file.path)
        return True

    # -- cutting --

    def stage_cut(self, revision_id: int, cut: Sequence[Passage]) -> None:
        """Store the passages of a text. Call inside a batch."""
        rows = [(passage, text_sha256(self._chunker.embedded_text(passage))) for passage in cut]
        self._writer.stage_passages(revision_id, self._recipe.recipe, rows)

    def cut_queued(self) -> None:
        """Chunk the queued texts that this recipe has not chunked yet, from the stored articles."""
        uncut = self._change.uncut(self._recipe.recipe)
        for at, revision_id in enumerate(uncut):
            cut = self._chunker.chunk(self._writer.stored_article(revision_id))
            with self._writer.batch():
                self.stage_cut(revision_id, cut)
            self._tell("reading", at + 1, len(uncut), "")

    # -- embedding --

    def embed_queued(self) -> None:
        """Embed the passages of queued texts that have no vector; store each batch at once."""
        pending, done = self._writer.pending(self._recipe)
        total = done + len(pending)
        for at in range(0, len(pending), WINDOW):
            stored = self._writer.passages(pending[at : at + WINDOW])
            texts = sorted(
                ((self._chunker.embedded_text(item.passage), item.embedded) for item in stored),
                key=lambda pair: (len(pair[0]), pair[0]),
            )
            for part in (texts[i : i + BATCH] for i in range(0, len(texts), BATCH)):
                vectors = self._encoder.encode_passages([words for words, _ in part])
                if vectors.shape != (len(part), self._recipe.dim):
                    raise IndexFileError(
                        f"encoder {self._encoder.name!r} returned shape {vectors.shape}, "
                        f"not {(len(part), self._recipe.dim)}"
                    )
                self._writer.stage_vectors(self._recipe, [name for _, name in part], vectors)
                done += len(part)
                self._tell("embedding", done, total, "")

    def _tell(self, stage: str, done: int, total: int | None, detail: str) -> None:
        if self._progress is not None:
            self._progress(stage, done, total, detail)


def _named_after(article_id: str, file: InputFile) -> bool:
    """Whether an article has no id and no url of its own, so that its file names it."""
    key = file.article_key
    return article_id == key or article_id.startswith((f"{key}#", f"{key}/"))


def _place(file: InputFile, article: Article) -> str:
    """Return the place of an article for messages: its file, and its id where that says more."""
    if article.article_id == file.article_key:
        return file.name
    line = article.article_id.removeprefix(file.article_key + "#")
    if line != article.article_id and line.isdecimal():
        return f"{file.name}#{line}"
    return f"{file.name} ({article.article_id})"


def limits_of(settings: Settings) -> Limits:
    """Return the limits for parsing one file."""
    from newsqa.ingest import Limits

    return Limits(
        memory_mb=settings.parse_memory_mb,
        cpu_s=settings.parse_cpu_s,
        wall_s=settings.parse_wall_s,
        max_file_mb=settings.max_file_mb,
    )
