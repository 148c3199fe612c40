"""Read without a model: similarity, shared words, and the kind of answer asked for.

It needs an encoder and the word counts of the index, no trained weights. A score is a
weighted sum of features in [0, 1]; the weights were fitted on training questions only
(see docs/evaluation.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from newsqa.protocols import Encoder
from newsqa.question.kinds import Kind, answers_of
from newsqa.question.query import Query
from newsqa.text.analysis import content_terms
from newsqa.types import Candidate, Passage, Span

MAX_SENTENCE_CHARS = 1_000  # what is read of a sentence; longer ones are quoted whole all the same
W_COSINE, W_OVERLAP, W_AROUND, W_KIND = 1.0, 0.5, 0.4, 0.2  # python -m training.fitting.sentences

ASKS = 0.5  # taken off a sentence that ends in a question mark: it asks and does not answer


class SentenceReader:
    """Scores sentences one by one against the question; see `newsqa.protocols.Reader`."""

    name = "none"

    def __init__(self, encoder: Encoder, idf: Callable[[str], float]) -> None:
        """Take the encoder that compares texts and the weight of a term in this index."""
        self._encoder = encoder
        self._idf = idf

    def read(self, question: str, passages: Sequence[Passage]) -> list[Candidate]:
        """See `newsqa.protocols.Reader.read`."""
        texts = [_texts(passage) for passage in passages]
        unique = list(dict.fromkeys(text for group in texts for text in group))
        if not unique:
            return []
        query = Query.of(question)
        vector = self._encoder.encode_questions([question])[0]
        rows = self._encoder.encode_passages(unique) @ vector
        cosine = dict(zip(unique, np.maximum(rows, 0.0).tolist(), strict=True))
        weights = {term: self._idf(term) for term in query.content_terms}
        return [
            _candidate(passage, group, query, weights, cosine)
            for passage, group in zip(passages, texts, strict=True)
        ]


def _texts(passage: Passage) -> list[str]:
    """Return the part of each sentence that lies in the passage, shortened."""
    start, end = passage.span.start, passage.span.end
    cut = [
        passage.text[max(s.start, start) - start : min(s.end, end) - start]
        for s in passage.sentences
    ]
    return [text[:MAX_SENTENCE_CHARS] for text in cut]


def _candidate(
    passage: Passage,
    texts: Sequence[str],
    query: Query,
    weights: dict[str, float],
    cosine: dict[str, float],
) -> Candidate:
    own = [set(content_terms(text)) for text in texts]
    title = set(content_terms(passage.title))
    scored: list[tuple[Span, float]] = []
    marks: list[list[Span]] = []
    for at, (span, text) in enumerate(zip(passage.sentences, texts, strict=True)):
        around = title.union(*own[max(0, at - 1) : at + 2])
        marks.append(answers_of(query.kind, text, query.words))
        score = (
            W_COSINE * cosine[text]
            + W_OVERLAP * _share(weights, own[at])
            + W_AROUND * _share(weights, around)
            + W_KIND * (query.kind is Kind.OTHER or bool(marks[at]))
            - ASKS * text.rstrip("\"'”’)").endswith("?")
        )
        scored.append((span, round(score, 6)))
    best = max(range(len(scored)), key=lambda at: (scored[at][1], -at))
    return Candidate(
        passage=passage,
        relevance=scored[best][1],
        no_answer=0.0,
        sentences=tuple(scored),
        answer=_marked(passage, best, marks[best], query.kind),
    )


def _share(weights: dict[str, float], terms: set[str]) -> float:
    total = sum(weights.values())
    return sum(w for term, w in weights.items() if term in terms) / total if total else 0.0


def _marked(passage: Passage, at: int, marks: Sequence[Span], kind: Kind) -> Span | None:
    """Return the answering words, where the kind of answer leaves no doubt which they are."""
    if not marks or (kind in {Kind.PERSON, Kind.PLACE, Kind.NAME} and len(marks) > 2):
        return None
    sentence = passage.sentences[at]
    begin = max(sentence.start, passage.span.start)
    return marks[0].shifted(begin)
