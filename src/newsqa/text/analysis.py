"""Text analysis: clean once before offsets exist, split into sentences, turn into terms.

Offsets are character offsets into the text. Folded and stemmed copies are for matching only and
are never quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from newsqa.text.equivalents import equivalents
from newsqa.text.folding import fold, has_transcription, hyphened
from newsqa.text.sentence_ends import sentence_ends
from newsqa.types import Span

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT_RECIPE = "nupunkt-blank-lines-2/terms-2"  # changes whenever sentences or terms change
MAX_RUN_CHARS = 10_000  # every sentence splitter is slow on some long run; cut those first
MAX_TERM_CHARS = 64
MIN_NAME_CHARS = 3  # of the word before a number ("Covid-19") that names something by itself

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
_TOKEN = re.compile(
    rf"[{_CJK}]|(?:[a-z]\.)+[a-z]\b\.?|\d+(?:[.,]\d+)*|[^\W_{_CJK}]+(?:'[^\W_{_CJK}]+)?"
)
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
    at = 0
    for stop in sentence_ends(run, _splitter()(run)):
        sentence = run[at:stop].strip()
        if sentence:
            begin = start + at + run[at:stop].index(sentence[0])
            yield Span(begin, begin + len(sentence))
        at = stop


@lru_cache(1)
def _splitter() -> Callable[[str], list[tuple[int, int]]]:
    from nupunkt import sent_spans  # 50 ms: not before it is needed

    return sent_spans


def words(text: str) -> list[str]:
    """Return the words and numbers of ``text``, folded for matching, in order.

    See `newsqa.text.folding`. The possessive 's is dropped; each CJK character is a word. At most
    64 characters of a word count.
    """
    return _tokens(fold(text))


def _tokens(folded: str) -> list[str]:
    tokens = _TOKEN.findall(folded)
    return [token[:MAX_TERM_CHARS] if token.isalnum() else _trimmed(token) for token in tokens]


def _trimmed(word: str) -> str:
    if "'" not in word and word[-1] in ".abcdefghijklmnopqrstuvwxyz":  # U.N., U.N; not 3.5
        word = word.replace(".", "")
    head, _, tail = word.partition("'")
    return (head if tail == "s" or not tail else word)[:MAX_TERM_CHARS]


def terms(text: str) -> list[str]:
    """Return the words of ``text``, stemmed, in order: what an exact phrase is compared by.

    Source: M. F. Porter, the English (Porter2) stemmer of Snowball.
    """
    return [stem(word) for word in words(text)]


def index_terms(text: str) -> list[str]:
    """Return what both lexical stores index: the terms of ``text``, then its other names."""
    folded = words(text)
    return [stem(word) for word in (*folded, *other_names(text, folded))]


def content_terms(text: str) -> list[str]:
    """Return the index terms of ``text`` whose words are not stop words, repeats kept."""
    folded = words(text)
    return _content((*folded, *other_names(text, folded)))


def query_terms(text: str) -> list[str]:
    """Return the terms that a question is searched by, without stop words, repeats kept.

    What has another name goes by that alone: every text with either name is indexed under it.
    """
    folded = words(text)
    names, replaced = equivalents(folded, capitals=_names_poland(text))
    kept = [word for at, word in enumerate(folded) if at not in replaced]
    # "Covid" is what "Covid-19" is also called; "F" is not what "F-16" is.
    parts = [word for word, _ in hyphened(text) if len(word) >= MIN_NAME_CHARS]
    return _content((*kept, *names, *parts, *_transcriptions(text, folded)))


def other_names(text: str, folded: Sequence[str]) -> list[str]:
    """Return what else the words of ``text`` are called, folded.

    Countries of adjectives, acronyms of long forms, the parts of names such as "Covid-19", and
    "mueller" for "Müller".

    Args:
        text: The text.
        folded: Its words.
    """
    names, _ = equivalents(folded, capitals=_names_poland(text))
    parts = [part for pair in hyphened(text) for part in pair]
    return [*names, *words(" ".join(parts)), *_transcriptions(text, folded)]


def _transcriptions(text: str, folded: Sequence[str]) -> list[str]:
    if not has_transcription(text):
        return []
    others = _tokens(fold(text, transcribed=True))
    same_length = len(others) == len(folded)
    pairs = zip(others, folded, strict=True) if same_length else ()
    return [other for other, word in pairs if other != word]


def _names_poland(text: str) -> bool:
    return "Polish" in text or "POLISH" in text


def _content(folded: Iterable[str]) -> list[str]:
    return [stem(word) for word in folded if word not in STOPWORDS]


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
