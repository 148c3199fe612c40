"""Finds passages for a question: by meaning, by words, merged, one hit for one text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from newsqa.fusion import min_max_fusion
from newsqa.index import Snapshot
from newsqa.protocols import Encoder
from newsqa.questions import phrases_of
from newsqa.text import content_terms, terms
from newsqa.types import Copy, Filters, Hit, Passage

if TYPE_CHECKING:
    from newsqa.protocols import Keys


def retrieve(
    snapshot: Snapshot,
    encoder: Encoder,
    question: str,
    *,
    filters: Filters,
    k: int,
    depth: int,
    dense_weight: float,
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
    return _hits(snapshot, fused, dense, lexical, k)


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
        dense = dict(snapshot.dense(vector, depth, allowed=allowed))
    lexical: dict[int, float] = {}
    if dense_weight < 1:
        wanted = content_terms(question) or terms(question)
        lexical = dict(snapshot.lexical(wanted, depth, allowed=allowed))
    return dense, lexical


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
    snapshot: Snapshot,
    fused: Mapping[int, float],
    dense: Mapping[int, float],
    lexical: Mapping[int, float],
    k: int,
) -> list[Hit]:
    keys = _enough(snapshot, fused, k)
    passages = dict(zip(keys, snapshot.passages(keys), strict=True))
    keys.sort(key=lambda key: (-fused[key], passages[key].passage_id))
    hits: list[Hit] = []
    seen: set[int] = set()
    for key in keys:
        if key in seen or len(hits) == k:
            continue
        others = snapshot.copies(key)
        seen.update((key, *others))
        hits.append(
            Hit(
                passage=passages[key],
                score=fused[key],
                rank=len(hits) + 1,
                dense=dense.get(key),
                lexical=lexical.get(key),
                copies=tuple(_copy(p) for p in snapshot.passages(others)),
            )
        )
    return hits


def _enough(snapshot: Snapshot, fused: Mapping[int, float], k: int) -> list[int]:
    """Return the best keys that make k different texts, and every key that ties with the last."""
    ranked = sorted(fused, key=lambda key: (-fused[key], key))
    seen: set[int] = set()
    texts, least = 0, 0.0
    for at, key in enumerate(ranked):
        if texts >= k and fused[key] < least:
            return ranked[:at]
        if key not in seen:
            texts, least = texts + 1, fused[key]
            seen.update((key, *snapshot.copies(key)))
    return ranked


def _copy(passage: Passage) -> Copy:
    return Copy(
        article_id=passage.article_id,
        version=passage.version,
        title=passage.title,
        source=passage.source,
        published=passage.published,
        url=passage.url,
        span=passage.span,
    )


def articles_of(hits: Sequence[Hit]) -> list[str]:
    """Return the ids of the articles in order of their best passage."""
    return list(dict.fromkeys(hit.passage.article_id for hit in hits))
