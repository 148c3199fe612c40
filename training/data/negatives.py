"""Finds, for every training question, passages that look right and are not; and near misses.

Passages come from the product's own retrieval over an archive of training texts (the first dozen,
which is what the reader reads), then from BM25 over all training texts.
"""

from __future__ import annotations

import random
from dataclasses import asdict
from pathlib import Path

from training.data.archive import Archive
from training.data.bm25 import Bm25
from training.data.records import Corpora, Doc, Negatives, Question, write_lines
from training.data.swaps import near_misses
from training.data.wording import holds

WINDOW_CHARS = 500
WINDOWS_A_PAGE = 14
DEPTH = 40
KEPT = 10

Window = tuple[str, int, int]


def windows_of(doc: Doc, chars: int = WINDOW_CHARS) -> list[Window]:
    """The document cut into runs of whole sentences of about `chars` characters."""
    if doc.loose:
        return [(doc.id, i, i + 1) for i in range(len(doc.spans))]
    found: list[Window] = []
    first = 0
    for i, (_, end) in enumerate(doc.spans):
        if end - doc.spans[first][0] >= chars or i == len(doc.spans) - 1:
            found.append((doc.id, first, i + 1))
            first = i + 1
    return found[:WINDOWS_A_PAGE]


def text_of(docs: dict[str, Doc], window: Window) -> str:
    """The window's characters, with the title before them."""
    doc = docs[window[0]]
    return f"{doc.title} {doc.text[doc.spans[window[1]][0] : doc.spans[window[2] - 1][1]]}"


def find_negatives(
    corpora: Corpora, questions: list[Question], archive: Archive, path: Path, seed: int
) -> None:
    """Write Negatives of the questions; those of the archive's sets are asked of the archive."""
    usable = [d for d in corpora.docs.values() if d.set not in ("squad-train-sentences",)]
    windows = [w for doc in usable for w in windows_of(doc)]
    index = Bm25([text_of(corpora.docs, w) for w in windows])
    print(f"bm25 over {len(windows)} passages of {len(usable)} texts", flush=True)
    rng = random.Random(seed)
    rows = []
    for n, question in enumerate(questions):
        hits = archive.retrieve(question, corpora.docs[question.doc])
        passages = [*hits, *_ranked(corpora, question, windows, index)]
        swapped = _swapped(corpora, question, passages, rng)
        rows.append(asdict(Negatives(question.id, tuple(passages), tuple(swapped))))
        if n % 5000 == 4999:
            print(f"negatives: {n + 1} of {len(questions)} questions", flush=True)
    write_lines(path, rows)


def _ranked(
    corpora: Corpora, question: Question, windows: list[Window], index: Bm25
) -> list[Window]:
    doc = corpora.docs[question.doc]
    if doc.loose:
        return []
    found: list[Window] = []
    for n, _ in index.best(question.text, DEPTH):
        window = windows[n]
        if window[0] == doc.id or len(found) == KEPT:
            continue
        text = text_of(corpora.docs, window)
        if not any(holds(text, a) for a in question.avoid):
            found.append(window)
    return found


def _swapped(
    corpora: Corpora, question: Question, passages: list[Window], rng: random.Random
) -> list[str]:
    doc = corpora.docs[question.doc]
    if not question.right or doc.loose:
        return []
    strangers = [text_of(corpora.docs, w) for w in passages[:3]]
    return near_misses(question.text, doc.text, strangers, rng)
