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
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from newsqa.index.stores.bm25 import fit, joined, query_terms
from newsqa.index.stores.ties import WORD_DECIMALS, check_k, checked_keys, settled, shared
from newsqa.protocols import Statistics

if TYPE_CHECKING:
    from newsqa.protocols import Keys, Scored, Vectors

Documents: TypeAlias = Sequence[Sequence[str]]
TOTALS_NAME = "totals.json"
_KEY, _BODY = "key", "body"
# One thread and room for some 400,000 passages before a second segment is begun.
_HEAP_BYTES = 512_000_000
# A filter that keeps more than this share is applied while walking down the whole ranking;
# one that keeps less goes into the query as a set of keys.
_WALK_SHARE = 0.02


class TantivyStore:
    """Search a tantivy index. See `newsqa.protocols.LexicalStore`."""

    def __init__(self, index: Any, total_terms: int) -> None:
        self._index = index
        self._keys: Keys = np.sort(_all_keys(index.searcher()))
        self.total_terms = total_terms

    def __len__(self) -> int:
        return len(self._keys)

    def search(
        self,
        terms: Sequence[str],
        k: int,
        *,
        allowed: Keys | None = None,
        statistics: Statistics | None = None,
    ) -> Scored:
        """See `newsqa.protocols.LexicalStore.search`.

        Terms are weighed by ``statistics``; the mean length stays that of these texts.
        """
        check_k(k)
        searcher = self._index.searcher()
        query = _any_of(searcher, query_terms(terms), statistics)
        kept = self._keys if allowed is None else shared(self._keys, allowed)
        total = len(self._keys)
        if not len(kept) or query is None:
            return []
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
        run = [fit(term) for term in terms]
        if not run:
            return np.empty(0, dtype=np.int64)
        if len(run) == 1:
            return self._matches(_tantivy().Query.term_query(_schema(), _BODY, run[0]))
        return self._matches(_tantivy().Query.phrase_query(_schema(), _BODY, run))

    def near(self, term: str, edits: int) -> Keys:
        """See `newsqa.protocols.LexicalStore.near`."""
        asked = fit(term)
        if not asked:
            return np.empty(0, dtype=np.int64)
        return self._matches(_tantivy().Query.fuzzy_term_query(_schema(), _BODY, asked, edits))

    def _matches(self, query: Any) -> Keys:
        """Return the keys of everything that meets a query, ascending."""
        if not len(self):
            return self._keys
        constant = _tantivy().Query.const_score_query(query, 1.0)
        return np.sort(_best(self._index.searcher(), constant, len(self))[0])

    def frequency(self, term: str) -> int:
        """See `newsqa.protocols.LexicalStore.frequency`."""
        return int(self._index.searcher().doc_freq(_BODY, fit(term)))


class TantivyBackend:
    """Build, write and open tantivy indexes. See `newsqa.protocols.Backend`."""

    name = "tantivy"

    def build(self, batches: Iterable[tuple[Keys, Documents]]) -> TantivyStore:
        """See `newsqa.protocols.Backend.build`."""
        return TantivyStore(*_made(batches, None))

    def write(self, batches: Iterable[tuple[Keys, Documents]], folder: Path) -> None:
        """See `newsqa.protocols.Backend.write`; only one batch is in memory."""
        folder.mkdir(parents=True, exist_ok=True)
        _, terms = _made(batches, folder)
        totals = folder / TOTALS_NAME
        totals.write_text(json.dumps({"terms": terms}), encoding="utf-8")
        # tantivy shuts two of its files to others; an index is as open as its folder.
        for file in folder.iterdir():
            file.chmod(totals.stat().st_mode)

    def open(self, folder: Path) -> TantivyStore:
        """See `newsqa.protocols.Backend.open`. The folder is opened for reading only."""
        totals = json.loads((folder / TOTALS_NAME).read_text(encoding="utf-8"))
        return TantivyStore(_open(folder), int(totals["terms"]))


def _tantivy() -> Any:
    import tantivy

    return tantivy


@cache
def _schema() -> Any:
    builder = _tantivy().SchemaBuilder()
    builder.add_unsigned_field(_KEY, indexed=True, fast=True)
    builder.add_text_field(_BODY, stored=False, tokenizer_name="whitespace")
    return builder.build()


def _document(key: int, line: str) -> Any:
    """Return the one form of a document; a value in a field of another type kills the writer."""
    document = _tantivy().Document()
    document.add_unsigned(_KEY, key)
    document.add_text(_BODY, line)
    return document


def _made(batches: Iterable[tuple[Keys, Documents]], folder: Path | None) -> tuple[Any, int]:
    """Return an index of the batches, in memory or in ``folder``, and how many terms it has."""
    with _system_errors():
        index = _tantivy().Index(_schema(), path=None if folder is None else str(folder))
        writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)
    before: Keys | None = None
    terms = 0
    for keys, documents in batches:
        before = checked_keys(keys, len(documents), before)
        terms += sum(len(document) for document in documents)
        for key, document in zip(before.tolist(), map(joined, documents), strict=True):
            row = _document(key, document)
            with _system_errors():
                writer.add_document(row)
    with _system_errors():
        writer.commit()
        writer.wait_merging_threads()
        index.config_reader(reload_policy="manual")
        index.reload()
    return index, terms


@contextmanager
def _system_errors() -> Iterator[None]:
    """Translate the errors of tantivy for a full disk or a failing device into OSError."""
    try:
        yield
    except ValueError as error:
        raise OSError(f"words could not be written: {error}") from error


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
        allowed = np.isin(keys, kept)
        if allowed.sum() >= n or len(keys) < limit or limit == total:
            return keys[allowed][:n], scores[allowed][:n]
        limit = min(total, limit * 4)


def _having(keys: Keys) -> Any:
    return _tantivy().Query.term_set_query(_schema(), _KEY, keys.tolist())


def _both(query: Any, condition: Any) -> Any:
    """Return ``query`` for those that meet ``condition``, which adds nothing to the score."""
    silent = _tantivy().Query.const_score_query(condition, 0.0)
    must = _tantivy().Occur.Must
    return _tantivy().Query.boolean_query([(must, query), (must, silent)])


def _all_keys(searcher: Any) -> Keys:
    total = int(searcher.num_docs)
    if not total:
        return np.empty(0, dtype=np.int64)
    return _best(searcher, _tantivy().Query.all_query(), total)[0]


def _any_of(searcher: Any, terms: Sequence[str], whole: Statistics | None) -> Any:
    """Return a query for any of ``terms``, or None if none of them is stored."""

    def frequency(term: str) -> int:
        return int(searcher.doc_freq(_BODY, term))

    own = Statistics(int(searcher.num_docs), 0, frequency)
    parts = []
    for term in terms:
        if not frequency(term):
            continue
        query = _tantivy().Query.term_query(_schema(), _BODY, term)
        if whole is not None:
            query = _tantivy().Query.boost_query(query, whole.idf(term) / own.idf(term))
        parts.append((_tantivy().Occur.Should, query))
    return _tantivy().Query.boolean_query(parts) if parts else None
