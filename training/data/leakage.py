"""Which training texts and questions also stand in an evaluation set; those are dropped.

A text is compared by its 13-word runs (a quarter of them, chosen by hash), a question by its words.
With a text goes its whole article: every text of its group, and every question on them.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data.records import Corpora, Doc, read_lines
from training.data.wording import normal, words

RUN_WORDS = 13
TEXT_SHARE = 0.2
MIN_RUNS = 2
QUESTIONS = ("question", "input", "Question", "Rewrite")
# What is trained on; strings that are no articles; texts that no question is measured on.
NO_SETS = {"train", "badinput", "wikinews", "reuters21578"}


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Texts and questions of one set that must stay unseen."""

    name: str
    runs: NDArray[np.uint64]
    questions: frozenset[str]


def evaluation_sets(root: Path) -> list[EvaluationSet]:
    """Every evaluation set beside train/, with the runs of its texts.

    Raises:
        ValueError: A folder holds no text and no question in a form that is known here.
    """
    found = []
    for folder in sorted(p for p in root.iterdir() if p.is_dir() and p.name not in NO_SETS):
        texts, questions = _contents(folder)
        if not texts and not questions:
            raise ValueError(f"{folder}: no text or question was found to compare with")
        runs = [text_runs(t) for t in texts]
        joined = np.unique(np.concatenate(runs)) if runs else np.zeros(0, np.uint64)
        asked = frozenset(normal(q) for q in questions)
        found.append(EvaluationSet(folder.name, joined, asked))
    return found


def text_runs(text: str) -> NDArray[np.uint64]:
    """Hashes of a quarter of the text's runs of RUN_WORDS words."""
    numbers = np.array([zlib.crc32(w.encode()) for w in words(text)], dtype=np.uint64)
    if len(numbers) < RUN_WORDS:
        return np.zeros(0, np.uint64)
    count = len(numbers) - RUN_WORDS + 1
    rolled = np.zeros(count, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for i in range(RUN_WORDS):
            rolled = rolled * np.uint64(0x9E3779B97F4A7C15) + numbers[i : i + count]
    return np.unique(rolled[(rolled >> np.uint64(40)) % np.uint64(4) == 0])


def _contents(folder: Path) -> tuple[list[str], list[str]]:
    texts: list[str] = []
    questions: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.name == "article.txt":
            texts.append(path.read_text(encoding="utf-8"))
        elif path.name == "squad.json":
            for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
                for paragraph in article["paragraphs"]:
                    texts.append(paragraph["context"])
                    questions += [qa["question"] for qa in paragraph["qas"]]
        elif path.name == "ground-truth.json":
            pages = json.loads(path.read_text(encoding="utf-8"))
            texts += [page["articleBody"] for page in pages.values()]
        elif path.name.endswith((".jsonl", ".jsonl.gz")):
            for row in read_lines(path):
                texts += list(_texts_of(row))
                questions += list(_questions_of(row))
    return texts, questions


def _questions_of(row: Mapping[str, object]) -> Iterator[str]:
    for name in QUESTIONS:
        asked = row.get(name)
        if isinstance(asked, str):
            yield asked
        for turn in asked if isinstance(asked, list) else ():
            if isinstance(turn, dict) and turn.get("speaker") == "user":
                yield str(turn.get("text", ""))


def _texts_of(row: Mapping[str, object]) -> Iterator[str]:
    for name in ("text", "context"):
        if isinstance(row.get(name), str):
            yield str(row[name])
    sentences = row.get("sentences")
    if isinstance(sentences, list):
        yield " ".join(sentences)
        yield from sentences
    for name in ("passages", "contexts"):
        passages = row.get(name)
        for passage in passages if isinstance(passages, list) else ():
            if isinstance(passage, dict):
                yield str(passage.get("text", ""))


def _shared(runs: NDArray[np.uint64], known: NDArray[np.uint64]) -> int:
    """How many runs are known; `known` is sorted (np.isin would sort it anew for every text)."""
    if not len(runs) or not len(known):
        return 0
    at = np.minimum(np.searchsorted(known, runs), len(known) - 1)
    return int((known[at] == runs).sum())


def _article(doc: Doc) -> str:
    """What texts of one article share; the group of a loose text is a question, no article."""
    return doc.id if doc.loose else doc.group


def _leaked(docs: Iterable[Doc], sets: Sequence[EvaluationSet]) -> dict[str, set[str]]:
    """For each article of which a text stands in an evaluation set: the names of those sets."""
    found: dict[str, set[str]] = {}
    for doc in docs:
        runs = text_runs(doc.text)
        for held in sets:
            shared = _shared(runs, held.runs)
            if shared >= MIN_RUNS and shared / len(runs) >= TEXT_SHARE:
                found.setdefault(_article(doc), set()).add(held.name)
    return found


def drop_leaks(out: Corpora, sets: Iterable[EvaluationSet]) -> dict[str, dict[str, int]]:
    """Removes what an evaluation set holds too.

    Returns:
        For each evaluation set and training set: texts (with those of the same article) and
        questions dropped.
    """
    sets = list(sets)
    counts: Counter[tuple[str, str]] = Counter()
    leaked = _leaked(out.docs.values(), sets)
    bad_docs = {doc.id for doc in out.docs.values() if _article(doc) in leaked}
    for doc in map(out.docs.__getitem__, bad_docs):
        counts.update((name, f"{doc.set} texts") for name in leaked[_article(doc)])
    kept = []
    for question in out.questions:
        asked = normal(question.text)
        clashes = [s.name for s in sets if len(asked.split()) >= 4 and asked in s.questions]
        for name in clashes:
            counts[name, f"{question.set} questions"] += 1
        if not clashes and question.doc not in bad_docs:
            kept.append(question)
    out.questions = kept
    for doc_id in bad_docs:
        del out.docs[doc_id]
    table: dict[str, dict[str, int]] = {s.name: {} for s in sets}
    for (name, what), n in sorted(counts.items()):
        table[name][what] = n
    return table
