"""Finds, for training questions, passages that look right and are not; and changed questions.

Passages come from the product's own retrieval over an archive of training texts: the first dozen is
what the shipped reader has to tell from the right one.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from training.data.archive import Archive, Window
from training.data.records import Corpora, Doc, Negatives, Question, write_lines
from training.data.swaps import near_misses


def find_negatives(
    corpora: Corpora, questions: Sequence[Question], archive: Archive, path: Path, seed: int
) -> None:
    """Write the Negatives of the questions."""
    rng = random.Random(seed)
    rows = []
    for n, question in enumerate(questions):
        passages = archive.retrieve(question, corpora.docs[question.doc])
        swapped = _swapped(corpora, question, passages, rng)
        rows.append(asdict(Negatives(question.id, tuple(passages), tuple(swapped))))
        if n % 500 == 499:
            print(f"negatives: {n + 1} of {len(questions)} questions", flush=True)
    write_lines(path, rows)


def _swapped(
    corpora: Corpora, question: Question, passages: Sequence[Window], rng: random.Random
) -> list[str]:
    doc = corpora.docs[question.doc]
    if not question.right or doc.loose:
        return []
    strangers = [text_of(corpora.docs, window) for window in passages[:3]]
    return near_misses(question.text, doc.text, strangers, rng)


def text_of(docs: dict[str, Doc], window: Window) -> str:
    """The window's characters, with the title before them."""
    doc = docs[window[0]]
    return f"{doc.title} {doc.text[doc.spans[window[1]][0] : doc.spans[window[2] - 1][1]]}"
