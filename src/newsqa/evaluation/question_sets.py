"""Read question sets, folders of the common form, whole and checked.

A folder holds `questions.jsonl` and, where articles were judged, `qrels.tsv`. The articles are its
`corpus.jsonl` or `corpus.jsonl.gz`, else its article files, else another folder's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from newsqa.errors import QuestionSetError
from newsqa.types import Turn

CORPUS_NAMES = ("corpus.jsonl", "corpus.jsonl.gz")
# What stands beside the articles of a question set and is none.
_NOT_ARTICLES = {"questions.jsonl", "qrels.tsv", "SOURCE.txt", "SOURCES.md", "README.md", "LICENSE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question and what is known of its answer.

    ``kind`` is what the set calls this sort of question ("" if it does not say); questions of a
    kind are reported apart as well. ``turns`` are the earlier questions of its conversation.
    """

    id: str
    text: str
    answerable: bool
    answers: tuple[str, ...] = ()
    asked: date | None = None
    turns: tuple[Turn, ...] = ()
    kind: str = ""

    @property
    def scored(self) -> bool:
        """Whether replies can be judged: not so when it is answerable and no answer is known."""
        return bool(self.answers) or not self.answerable

    @property
    def reported(self) -> bool:
        """Whether it lies in the half that results are reported on; see `halves`."""
        return sha256(self.id.encode()).digest()[0] % 2 == 1


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions, the files to index for them, and the grades of judged articles.

    ``paths`` are what `newsqa index build` would be given.
    """

    name: str
    questions: tuple[Question, ...]
    paths: tuple[Path, ...]
    qrels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def narrowed(self, questions: Sequence[Question]) -> QuestionSet:
        """Return the set with these questions alone."""
        return QuestionSet(self.name, tuple(questions), self.paths, self.qrels)


def halves(questions: Sequence[Question]) -> tuple[list[Question], list[Question]]:
    """Split into the half to choose on and the half to report on, by the hash of the id.

    A question's half never changes, whatever is asked beside it.
    """
    choose = [question for question in questions if not question.reported]
    return choose, [question for question in questions if question.reported]


def read_set(folder: Path, *, corpus: Path | None = None) -> QuestionSet:
    """Read one folder of the common form.

    Args:
        folder: Holds `questions.jsonl`.
        corpus: Where the articles are instead of in ``folder``: a folder or a file.

    Raises:
        QuestionSetError: Something is missing or malformed.
    """
    questions = _questions(folder / "questions.jsonl")
    qrels = _qrels(folder / "qrels.tsv")
    paths = article_paths(corpus) if corpus else _own_articles(folder)
    return QuestionSet(folder.resolve().name, questions, paths, qrels)


def article_paths(corpus: Path) -> tuple[Path, ...]:
    """Return what to index for ``corpus``: its corpus file if it has one, else all of it.

    Raises:
        QuestionSetError: There is nothing at ``corpus``.
    """
    if not corpus.exists():
        raise QuestionSetError(f"{corpus}: no such file or folder")
    if (corpus / "questions.jsonl").exists():
        return _own_articles(corpus)
    named = [corpus / name for name in CORPUS_NAMES if (corpus / name).is_file()]
    return tuple(named[:1]) or (corpus,)


def _own_articles(folder: Path) -> tuple[Path, ...]:
    named = [folder / name for name in CORPUS_NAMES if (folder / name).is_file()]
    if named:
        return (named[0],)
    # Files one by one, so that the questions are not taken for articles.
    inside = [p for p in sorted(folder.iterdir()) if p.name not in _NOT_ARTICLES]
    inside = [p for p in inside if not p.name.startswith(".")]
    if not inside:
        raise QuestionSetError(f"{folder}: no articles in it; name their folder with --corpus")
    return tuple(inside)


def _questions(path: Path) -> tuple[Question, ...]:
    by_id: dict[str, Question] = {}
    for line, record in _records(path):
        where = f"{path}:{line}"
        question = _question(record, where)
        if question.id in by_id:
            raise QuestionSetError(f"{where}: id {question.id!r} is there twice")
        by_id[question.id] = question
    if not by_id:
        raise QuestionSetError(f"{path}: no questions")
    return tuple(by_id.values())


def _question(record: dict[str, Any], where: str) -> Question:
    try:
        answers = [str(answer) for answer in record.get("answers") or []]
        asked = record.get("date")
        return Question(
            id=str(record["id"]),
            text=str(record["question"]),
            answerable=bool(record["answerable"]),
            answers=tuple(answers),
            asked=date.fromisoformat(asked[:10]) if asked else None,
            turns=tuple(_turn(turn) for turn in record.get("turns") or []),
            kind=str(record.get("kind") or ""),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise QuestionSetError(f"{where}: {type(error).__name__}: {error}") from None


def _turn(value: Any) -> Turn:
    """An earlier question: a string, or an object that may hold the quotes that answered it."""
    if isinstance(value, str):
        return Turn(question=value)
    return Turn(
        question=str(value["question"]),
        quotes=tuple(str(quote) for quote in value.get("quotes") or []),
    )


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        raise QuestionSetError(f"{path}: missing; a question set has one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionSetError(f"{path}: {error}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise QuestionSetError(f"{path}:{number}: not JSON: {error}") from None
        if not isinstance(record, dict):
            raise QuestionSetError(f"{path}:{number}: not a JSON object")
        yield number, record


def _qrels(path: Path) -> dict[str, dict[str, int]]:
    """Read question id, article id, grade; TREC's four columns are understood too."""
    by_id: dict[str, dict[str, int]] = {}
    if not path.exists():
        return by_id
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        columns = line.split("\t")
        if number == 1 and not columns[-1].strip().lstrip("-").isdigit():
            continue  # a heading
        try:
            question, article, grade = columns[0], columns[-2], int(columns[-1])
        except (IndexError, ValueError):
            raise QuestionSetError(f"{path}:{number}: not id, article, grade: {line!r}") from None
        by_id.setdefault(question, {})[article] = grade
    return by_id
