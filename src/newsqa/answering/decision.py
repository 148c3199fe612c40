"""Turn what the reader found into a confidence and a decision. Pure, small, readable.

The confidence is a logistic model over a few features of the best candidate, with the weights of
`newsqa.answering.weights`.
Source: J. Platt, "Probabilistic Outputs for Support Vector Machines", 1999 (logistic on scores).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log, log1p
from typing import TypeAlias

from newsqa.answering.weights import WEIGHTS, Weights
from newsqa.question.kinds import Kind, answers_of, missing_from
from newsqa.question.query import Query
from newsqa.text.analysis import contains_run, content_terms, terms
from newsqa.types import Candidate, Hit, Passage, Span

LEAD_CHARS = 200  # about two sentences
TOP_SENTENCES = 5  # sentences whose place in the order a decision explains
VOTE = 4.0  # a vote of .25 counts as log 2: a few unsure articles weigh as much as one sure one

CopyGroup: TypeAlias = str | int  # the number of a group of near-copies, or a lone article's id
Votes: TypeAlias = Mapping[tuple[CopyGroup, tuple[str, ...]], float]  # by group and answer terms


@dataclass(frozen=True, slots=True)
class RankedSentence:
    """One sentence of a candidate, with what puts it in its place.

    ``hit`` is what its passage was found as. ``group`` is the same for an article and its
    near-copies, ``source`` is the source in one spelling, "" if it is not named; sentences that
    share one of them are not independent. ``parts``, as weighed, are "reader" (the log-odds of its
    score, or the score), "place", "votes" and "lead".
    """

    candidate: Candidate
    span: Span
    score: float
    hit: Hit
    group: CopyGroup
    source: str
    parts: Mapping[str, float]

    @property
    def article_id(self) -> str:
        """The article it stands in."""
        return self.candidate.passage.article_id

    @property
    def text(self) -> str:
        """The part of it that lies in the passage."""
        return _cut(self.candidate.passage, self.span)

    @property
    def total(self) -> float:
        """What sentences are ordered by."""
        return sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class Decision:
    """The confidence, the sentences to quote (best first), what no passage mentions, and why.

    ``top`` are the sentences ranked first, and ``weights`` what all was weighed with.
    """

    confidence: float
    chosen: tuple[RankedSentence, ...]
    missing: tuple[str, ...]
    features: Mapping[str, float]
    top: tuple[RankedSentence, ...]
    weights: Weights

    @property
    def adds(self) -> dict[str, float]:
        """What each feature, and the bias, adds to the log-odds behind the confidence."""
        return adds(self.features, self.weights)

    def answers(self, min_confidence: float) -> bool:
        """Whether to answer: sure enough, and every name asked about is mentioned somewhere.

        Of 54 training questions with a name that no read passage mentions, 7 were answered right.
        """
        return self.confidence >= min_confidence and not self.missing


def decide(
    query: Query,
    hits: Sequence[Hit],
    candidates: Sequence[Candidate],
    *,
    idf: Callable[[str], float],
    reader: str,
    k: int,
    groups: Mapping[str, int] = {},
) -> Decision:
    """Choose the sentences to quote and the probability that the first one answers.

    Args:
        query: The question that was read; its names must be mentioned somewhere.
        hits: What was read, best first.
        candidates: What the reader found in each of them.
        idf: The weight of a term in this index, above 0.
        reader: Name of the reader, which selects the weights; unknown ones use those of "none".
        k: Most sentences.
        groups: The number of the group of each article that has near-copies.

    Raises:
        ValueError: There is no candidate.
    """
    weights = WEIGHTS.get(reader, WEIGHTS["none"])
    ranked = _ranked(query, hits, candidates, weights, groups)
    mentioned: set[str] = set().union(*map(_mentioned, candidates))
    features = _features(query, ranked, idf, mentioned)
    return Decision(
        confidence=confidence(features, weights),
        chosen=_chosen(query, ranked, k, weights),
        missing=missing_from(query.names, mentioned),
        features=features,
        top=tuple(ranked[:TOP_SENTENCES]),
        weights=weights,
    )


def adds(features: Mapping[str, float], weights: Weights) -> dict[str, float]:
    """Return what each weighed feature adds to the log-odds, the bias first."""
    parts = {name: w * features[name] for name, w in weights.features.items()}
    return {"bias": weights.bias, **parts}


def confidence(features: Mapping[str, float], weights: Weights) -> float:
    """Return the probability, in [0, 1], that the best sentence answers."""
    logit = sum(adds(features, weights).values())
    return round(1.0 / (1.0 + exp(-max(-30.0, min(30.0, logit)))), 4)


def reorder(hits: Sequence[Hit], candidates: Sequence[Candidate], reader: str) -> list[Hit]:
    """Return the hits in the order that their scores and the reader give together.

    Without a fitted weight for the reader, its relevance alone decides. Equals keep their order.
    """
    weight = WEIGHTS.get(reader, WEIGHTS["none"]).rerank

    def worth(pair: tuple[Hit, Candidate]) -> float:
        hit, candidate = pair
        if not weight:
            return candidate.relevance
        return hit.score + weight * _odds(max(score for _, score in candidate.sentences))

    best = sorted(joined(hits, candidates), key=lambda pair: -worth(pair))
    return [replace(hit, rank=rank) for rank, (hit, _) in enumerate(best, start=1)]


def joined(hits: Sequence[Hit], candidates: Sequence[Candidate]) -> Iterator[tuple[Hit, Candidate]]:
    """Yield each hit with the candidate of its passage; a reader may have made that anew."""
    by_passage = {candidate.passage.passage_id: candidate for candidate in candidates}
    return ((hit, by_passage[hit.passage.passage_id]) for hit in hits)


def _ranked(
    query: Query,
    hits: Sequence[Hit],
    candidates: Sequence[Candidate],
    weights: Weights,
    groups: Mapping[str, int],
) -> list[RankedSentence]:
    """Return every sentence once, best first, also where two passages hold it."""
    if not candidates:
        raise ValueError("nothing to decide on: no candidate")
    best: dict[tuple[str, Span], RankedSentence] = {}
    votes = _votes(query, candidates, groups) if weights.votes else {}
    for hit, candidate in joined(hits, candidates):
        passage = candidate.passage
        group, source = _group(passage, groups), " ".join(passage.source.casefold().split())
        for span, score in candidate.sentences:
            parts = {
                "reader": _odds(score) if weights.likely else score,
                "place": weights.place * hit.score,
                "votes": weights.votes * _voted(_cut(passage, span), group, votes),
                "lead": -weights.lead * log1p(span.start / LEAD_CHARS),
            }
            sentence = RankedSentence(candidate, span, score, hit, group, source, parts)
            key = passage.article_id, span
            if key not in best or sentence.total > best[key].total:
                best[key] = sentence
    # Equal scores keep the order of the hits: sorted() is stable and dicts keep theirs.
    return sorted(best.values(), key=lambda sentence: -sentence.total)


def _group(passage: Passage, groups: Mapping[str, int]) -> CopyGroup:
    return groups.get(passage.article_id, passage.article_id)


def _votes(query: Query, candidates: Sequence[Candidate], groups: Mapping[str, int]) -> Votes:
    """Return the short answer read in each group of copies, with the score of its sentence.

    An answer that repeats words of the question tells nothing. Source: Wang et al. 2018,
    "Evidence Aggregation for Answer Re-Ranking in Open-Domain Question Answering".
    """
    asked = set(query.terms)
    votes: dict[tuple[CopyGroup, tuple[str, ...]], float] = {}
    for candidate in candidates:
        if candidate.answer is None:
            continue
        answer = tuple(terms(_cut(candidate.passage, candidate.answer)))
        if not asked.issuperset(answer):
            key = (_group(candidate.passage, groups), answer)
            votes[key] = max(votes.get(key, 0.0), max(score for _, score in candidate.sentences))
    return votes


def _voted(text: str, group: CopyGroup, votes: Votes) -> float:
    """log(1 + 4 times the scores of the other groups whose answer the sentence holds)."""
    if not votes:
        return 0.0
    own = terms(text)
    scores: dict[CopyGroup, float] = {}
    for (other, answer), score in votes.items():
        if other != group and contains_run(own, answer):
            scores[other] = max(scores.get(other, 0.0), score)
    return log1p(VOTE * sum(scores.values()))


def _chosen(
    query: Query, ranked: Sequence[RankedSentence], k: int, weights: Weights
) -> tuple[RankedSentence, ...]:
    """Return the best, then of those nearly as good what adds to it.

    That is the best sentence of another source, which bears it out or does not, and of another
    article where no other source says anything; then a sentence that holds a word of the question
    that nothing quoted so far holds. What a near-copy of a quoted article says is left out.
    """
    best = ranked[0]
    near = [s for s in ranked[1 : 8 * k] if s.score >= weights.support * best.score > 0]
    independent = [best]
    for sentence in near:
        if not any(_one_source(sentence, other) for other in independent):
            independent.append(sentence)
    alone = independent == [best]
    chosen = [best]
    for sentence in [*independent[1:], *near]:
        second = len(chosen) == 1
        good = second or sentence.score >= weights.third * best.score
        elsewhere = sentence in independent or (alone and second and sentence.group != best.group)
        adds = elsewhere or _terms([sentence]) & (set(query.content_terms) - _terms(chosen))
        new = sentence not in chosen and not any(_copied(sentence, other) for other in chosen)
        if len(chosen) < k and new and good and adds:
            chosen.append(sentence)
    return tuple(chosen)


def _copied(one: RankedSentence, other: RankedSentence) -> bool:
    return one.group == other.group and one.article_id != other.article_id


def _one_source(one: RankedSentence, other: RankedSentence) -> bool:
    return bool(one.source and one.source == other.source) or one.group == other.group


def _terms(sentences: Sequence[RankedSentence]) -> set[str]:
    return {term for sentence in sentences for term in content_terms(sentence.text)}


def _mentioned(candidate: Candidate) -> set[str]:
    """Return the terms of a passage and its title, and the year in which it was published."""
    passage = candidate.passage
    mentioned = set(content_terms(f"{passage.title} {passage.source} {passage.text}"))
    return mentioned | {str(passage.published.year)} if passage.published else mentioned


def _features(
    query: Query,
    ranked: Sequence[RankedSentence],
    idf: Callable[[str], float],
    mentioned: set[str],
) -> dict[str, float]:
    """Return the features of the best sentence; ``mentioned`` are all terms that were read."""
    best = ranked[0]
    passage = best.candidate.passage
    around = set(content_terms(f"{passage.title} {_window(best)}"))
    weights = {term: idf(term) for term in query.content_terms}
    total = sum(weights.values())
    absent = missing_from(query.names, around)
    own = passage.passage_id
    elsewhere = [s.score for s in ranked[1:] if s.candidate.passage.passage_id != own]
    of_kind = query.kind is Kind.OTHER or answers_of(query.kind, best.text, query.words)
    return {
        "score": best.score,
        "odds": _odds(best.score),
        "margin": best.score - (elsewhere[4] if len(elsewhere) > 4 else 0.0),
        "relevance": best.candidate.relevance,
        "no_answer": best.candidate.no_answer,
        "covered": sum(w for t, w in weights.items() if t in around) / total if total else 0.0,
        "nowhere": sum(w for t, w in weights.items() if t not in mentioned) / total
        if total
        else 0.0,
        "names": 1.0 - len(absent) / len(query.names) if query.names else 1.0,
        "missing": float(bool(missing_from(query.names, mentioned))),
        "kind": float(bool(of_kind)),
        "dense": best.hit.dense or 0.0,
        "agreement": float(best.hit.dense is not None and best.hit.lexical is not None),
        "lead": log1p(best.span.start / LEAD_CHARS),
    }


def _odds(score: float) -> float:
    """Return the log of the odds of a score that is a probability; others are cut to [0, 1]."""
    chance = min(max(score, 1e-6), 1 - 1e-6)
    return log(chance / (1 - chance))


def _cut(passage: Passage, span: Span) -> str:
    begin = passage.span.start
    return passage.text[max(0, span.start - begin) : span.end - begin]


def _window(sentence: RankedSentence) -> str:
    """Return the sentence with one neighbour on each side."""
    spans = [span for span, _ in sentence.candidate.sentences]
    at = spans.index(sentence.span)
    first, last = spans[max(0, at - 1)], spans[min(len(spans) - 1, at + 1)]
    return _cut(sentence.candidate.passage, Span(first.start, last.end))
