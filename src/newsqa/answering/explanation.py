"""Explain a reply, as JSON and as tables: passages read, sentences ranked, the decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newsqa.answering.decision import Decision, joined
from newsqa.types import Candidate, Hit, Span


@dataclass(frozen=True, slots=True)
class Table:
    """A title, what the columns are called, and the cells as text; the first column is a name."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def lines(self) -> Iterator[str]:
        """Return the table as lines of text, its columns aligned."""
        cells = [self.columns, *self.rows]
        widths = [max(len(row[at]) for row in cells) for at in range(len(self.columns))]
        yield self.title
        for row in cells:
            first, *others = (
                cell.ljust(width) if at == 0 else cell.rjust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            yield "  ".join(["", first, *others]).rstrip()


HALF = 16  # characters of a long id that are shown at each end

_PASSAGE = {
    "dense": "dense",
    "lexical": "lexical",
    "fused": "fused",
    "relevance": "relevance",
    "no_answer": "no answer",
    "best_sentence": "best sentence",
}

_SENTENCE = ("score", "reader", "place", "votes", "lead", "total")


def explained(
    reader: str, hits: Sequence[Hit], candidates: Sequence[Candidate], decision: Decision
) -> dict[str, Any]:
    """Return the JSON form of what was read, how sentences were ranked and what was decided."""
    weights = decision.weights
    return {
        "reader": reader,
        "passages": [
            {
                "rank": hit.rank,
                **_where(hit.passage.article_id, hit.passage.span),
                "dense": hit.dense,
                "lexical": hit.lexical,
                "fused": hit.score,
                "relevance": candidate.relevance,
                "no_answer": candidate.no_answer,
                "best_sentence": max(score for _, score in candidate.sentences),
            }
            for hit, candidate in joined(hits, candidates)
        ],
        "sentences": [
            {
                **_where(sentence.article_id, sentence.span),
                "score": sentence.score,
                **sentence.parts,
                "total": sentence.total,
            }
            for sentence in decision.top
        ],
        "sentence_weights": {n: getattr(weights, n) for n in ("place", "votes", "lead")},
        "features": dict(decision.features),
        "feature_weights": {"bias": weights.bias, **weights.features},
        "adds_to_log_odds": dict(decision.adds),
        "missing": list(decision.missing),
        "confidence": decision.confidence,
    }


def _where(article_id: str, span: Span) -> dict[str, Any]:
    return {"article_id": article_id, "start": span.start, "end": span.end}


def tables(explain: Mapping[str, Any]) -> list[Table]:
    """Return the passages in the order they were read, the first sentences, and the decision."""
    passages: Sequence[Mapping[str, Any]] = explain["passages"]
    read = Table(
        title=f"Read by {explain['reader']!r}",
        columns=("passage", *_PASSAGE.values()),
        rows=tuple(
            (_place(passage, passage["rank"]), *(_number(passage[key]) for key in _PASSAGE))
            for passage in passages
        ),
    )
    return [read, _ranked(explain), _decided(explain)]


def _ranked(explain: Mapping[str, Any]) -> Table:
    """Return the sentences ranked first; after the score the parts of the total, as weighed."""
    sentences: Sequence[Mapping[str, Any]] = explain["sentences"]
    weights: Mapping[str, float] = explain["sentence_weights"]
    weighed = ", ".join(f"{name} by {weight:g}" for name, weight in weights.items())
    return Table(
        title=f"Sentences ranked first, weighed: {weighed}",
        columns=("sentence", *_SENTENCE),
        rows=tuple(
            (_place(sentence, rank), *(_number(sentence[key]) for key in _SENTENCE))
            for rank, sentence in enumerate(sentences, start=1)
        ),
    )


def _decided(explain: Mapping[str, Any]) -> Table:
    """Return what each feature is worth; those without a weight are not in it."""
    adds: Mapping[str, float] = explain["adds_to_log_odds"]
    features: Mapping[str, float] = explain["features"]
    weights: Mapping[str, float] = explain["feature_weights"]
    return Table(
        title=f"Confidence {explain['confidence']:.2f}, from log-odds {sum(adds.values()):.2f}",
        columns=("feature", "value", "weight", "adds"),
        rows=tuple(
            (
                name.replace("_", " "),
                _number(features.get(name)),
                f"{weights[name]:+.3f}",
                f"{add:+.2f}",
            )
            for name, add in adds.items()
        ),
    )


def _place(place: Mapping[str, Any], rank: int) -> str:
    article = " ".join(str(place["article_id"]).split())
    if len(article) > 2 * HALF:  # addresses: what tells them apart is at the end
        article = f"{article[: HALF - 1]}…{article[-HALF:]}"
    return f"{rank}. {article} {place['start']}-{place['end']}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
