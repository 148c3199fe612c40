"""Words through tantivy. The only module that may import it.

Terms come analysed; tantivy splits them at spaces and changes nothing. Queries are built from
terms, never parsed, so no string has a meaning of its own.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from newsqa.index.stores.bm25 import Statistics, fit, joined, query_terms
from newsqa.index.stores.ties import WORD_DECIMALS, check_k, checked_keys, settled, shared

if TYPE_CHECKING:
    from newsqa.protocols import Keys, Scored, Vectors

TOTALS_NAME = "totals.json"
_KEY, _BODY = "key", "body"
# One thread and room for some 400,000 passages before a second segment is begun.
_HEAP_BYTES = 512_000_000
# A filter that keeps more than this share is applied while walking down the whole ranking;
# one that keeps less goes into the query as a set of keys.
_WALK_SHARE = 0.02


class TantivyStore:
    """See `newsqa.protocols.LexicalStore`. Reading is thread-safe; writing has one thread.

    Until `write`, removed texts still count in the statistics behind scores.
    """

    def __init__(self) -> None:
        self._index: Any = None  # the part that is indexed
        self._pending: dict[int, str] = {}  # added since
        self._keys: Keys = np.empty(0, dtype=np.int64)  # of everything that can be found
        self._dead: Keys = np.empty(0, dtype=np.int64)  # indexed, not to be found
        self._terms = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def total_terms(self) -> int:
        """Length of all texts together, in terms."""
        return self._terms

    @property
    def statistics(self) -> Statistics:
        """What BM25 must know of these texts."""
        return Statistics(len(self), self._terms, self.frequency)

    def add(self, keys: Keys, documents: Sequence[Sequence[str]]) -> None:
        """See `newsqa.protocols.LexicalStore.add`."""
        new = checked_keys(keys, len(documents), self._keys)
        lines = [joined(document) for document in documents]
        with self._lock:
            if np.isin(new, self._dead).any():
                self._pending = self._everything()
                self._index, self._dead = None, self._dead[:0]
            self._pending.update(zip(new.tolist(), lines, strict=True))
            self._keys = np.union1d(self._keys, new)
            self._terms += sum(len(document) for document in documents)

    def remove(self, keys: Keys) -> None:
        """See `newsqa.protocols.LexicalStore.remove`."""
        gone = np.intersect1d(self._keys, np.asarray(keys, dtype=np.int64))
        if not len(gone):
            return
        searcher = self._searcher()
        with self._lock:
            hits = searcher.search(_having(gone), len(gone), count=False).hits
            lines = [searcher.doc(address)[_BODY][0] for _, address in hits]
            self._terms -= sum(line.count(" ") + 1 for line in lines if line)
            self._dead = np.union1d(self._dead, gone)
            self._keys = np.setdiff1d(self._keys, gone, assume_unique=True)

    def search(
        self,
        terms: Sequence[str],
        k: int,
        *,
        allowed: Keys | None = None,
        statistics: Statistics | None = None,
    ) -> Scored:
        """See `newsqa.protocols.LexicalStore.search`.

        ``statistics`` describes the collection these texts are a part of; if None, they are all
        of it. Terms are weighed by it; the mean length stays that of these texts.
        """
        check_k(k)
        query = self._query(query_terms(terms), statistics)
        kept = self._keys if allowed is None else shared(self._keys, allowed)
        searcher = self._searcher()
        if not len(kept) or query is None:
            return []
        total = int(searcher.num_docs)
        if len(kept) == total:
            return settled(lambda n: _best(searcher, query, n), k, total, WORD_DECIMALS)
        if len(kept) < _WALK_SHARE * total:
            query = _both(query, _having(kept))
            return settled(lambda n: _best(searcher, query, n), k, len(kept), WORD_DECIMALS)
        return settled(
            lambda n: _walk(searcher, query, n, kept, total), k, len(kept), WORD_DECIMALS
        )

    def phrase(self, terms: Sequence[str]) -> Keys:
        """See `newsqa.protocols.LexicalStore.phrase`."""
        wanted = [fit(term) for term in terms]
        if not wanted or not len(self):
            return np.empty(0, dtype=np.int64)
        if len(wanted) == 1:
            query = _tantivy().Query.term_query(_schema(), _BODY, wanted[0])
        else:
            query = _tantivy().Query.phrase_query(_schema(), _BODY, wanted)
        return self._meeting(query)

    def near(self, term: str, edits: int) -> Keys:
        """See `newsqa.protocols.LexicalStore.near`."""
        wanted = fit(term)
        if not len(self) or not wanted:
            return np.empty(0, dtype=np.int64)
        return self._meeting(_tantivy().Query.fuzzy_term_query(_schema(), _BODY, wanted, edits))

    def _meeting(self, query: Any) -> Keys:
        """Return the keys of everything that meets a query and can be found, ascending."""
        searcher = self._searcher()
        query = _tantivy().Query.const_score_query(query, 1.0)
        keys, _ = _best(searcher, query, int(searcher.num_docs))
        return np.intersect1d(keys, self._keys)

    def frequency(self, term: str) -> int:
        """See `newsqa.protocols.LexicalStore.frequency`."""
        searcher = self._searcher()
        count = int(searcher.doc_freq(_BODY, fit(term)))
        if count and len(self._dead):
            return len(self.phrase([term]))
        return count

    def write(self, folder: Path) -> None:
        """Write everything that can be found into ``folder``, by key, as a fresh build would.

        Raises:
            OSError: It could not be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            everything = self._everything()
        _make(((key, everything[key]) for key in sorted(everything)), folder)
        _finish(folder, len(self), self._terms)

    @classmethod
    def write_batches(
        cls, folder: Path, batches: Iterable[tuple[Keys, Sequence[Sequence[str]]]]
    ) -> None:
        """Write texts as they come, keys ascending throughout; only one batch is in memory.

        Raises:
            OSError: They could not be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        texts = terms = 0

        def lines() -> Iterator[tuple[int, str]]:
            nonlocal texts, terms
            for keys, documents in batches:
                texts += len(documents)
                terms += sum(len(document) for document in documents)
                yield from zip(keys.tolist(), map(joined, documents), strict=True)

        _make(lines(), folder)
        _finish(folder, texts, terms)

    @classmethod
    def read(cls, folder: Path) -> TantivyStore:
        """Return a store as it was written. The folder is opened for reading only."""
        store = cls()
        store._index = _open(folder)
        store._keys = np.sort(_all_keys(store._index.searcher()))
        totals = json.loads((folder / TOTALS_NAME).read_text(encoding="utf-8"))
        store._terms = int(totals["terms"])
        return store

    def _searcher(self) -> Any:
        """Return a searcher over everything added so far."""
        with self._lock:
            if self._index is None or self._pending:
                everything = self._everything()
                pairs = ((key, everything[key]) for key in sorted(everything))
                self._index = _make(pairs, None)
                self._pending, self._dead = {}, self._dead[:0]
            return self._index.searcher()

    def _everything(self) -> dict[int, str]:
        """Return every text that can be found, as a line of terms."""
        if self._index is None:
            return self._pending
        searcher = self._index.searcher()
        keys, hits = _all_hits(searcher)
        dead = set(self._dead.tolist())
        lines = {
            key: searcher.doc(address)[_BODY][0]
            for key, (_, address) in zip(keys, hits, strict=True)
            if key not in dead
        }
        return lines | self._pending

    def _query(self, terms: Sequence[str], whole: Statistics | None) -> Any:
        """Return a query for any of ``terms``, or None if none of them is stored."""
        searcher = self._searcher()
        held = Statistics(
            int(searcher.num_docs), 0, lambda term: int(searcher.doc_freq(_BODY, term))
        )
        parts = []
        for term in terms:
            if not held.frequency(term):
                continue
            query = _tantivy().Query.term_query(_schema(), _BODY, term)
            if whole is not None:
                query = _tantivy().Query.boost_query(query, whole.idf(term) / held.idf(term))
            parts.append((_tantivy().Occur.Should, query))
        return _tantivy().Query.boolean_query(parts) if parts else None


def _tantivy() -> Any:
    import tantivy

    return tantivy


@cache
def _schema() -> Any:

    builder = _tantivy().SchemaBuilder()
    builder.add_unsigned_field(_KEY, indexed=True, fast=True)
    # Stored, so that texts can be written again without those removed.
    builder.add_text_field(_BODY, stored=True, tokenizer_name="whitespace")
    return builder.build()


def _document(key: int, line: str) -> Any:
    """Return the one form of a document; a value in a field of another type kills the writer."""
    document = _tantivy().Document()
    document.add_unsigned(_KEY, key)
    document.add_text(_BODY, line)
    return document


def _make(lines: Iterable[tuple[int, str]], folder: Path | None) -> Any:
    """Return an index of ``lines``, given by ascending key, in memory or in ``folder``."""
    with _system_errors():
        index = _tantivy().Index(_schema(), path=None if folder is None else str(folder))
        writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)
    for key, line in lines:
        document = _document(key, line)
        with _system_errors():
            writer.add_document(document)
    with _system_errors():
        writer.commit()
        writer.wait_merging_threads()
        index.config_reader(reload_policy="manual")
        index.reload()
    return index


@contextmanager
def _system_errors() -> Iterator[None]:
    """Turn what tantivy says of a full disk or a failing device into an OSError."""
    try:
        yield
    except ValueError as error:
        raise OSError(f"words could not be written: {error}") from error


def _finish(folder: Path, texts: int, terms: int) -> None:
    written = folder / TOTALS_NAME
    written.write_text(json.dumps({"texts": texts, "terms": terms}), encoding="utf-8")
    # tantivy shuts two of its files to others; an index is as open as its folder.
    for file in folder.iterdir():
        file.chmod(written.stat().st_mode)


def _open(folder: Path) -> Any:
    """Open an index for reading, also in a folder that cannot be written."""
    try:
        return _opened(folder)
    except ValueError:
        # To open files, tantivy locks one of its own beside them. Links in a folder of ours
        # give it a place; once the files are open, it is needed no more.
        with tempfile.TemporaryDirectory(prefix="newsqa-") as aside:
            for file in folder.iterdir():
                if file.suffix != ".lock":
                    (Path(aside) / file.name).symlink_to(file.resolve())
            return _opened(Path(aside))


def _opened(folder: Path) -> Any:
    index = _tantivy().Index.open(str(folder))
    index.config_reader(reload_policy="manual")  # it never changes: no watching thread
    index.reload()
    return index


def _best(searcher: Any, query: Any, n: int) -> tuple[Keys, Vectors]:
    """Return the n best hits of a query."""
    hits = searcher.search(query, n, count=False).hits
    keys = searcher.fast_field_values(_KEY, [address for _, address in hits])
    scores = np.array([score for score, _ in hits], dtype=np.float32)
    return np.array(keys, dtype=np.int64), scores


def _walk(searcher: Any, query: Any, n: int, kept: Keys, total: int) -> tuple[Keys, Vectors]:
    """Return the n best hits among ``kept``: as much of the ranking as it takes."""
    limit = min(total, int(1.2 * n * total / len(kept)) + 16)
    while True:
        keys, scores = _best(searcher, query, limit)
        wanted = np.isin(keys, kept)
        if wanted.sum() >= n or len(keys) < limit or limit == total:
            return keys[wanted][:n], scores[wanted][:n]
        limit = min(total, limit * 4)


def _having(keys: Keys) -> Any:

    return _tantivy().Query.term_set_query(_schema(), _KEY, keys.tolist())


def _both(query: Any, condition: Any) -> Any:
    """Return ``query`` for those that meet ``condition``, which adds nothing to the score."""
    silent = _tantivy().Query.const_score_query(condition, 0.0)
    must = _tantivy().Occur.Must
    return _tantivy().Query.boolean_query([(must, query), (must, silent)])


def _all_hits(searcher: Any) -> tuple[list[int], list[Any]]:

    total = int(searcher.num_docs)
    if not total:
        return [], []
    hits = searcher.search(_tantivy().Query.all_query(), total, count=False).hits
    return searcher.fast_field_values(_KEY, [address for _, address in hits]), hits


def _all_keys(searcher: Any) -> Keys:
    return np.array(_all_hits(searcher)[0], dtype=np.int64)
