"""An archive of training texts, asked by the product's own retrieval for passages that are hard.

What ranks among the first dozen is what the shipped reader has to tell from the right passage.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from newsqa import build
from newsqa.engine import NewsQA
from newsqa.types import Passage
from training.data.records import Corpora, Doc, Question, write_lines
from training.data.wording import holds

DEPTH = 12
Window = tuple[str, int, int]


class Archive:
    """An index over some texts of each set."""

    def __init__(
        self, corpora: Corpora, shares: Mapping[str, int], folder: Path, seed: int
    ) -> None:
        """Build the index under ``folder``, of at most so many texts of each set."""
        rng = random.Random(seed)
        self._docs: dict[str, Doc] = {}
        aside = {question.doc for question in corpora.questions if question.held}
        for name, limit in shares.items():
            docs = [d for d in corpora.docs.values() if d.set == name and d.id not in aside]
            self._docs |= {d.id: d for d in rng.sample(docs, min(limit, len(docs)))}
        texts = folder / "archive.jsonl"
        write_lines(texts, ({"id": d.id, "title": d.title, "text": d.text} for d in
                            self._docs.values()))  # fmt: skip
        self._engine: NewsQA = build([texts], index=folder / "archive")

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._engine.close()

    def retrieve(self, question: Question, doc: Doc) -> list[Window]:
        """Return the passages of other texts that rank first and do not hold an answer."""
        if doc.loose:
            return []
        passages = [hit.passage for hit in self._engine.search(question.text, k=DEPTH).hits]
        return [
            window
            for passage in passages
            if passage.article_id != doc.id
            and not any(holds(passage.text, answer) for answer in question.avoid)
            and (window := _window(self._docs[passage.article_id], passage)) is not None
        ]


def _window(doc: Doc, passage: Passage) -> Window | None:
    """The sentences of the text that the passage holds: an index cleans texts as it reads them."""
    inside = [n for n, (s, e) in enumerate(doc.spans) if doc.text[s:e] in passage.text]
    return (doc.id, inside[0], inside[-1] + 1) if inside else None
