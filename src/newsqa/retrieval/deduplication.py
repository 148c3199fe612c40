"""Merge hits that repeat a better one: the text becomes one hit and lists its copies.

Of a group of near-copies a reader wants one article, with everybody who printed it. So a group
is shown through the article of its best passage. Another member gets a hit of its own only for a
passage most of which does not stand in the member shown: what one source added, another cut.
Different passages of one article stay different hits, whatever its copies say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from newsqa.index import Snapshot
from newsqa.text.near_duplicates import REPEATED, overlap, shingles, stands_in
from newsqa.types import Copy, Passage, Span

_STEP = 32  # passages fetched at a time


@dataclass(frozen=True, slots=True)
class UniqueHit:
    """A passage that says something of its own, and where else it is printed."""

    key: int
    passage: Passage
    copies: tuple[Copy, ...]


def deduplicate(
    snapshot: Snapshot, scores: Mapping[int, float], k: int, *, as_of: date | None = None
) -> list[UniqueHit]:
    """Return the best ``k`` passages none of which repeats a better one, best first.

    A passage repeats another article's if the words are the same, or if the two articles are
    near-copies and at least half of its shingles stand in the one that is shown. ``copies`` are
    all current articles that print the passage, whatever is filtered, the earliest first; a
    near-copy from which it was cut is none of them. With ``as_of`` the versions of that day count
    as current.

    Args:
        snapshot: The state of the index.
        scores: The score of each passage, by key; equal ones come in order of passage id.
        k: Most passages.
        as_of: The day whose articles and copies are meant, None for now.
    """
    work = _Deduplicator(snapshot, as_of)
    hits: list[UniqueHit] = []
    for key, passage in _in_order(snapshot, scores):
        if len(hits) == k:
            break
        if not work.repeats(key, passage):
            hits.append(UniqueHit(key, passage, work.add(key, passage)))
    return hits


def _in_order(snapshot: Snapshot, scores: Mapping[int, float]) -> Iterator[tuple[int, Passage]]:
    """Yield the passages, best first; no more are fetched than are asked for, but for a few."""
    ranked = sorted(scores, key=lambda key: (-scores[key], key))
    at = 0
    while at < len(ranked):
        end = min(at + _STEP, len(ranked))
        while end < len(ranked) and scores[ranked[end]] == scores[ranked[end - 1]]:
            end += 1
        keys = ranked[at:end]
        pairs = zip(keys, snapshot.passages(keys), strict=True)
        yield from sorted(pairs, key=lambda pair: (-scores[pair[0]], pair[1].passage_id))
        at = end


class _Deduplicator:
    """What was shown so far for one question, and the texts it is compared with."""

    def __init__(self, snapshot: Snapshot, as_of: date | None) -> None:
        self._snapshot = snapshot
        self._view = snapshot.view(as_of)
        self._seen: set[int] = set()
        self._order: list[int] = []  # texts shown, in the order of their best passages
        self._texts: dict[int, list[tuple[Passage, frozenset[str]]]] = {}

    def repeats(self, key: int, passage: Passage) -> bool:
        """Whether a better hit says it: the same words, or a near-copy that has them."""
        if key in self._seen:
            return True
        revision_id = self._view.text_of(key)
        near = set(self._near(revision_id))
        # One that was shown before its copies were is not measured by them.
        earlier = self._order
        if revision_id in earlier:
            earlier = earlier[: earlier.index(revision_id)]
        rivals = [other for other in earlier if other in near]
        part = shingles(passage.text) if rivals else frozenset()
        return any(stands_in(part, self._whole(other)) >= REPEATED for other in rivals)

    def add(self, key: int, passage: Passage) -> tuple[Copy, ...]:
        """Note a hit and return where else it is printed."""
        same = self._view.copies(key)
        self._seen.update((key, *same))
        passages = self._snapshot.passages(same)
        revision_id = self._view.text_of(key)
        if revision_id is not None and revision_id not in self._order:
            self._order.append(revision_id)
        others = {other.article_id for other in passages}
        for near in self._near(revision_id):
            place = self._place_in(near, passage)
            if place is not None and place.article_id not in others:
                passages.append(place)
        return tuple(_copy(p) for p in sorted(passages, key=_age))

    def _near(self, revision_id: int | None) -> Sequence[int]:
        return () if revision_id is None else self._view.groups.texts_beside(revision_id)

    def _place_in(self, revision_id: int, passage: Passage) -> Passage | None:
        """Return the passage of a near-copy that prints most of this one, None if it was cut."""
        own = shingles(passage.text)
        pairs = [(overlap(own, other), p) for p, other in self._text(revision_id)]
        near = [(share, p) for share, p in pairs if share >= REPEATED]
        best = max(near, key=lambda pair: (pair[0], -pair[1].span.start), default=None)
        return best[1] if best else None

    def _whole(self, revision_id: int) -> frozenset[str]:
        return frozenset().union(*(found for _, found in self._text(revision_id)))

    def _text(self, revision_id: int) -> list[tuple[Passage, frozenset[str]]]:
        if revision_id not in self._texts:
            passages = self._snapshot.passages(self._view.keys_of(revision_id))
            self._texts[revision_id] = [(p, shingles(p.text)) for p in passages]
        return self._texts[revision_id]


def copies_of(snapshot: Snapshot, article_id: str) -> tuple[Copy, ...]:
    """Return the near-copies of an article as a whole, the earliest first."""
    articles = map(snapshot.article, snapshot.groups.articles_beside(article_id))
    whole = [Passage.of(article, Span(0, len(article.body))) for article in articles]
    return tuple(_copy(p) for p in sorted(whole, key=_age))


def _age(passage: Passage) -> tuple[bool, date, str, int]:
    published = passage.published
    return published is None, published or date.max, passage.article_id, passage.span.start


def _copy(passage: Passage) -> Copy:
    return Copy(**passage.reference(), span=passage.span)
