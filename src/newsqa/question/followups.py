"""Rewrite a follow-up question so that it stands alone.

Rules, no model: a question depends on its context if it has a pronoun that nothing before it in
the question explains, or goes on ("and in 2022?", "why?"). Then the names of the conversation
since it last turned to something else, and the subject of the last question, are added in
brackets; the reply shows it. One that only names nothing ("where was the painting found?") may
begin anew or go on: it is asked both ways, and the surer answer counts.
Source: Lin et al. 2021, "Multi-Stage Conversational Passage Retrieval" (historical query
expansion).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from newsqa.question.kinds import names_of
from newsqa.replies import Answer, Reply
from newsqa.text.analysis import STOPWORDS, content_terms, stem, words
from newsqa.types import Turn

MIN_CONTENT_WORDS = 2  # a question of fewer content words goes on with the one before
MAX_ADDED_WORDS = 10  # words put in brackets
MAX_QUOTE_NAMES = 2  # the most frequent names of the last reply's first quote

_PRONOUN = re.compile(
    r"\b(?:he|him|his|she|her|hers|himself|herself|it|its|they|them|their|theirs|itself|themselves"
    r"|there)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(?:(?:after|before|about|of|in|on|at|with|for|from|by|is|was|did|does) that"
    r"|this|these|those|such|the same)\b(?!\s+(?:week|month|year|day|morning|evening"
    r"|season|summer|winter|spring|autumn|century|decade)\b)",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"^\W*(?:and|but|so|then|or|also|(?:what|how) about|any (?:other|more))\b"
    r"|\b(?:else|too|as well|otherwise|other|another)\b",
    re.IGNORECASE,
)
# "Is it true that ...", "was there a ...": these words stand for nothing.
_EMPTY = re.compile(
    r"\b(?:is|was|are|were|does|did|has|had|will|would) (?:it|there)\b", re.IGNORECASE
)
_POSSESSIVE = re.compile(r"['’]s$")


@dataclass(frozen=True, slots=True)
class RewrittenQuestion:
    """A question that stands alone, and why it is another than was asked.

    ``names`` are those asked about, without those of the conversation.
    """

    text: str
    names: tuple[str, ...] = ()
    resolution: str | None = None


def interpretations(question: str, turns: Sequence[Turn]) -> list[Sequence[Turn]]:
    """Return the turns to read the question with: one way, or two where it is open which holds.

    Of two the first is the question as it is.
    """
    if not turns or not words(question):
        return [()]
    if _depends_on_context(question):
        return [turns]
    return [()] if names_of(question) else [(), turns]


def rewrite_standalone(question: str, turns: Sequence[Turn]) -> RewrittenQuestion:
    """Return the question read with these turns, the latest one last; as it is without any."""
    added = _added(question, turns) if turns else []
    names = tuple(names_of(question))
    if not added:
        return RewrittenQuestion(question, names)
    read = f"{question.strip()} ({', '.join(added)})"
    why = f"a follow-up: read together with {', '.join(map(_quoted, added))}"
    return RewrittenQuestion(read, names, why)


def _depends_on_context(question: str) -> bool:
    """Whether something in the question is explained only by what came before."""
    if _GOES_ON.search(question) or len(_content_words(question)) < MIN_CONTENT_WORDS:
        return True
    names = names_of(question)
    first = question.find(names[0]) if names else len(question)
    plain = _EMPTY.sub(lambda m: "." * len(m.group()), question)
    return any(m and m.start() < first for m in (_PRONOUN.search(plain), _POINTING.search(plain)))


def _content_words(text: str) -> list[str]:
    return [word for word in words(text) if word not in STOPWORDS]


def _added(question: str, turns: Sequence[Turn]) -> list[str]:
    """Return what the conversation is about, without what the question says itself."""
    covered = set(content_terms(question))
    added: list[str] = []
    for part in _subjects(turns):
        own = set(map(stem, _content_words(part)))
        if not own <= covered:
            covered |= own
            added.append(part)
        if sum(len(one.split()) for one in added) >= MAX_ADDED_WORDS:
            break
    return added


def _subjects(turns: Sequence[Turn]) -> Iterator[str]:
    """Names of the questions, latest first; of the last answer; words of the last question, and of
    the last one that did not lean.
    """
    latest = list(reversed(_topic(turns)))
    for turn in latest:
        yield from map(_bare, names_of(turn.question))
    quotes = next((turn.quotes for turn in latest if turn.quotes), ())
    names = [_bare(name) for quote in quotes[:1] for name in names_of(quote)]
    named = Counter(name for name in names if not name[0].isdigit())
    yield from (name for name, _ in named.most_common(MAX_QUOTE_NAMES))
    whole = next((turn.question for turn in latest if not _depends_on_context(turn.question)), "")
    for question in (latest[0].question, whole):
        yield from (_bare(word) for word in question.split() if words(word))


def _topic(turns: Sequence[Turn]) -> Sequence[Turn]:
    """Return the turns since the conversation last turned to something else.

    It did where a question named something, or was answered by itself, and neither names what was
    asked about before, nor the question what was quoted. What quotes alone share tells nothing.
    """
    begin = 0
    asked: set[str] = set()
    answered: set[str] = set()
    for at, turn in enumerate(turns):
        names = set(_named(turn.question))
        quoted = {word for quote in turn.quotes for word in _named(quote)}
        same = names & (asked | answered) or quoted & asked
        begins = names or (turn.alone and turn.quotes)
        if begins and not same and not _depends_on_context(turn.question):
            begin, asked, answered = at, set(), set()
        asked |= names
        answered |= quoted
    return turns[begin:]


def _named(text: str) -> Iterator[str]:
    """Return the words of the names in a text; numbers do not tell what it is about."""
    for name in names_of(text):
        yield from (w for w in words(name) if w not in STOPWORDS and not w.isdecimal())


def _quoted(part: str) -> str:
    return f"“{part}”"


def _bare(name: str) -> str:
    """A name without what stands around it: "Lindqvist's", "Manila."."""
    return _POSSESSIVE.sub("", name.strip('.,;:?!()"“”'))


def turn_of(question: str, reply: Reply) -> Turn:
    """Return what a conversation keeps of a question and its reply."""
    quotes = tuple(q.text for q in reply.quotes) if isinstance(reply, Answer) else ()
    alone = reply.asked.standalone_question == question
    return Turn(question=question, quotes=quotes, alone=alone)


class Chat:
    """One conversation; it remembers its own turns and nothing of any other."""

    def __init__(self, ask: Callable[..., Reply]) -> None:
        """Take what answers a question that may have ``turns`` before it, as `NewsQA.ask`."""
        self._ask = ask
        self.turns: tuple[Turn, ...] = ()

    def ask(self, question: str, **options: Any) -> Reply:
        """Ask ``question`` after the turns so far; ``options`` are those of `NewsQA.ask`."""
        reply = self._ask(question, turns=self.turns, **options)
        self.turns = (*self.turns, turn_of(question, reply))
        return reply
