"""Finds passages for a question: by meaning, by words, merged, one hit for one text.

A passage also counts for the article it stands in: the words of a question are often spread over
a whole article, of which each passage holds a few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from newsqa.index import Snapshot
from newsqa.protocols import Encoder
from newsqa.question.kinds import phrases_of
from newsqa.retrieval.deduplication import Distinct, distinct
from newsqa.retrieval.fusion import DECIMALS, min_max_fusion, scaled
from newsqa.text.analysis import content_terms, stem, terms, words
from newsqa.types import Filters, Hit

if TYPE_CHECKING:
    from newsqa.protocols import Keys, Scored

ARTICLES = 20  # how many of the best articles are weighed as a whole
MAX_ARTICLE_CHARS = 100_000  # what is read of an article for that
K1, B = 1.2, 0.75


def retrieve(
    snapshot: Snapshot,
    encoder: Encoder,
    question: str,
    *,
    filters: Filters,
    k: int,
    depth: int,
    dense_weight: float,
    article_weight: float,
) -> list[Hit]:
    """Return at most ``k`` hits, best first, ranks from 1, each text once.

    Both legs are filtered before they search. A part of the question in double quotes must
    stand in the passage as it is. Equal scores come in order of passage id. A leg of weight 0
    is not run, so weights 0 and 1 give each leg alone.

    Args:
        snapshot: The state of the index to search.
        encoder: The one the index was built with.
        question: Any string; one without a word finds nothing.
        filters: Which articles may be found.
        k: Most hits, after copies of a text are collapsed.
        depth: Passages each leg hands to fusion; at least ``k`` are asked for.
        dense_weight: Share of the dense leg, in [0, 1].
        article_weight: Share of the whole article's words, in [0, 1], where both legs are run.
    """
    if not terms(question):
        return []
    allowed = snapshot.allowed(filters)
    for phrase in phrases_of(question):
        allowed = _holding(snapshot, phrase, allowed)
    if allowed is not None and not len(allowed):
        return []
    dense, lexical = _legs(snapshot, encoder, question, allowed, max(depth, k), dense_weight)
    fused = min_max_fusion(dense, lexical, dense_weight=dense_weight)
    if 0 < dense_weight < 1 and article_weight > 0:
        fused = _with_articles(snapshot, question, fused, article_weight)
    return _hits(distinct(snapshot, fused, k, as_of=filters.as_of), fused, dense, lexical)


def _legs(
    snapshot: Snapshot,
    encoder: Encoder,
    question: str,
    allowed: Keys | None,
    depth: int,
    dense_weight: float,
) -> tuple[dict[int, float], dict[int, float]]:
    dense: dict[int, float] = {}
    if dense_weight > 0:
        vector = encoder.encode_questions([question])[0]
        dense = _cut(snapshot.dense(vector, depth + 1, allowed=allowed), depth)
    lexical: dict[int, float] = {}
    if dense_weight < 1:
        wanted = content_terms(question) or terms(question)
        lexical = _cut(snapshot.lexical(wanted, depth + 1, allowed=allowed), depth)
    return dense, lexical


def _cut(scored: Scored, depth: int) -> dict[int, float]:
    """The first ``depth``, without those that score no more than the first one left out.

    Which of these comes first depends on the order in which articles came into the index; they
    are worth next to nothing to fusion. Where they are the most, they stay.
    """
    kept = dict(scored[:depth])
    if len(scored) <= depth:
        return kept
    sure = {key: score for key, score in kept.items() if score > scored[depth][1]}
    return sure if 2 * len(sure) >= depth else kept


def _with_articles(
    snapshot: Snapshot, question: str, fused: Mapping[int, float], weight: float
) -> dict[int, float]:
    """Mix into each passage's score the BM25 of its article, for the best articles.

    It is scaled to [0, 1] over those articles, as the legs are; the others get 0.
    """
    keys = list(fused)
    pairs = zip(keys, snapshot.passages(keys), strict=True)
    # Of equals the order must not tell in which order articles came into the index.
    found = dict(sorted(pairs, key=lambda pair: (-fused[pair[0]], pair[1].passage_id)))
    best = list(dict.fromkeys((p.article_id, p.version) for p in found.values()))[:ARTICLES]
    wanted = set(content_terms(question) or terms(question))
    scores = scaled({name: _article_score(snapshot, wanted, *name) for name in best})
    return {
        key: round(
            (1 - weight) * fused[key]
            + weight * scores.get((passage.article_id, passage.version), 0.0),
            DECIMALS,
        )
        for key, passage in found.items()
    }


def _article_score(snapshot: Snapshot, wanted: set[str], article_id: str, version: int) -> float:
    """BM25 of a whole article, with the counts of passages for the weight of a term.

    Source: Robertson and Zaragoza 2009, The Probabilistic Relevance Framework, section 3.3.
    """
    article = snapshot.article(article_id, version)
    read = words(f"{article.title}\n{article.body[:MAX_ARTICLE_CHARS]}")
    initials = {term[0] for term in wanted}  # a stem begins as its word does
    held: Counter[str] = Counter()
    for word, times in Counter(read).items():
        if word[0] in initials:
            held[stem(word)] += times
    length = 1 - B + B * len(read) / snapshot.mean_article_terms
    score = 0.0
    for term in sorted(wanted):  # one order of adding up: the same sum to the last bit
        score += snapshot.idf(term) * held[term] * (K1 + 1) / (held[term] + K1 * length)
    return score


def _holding(snapshot: Snapshot, phrase: str, allowed: Keys | None) -> Keys:
    """Narrow the allowed keys to the passages that hold the phrase as it stands."""
    keys = snapshot.phrase(terms(phrase))
    if allowed is not None:
        keys = np.intersect1d(keys, allowed)
    wanted = " ".join(phrase.split()).casefold()
    passages = snapshot.passages([int(key) for key in keys])
    texts = [" ".join(passage.text.split()).casefold() for passage in passages]
    found = [key for key, text in zip(keys.tolist(), texts, strict=True) if wanted in text]
    return np.array(found, dtype=np.int64)


def _hits(
    found: Sequence[Distinct],
    fused: Mapping[int, float],
    dense: Mapping[int, float],
    lexical: Mapping[int, float],
) -> list[Hit]:
    return [
        Hit(
            passage=item.passage,
            score=fused[item.key],
            rank=rank,
            dense=dense.get(item.key),
            lexical=lexical.get(item.key),
            copies=item.copies,
        )
        for rank, item in enumerate(found, start=1)
    ]


def articles_of(hits: Sequence[Hit]) -> list[str]:
    """Return the ids of the articles in order of their best passage."""
    return list(dict.fromkeys(hit.passage.article_id for hit in hits))
