"""Reading with the text given: does the reader find the sentence, the words, or that none answers?

The text is cut into passages as in an index, so that a long story is read as it would be there.
Sentences are counted from 0 in the order of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from newsqa.answering.decision import decide
from newsqa.evaluation import metrics
from newsqa.index import chunking
from newsqa.protocols import Encoder, Reader
from newsqa.question.query import Query
from newsqa.settings import Settings
from newsqa.types import Article, Candidate, Hit, Passage, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One question on one text.

    ``right`` holds the right sentences of each annotator (one, mostly); ``answers`` the acceptable
    spans, where they are known.
    """

    id: str
    question: str
    article: Article
    sentences: tuple[Span, ...]
    answerable: bool = True
    right: tuple[frozenset[int], ...] = ()
    answers: tuple[str, ...] = ()

    @classmethod
    def of_sentences(
        cls,
        id: str,
        question: str,
        texts: Sequence[str],
        *,
        title: str = "",
        right: Sequence[frozenset[int]] = (),
        answerable: bool = True,
    ) -> Given:
        """Make the text out of its sentences, joined by spaces; an empty one becomes "."."""
        spans: list[Span] = []
        body = ""
        for text in texts:
            text = text.strip() or "."
            start = len(body) + bool(body)
            body = f"{body} {text}" if body else text
            spans.append(Span(start, start + len(text)))
        article = Article(article_id=id, title=title, body=body)
        return cls(
            id=id,
            question=question,
            article=article,
            sentences=tuple(spans),
            answerable=answerable,
            right=tuple(right),
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What reading a given text gave: sentences best first, those chosen, the words, and beliefs.

    ``confidence`` is the decision's, ``belief`` the reader's own: relevance less no-answer score.
    """

    item: Given
    ranking: tuple[int, ...]
    chosen: tuple[int, ...]
    words: str
    confidence: float
    belief: float


class Desk:
    """Reads given texts with one reader."""

    def __init__(
        self,
        reader: Reader,
        encoder: Encoder,
        idf: Callable[[str], float],
        settings: Settings,
        *,
        k: int = 3,
        asked: str | None = None,
    ) -> None:
        """Take the reader, and what cuts texts and decides as in an index.

        ``asked`` is what reader and decision are asked of every text, instead of its own question.
        """
        self._asked = asked
        self._reader, self._encoder, self._idf = reader, encoder, idf
        self._settings, self._k = settings, k

    def read(self, item: Given) -> Found:
        """Read one text for one question."""
        question = item.question if self._asked is None else self._asked
        passages = self.passages(item)
        candidates = self._reader.read(question, passages)
        hits = [Hit(passage=p, score=0.0, rank=at) for at, p in enumerate(passages, start=1)]
        decision = decide(
            Query.of(question),
            hits,
            candidates,
            idf=self._idf,
            reader=self._reader.name,
            k=self._k,
        )
        at = {span: number for number, span in enumerate(item.sentences)}
        best = max(candidates, key=lambda c: max(score for _, score in c.sentences))
        return Found(
            item=item,
            ranking=ranked(item, candidates),
            chosen=tuple(at[sentence.span] for sentence in decision.chosen),
            words=best.answer.cut(item.article.body) if best.answer else "",
            confidence=decision.confidence,
            belief=max(c.relevance - c.no_answer for c in candidates),
        )

    def passages(self, item: Given) -> list[Passage]:
        """Cut the text as an index would."""
        return chunking.split(
            item.article,
            item.sentences,
            count_tokens=self._encoder.count_tokens,
            max_tokens=min(self._settings.passage_tokens, self._encoder.max_tokens),
            overlap=self._settings.overlap_sentences,
        )


def ranked(item: Given, candidates: Sequence[Candidate]) -> tuple[int, ...]:
    """Return sentence numbers by their best score in any passage, equal ones in reading order."""
    best: dict[Span, float] = {}
    for candidate in candidates:
        for span, score in candidate.sentences:
            best[span] = max(score, best.get(span, score))
    order = [number for number, span in enumerate(item.sentences) if span in best]
    return tuple(sorted(order, key=lambda number: -best[item.sentences[number]]))


def scores(found: Sequence[Found]) -> dict[str, float]:
    """Return every metric these texts can give.

    ``sentence_top1``, ``sentence_mrr`` and ``sentence_map`` are over questions with a right
    sentence, ``selection_*`` (the chosen sentences; the best fitting annotator counts) and
    ``span_*`` over the answerable ones.
    """
    result: dict[str, float] = {"questions": float(len(found))}
    for name, values in values_by_question(found).items():
        result[name] = sum(values.values()) / len(values)
    yes = [f for f in found if f.item.answerable]
    no = [f for f in found if not f.item.answerable]
    if yes and no:
        for name, of in (("auroc", _confidence), ("reader_auroc", _belief)):
            result[name] = metrics.auroc([of(f) for f in yes], [of(f) for f in no])
        result["rejection_at_5"] = metrics.rejected_at(
            0.05, [f.confidence for f in yes], [f.confidence for f in no]
        )
    return result


def _confidence(found: Found) -> float:
    return found.confidence


def _belief(found: Found) -> float:
    return found.belief


def values_by_question(found: Sequence[Found]) -> dict[str, dict[str, float]]:
    """Return, by metric, the value of each question that counts for it, by id."""
    result: dict[str, dict[str, float]] = {}
    for item in found:
        for name, value in _values(item).items():
            result.setdefault(name, {})[item.item.id] = value
    return result


def _values(found: Found) -> Mapping[str, float]:
    item = found.item
    values: dict[str, float] = {}
    right = frozenset().union(*item.right)
    if right:
        labels = [number in right for number in found.ranking]
        values["sentence_top1"] = float(labels[:1] == [True])
        values["sentence_mrr"] = metrics.reciprocal_rank(labels)
        values["sentence_map"] = metrics.average_precision(labels)
        best = max((metrics.set_scores(found.chosen, gold) for gold in item.right), key=_f1)
        names = ("selection_precision", "selection_recall", "selection_f1")
        values |= dict(zip(names, best, strict=True))
    if item.answers:
        values["span_em"] = metrics.exact_match(found.words, item.answers)
        values["span_f1"] = metrics.token_f1(found.words, item.answers)
    return values


def _f1(scores: tuple[float, float, float]) -> float:
    return scores[2]
