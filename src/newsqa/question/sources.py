"""Find the sources (news outlets) that a question names.

"What did the Gazette report?" asks for the Gazette's words; `newsqa.retrieval.boosts` brings them
forward and leaves nothing out. A filter says so more strictly.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal

from newsqa.text.analysis import STOPWORDS

_ADDRESS = re.compile(r"(?:[\w-]+\.)*?([\w-]{2,})\.(?:(?:ac|co|com|edu|gov|net|org)\.)?[a-z]{2,}")
_ARTICLE = re.compile(r"^the\s+", re.IGNORECASE)
_WORD = re.compile(r"\w+|[^\w\s]")

Words = tuple[str, ...]  # folded, each other sign a word of its own
How = Literal["in any case", "with a capital", "in capitals", "after the"]


@dataclass(frozen=True, slots=True)
class _Names:
    """What names which sources and how it must be written, and how long names with a word are."""

    sources: Mapping[Words, Sequence[tuple[How, str]]]
    lengths: Mapping[str, Collection[int]]  # by the first word


def sources_mentioned(question: str, sources: Collection[str]) -> frozenset[str]:
    """Return those of the sources that the question names.

    By its whole name, with or without "The", in any case where it has several words or is an
    address; by the name in its address (``cnn.com``: CNN); by its last word after "the" where no
    other source's name ends so (the Gazette). A single word must begin with a capital ("time" is
    no magazine), one like "who" be in capitals. What stands inside a longer name is not named.
    """
    names = _names(frozenset(sources))
    asked = _words(question)
    folded = [word.casefold() for word in asked]
    matches = [
        (-count, at, named)
        for at, word in enumerate(folded)
        for count in names.lengths.get(word, ())
        for how, named in names.sources.get(tuple(folded[at : at + count]), ())
        if _written(how, asked, at)
    ]
    taken: dict[int, int] = {}  # by place of a word: the words of the longest name it is part of
    for size, at, _ in sorted(matches):
        for place in range(at, at - size):
            taken.setdefault(place, size)
    return frozenset(
        named
        for size, at, named in matches
        if any(taken[place] == size for place in range(at, at - size))
    )


def unknown_sources(sources: Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    """Return a note for each filter of a source that is not known, with the nearest known ones."""
    names = {name.casefold(): name for name in known}
    notes = []
    for source in sources:
        if source.casefold() not in names:
            matches = get_close_matches(source.casefold(), names, n=3)
            nearest = " or ".join(f"“{names[match]}”" for match in matches)
            hint = f"; did you mean {nearest}?" if nearest else ""
            notes.append(f"no article is from the source “{source}”{hint}")
    return tuple(notes)


@lru_cache(8)  # 5,000 sources take 50 ms, and hardly change from one question to the next
def _names(sources: frozenset[str]) -> _Names:
    names = {source: _ARTICLE.sub("", " ".join(_even(source).split())) for source in sources}
    last = Counter(name.rpartition(" ")[2] for name in {n.casefold() for n in names.values()})
    by_words: defaultdict[Words, list[tuple[How, str]]] = defaultdict(list)
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for source, name in names.items():
        for text, how in _ways(name, last):
            words = tuple(word.casefold() for word in _words(text))
            if any(character.isalpha() for character in text):
                by_words[words].append((how, source))
                lengths[words[0]].add(len(words))
    return _Names(dict(by_words), dict(lengths))


def _ways(name: str, last: Mapping[str, int]) -> Iterator[tuple[str, How]]:
    """Return what an source is called, and how that must be written."""
    word = name.rpartition(" ")[2]
    if word != name:
        yield name, "in any case"
        if last[word.casefold()] == 1:
            yield word, "after the"
        return
    address = _ADDRESS.fullmatch(name)
    if address:
        yield name, "in any case"
        word = address[1]
    yield word, "in capitals" if word.casefold() in STOPWORDS else "with a capital"


def _written(how: How, asked: Sequence[str], at: int) -> bool:
    """Whether what begins at a word of the question is written as it must be."""
    word = asked[at]
    if how == "after the":
        return at > 0 and asked[at - 1].casefold() == "the" and word[0].isupper()
    if how == "in capitals":
        return len(word) > 1 and word.isupper()
    return how == "in any case" or not word[0].islower()


def _words(text: str) -> list[str]:
    return _WORD.findall(_even(text))


def _even(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("’", "'")
