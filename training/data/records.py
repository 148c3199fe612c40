"""What the stages pass on: documents cut into sentences, and questions about them.

Offsets are characters of `Doc.text`. Files are JSON lines, written whole and renamed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Doc:
    """One text with its sentences.

    `group` names the article for splitting held-aside questions off; `loose` means that the
    sentences come from different texts, so that each is read alone.
    """

    id: str
    set: str
    group: str
    text: str
    spans: tuple[Span, ...]
    title: str = ""
    date: str = ""
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One question on one document.

    `right` are the sentences that answer (none: the document does not answer), `ignored` those of
    which nobody can say. `answers` are acceptable answer spans; `avoid` are words that a negative
    passage must not hold.
    """

    id: str
    set: str
    text: str
    doc: str
    right: tuple[int, ...]
    ignored: tuple[int, ...] = ()
    answers: tuple[Span, ...] = ()
    avoid: tuple[str, ...] = ()
    held: bool = False
    decoys: tuple[Span, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Negatives:
    """For one question: passages that do not answer, hardest first, and swapped forms of it.

    A passage is (doc id, first, last + 1 sentence).
    """

    id: str
    passages: tuple[tuple[str, int, int], ...] = ()
    swapped: tuple[str, ...] = ()


@dataclass(slots=True)
class Corpora:
    """All documents and questions of a run."""

    docs: dict[str, Doc] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)

    def save(self, folder: Path) -> None:
        """Writes docs.jsonl and questions.jsonl."""
        write_lines(folder / "docs.jsonl", (asdict(d) for d in self.docs.values()))
        write_lines(folder / "questions.jsonl", (asdict(q) for q in self.questions))

    @classmethod
    def load(cls, folder: Path) -> Corpora:
        """Reads what `save` wrote."""
        docs = {}
        for row in read_lines(folder / "docs.jsonl"):
            row["spans"] = tuple((s, e) for s, e in row["spans"])
            docs[row["id"]] = Doc(**row)
        questions = []
        for row in read_lines(folder / "questions.jsonl"):
            for key in ("answers", "decoys"):
                row[key] = tuple((s, e) for s, e in row[key])
            for key in ("right", "ignored", "avoid"):
                row[key] = tuple(row[key])
            questions.append(Question(**row))
        return cls(docs, questions)


def write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Writes one JSON object a line, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(path.suffix + ".part")
    with part.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    os.replace(part, path)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON lines file, gzipped or not."""
    import gzip

    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def load_negatives(path: Path) -> dict[str, Negatives]:
    """Question id to its negatives."""
    found = {}
    for row in read_lines(path):
        passages = tuple((d, a, b) for d, a, b in row["passages"])
        found[row["id"]] = Negatives(row["id"], passages, tuple(row["swapped"]))
    return found
