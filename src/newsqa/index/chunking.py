"""Split an article into overlapping passages of whole sentences; make the text to embed.

Lengths are in tokens of the encoder's own tokenizer, header and special tokens included.
What is embedded is ``title | source | date`` and the passage; what is quoted is the article.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import date

from newsqa.protocols import Encoder
from newsqa.settings import Settings
from newsqa.text import analysis
from newsqa.types import Article, Passage, Span

PASSAGE_RECIPE = "whole-sentences/header-1"  # changes whenever split or embedded_text changes
SPECIAL_TOKENS = 2
MIN_TOKENS = 64  # less would leave no room beside a header
MAX_CHARS_PER_TOKEN = 8  # a word the tokenizer does not know is one token, however long

_UNIT = re.compile(r"\S{1,20}\s*|\s+")
_CLAUSE_END = re.compile(r"[,;:—–)\]]\s+$")

Count = Callable[[Sequence[str]], list[int]]


def split(
    article: Article,
    sentences: Sequence[Span],
    *,
    count_tokens: Count,
    max_tokens: int,
    overlap: int,
) -> list[Passage]:
    """Group whole sentences into passages that fit the encoder together with their header.

    A sentence that does not fit is cut at a clause or a space, and each part is a passage that
    carries the whole sentence in ``Passage.sentences``. ``sentences`` are those of the article, in
    order, outside furniture; ``count_tokens`` counts without special tokens, ``max_tokens`` with
    them; ``overlap`` is how many sentences a passage repeats from the one before, if they fit.

    Raises:
        ValueError: ``max_tokens`` < 64 or ``overlap`` < 0.
    """
    if max_tokens < MIN_TOKENS or overlap < 0:
        raise ValueError(
            f"need max_tokens >= {MIN_TOKENS} and overlap >= 0, got {max_tokens}, {overlap}"
        )
    header = _header(article.title, article.source, article.published, count_tokens, max_tokens)
    room = max_tokens - SPECIAL_TOKENS - (count_tokens([header])[0] if header else 0)
    sizes = _sizes([span.cut(article.body) for span in sentences], count_tokens)
    passages: list[Passage] = []
    first = 0
    while first < len(sentences):
        if sizes[first] > room:
            whole = sentences[first]
            parts = _parts(article.body, whole, count_tokens, room)
            passages += [Passage.of(article, part, (whole,)) for part in parts]
            first += 1
            continue
        last = _last_that_fits(sizes, first, room)
        group = tuple(sentences[first : last + 1])
        passages.append(Passage.of(article, Span(group[0].start, group[-1].end), group))
        first = _next_start(sizes, first, last, room, overlap)
    return passages


def _sizes(texts: Sequence[str], count_tokens: Count) -> list[int]:
    """Return token counts, at least one for every 8 characters: an unknown word is one token."""
    counts = count_tokens(texts) if texts else []
    return [
        max(size, -(-len(text) // MAX_CHARS_PER_TOKEN))
        for size, text in zip(counts, texts, strict=True)
    ]


def _last_that_fits(sizes: Sequence[int], first: int, room: int) -> int:
    last, used = first, sizes[first]
    while last + 1 < len(sizes) and used + sizes[last + 1] <= room:
        last += 1
        used += sizes[last]
    return last


def _next_start(sizes: Sequence[int], first: int, last: int, room: int, overlap: int) -> int:
    """Return the next first sentence: back by the overlap, if one new sentence still fits."""
    if last + 1 == len(sizes) or sizes[last + 1] > room:
        return last + 1
    start = last + 1
    used = sizes[last + 1]
    while start > max(first + 1, last + 1 - overlap) and used + sizes[start - 1] <= room:
        start -= 1
        used += sizes[start]
    return start


def _parts(body: str, sentence: Span, count_tokens: Count, room: int) -> list[Span]:
    """Split an overlong sentence greedily, at a clause end in the last half if there is one."""
    units = [m.span() for m in _UNIT.finditer(body, sentence.start, sentence.end)]
    texts = [body[a:b] for a, b in units]
    sizes = _sizes(texts, count_tokens)
    parts: list[Span] = []
    first = 0
    while first < len(units):
        last, used, clause = first, sizes[first], -1
        while last + 1 < len(units) and used + sizes[last + 1] <= room:
            last += 1
            used += sizes[last]
            if used > room // 2 and _CLAUSE_END.search(texts[last]):
                clause = last
        if last + 1 < len(units) and clause > first:
            last = clause
        start, end = units[first][0], units[last][1]
        text = body[start:end]
        lead = len(text) - len(text.lstrip())
        if lead < len(text):
            parts.append(Span(start + lead, start + len(text.rstrip())))
        first = last + 1
    return parts


def embedded_text(passage: Passage, *, count_tokens: Count, max_tokens: int) -> str:
    """Return what the encoder sees for a passage: its header, a line break, its text."""
    header = _header(passage.title, passage.source, passage.published, count_tokens, max_tokens)
    return f"{header}\n{passage.text}" if header else passage.text


def lexical_text(passage: Passage) -> str:
    """Return the text whose terms the lexical store indexes: title, source and passage."""
    return "\n".join(part for part in (passage.title, passage.source, passage.text) if part)


def _header(
    title: str, source: str, published: date | None, count_tokens: Count, max_tokens: int
) -> str:
    """Join title, source and date; the title is shortened to keep it under a quarter."""
    tail = [part for part in (source[:100], published and published.isoformat()) if part]
    limit = max_tokens // 4
    words = " ".join(title.split())[: limit * MAX_CHARS_PER_TOKEN].split(" ")
    header = " | ".join([" ".join(words), *tail] if title.strip() else tail)
    # A word is at least one character, so a short header cannot be too long in tokens.
    while len(header) > limit and count_tokens([header])[0] > limit:
        if len(words) <= 1:
            return header[: limit * 2] if len(header) > limit * 2 else " | ".join(tail)[: limit * 2]
        words = words[: max(1, len(words) * 3 // 4)]
        header = " | ".join([" ".join(words), *tail])
    return header


WORDS_RECIPE = f"{analysis.TEXT_RECIPE}; {PASSAGE_RECIPE}; header and passage"


def document(passage: Passage) -> list[str]:
    """Return the terms under which a passage is found by its words."""
    return analysis.index_terms(lexical_text(passage))


def holds(passage: Passage, phrase: list[str]) -> bool:
    """Whether the passage itself (not its title or source) holds the terms in a row."""
    return analysis.contains_run(analysis.terms(passage.text), phrase)


def may_begin(title: str, source: str, phrase: list[str]) -> bool:
    """Whether an occurrence of the phrase may begin in the title or the source."""
    header = analysis.terms("\n".join(part for part in (title, source) if part))
    return any(
        header[at : at + len(phrase)] == phrase[: len(header) - at] for at in range(len(header))
    )


def chunking_parameters(encoder: Encoder, settings: Settings, *, like: str | None = None) -> str:
    """Return the chunking parameters as JSON: equal text means equal passages.

    Args:
        encoder: Bounds the length of a passage.
        settings: The length and overlap asked for.
        like: Take length and overlap from these parameters instead.
    """
    sizes = {
        "max_tokens": min(settings.passage_tokens, encoder.max_tokens),
        "overlap": settings.overlap_sentences,
    }
    if like is not None:
        sizes = {name: json.loads(like)[name] for name in sizes}
    parameters = {"passages": PASSAGE_RECIPE, "text": analysis.TEXT_RECIPE, **sizes}
    return json.dumps(parameters, sort_keys=True)


class Chunker:
    """Chunk articles for an encoder by stored parameters; see `chunking_parameters`."""

    def __init__(self, encoder: Encoder, parameters: str) -> None:
        self._count_tokens = encoder.count_tokens
        values = json.loads(parameters)
        self._max_tokens: int = values["max_tokens"]
        self._overlap: int = values["overlap"]
        self.is_current = (values["text"], values["passages"]) == (
            analysis.TEXT_RECIPE,
            PASSAGE_RECIPE,
        )

    def chunk(self, article: Article) -> list[Passage]:
        """Return the passages of an article."""
        return split(
            article,
            analysis.sentences(article.body, article.furniture),
            count_tokens=self._count_tokens,
            max_tokens=self._max_tokens,
            overlap=self._overlap,
        )

    def embedded_text(self, passage: Passage) -> str:
        """Return the text of a passage that is embedded."""
        return embedded_text(passage, count_tokens=self._count_tokens, max_tokens=self._max_tokens)
