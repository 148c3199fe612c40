"""Keep indexes for evaluation under the cache folder, known by what went into them.

The same articles and encoder find their index again, wherever the articles lie. Where a recipe or a
size has changed since, it is built again in place, which takes over every vector whose text is the
same; a build that was broken off goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from newsqa.engine import NewsQA
from newsqa.errors import QuestionSetError
from newsqa.factory import build_index, open_index
from newsqa.index.catalog import FORMAT
from newsqa.index.chunking import PASSAGE_RECIPE
from newsqa.ingest import PARSER_RECIPE, walk
from newsqa.models import open_encoder
from newsqa.protocols import Encoder, Progress
from newsqa.settings import Settings
from newsqa.text.analysis import TEXT_RECIPE

if TYPE_CHECKING:
    from newsqa.protocols import Vectors


@dataclass(frozen=True, slots=True)
class Opened:
    """An index that answers as set, and the same one that answers whatever its confidence.

    ``unbound`` shows what a refusal withheld, so that confidence can be judged at any threshold.
    """

    qa: NewsQA
    unbound: NewsQA


class Recording:
    """An encoder that keeps the rows of the last passages it was given."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name, self.fingerprint = encoder.name, encoder.fingerprint
        self.dim, self.max_tokens = encoder.dim, encoder.max_tokens
        self.last: dict[str, Vectors] = {}

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """See `newsqa.protocols.Encoder`."""
        return self._encoder.encode_questions(questions)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `newsqa.protocols.Encoder`."""
        rows = self._encoder.encode_passages(texts)
        self.last = dict(zip(texts, rows, strict=True))
        return rows

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `newsqa.protocols.Encoder`."""
        return self._encoder.count_tokens(texts)


class Replaying(Recording):
    """An encoder that need not encode again what another one has just encoded.

    Reading a question a second time costs little with it, and the first time is not flattered.
    """

    def __init__(self, recorded: Recording) -> None:
        super().__init__(recorded)
        self._recorded = recorded

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `newsqa.protocols.Encoder`."""
        if not texts or not all(text in self._recorded.last for text in texts):
            return self._recorded.encode_passages(texts)
        return np.stack([self._recorded.last[text] for text in texts])


@contextmanager
def cached_index(
    paths: Sequence[Path],
    settings: Settings,
    progress: Progress | None = None,
    *,
    encoder: Encoder | None = None,
) -> Iterator[Opened]:
    """Open the index of these articles, building it first if it is not there.

    ``encoder`` is the one that ``settings`` name, if None.

    Raises:
        QuestionSetError: There is no article under the paths.
    """
    encoder = Recording(
        encoder
        or open_encoder(settings.encoder, threads=settings.threads, cache_dir=settings.cache_dir)
    )
    folder = settings.cache_dir / "eval" / index_key(paths, encoder)
    made_by = folder.with_suffix(".recipe")
    recipe = recipe_of(settings, encoder)
    if made_by.exists() and made_by.read_text(encoding="utf-8") == recipe:
        qa = open_index(folder, settings=settings, encoder=encoder)
    else:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made_by.unlink(missing_ok=True)  # a build that is broken off must not pass for whole
        qa = build_index(paths, index=folder, settings=settings, encoder=encoder, progress=progress)
        made_by.write_text(recipe, encoding="utf-8")
    free = qa.settings.model_copy(update={"min_confidence": 0.0})
    with qa:
        yield Opened(qa, NewsQA(qa.index, encoder=Replaying(encoder), settings=free))


def index_key(paths: Sequence[Path], encoder: Encoder) -> str:
    """Return the name of the index of these articles with that encoder, in this format."""
    parts = (content_key(paths), encoder.fingerprint, str(FORMAT))
    return sha256("\0".join(parts).encode()).hexdigest()[:32]


def recipe_of(settings: Settings, encoder: Encoder) -> str:
    """Return all else that decides what is in an index, as text."""
    sizes = f"{min(settings.passage_tokens, encoder.max_tokens)}/{settings.overlap_sentences}"
    return "\n".join((TEXT_RECIPE, PASSAGE_RECIPE, PARSER_RECIPE, sizes))


def content_key(paths: Sequence[Path]) -> str:
    """Return a hash over the names and the bytes of all files under ``paths``.

    Raises:
        QuestionSetError: There is none.
    """
    files = walk(paths).files
    if not files:
        raise QuestionSetError(f"no articles in {', '.join(map(str, paths))}")
    hasher = sha256()
    for file in sorted(files, key=lambda file: file.article_key):
        with file.path.open("rb") as stream:
            digest = file_digest(stream, "sha256").hexdigest()
        hasher.update(f"{file.article_key}\0{digest}\n".encode())
    return hasher.hexdigest()
