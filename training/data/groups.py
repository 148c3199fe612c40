"""Groups: one question with a passage that answers and some that do not, drawn at random.

A bundle is what is drawn together: one group, or for a passage with near misses the groups of two
of its answerable questions, with two of its near misses as rows of their own beside the first.

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
from training.data.sources import ASIDE, AUTHORED, passage_part
from training.data.wording import content_words, words
from training.plan import MAX_TOKENS, MIX, NEAR_MISSES, Plan

Group = list[Row]
Bundle = list[Group]

_STORIES = "newsqa-dev"
_QUIZZES = "realtimeqa-2022-2023"
_DATED = {_QUIZZES, AUTHORED}  # the sets with dates of their own
_HARD_BESIDE = 0.3  # how often a bundle holds a wrong passage too
_TWINS = 2  # of a passage: answerable questions, and near misses, in one bundle
_LEAD_WORDS = 10
# How often a wrong passage is another part of the answering article.
_SAME_ARTICLE = {_STORIES: 0.6, _QUIZZES: 0.45}


@dataclass(frozen=True, slots=True)
class _Header:
    """What the headers of one group show; what a text lacks is made up."""

    titles: bool
    dates: bool
    own_dates: bool
    rng: random.Random

    @classmethod
    def drawn(cls, question: Question, rng: random.Random) -> _Header:
        return cls(rng.random() < 0.7, rng.random() < 0.6, question.set in _DATED, rng)

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
        self._misses: dict[str, list[Question]] = {}
        self._twins: dict[str, list[Question]] = {}
        for question in corpora.questions:
            if not corpora.docs[question.doc].loose and not question.right:
                self._misses.setdefault(question.doc, []).append(question)
        for question in corpora.questions:
            if question.answers and question.doc in self._misses:
                self._twins.setdefault(question.doc, []).append(question)
        self._rivals = _rivals(corpora)
        self._by_set: dict[str, list[Question]] = {}
        for question in corpora.questions:
            if not question.held and not self._aside(question) and self.knows(question):
                self._by_set.setdefault(question.set, []).append(question)
        self._cursor: dict[str, int] = {}
        self._stories = [doc for doc in corpora.docs.values() if doc.set == _STORIES]

    def knows(self, question: Question) -> bool:
        """Whether groups can be made of a question: negatives were found, or none are needed."""
        loose = self._corpora.docs[question.doc].loose
        return loose or not question.right or question.id in self._negatives

    def _aside(self, question: Question) -> bool:
        """Whether the question is kept for fitting the decision."""
        text = self._corpora.docs[question.doc].text
        return question.set == AUTHORED and passage_part(text) < ASIDE

    def counts(self) -> dict[str, int]:
        """Trainable questions of each set."""
        return {name: len(rows) for name, rows in sorted(self._by_set.items())}

    def draw(self, rng: random.Random, elapsed: float) -> Bundle:
        """One bundle; `elapsed` in [0, 1] moves the mix from its start to its end."""
        names = [n for n in MIX if n in self._by_set]
        shares = [MIX[n][0] + (MIX[n][1] - MIX[n][0]) * elapsed for n in names]
        while True:
            bundle = self.bundle(self._next(rng.choices(names, shares)[0], rng), rng)
            if bundle:
                return bundle

    def _next(self, name: str, rng: random.Random) -> Question:
        rows = self._by_set[name]
        at = self._cursor.get(name, 0) % len(rows)
        if at == 0:
            rng.shuffle(rows)
        self._cursor[name] = at + 1
        return rows[at]

    def bundle(self, question: Question, rng: random.Random) -> Bundle:
        """What is drawn with a question; [] if nothing can be made of it."""
        if question.set in NEAR_MISSES and question.doc in self._twins:
            return self._near_misses(question, rng)
        group = self.build(question, rng)
        return [group] if group else []

    def _near_misses(self, question: Question, rng: random.Random) -> Bundle:
        """The question's passage under a few questions that it answers and a few it does not."""
        doc = self._corpora.docs[question.doc]
        header = _Header.drawn(question, rng)
        yes = _with(question, self._twins[doc.id], bool(question.right), rng)
        no = _with(question, self._misses[doc.id], not question.right, rng)
        window = self._around(doc, rng.choice(yes[0].right), MAX_TOKENS, rng)
        answerable = [self._row(one, doc, window, header) for one in yes]
        bundle = [[row] for row in answerable if row.answers]
        if not bundle:
            return []
        if yes[0].id in self._negatives and rng.random() < _HARD_BESIDE:
            row = self._wrong(yes[0], doc, MAX_TOKENS, header)
            if row is not None and bundle[0][0] is answerable[0]:
                bundle[0].append(row)
        bundle[0] += [self._alone(one, doc, window, header) for one in no]
        for row in (row for group in bundle for row in group if row.answers or row.alone):
            row.twins = doc.id
        return bundle

    def _alone(self, miss: Question, doc: Doc, window: Span, header: _Header) -> Row:
        """The passage under a near miss."""
        row = self._row(miss, doc, window, header)
        row.alone = True
        return row

    def build(self, question: Question, rng: random.Random) -> Group:
        """The question's passages, the answering one first; [] if nothing can be made of it."""
        doc = self._corpora.docs[question.doc]
        if doc.loose:
            return self._single_sentences(question, doc, rng)
        budget = _budget(rng)
        header = _Header.drawn(question, rng)
        if not question.right and question.set in NEAR_MISSES:
            window = self._around(doc, rng.randrange(len(doc.spans)), MAX_TOKENS, rng)
            return [self._alone(question, doc, window, header)]
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
        miss = self._miss_of(question, doc, window, header)
        if miss is not None:
            group[0].twins = miss.twins = question.id
            group.append(miss)
        return group

    def _miss_of(self, question: Question, doc: Doc, window: Span, header: _Header) -> Row | None:
        """A near miss on the passage: one that somebody wrote, else by exchanging a word."""
        judged = self._misses.get(doc.id) if question.right else None
        if judged and header.rng.random() < 0.5:
            return self._alone(header.rng.choice(judged), doc, window, header)
        swapped = self._found(question).swapped
        if not swapped or header.rng.random() > 0.3:
            return None
        row = self._encoding.row(header.rng.choice(swapped), doc, window, header.of(doc))
        row.alone = True
        return row

    def _found(self, question: Question) -> Negatives:
        return self._negatives.get(question.id) or Negatives(question.id)

    def _single_sentences(self, question: Question, doc: Doc, rng: random.Random) -> Group:
        wrong = [i for i in range(len(doc.spans)) if i not in question.right]
        chosen = [rng.choice(question.right)] if question.right else []
        chosen += rng.sample(wrong, min(len(wrong), 4))
        bare = _Header(False, False, False, rng)
        return [self._row(question, doc, (i, i + 1), bare) for i in chosen]

    def _row(self, question: Question, doc: Doc, window: Span, header: _Header) -> Row:
        own = doc.id == question.doc
        right, ignored = (question.right, question.ignored) if own else ((), ())
        answers, decoys = (question.answers, question.decoys) if own else ((), ())
        return self._encoding.row(
            question.text, doc, window, header.of(doc), right, ignored, answers, decoys
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
        """A passage that does not answer: of the article, of another of its set, or as found."""
        rng = header.rng
        rivals = self._rivals.get((question.set, question.text))
        if rivals and rng.random() < 0.7:
            rival = self._corpora.docs[rng.choice(rivals)]
            rest = self._around(rival, rng.randrange(len(rival.spans)), budget, rng)
            return self._row(question, rival, rest, header)
        passages = self._found(question).passages
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
    """Tokens of the passages of a group: up to what a row of the product's index holds."""
    draw = rng.random()
    if draw < 0.4:
        return rng.randint(40, 90)
    return rng.randint(90, 150) if draw < 0.7 else rng.randint(150, 200)


def _rivals(corpora: Corpora) -> dict[tuple[str, str], list[str]]:
    """For a set and a question: the texts of the set that were judged not to answer it."""
    found: dict[tuple[str, str], list[str]] = {}
    for question in corpora.questions:
        if not question.right and question.set in NEAR_MISSES:
            found.setdefault((question.set, question.text), []).append(question.doc)
    return found


def _with(
    question: Question, others: list[Question], own: bool, rng: random.Random
) -> list[Question]:
    """Up to _TWINS of the others, the question itself among them where it is one of them."""
    free = [one for one in others if one.id != question.id]
    first = [question] if own else []
    count = min(len(free), _TWINS - len(first))
    return first + rng.sample(free, count)


def batches(
    groups: Groups, plan: Plan, rng: random.Random, elapsed: list[float]
) -> Iterator[list[Group]]:
    """Batches of about `step_tokens` tokens; bundles of like length come together.

    `elapsed[0]` is read anew for each pool, so that the mix follows the clock.
    """
    while True:
        pool = sorted(
            (groups.draw(rng, elapsed[0]) for _ in range(64)),
            key=lambda bundle: max(len(r.ids) for group in bundle for r in group),
        )
        made: list[list[Group]] = [[]]
        total = 0
        for bundle in pool:
            size = sum(len(r.ids) for group in bundle for r in group)
            if total + size > plan.step_tokens and made[-1]:
                made.append([])
                total = 0
            made[-1] += bundle
            total += size
        rng.shuffle(made)
        yield from made
