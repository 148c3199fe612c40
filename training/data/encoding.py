"""Question and passage as token numbers: [CLS] question [SEP] title | date [SEP] passage [SEP].

Sentences are tokenised one by one and joined, which gives the same numbers as the whole passage
because the tokenizer never joins over white space. Token positions are of the whole sequence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from training.data.records import Doc, Span
from training.plan import MAX_HEADER, MAX_QUESTION, MAX_SENTENCE, MAX_TOKENS

CLS, SEP = 101, 102
Offsets = tuple[tuple[int, ...], tuple[Span, ...]]


@dataclass(slots=True)
class Row:
    """One sequence.

    `sentences`: (index in the document, first token, last+1 token); `labels` beside it: 1 right,
    0 wrong, -1 nobody knows. `body` is the token range of the passage and `offsets` are its tokens'
    characters in the document. `starts`, `ends`: tokens where acceptable answers start and end.
    `alone`: another question than that of the group's first row. Rows with the same `twins` have
    the same passage under several questions; `decoys` are first and last tokens of wrong answers.
    """

    ids: list[int]
    segment: int
    sentences: list[tuple[int, int, int]]
    labels: list[int]
    body: Span
    offsets: list[Span]
    starts: list[int]
    ends: list[int]
    answers: bool
    alone: bool = False
    twins: str = ""
    decoys: tuple[Span, ...] = ()


class Encoding:
    """Tokenizer with a memory of documents already cut."""

    def __init__(self, tokenizer: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._sentences: dict[str, list[Offsets]] = {}

    def ids(self, text: str, limit: int) -> list[int]:
        """Token numbers of a short text, cut at `limit`."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids[:limit])

    def sentences(self, doc: Doc) -> list[Offsets]:
        """For each sentence: token numbers, and their characters in the document."""
        if doc.id not in self._sentences:
            pieces = [doc.text[s:e] for s, e in doc.spans]
            cut = self._tokenizer.encode_batch(pieces, add_special_tokens=False)
            self._sentences[doc.id] = [
                (
                    tuple(c.ids[:MAX_SENTENCE]),
                    tuple((s + a, s + b) for a, b in c.offsets[:MAX_SENTENCE]),
                )
                for c, (s, _) in zip(cut, doc.spans, strict=True)
            ]
        return self._sentences[doc.id]

    def row(
        self,
        question: str,
        doc: Doc,
        window: Span,
        header: str = "",
        right: Sequence[int] = (),
        ignored: Sequence[int] = (),
        answers: Sequence[Span] = (),
        decoys: Sequence[Span] = (),
    ) -> Row:
        """One sequence of the document's sentences window[0] to window[1] (exclusive)."""
        ids = [CLS, *self.ids(question, MAX_QUESTION), SEP]
        segment = len(ids)
        if header:
            ids += [*self.ids(header, MAX_HEADER), SEP]
        start = len(ids)
        offsets: list[Span] = []
        places, labels = [], []
        for i in range(*window):
            numbers, spans = self.sentences(doc)[i]
            room = MAX_TOKENS - 1 - len(ids)
            if room <= 2 or not numbers:
                continue
            places.append((i, len(ids), len(ids) + len(numbers[:room])))
            labels.append(1 if i in right else -1 if i in ignored else 0)
            ids += numbers[:room]
            offsets += spans[:room]
        body = (start, len(ids))
        gold = _tokens_of(answers, offsets, start)
        return Row(
            [*ids, SEP],
            segment,
            places,
            labels,
            body,
            offsets,
            sorted({first for first, _ in gold}),
            sorted({last for _, last in gold}),
            1 in labels,
            decoys=tuple(_tokens_of(decoys, offsets, start)),
        )


def _tokens_of(answers: Sequence[Span], offsets: Sequence[Span], shift: int) -> list[Span]:
    """First and last token of each answer that lies wholly among the tokens."""
    found = set()
    for s, e in answers if offsets else ():
        inside = [n for n, (a, b) in enumerate(offsets) if a < e and s < b]
        if inside and offsets[inside[0]][0] <= s and e <= offsets[inside[-1]][1]:
            found.add((shift + inside[0], shift + inside[-1]))
    return sorted(found)


def header_of(title: str, date: str) -> str:
    """What stands before the passage; the shipped reader makes it the same way."""
    return " | ".join(part for part in (title.strip(), date.strip()) if part)
