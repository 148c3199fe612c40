"""Normalise text once, before offsets exist; cut it into sentences and terms.

Offsets are character offsets into the text given. Folded and stemmed copies are for
matching only and never leave this module as text to quote.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from newsqa.types import Span

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT_RECIPE = "nupunkt-blank-lines/terms-1"  # changes whenever sentences or terms change
MAX_RUN_CHARS = 10_000  # every sentence splitter is slow on some long run; cut those first
MAX_TERM_CHARS = 64

STOPWORDS = frozenset(
    """a about above after again against all also am an and any are aren't as at be because been
    before being below between both but by can can't cannot could did didn't do does doesn't doing
    don't down during each few for from further had has have having he her here hers herself him
    himself his how i if in into is isn't it its itself just let me more most my myself no nor not
    of off on once only or other our ours ourselves out over own said same say says she should so
    some such than that the their theirs them themselves then there these they this those through
    to too under until up very was wasn't we were weren't what when where which while who whom whose
    why will with won't would wouldn't you your yours yourself yourselves tell many much""".split()
)

MONTHS = tuple(
    "January February March April May June July August September October November December".split()
)

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_CJK_END = re.compile(r"(?<=[。！？])")
_TOKEN = re.compile(rf"[{_CJK}]|(?:[a-z]\.){{2,}}|\d+(?:[.,]\d+)*|[^\W_{_CJK}]+(?:['’][^\W_]+)?")
_LONE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """Return the text that offsets will refer to.

    BOM dropped, CRLF and CR to LF, NUL and lone surrogates to U+FFFD; nothing else changes.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return _LONE.sub("\ufffd", text)


def sentences(body: str, furniture: Sequence[Span] = ()) -> list[Span]:
    """Return the whole sentences of ``body`` in order, none inside or across furniture.

    Blank lines end a sentence. White space is trimmed off both ends; a run without a blank line
    is split every 10,000 characters at most, so the time is linear in the length.
    """
    spans: list[Span] = []
    for start, end in _outside(len(body), furniture):
        for first, last in _runs(body, start, end):
            spans.extend(_sentences_of_run(body, first, last))
    return spans


def _outside(length: int, furniture: Sequence[Span]) -> Iterator[tuple[int, int]]:
    at = 0
    for span in sorted(furniture):
        if at < span.start:
            yield at, span.start
        at = max(at, span.end)
    if at < length:
        yield at, length


def _runs(body: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut at blank lines, then at a space where a run is too long for the splitter."""
    breaks = [(m.start(), m.end()) for m in _BLANK_LINE.finditer(body, start, end)]
    for stop, following in [*breaks, (end, end)]:
        while stop - start > MAX_RUN_CHARS:
            cut = body.rfind(" ", start + MAX_RUN_CHARS // 2, start + MAX_RUN_CHARS) + 1
            cut = cut or start + MAX_RUN_CHARS
            yield start, cut
            start = cut
        if start < stop:
            yield start, stop
        start = following


def _sentences_of_run(body: str, start: int, end: int) -> Iterator[Span]:
    run = body[start:end]
    for first, last in _splitter()(run):
        at = first
        for piece in _CJK_END.split(run[first:last]):
            stripped = piece.strip()
            if stripped:
                begin = start + at + piece.index(stripped[0])
                yield Span(begin, begin + len(stripped))
            at += len(piece)


@lru_cache(1)
def _splitter() -> Callable[[str], list[tuple[int, int]]]:
    from nupunkt import sent_spans  # 50 ms: not before it is needed

    return sent_spans


def words(text: str) -> list[str]:
    """Return the words and numbers of ``text``, folded for matching, in order.

    NFKC, casefold, accents dropped, possessive 's dropped, "U.S." as "us"; each CJK character is
    a word. At most 64 characters of a word count.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    for mark in filter(unicodedata.combining, set(folded)):  # a text has few different characters
        folded = folded.replace(mark, "")
    tokens = _TOKEN.findall(folded)
    return [word[:MAX_TERM_CHARS] if word.isalnum() else _trimmed(word) for word in tokens]


def _trimmed(word: str) -> str:
    if word[-1] == ".":
        word = word.replace(".", "")
    head, _, tail = word.replace("’", "'").partition("'")
    if tail == "s" or not tail:
        word = head
    return word[:MAX_TERM_CHARS]


def terms(text: str) -> list[str]:
    """Return what both lexical stores index: the words of ``text``, stemmed, in order.

    Source: M. F. Porter, the English (Porter2) stemmer of Snowball.
    """
    return [stem(word) for word in words(text)]


def content_terms(text: str) -> list[str]:
    """Return the terms of ``text`` whose words are not stop words, in order, repeats kept."""
    return [stem(word) for word in words(text) if word not in STOPWORDS]


def contains_run(tokens: Sequence[str], run: Sequence[str]) -> bool:
    """Return whether ``tokens`` holds the tokens of ``run`` one after another."""
    items, sought = list(tokens), list(run)
    starts = range(len(items) - len(sought) + 1)
    return any(items[at : at + len(sought)] == sought for at in starts)


@lru_cache(200_000)
def stem(word: str) -> str:
    """Return the stem of a folded word; numbers and other scripts stay as they are."""
    return word if not word.isascii() or word[0].isdigit() else _stemmer()(word)


@lru_cache(1)
def _stemmer() -> Callable[[str], str]:
    import snowballstemmer

    return snowballstemmer.stemmer("english").stemWord  # type: ignore[no-any-return]
