"""Turns what the reader found into a confidence and a decision. Pure, small, readable.

The confidence is a logistic model over a few features of the best candidate, with the weights of
`newsqa.answering.weights`.
Source: J. Platt, "Probabilistic Outputs for Support Vector Machines", 1999 (logistic on scores).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, log1p

from newsqa.answering.weights import WEIGHTS, Weights
from newsqa.question.kinds import Kind, answers_of, kind_of, missing_from, names_of
from newsqa.text.analysis import content_terms, terms
from newsqa.types import Candidate, Span

LEAD_CHARS = 200  # about two sentences
SHOWN = 5  # sentences whose place in the order a decision explains
VOTE = 4.0  # a vote of .25 counts as log 2: a few unsure articles weigh as much as one sure one

Legs = tuple[float | None, float | None, float]  # dense, lexical and fused score of a hit
Story = str | int  # an article's id, or the number of the group of near-copies it is in
Votes = Mapping[tuple[Story, tuple[str, ...]], float]  # story and answer: how sure the reader was


@dataclass(frozen=True, slots=True)
class Choice:
    """One sentence chosen for a quote, out of one candidate.

    ``legs`` are what its passage was found with; ``story`` is the same for an article and its
    near-copies, ``outlet`` is who printed it, in one spelling, "" if that is not named. Choices
    that share one of them are not of independent sources.
    """

    candidate: Candidate
    sentence: Span
    score: float
    legs: Legs
    story: Story
    outlet: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A sentence with what puts it in its place: ``parts`` as weighed, which add up to its worth.

    They are "reader" (the log-odds of its score, or the score), "place", "votes" and "lead".
    """

    choice: Choice
    parts: Mapping[str, float]

    @property
    def total(self) -> float:
        """What sentences are ordered by."""
        return sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do: the confidence, the choices (best first), what no passage mentions, and why.

    ``first`` are the sentences that were ranked first, and ``weights`` what all was weighed with.
    """

    confidence: float
    choices: tuple[Choice, ...]
    missing: tuple[str, ...]
    features: Mapping[str, float]
    first: tuple[Ranked, ...]
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
    question: str,
    candidates: Sequence[Candidate],
    *,
    legs: Sequence[Legs],
    idf: Callable[[str], float],
    reader: str,
    k: int,
    names: Sequence[str] | None = None,
    groups: Mapping[str, int] = {},
) -> Decision:
    """Choose the sentences to quote and the probability that the first one answers.

    Args:
        question: The question that was read.
        candidates: What the reader found, in the order of the hits; not empty.
        legs: What the dense and the lexical leg scored each (None: unfound), and the fused score.
        idf: The weight of a term in this index, above 0.
        reader: Name of the reader, which selects the weights; unknown ones use those of "none".
        k: Most choices.
        names: What must be mentioned somewhere; those of ``question``, if None.
        groups: The number of the group of each article that has near-copies.

    Raises:
        ValueError: There is no candidate.
    """
    weights = WEIGHTS.get(reader, WEIGHTS["none"])
    every = _ranked(question, candidates, legs, weights, groups)
    ranked = [one.choice for one in every]
    seen: set[str] = set().union(*(_mentioned(candidate) for candidate in candidates))
    names = names_of(question) if names is None else names
    features = _features(question, names, ranked, idf, seen)
    return Decision(
        confidence=confidence(features, weights),
        choices=_chosen(ranked, k, weights, question),
        missing=missing_from(names, seen),
        features=features,
        first=tuple(every[:SHOWN]),
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


def order(candidates: Sequence[Candidate], scores: Sequence[float], reader: str) -> list[int]:
    """Return the positions of candidates, best first, their hits having these fused scores.

    Without a fitted weight for the reader, its relevance alone decides. Equals keep their order.
    """
    weight = WEIGHTS.get(reader, WEIGHTS["none"]).rerank

    def worth(at: int) -> float:
        if not weight:
            return candidates[at].relevance
        return scores[at] + weight * _odds(max(score for _, score in candidates[at].sentences))

    return sorted(range(len(candidates)), key=lambda at: -worth(at))


def _ranked(
    question: str,
    candidates: Sequence[Candidate],
    legs: Sequence[Legs],
    weights: Weights,
    groups: Mapping[str, int],
) -> list[Ranked]:
    """Every sentence of every candidate once, best first; a sentence in two passages once."""
    if not candidates:
        raise ValueError("nothing to decide on: no candidate")
    best: dict[tuple[str, int, int], Ranked] = {}
    votes = _votes(question, candidates, groups) if weights.votes else {}
    for candidate, found in zip(candidates, legs, strict=True):
        story, outlet = _story(candidate, groups), _outlet(candidate)
        for span, score in candidate.sentences:
            choice = Choice(candidate, span, score, found, story, outlet)
            parts = {
                "reader": _odds(score) if weights.likely else score,
                "place": weights.place * found[2],
                "votes": weights.votes * _voted(choice, votes),
                "lead": -weights.lead * log1p(span.start / LEAD_CHARS),
            }
            key, one = (candidate.passage.article_id, span.start, span.end), Ranked(choice, parts)
            if key not in best or one.total > best[key].total:
                best[key] = one
    # Equal scores keep the order of the hits: sorted() is stable and dicts keep theirs.
    return sorted(best.values(), key=lambda one: -one.total)


def _story(candidate: Candidate, groups: Mapping[str, int]) -> Story:
    article_id = candidate.passage.article_id
    return groups.get(article_id, article_id)


def _outlet(candidate: Candidate) -> str:
    return " ".join(candidate.passage.source.casefold().split())


def _votes(question: str, candidates: Sequence[Candidate], groups: Mapping[str, int]) -> Votes:
    """The short answer read in each story, with the score of the sentence it stands in.

    An answer that repeats words of the question tells nothing. Source: Wang et al. 2018,
    "Evidence Aggregation for Answer Re-Ranking in Open-Domain Question Answering".
    """
    asked = set(terms(question))
    found: dict[tuple[Story, tuple[str, ...]], float] = {}
    for candidate in candidates:
        passage, answer = candidate.passage, candidate.answer
        if answer is None:
            continue
        begin = passage.span.start
        own = tuple(terms(passage.text[max(0, answer.start - begin) : answer.end - begin]))
        if not asked.issuperset(own):
            key = (_story(candidate, groups), own)
            found[key] = max(found.get(key, 0.0), max(score for _, score in candidate.sentences))
    return found


def _voted(choice: Choice, votes: Votes) -> float:
    """log(1 + 4 times the scores of the other stories whose answer the sentence holds)."""
    if not votes:
        return 0.0
    held = terms(_text(choice))
    per: dict[Story, float] = {}
    for (story, answer), score in votes.items():
        if story != choice.story and _holds(held, answer):
            per[story] = max(per.get(story, 0.0), score)
    return log1p(VOTE * sum(per.values()))


def _holds(terms: Sequence[str], wanted: Sequence[str]) -> bool:
    size = len(wanted)
    return any(tuple(terms[at : at + size]) == wanted for at in range(len(terms) - size + 1))


def _chosen(
    ranked: Sequence[Choice], k: int, weights: Weights, question: str
) -> tuple[Choice, ...]:
    """The best, then of those nearly as good what adds to it.

    That is the best sentence of another outlet, which bears it out or does not, and of another
    article where no other outlet says anything; then a sentence that holds a word of the question
    that nothing quoted so far holds. What a near-copy of a quoted article says is left out.
    """
    best = ranked[0]
    near = [c for c in ranked[1 : 8 * k] if c.score >= weights.support * best.score > 0]
    independent = [best]
    for choice in near:
        if not any(_one_source(choice, other) for other in independent):
            independent.append(choice)
    alone = independent == [best]
    chosen = [best]
    for choice in [*independent[1:], *near]:
        second = len(chosen) == 1
        few = second or choice.score >= weights.third * best.score
        elsewhere = choice in independent or (alone and second and choice.story != best.story)
        adds = elsewhere or _held([choice]) & _lacking(question, chosen)
        new = choice not in chosen and not any(_copied(choice, other) for other in chosen)
        if len(chosen) < k and new and few and adds:
            chosen.append(choice)
    return tuple(chosen)


def _copied(choice: Choice, other: Choice) -> bool:
    article_id = choice.candidate.passage.article_id
    return choice.story == other.story and article_id != other.candidate.passage.article_id


def _one_source(choice: Choice, other: Choice) -> bool:
    outlet = choice.outlet and choice.outlet == other.outlet
    return bool(outlet) or choice.story == other.story


def _lacking(question: str, chosen: Sequence[Choice]) -> set[str]:
    """The terms of the question that nothing chosen so far holds."""
    return set(content_terms(question)) - _held(chosen)


def _held(choices: Sequence[Choice]) -> set[str]:
    """The terms of some sentences."""
    return {term for choice in choices for term in content_terms(_text(choice))}


def _mentioned(candidate: Candidate) -> set[str]:
    """The terms of a passage and its title, and the year in which it was published."""
    passage = candidate.passage
    found = set(content_terms(f"{passage.title} {passage.source} {passage.text}"))
    return found | {str(passage.published.year)} if passage.published else found


def _features(
    question: str,
    names: Sequence[str],
    ranked: Sequence[Choice],
    idf: Callable[[str], float],
    seen: set[str],
) -> dict[str, float]:
    """What is known of the best sentence; ``seen`` are the terms of all passages that were read."""
    best = ranked[0]
    window = _window(best)
    found = set(content_terms(f"{best.candidate.passage.title} {window}"))
    weights = {term: idf(term) for term in content_terms(question)}
    total = sum(weights.values())
    absent = missing_from(names, found)
    kind = kind_of(question)
    sentence = _text(best)
    elsewhere = [c.score for c in ranked[1:] if c.candidate.passage is not best.candidate.passage]
    return {
        "score": best.score,
        "odds": _odds(best.score),
        "margin": best.score - (elsewhere[4] if len(elsewhere) > 4 else 0.0),
        "relevance": best.candidate.relevance,
        "no_answer": best.candidate.no_answer,
        "covered": sum(w for t, w in weights.items() if t in found) / total if total else 0.0,
        "nowhere": sum(w for t, w in weights.items() if t not in seen) / total if total else 0.0,
        "names": 1.0 - len(absent) / len(names) if names else 1.0,
        "missing": float(bool(missing_from(names, seen))),
        "kind": float(kind is Kind.OTHER or bool(answers_of(kind, sentence, question))),
        "dense": best.legs[0] or 0.0,
        "fused": best.legs[2],
        "agreement": float(best.legs[0] is not None and best.legs[1] is not None),
        "lead": log1p(best.sentence.start / LEAD_CHARS),
    }


def _odds(score: float) -> float:
    """The log of the odds of a score that is a probability; others are cut to [0, 1]."""
    chance = min(max(score, 1e-6), 1 - 1e-6)
    return log(chance / (1 - chance))


def _text(choice: Choice) -> str:
    passage = choice.candidate.passage
    begin, start = passage.span.start, choice.sentence.start
    return passage.text[max(0, start - begin) : choice.sentence.end - begin]


def _window(choice: Choice) -> str:
    """The sentence with one neighbour on each side."""
    spans = [span for span, _ in choice.candidate.sentences]
    at = spans.index(choice.sentence)
    passage = choice.candidate.passage
    first, last = spans[max(0, at - 1)], spans[min(len(spans) - 1, at + 1)]
    begin = passage.span.start
    return passage.text[max(0, first.start - begin) : last.end - begin]
