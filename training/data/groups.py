"""Groups: one question with a passage that answers and some that do not, drawn at random.

All passages of a group are cut to one length and show the same parts of a header, so that neither
says anything about the label: titles and dates come with some sets only, and their pages would
otherwise be known for the wrong passages they mostly are.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass

from training.data.encoding import Encoding, Row, header_of
from training.data.records import Corpora, Doc, Negatives, Question, Span
from training.data.wording import content_words, words
from training.plan import MIX, Plan

Group = list[Row]

_STORIES = "newsqa-dev"
_DATED = "realtimeqa-2022-2023"  # the only set with dates of its own
_LEAD_WORDS = 10
# How often a wrong passage is another part of the answering article.
_SAME_ARTICLE = {_STORIES: 0.6, _DATED: 0.45}


@dataclass(frozen=True, slots=True)
class _Header:
    """What the headers of one group show; what a text lacks is made up."""

    titles: bool
    dates: bool
    own_dates: bool
    rng: random.Random

    @classmethod
    def drawn(cls, question: Question, rng: random.Random) -> _Header:
        return cls(rng.random() < 0.7, rng.random() < 0.6, question.set == _DATED, rng)

    def of(self, doc: Doc) -> str:
        title = date = ""
        if self.titles:
            title = doc.title or " ".join(doc.text.split(maxsplit=_LEAD_WORDS)[:_LEAD_WORDS])
        if self.dates:
            made_up = datetime.date(2000, 1, 1) + datetime.timedelta(self.rng.randrange(9_800))
            date = doc.date if self.own_dates and doc.date else made_up.isoformat()
        return header_of(title, date)


class Groups:
    """An endless, seeded stream of groups over the trainable questions."""

    def __init__(
        self, corpora: Corpora, negatives: dict[str, Negatives], encoding: Encoding, plan: Plan
    ) -> None:
        self._corpora, self._negatives, self._encoding = corpora, negatives, encoding
        self._plan = plan
        self._by_set: dict[str, list[Question]] = {}
        for question in corpora.questions:
            if not question.held and self.knows(question):
                self._by_set.setdefault(question.set, []).append(question)
        self._cursor: dict[str, int] = {}
        self._stories = [doc for doc in corpora.docs.values() if doc.set == _STORIES]

    def knows(self, question: Question) -> bool:
        """Whether groups can be made of a question: negatives were found, or none are needed."""
        return self._corpora.docs[question.doc].loose or question.id in self._negatives

    def counts(self) -> dict[str, int]:
        """Trainable questions of each set."""
        return {name: len(rows) for name, rows in sorted(self._by_set.items())}

    def draw(self, rng: random.Random, elapsed: float) -> Group:
        """One group; `elapsed` in [0, 1] moves the mix from its start to its end."""
        names = [n for n in MIX if n in self._by_set]
        shares = [MIX[n][0] + (MIX[n][1] - MIX[n][0]) * elapsed for n in names]
        while True:
            question = self._next(rng.choices(names, shares)[0], rng)
            group = self.build(question, rng)
            if group:
                return group

    def _next(self, name: str, rng: random.Random) -> Question:
        rows = self._by_set[name]
        at = self._cursor.get(name, 0) % len(rows)
        if at == 0:
            rng.shuffle(rows)
        self._cursor[name] = at + 1
        return rows[at]

    def build(self, question: Question, rng: random.Random) -> Group:
        """The question's passages, the answering one first; [] if nothing can be made of it."""
        doc = self._corpora.docs[question.doc]
        if doc.loose:
            return self._single_sentences(question, doc, rng)
        budget = _budget(rng)
        header = _Header.drawn(question, rng)
        group: Group = []
        target = rng.choice(question.right) if question.right else rng.randrange(len(doc.spans))
        window = self._around(doc, target, budget, rng)
        group.append(self._row(question, doc, window, header))
        if question.right and not group[0].answers:
            return []
        for _ in range(_wrong_passages(question, rng)):
            row = self._wrong(question, doc, budget, header)
            if row is not None:
                group.append(row)
        swapped = self._negatives[question.id].swapped
        if swapped and rng.random() < 0.3:
            row = self._encoding.row(rng.choice(swapped), doc, window, header.of(doc))
            row.alone = True
            group.append(row)
        return group

    def _single_sentences(self, question: Question, doc: Doc, rng: random.Random) -> Group:
        wrong = [i for i in range(len(doc.spans)) if i not in question.right]
        chosen = [rng.choice(question.right)] if question.right else []
        chosen += rng.sample(wrong, min(len(wrong), 4))
        bare = _Header(False, False, False, rng)
        return [self._row(question, doc, (i, i + 1), bare) for i in chosen]

    def _row(self, question: Question, doc: Doc, window: Span, header: _Header) -> Row:
        own = doc.id == question.doc
        right, ignored = (question.right, question.ignored) if own else ((), ())
        answers = question.answers if own else ()
        return self._encoding.row(
            question.text, doc, window, header.of(doc), right, ignored, answers
        )

    def _around(self, doc: Doc, target: int, budget: int, rng: random.Random) -> Span:
        """A run of sentences that holds `target`, of about `budget` tokens, placed at random."""
        lengths = [len(ids) for ids, _ in self._encoding.sentences(doc)]
        first, last = target, target + 1
        total = lengths[target]
        while total < budget and (first > 0 or last < len(lengths)):
            left = first > 0 and (last == len(lengths) or rng.random() < 0.5)
            if left:
                first -= 1
            else:
                last += 1
            total += lengths[first if left else last - 1]
        return first, last

    def _wrong(self, question: Question, doc: Doc, budget: int, header: _Header) -> Row | None:
        """A passage that does not answer: of the article, of another of its set, or by BM25."""
        rng = header.rng
        passages = self._negatives[question.id].passages
        same = rng.random() < _SAME_ARTICLE.get(question.set, 0.0)
        if same or (not passages and rng.random() < 0.5):
            window = self._elsewhere(question, doc, budget, rng)
            if window is not None:
                return self._row(question, doc, window, header)
        # Those of the question's own set, where there are any: another set reads differently.
        own = [p for p in passages if self._corpora.docs[p[0]].set == doc.set]
        if not own and doc.set == _STORIES and rng.random() < 0.6:
            return self._another(question, doc, budget, header)
        if own and rng.random() < 0.6:
            passages = tuple(own)
        if not passages:
            return None
        # The best few are the hardest: half the draws come from the first three.
        other, first, last = rng.choice(passages[:3] if rng.random() < 0.5 else passages)
        found = self._corpora.docs[other]
        window = self._around(found, rng.randrange(first, last), budget, rng)
        kept = self._without(question, found, window)
        return self._row(question, found, kept, header) if kept else None

    def _another(self, question: Question, doc: Doc, budget: int, header: _Header) -> Row | None:
        """Of a few passages of other stories the one that shares most words with the question."""
        asked = set(content_words(question.text))
        best: tuple[int, Doc, Span] | None = None
        for other in header.rng.sample(self._stories, 8):
            window = self._around(other, header.rng.randrange(len(other.spans)), budget, header.rng)
            text = other.text[other.spans[window[0]][0] : other.spans[window[1] - 1][1]]
            score = len(asked.intersection(words(text)))
            kept = other.id != doc.id and self._without(question, other, window)
            if kept and (best is None or score > best[0]):
                best = (score, other, window)
        return self._row(question, best[1], best[2], header) if best else None

    def _without(self, question: Question, doc: Doc, window: Span) -> Span | None:
        text = doc.text[doc.spans[window[0]][0] : doc.spans[window[1] - 1][1]].lower()
        return None if any(a.lower() in text for a in question.avoid) else window

    def _elsewhere(
        self, question: Question, doc: Doc, budget: int, rng: random.Random
    ) -> Span | None:
        avoided = {*question.right, *question.ignored}
        asked = set(content_words(question.text))
        best: tuple[int, Span] | None = None
        for _ in range(4):
            window = self._around(doc, rng.randrange(len(doc.spans)), budget, rng)
            if avoided.intersection(range(*window)):
                continue
            text = doc.text[doc.spans[window[0]][0] : doc.spans[window[1] - 1][1]]
            score = len(asked.intersection(words(text)))
            if best is None or score > best[0]:
                best = (score, window)
        return best[1] if best else None


def _wrong_passages(question: Question, rng: random.Random) -> int:
    if not question.right:
        return rng.choice((0, 1))
    # NewsQA asks about a whole story, so more of the story competes.
    return rng.choice((1, 2, 2) if question.set == _STORIES else (1, 1, 1, 2))


def _budget(rng: random.Random) -> int:
    draw = rng.random()
    if draw < 0.7:
        return rng.randint(40, 90)
    return rng.randint(90, 140) if draw < 0.9 else rng.randint(140, 190)


def batches(
    groups: Groups, plan: Plan, rng: random.Random, elapsed: list[float]
) -> Iterator[list[Group]]:
    """Batches of about `step_tokens` tokens; groups of like length come together.

    `elapsed[0]` is read anew for each pool, so that the mix follows the clock.
    """
    while True:
        pool = sorted(
            (groups.draw(rng, elapsed[0]) for _ in range(64)),
            key=lambda g: max(len(r.ids) for r in g),
        )
        made: list[list[Group]] = [[]]
        total = 0
        for group in pool:
            size = sum(len(r.ids) for r in group)
            if total + size > plan.step_tokens and made[-1]:
                made.append([])
                total = 0
            made[-1].append(group)
            total += size
        rng.shuffle(made)
        yield from made
