"""One immutable state of the index, shared by all threads; a question is answered from one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from newsqa.errors import IndexDamagedError
from newsqa.index import chunking
from newsqa.index.caches import Caches
from newsqa.index.catalog import (
    UNDATED,
    CatalogReader,
    Generation,
    GroupedText,
    OlderVersion,
    Recipe,
    TextRow,
)
from newsqa.index.delta import Delta
from newsqa.index.filter_columns import Columns
from newsqa.index.stores import ExactVectors, ExactWords
from newsqa.protocols import LexicalStore, VectorStore
from newsqa.types import Article, Filters, Passage

if TYPE_CHECKING:
    from newsqa.protocols import Keys, Scored, Vectors


Store = TypeVar("Store")


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of near-copies among the current articles; articles without one are absent.

    ``members`` are the (article, text) of each group by its number, in order of their ids.
    """

    members: dict[int, tuple[tuple[str, int], ...]]
    by_text: dict[int, int]
    by_article: dict[str, int]

    @classmethod
    def of(cls, texts: Iterable[GroupedText]) -> Groups:
        """Gather the texts of each group."""
        gathered: dict[int, list[tuple[str, int]]] = {}
        for article_id, revision_id, group in sorted(texts):
            gathered.setdefault(group, []).append((article_id, revision_id))
        members = {group: tuple(pairs) for group, pairs in gathered.items()}
        return cls(
            members,
            {revision_id: group for group, pairs in members.items() for _, revision_id in pairs},
            {article_id: group for group, pairs in members.items() for article_id, _ in pairs},
        )

    def texts_beside(self, revision_id: int) -> tuple[int, ...]:
        """Return the texts of the other members of a text's group."""
        group = self.by_text.get(revision_id)
        if group is None:
            return ()
        return tuple(other for _, other in self.members[group] if other != revision_id)

    def articles_beside(self, article_id: str) -> frozenset[str]:
        """Return the other members of an article's group."""
        group = self.by_article.get(article_id)
        if group is None:
            return frozenset()
        return frozenset(other for other, _ in self.members[group]) - {article_id}


class AsOfView:
    """The passages of one version of each article (current now or on a day), and their copies."""

    def __init__(self, catalog: CatalogReader, columns: Columns) -> None:
        self.columns = columns
        self._catalog = catalog

    @cached_property
    def groups(self) -> Groups:
        """The near-copies among these articles, worked out when first asked for."""
        texts = frozenset(np.unique(self.columns.revision_ids).tolist())
        return Groups.of(self._catalog.grouped_texts(texts))

    def copies(self, key: int) -> tuple[int, ...]:
        """Return the passages of other articles with the same words, ascending.

        Texts that differ in white space alone are the same.
        """
        c = self.columns
        at = int(np.searchsorted(c.keys, key))
        if at == len(c.keys) or c.keys[at] != key:
            return ()
        same = (c.codes == c.codes[at]) & (c.revision_ids != c.revision_ids[at])
        return tuple(c.keys[same].tolist())

    def text_of(self, key: int) -> int | None:
        """Return the text that a passage is cut from, None if it is none of these."""
        c = self.columns
        at = int(np.searchsorted(c.keys, key))
        return int(c.revision_ids[at]) if at < len(c.keys) and c.keys[at] == key else None

    def keys_of(self, revision_id: int) -> list[int]:
        """Return the passages of a text, in order."""
        keys: list[int] = self.columns.keys[self.columns.revision_ids == revision_id].tolist()
        return keys


