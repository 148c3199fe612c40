"""Sentence spans, words and normalised answers, as training and evaluation count them."""

from __future__ import annotations

import math
import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence

Span = tuple[int, int]

_WORD = re.compile(r"[a-z0-9]+(?:[.,][0-9]+)*")
_BLOCK = re.compile(r"\n\s*\n")
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation + "“”‘’–—")
STOP = frozenset(
    "a an the of in on at to for by with from and or is are was were be been being do does did has "
    "have had what who whom whose which when where why how many much that this these those it its "
    "he she they his her their as not no s t will would can could may might should there than then "
    "into about after before during over under between up out".split()
)


def sentence_spans(text: str) -> list[Span]:
    """Sentences of a text: blank lines always end one; spans are trimmed of white space."""
    import nupunkt

    found: list[Span] = []
    start = 0
    for block in [*_BLOCK.finditer(text), None]:
        end = block.start() if block else len(text)
        piece = text[start:end]
        if piece.strip():
            for s, e in nupunkt.sent_spans(piece):
                found.append((start + s, start + e))
        start = block.end() if block else end
    return [span for span in (_trim(text, s, e) for s, e in found) if span[0] < span[1]]


def _trim(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def joined(sentences: Sequence[str]) -> tuple[str, tuple[Span, ...]]:
    """Sentences put together by single spaces, with where each stands."""
    spans, start = [], 0
    for sentence in sentences:
        spans.append((start, start + len(sentence)))
        start += len(sentence) + 1
    return " ".join(sentences), tuple(spans)


def words(text: str) -> list[str]:
    """Lower-case words and numbers."""
    return _WORD.findall(text.lower())


def content_words(text: str) -> list[str]:
    """Words without the most common ones."""
    return [w for w in words(text) if w not in STOP]


def normal(text: str) -> str:
    """SQuAD's normalisation: case, punctuation, articles and white space do not count."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def holds(text: str, answer: str) -> bool:
    """Whether the normalised answer stands in the text as whole tokens."""
    wanted = normal(answer)
    return bool(wanted) and f" {wanted} " in f" {normal(text)} "


def span_f1(guess: str, answer: str) -> float:
    """Token F1 of SQuAD."""
    a, b = normal(guess).split(), normal(answer).split()
    if not a or not b:
        return float(a == b)
    same = sum((Counter(a) & Counter(b)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(a), same / len(b)
    return 2 * precision * recall / (precision + recall)


def inverse_frequencies(texts: Iterable[str]) -> dict[str, float]:
    """ln(N / n) of each content word over the texts."""
    seen: Counter[str] = Counter()
    count = 0
    for text in texts:
        count += 1
        seen.update(set(content_words(text)))
    return {w: math.log((1 + count) / n) for w, n in seen.items()}


def overlap(question: Iterable[str], text: str, weight: dict[str, float], default: float) -> float:
    """Share of the question words' weight that stands in the text."""
    wanted = set(question)
    total = sum(weight.get(w, default) for w in wanted)
    there = wanted & set(words(text))
    return sum(weight.get(w, default) for w in there) / total if total else 0.0
