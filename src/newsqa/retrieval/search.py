"""Find passages for a question: by meaning, by words, merged, one hit for one text.

A passage also counts for the article it stands in: the words of a question are often spread over
a whole article, of which each passage holds a few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from newsqa.index import Snapshot
from newsqa.index.stores.bm25 import K1, B
from newsqa.protocols import Encoder
from newsqa.question.dates import anchor_day
from newsqa.question.query import Query
from newsqa.question.sources import sources_mentioned
from newsqa.retrieval.boosts import boost_dates, boost_recent, boost_sources
from newsqa.retrieval.deduplication import deduplicate
from newsqa.retrieval.fusion import DECIMALS, min_max_fusion, scaled
from newsqa.settings import Settings
from newsqa.text.analysis import other_names, stem, terms, words
from newsqa.text.folding import fold
from newsqa.types import Filters, Hit

if TYPE_CHECKING:
    from newsqa.protocols import Keys, Scored

WEIGHED_ARTICLES = 20  # how many of the best articles are weighed as a whole
MAX_ARTICLE_CHARS = 100_000  # what is read of an article for that


@dataclass(frozen=True, slots=True)
class Retriever:
    """Finds passages for one question in one state of the index.

    Args:
        snapshot: The state of the index to search.
        encoder: The one the index was built with.
        settings: Depth and weights of the ranking.
        query: The question; one without a word finds nothing.
        today: The day of asking: what was printed shortly before it comes forward.
    """

    snapshot: Snapshot
    encoder: Encoder
    settings: Settings
    query: Query
    today: date | None = None

    def hits(self, filters: Filters, k: int) -> list[Hit]:
        """Return at most ``k`` hits, best first, ranks from 1, each text once.

        What the question says beyond its words raises scores: the day it is asked on, the days
        and the sources it names, each where no filter says so already.
        """
        dates = () if filters.dated else self.query.dates
        today = None if filters.dated or not self.settings.day_weight else self.today
        day = anchor_day(dates, today)
        known = () if filters.sources else self.snapshot.sources()
        sources = sources_mentioned(self.query.text, known)
        boosted = bool(day or dates or sources)
        hits = self._fused_hits(filters, max(k, self.settings.depth) if boosted else k)
        if day is not None:
            hits = boost_recent(hits, day, self.settings.day_weight)
        hits = boost_dates(hits, dates) if dates else hits
        return (boost_sources(hits, sources) if sources else hits)[:k]

    def any_word_known(self) -> bool:
        """Whether any passage, whatever is filtered, holds a word of the question."""
        return any(self.snapshot.frequency(term) for term in self.query.search_terms)

    def _fused_hits(self, filters: Filters, k: int) -> list[Hit]:
        """Return the hits as the two legs and the articles' words rank them.

        Both legs are filtered before they search. A part of the question in double quotes must
        stand in the passage as it is. Equal scores come in order of passage id.
        """
        if not self.query.terms:
            return []
        allowed = self.snapshot.allowed(filters)
        for phrase in self.query.phrases:
            allowed = _holding(self.snapshot, phrase, allowed)
        if allowed is not None and not len(allowed):
            return []
        dense, lexical = self._legs(allowed, max(self.settings.depth, k))
        weight = self.settings.dense_weight
        fused = min_max_fusion(dense, lexical, dense_weight=weight)
        if 0 < weight < 1 and self.settings.article_weight > 0:
            fused = self._with_articles(fused)
        unique = deduplicate(self.snapshot, fused, k, as_of=filters.as_of)
        return [
            Hit(
                passage=hit.passage,
                score=fused[hit.key],
                rank=rank,
                dense=dense.get(hit.key),
                lexical=lexical.get(hit.key),
                copies=hit.copies,
            )
            for rank, hit in enumerate(unique, start=1)
        ]

    def _legs(self, allowed: Keys | None, depth: int) -> tuple[dict[int, float], dict[int, float]]:
        """Return the best passages by meaning and by words; a leg of weight 0 is not run."""
        dense: dict[int, float] = {}
        if self.settings.dense_weight > 0:
            vector = self.encoder.encode_questions([self.query.text])[0]
            dense = _first(self.snapshot.dense(vector, depth + 1, allowed=allowed), depth)
        lexical: dict[int, float] = {}
        if self.settings.dense_weight < 1:
            own = self.query.search_terms
            lexical = _first(self.snapshot.lexical(own, depth + 1, allowed=allowed), depth)
        return dense, lexical

    def _with_articles(self, fused: Mapping[int, float]) -> dict[int, float]:
        """Mix into each passage's score the BM25 of its article, for the best articles.

        It is scaled to [0, 1] over those articles, as the legs are; the others get 0.
        """
        weight = self.settings.article_weight
        keys = list(fused)
        pairs = zip(keys, self.snapshot.passages(keys), strict=True)
        # Of equals the order must not tell in which order articles came into the index.
        ranked = dict(sorted(pairs, key=lambda pair: (-fused[pair[0]], pair[1].passage_id)))
        names = dict.fromkeys((p.article_id, p.version) for p in ranked.values())
        best = list(names)[:WEIGHED_ARTICLES]
        scores = scaled({name: self._article_score(*name) for name in best})
        return {
            key: round(
                (1 - weight) * fused[key]
                + weight * scores.get((passage.article_id, passage.version), 0.0),
                DECIMALS,
            )
            for key, passage in ranked.items()
        }

    def _article_score(self, article_id: str, version: int) -> float:
        """BM25 of a whole article, with the counts of passages for the weight of a term.

        Source: Robertson and Zaragoza 2009, The Probabilistic Relevance Framework, section 3.3.
        """
        article = self.snapshot.article(article_id, version)
        text = f"{article.title}\n{article.body[:MAX_ARTICLE_CHARS]}"
        read = words(text)
        read += other_names(text, read)
        asked = sorted(set(self.query.search_terms))  # one order of adding up: the same sum
        initials = {term[0] for term in asked}  # a stem begins as its word does
        counts: Counter[str] = Counter()
        for word, times in Counter(read).items():
            if word[0] in initials:
                counts[stem(word)] += times
        length = 1 - B + B * len(read) / self.snapshot.mean_article_terms
        score = 0.0
        for term in asked:
            score += (
                self.snapshot.idf(term) * counts[term] * (K1 + 1) / (counts[term] + K1 * length)
            )
        return score


def _first(scored: Scored, depth: int) -> dict[int, float]:
    """Return the first ``depth``, without those that score no more than the first one left out.

    Which of these comes first depends on the order in which articles came into the index; they
    are worth next to nothing to fusion. Where they are the most, they stay.
    """
    kept = dict(scored[:depth])
    if len(scored) <= depth:
        return kept
    sure = {key: score for key, score in kept.items() if score > scored[depth][1]}
    return sure if 2 * len(sure) >= depth else kept


def _holding(snapshot: Snapshot, phrase: str, allowed: Keys | None) -> Keys:
    """Narrow the allowed keys to the passages that hold the phrase as it stands."""
    keys = snapshot.phrase(terms(phrase))
    if allowed is not None:
        keys = np.intersect1d(keys, allowed)
    folded = " ".join(fold(phrase).split())
    passages = snapshot.passages([int(key) for key in keys])
    texts = [" ".join(fold(passage.text).split()) for passage in passages]
    kept = [key for key, text in zip(keys.tolist(), texts, strict=True) if folded in text]
    return np.array(kept, dtype=np.int64)


def within_tokens(hits: Sequence[Hit], max_tokens: int, count: Callable[[str], int]) -> list[Hit]:
    """Return the hits from the top whose passages together have at most ``max_tokens`` tokens."""
    kept: list[Hit] = []
    used = 0
    for hit in hits:
        used += count(hit.passage.text)
        if used > max_tokens:
            break
        kept.append(hit)
    return kept