class Snapshot:
    """What was current at one generation. Keys are passage numbers; arrays of them ascend."""

    def __init__(
        self,
        catalog: CatalogReader,
        state: Generation,
        recipe: Recipe,
        columns: Columns,
        caches: Caches,
        delta: Delta,
    ) -> None:
        self.state = state
        self.generation = state.generation
        self.article_count = state.articles
        self.recipe = recipe
        self.catalog = catalog
        self.columns = columns
        self.caches = caches
        self.delta = delta
        self._vectors: VectorStore = caches.vectors.store
        self._words: LexicalStore = caches.words.store
        self._now = AsOfView(catalog, columns)
        self._as_of: tuple[int, AsOfView] | None = None  # of the day asked for last

    def __len__(self) -> int:
        return len(self.columns.keys)

    @property
    def mean_article_terms(self) -> float:
        """About how many terms an article has: those of its passages, overlaps counted twice."""
        return max(1.0, self.delta.statistics.terms / max(1, self.article_count))

    # -- filters --

    def allowed(self, filters: Filters) -> Keys | None:
        """Return the passages the filters let through, None if nothing is filtered.

        With ``as_of`` these are passages of the versions current on that day, superseded ones
        included, of articles that are current now and were published by then.
        """
        if not filters:
            return None
        if filters.as_of is None:
            return self.columns.keys[self.columns.fitting(filters)]
        columns = self.view(filters.as_of).columns
        return columns.keys[columns.fitting(filters)]

    def view(self, as_of: date | None = None) -> AsOfView:
        """Return the articles current now, or the versions of them that were current on a day."""
        if as_of is None:
            return self._now
        day = as_of.toordinal()
        known = self._as_of
        if known is None or known[0] != day:
            known = self._as_of = day, AsOfView(self.catalog, self._columns_on(day))
        return known[1]

    @property
    def groups(self) -> Groups:
        """The near-copies among the current articles."""
        return self._now.groups

    def _columns_on(self, day: int) -> Columns:
        c = self.columns
        chosen = self._chosen_on(day)
        later = (c.published == UNDATED) | (c.published > day) | (c.shown > day)
        closed = {*chosen, *np.unique(c.revision_ids[later]).tolist()}
        older = list(chosen.values())
        passage_keys = self.catalog.passage_keys_of(
            self.recipe.recipe, [row.revision_id for row in older]
        )
        return c.changed(closed, passage_keys, older)

    def _chosen_on(self, day: int) -> dict[int, TextRow]:
        """Map each current text to the older version that was current on that day instead.

        The latest day wins, then the higher number; the current text is the highest of all.
        """
        c = self.columns
        rows = c.articles()
        now = dict(zip(c.revision_ids[rows].tolist(), c.shown[rows].tolist(), strict=True))
        best: dict[int, OlderVersion] = {}
        for older in self._older:
            row, current = older.text, older.current
            known = row.published != UNDATED and max(row.published, row.shown) <= day
            if known and (current not in best or _rank(best[current]) < _rank(older)):
                best[current] = older
        return {
            current: older.text
            for current, older in best.items()
            if not older.text.shown <= now.get(current, UNDATED) <= day
        }

    @cached_property
    def _older(self) -> list[OlderVersion]:
        return self.catalog.superseded(self.generation)

    # -- searching --

    def dense(self, vector: Vectors, k: int, *, allowed: Keys | None = None) -> Scored:
        """Return the k passages with the largest inner product, of the allowed ones."""

        def search(store: VectorStore, n: int, keys: Keys | None) -> Scored:
            return store.search(vector, n, allowed=keys)

        def exact(keys: Keys) -> VectorStore:
            return ExactVectors(keys, self.vectors(keys))

        return self._best(k, allowed, search, self._vectors, self.delta.vectors, exact)

    def lexical(self, terms: Sequence[str], k: int, *, allowed: Keys | None = None) -> Scored:
        """Return the k passages with the highest BM25, of the allowed ones.

        Words are weighed by how many current passages hold them, whatever is allowed.
        """
        changed = len(self.delta.removed) or len(self.delta.added)

        def search(store: LexicalStore, n: int, keys: Keys | None) -> Scored:
            is_whole = store is self._words and not changed
            statistics = None if is_whole else self.delta.statistics
            return store.search(terms, n, allowed=keys, statistics=statistics)

        def exact(keys: Keys) -> LexicalStore:
            stored = self.catalog.passages(keys.tolist(), self.generation)
            stored_keys = np.array([s.key for s in stored], dtype=np.int64)
            return ExactWords(stored_keys, [chunking.document(s.passage) for s in stored])

        return self._best(k, allowed, search, self._words, self.delta.words, exact)

    def _best(
        self,
        k: int,
        allowed: Keys | None,
        search: Callable[[Store, int, Keys | None], Scored],
        cached: Store,
        added: Store,
        exact: Callable[[Keys], Store],
    ) -> Scored:
        """Return the k best of the caches, the delta and (with ``as_of``) superseded versions."""
        removed = self.delta.removed
        if allowed is None:
            # Over-fetch by the number of removed passages, so that k current ones remain.
            hits = search(cached, k + len(removed), None)
            if len(removed):
                gone = set(removed.tolist())
                hits = [(key, score) for key, score in hits if key not in gone]
        else:
            current = np.setdiff1d(allowed, removed) if len(removed) else allowed
            hits = search(cached, k, current)
            superseded = np.setdiff1d(allowed, self.columns.keys, assume_unique=True)
            if len(superseded):
                hits = hits + search(exact(superseded), k, None)
        hits = hits + search(added, k, allowed)
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:k]

    def phrase(self, terms: Sequence[str]) -> Keys:
        """Return the current passages whose own text holds ``terms`` one after another.

        The title and the source, which are indexed beside the text, do not count.
        """
        run = list(terms)
        keys = np.union1d(self._words.phrase(run), self.delta.words.phrase(run))
        keys = np.setdiff1d(keys, self.delta.removed, assume_unique=True)
        rows = np.searchsorted(self.columns.keys, keys)
        texts = self.columns.revision_ids[rows].tolist()
        doubtful = {
            revision_id
            for revision_id, head in self.catalog.titles(set(texts)).items()
            if chunking.may_begin(*head, run)
        }
        pairs = list(zip(keys.tolist(), texts, strict=True))
        unsure = [key for key, revision_id in pairs if revision_id in doubtful]
        read = dict(zip(unsure, self.passages(unsure), strict=True))
        kept = [key for key, _ in pairs if key not in read or chunking.holds(read[key], run)]
        return np.array(kept, dtype=np.int64)

    def near(self, term: str, edits: int) -> Keys:
        """Return the current passages with a term at most ``edits`` away; title and source too."""
        keys = np.union1d(self._words.near(term, edits), self.delta.words.near(term, edits))
        return np.setdiff1d(keys, self.delta.removed, assume_unique=True)

    def frequency(self, term: str) -> int:
        """Return how many current passages hold ``term`` in their text, title or source."""
        return self.delta.statistics.frequency(term)

    def idf(self, term: str) -> float:
        """Return the weight of a term among the current passages: above 0, high for rare ones."""
        return self.delta.statistics.idf(term)

    # -- what was found --

    def passages(self, keys: Sequence[int]) -> list[Passage]:
        """Return these passages in the order given, each checked against its article.

        Raises:
            IndexDamagedError: A row or body is not what was written, or is gone.
        """
        numbers = [int(key) for key in keys]
        if not numbers:
            return []
        stored = self.catalog.passages(numbers, self.generation)
        by_key = {item.key: item.passage for item in stored}
        missing = [key for key in numbers if key not in by_key]
        if missing:
            raise IndexDamagedError(
                f"passage {missing[0]} is gone (purged, or damaged); ask again, then "
                "`newsqa index verify`"
            )
        return [by_key[key] for key in numbers]

    def vectors(self, keys: Keys | Sequence[int]) -> Vectors:
        """Return the vectors of these passages, shape (len(keys), dim), row for row."""
        numbers = np.asarray(keys, dtype=np.int64)
        return self.catalog.vectors(numbers, self.recipe.encoder, self.recipe.dim)

    def article(self, article_id: str, version: int | None = None) -> Article:
        """Return a version of an article (None: the current one), proved by its hashes.

        Raises:
            UnknownArticleError: There is no such article or version.
            IndexDamagedError: It is not what was written.
        """
        return self.catalog.article(article_id, version, self.generation)

    def sources(self) -> dict[str, int]:
        """Return how many current articles each source has, by name; unnamed ones left out."""
        return dict(self._sources)

    @cached_property
    def _sources(self) -> dict[str, int]:
        c = self.columns
        counts = np.bincount(c.sources[c.articles()], minlength=len(c.names))
        named = zip(c.names, counts.tolist(), strict=True)
        return {name: n for name, n in sorted(named) if n and name}

    def dates(self) -> tuple[date | None, date | None]:
        """Return the first and the last day an article was published, None if none is dated."""
        days = self.columns.published[self.columns.published != UNDATED]
        if not len(days):
            return None, None
        return date.fromordinal(int(days.min())), date.fromordinal(int(days.max()))


def _rank(older: OlderVersion) -> tuple[int, int]:
    return older.text.shown, older.version
