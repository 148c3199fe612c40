"""Read published generations: their articles, passages and vectors.

Each thread has its own connection. Rows of texts, passages and vectors never change once they
are written (only purge and compact delete some), so a generation can be read without a lock.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from newsqa.errors import IndexDamagedError, IndexNotFoundError, UnknownArticleError
from newsqa.index.catalog.connections import ReaderFile, check_format, has_database, sqlite_errors
from newsqa.index.catalog.near_duplicates import GroupedText, grouped_texts
from newsqa.index.catalog.publish import Root, SeenFile
from newsqa.index.catalog.rows import (
    TEXT_SQL,
    Generation,
    Stored,
    article_of,
    check,
    day_of,
    generation_of,
    stored_passages,
)
from newsqa.index.catalog.schema import COLUMNS, MOST
from newsqa.index.catalog.writer import Recipe, recipe_of
from newsqa.types import Article, Version

if TYPE_CHECKING:
    from newsqa.protocols import Keys, Vectors

UNDATED = -1
_THEN = "c.first <= ?1 AND (c.last IS NULL OR c.last > ?1)"
# The number under which a passage's text is current, else its latest one.
_VERSION = f"""ifnull(
    (SELECT c.version FROM current c WHERE c.text_key = p.text_key AND {_THEN}),
    (SELECT max(v.version) FROM versions v WHERE v.text_key = p.text_key AND v.generation <= ?1))"""


@dataclass(frozen=True, slots=True)
class TextRow:
    """The filterable fields of a text; days are ordinals, `UNDATED` where there is none.

    ``shown`` is the day from which this version counts: updated, else published.
    """

    revision_id: int
    published: int
    shown: int
    source: str


class OlderVersion(NamedTuple):
    """A superseded version: its text, its number, and the text that is current instead."""

    text: TextRow
    version: int
    current: int


@dataclass(frozen=True, slots=True)
class PassageKeys:
    """The passages of some texts in the order of their keys, as arrays of equal length."""

    keys: Keys
    revision_ids: Keys
    codes: Keys


_LISTED = """FROM current c CROSS JOIN texts t USING (text_key)
    WHERE c.first <= ?1 AND (c.last IS NULL OR c.last > ?1)
    AND (?2 = '' OR instr(lower(t.title || ' ' || t.source || ' ' || t.article_id), lower(?2)))"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A current article in a list."""

    article_id: str
    version: int
    title: str
    source: str
    published: date | None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the matching current articles, and how many match in all."""

    total: int
    articles: tuple[Listed, ...]


class CatalogReader:
    """Read ``newsqa.db`` from any number of threads."""

    def __init__(self, path: Path) -> None:
        if not has_database(path):
            raise IndexNotFoundError(path.parent)
        self.path = path
        check_format(path)
        self._file = ReaderFile(path)
        self.identity = self._file.identity()
        self._local = threading.local()
        self._open: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._lock = threading.Lock()
        if not self._number("SELECT count(*) FROM sqlite_master"):
            self.close()
            raise IndexNotFoundError(path.parent, unfinished=True)

    @property
    def writable(self) -> bool:
        """Whether the folder and the file could be written."""
        return self._file.writable

    def replaced(self) -> bool:
        """Whether another file stands at the path now."""
        try:
            return self._file.identity() != self.identity
        except FileNotFoundError:
            return True

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for _, db in self._open:
                db.close()
            self._open.clear()
        self._file.close()

    def _db(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = self._file.connect()
            with self._lock:
                for thread, old in self._open:
                    if not thread.is_alive():
                        old.close()
                self._open = [pair for pair in self._open if pair[0].is_alive()]
                self._open.append((threading.current_thread(), db))
            self._local.db = db
        return db

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with sqlite_errors(self.path):
            return self._db().execute(sql, values).fetchall()

    # -- generations and recipes --

    def newest(self) -> Generation | None:
        """Return the newest generation, or None while none is published."""
        columns = ", ".join(COLUMNS["generations"])
        rows = self._rows(
            f"SELECT {columns}, row_hash FROM generations ORDER BY generation DESC LIMIT 1"
        )
        return generation_of(rows[0]) if rows else None

    def newest_number(self) -> int:
        """Return the number of the newest generation, 0 before the first; microseconds."""
        return self._number("SELECT max(generation) FROM generations")

    def publish_ids(self) -> dict[str, int]:
        """Return the generation of every publish id since the newest purge.

        What was cached before that may hold what was purged.
        """
        rows = self._rows("""SELECT publish_id, generation FROM generations WHERE generation >=
            (SELECT ifnull(max(generation), 0) FROM generations WHERE change = 'purge')""")
        return {str(publish): int(number) for publish, number in rows}

    def recipe(self, recipe: int) -> Recipe:
        """Return how the passages of a generation were made."""
        with sqlite_errors(self.path):
            return recipe_of(self._db(), recipe)

    # -- what is current --

    def texts(self, generation: int, since: int | None = None) -> list[TextRow]:
        """Return the texts current at ``generation``; with ``since``, only those new since then."""
        sql = f"""SELECT t.text_key, t.published, t.updated, t.source
            FROM current c CROSS JOIN texts t USING (text_key) WHERE {_THEN}"""
        values = [generation]
        if since is not None:
            sql, values = sql + " AND c.first > ?2", [generation, since]
        return [_text_row(row) for row in self._rows(sql, *values)]

    def closed(self, generation: int, since: int) -> set[int]:
        """Return the texts current at ``since`` whose interval ended up to ``generation``."""
        sql = "SELECT text_key FROM current WHERE first <= ?2 AND last > ?2 AND last <= ?1"
        return {int(row[0]) for row in self._rows(sql, generation, since)}

    def passage_keys(self, recipe: int, generation: int) -> PassageKeys:
        """Return the passages of all texts current at ``generation``."""
        sql = f"""SELECT p.key, p.text_key, p.text_code FROM current c CROSS JOIN passages p
            ON p.text_key = c.text_key AND p.recipe = ?2 WHERE {_THEN} ORDER BY p.key"""
        return self._passage_keys(sql, generation, recipe)

    def passage_count(self, recipe: int, generation: int) -> int:
        """Return how many passages the texts current at ``generation`` were cut into."""
        sql = f"""SELECT sum(k.passages) FROM current c CROSS JOIN cuts k
            ON k.text_key = c.text_key AND k.recipe = ?2 WHERE {_THEN}"""
        return self._number(sql, generation, recipe)

    def passage_keys_of(self, recipe: int, revision_ids: Iterable[int]) -> PassageKeys:
        """Return the passages of these texts."""
        sql = """SELECT key, text_key, text_code FROM passages
            WHERE text_key IN (SELECT value FROM json_each(?)) AND recipe = ? ORDER BY key"""
        return self._passage_keys(sql, json.dumps(sorted(revision_ids)), recipe)

    def first_key(self, revision_id: int, recipe: int) -> int:
        """Return the first passage of a text."""
        sql = "SELECT min(key) FROM passages WHERE text_key = ? AND recipe = ?"
        return self._number(sql, revision_id, recipe)

    def _passage_keys(self, sql: str, *values: object) -> PassageKeys:
        triple: Any = np.dtype((np.int64, 3))
        with sqlite_errors(self.path):
            rows: Keys = np.fromiter(self._db().execute(sql, values), dtype=triple)
        return PassageKeys(rows[:, 0].copy(), rows[:, 1].copy(), rows[:, 2].copy())

    def titles(self, revision_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return title and source of these texts."""
        sql = """SELECT text_key, title, source FROM texts
            WHERE text_key IN (SELECT value FROM json_each(?))"""
        rows = self._rows(sql, json.dumps(sorted(revision_ids)))
        return {int(key): (str(title), str(source)) for key, title, source in rows}

    def listing(self, generation: int, contains: str, offset: int, limit: int) -> Listing:
        """Return current articles whose title, source or id holds ``contains``, newest first.

        Case is set aside for ASCII letters only. Articles without a date come last.
        """
        total = self._number(f"SELECT count(*) {_LISTED}", generation, contains)
        rows = self._rows(
            f"""SELECT c.article_id, c.version, t.title, t.source, t.published {_LISTED}
            ORDER BY t.published IS NULL, t.published DESC, c.article_id LIMIT ?3 OFFSET ?4""",
            *(generation, contains, limit, offset),
        )
        return Listing(total, tuple(_listed(row) for row in rows))

    def superseded(self, generation: int) -> list[OlderVersion]:
        """Return the older versions of the articles current at ``generation``."""
        rows = self._rows(
            f"""SELECT t.text_key, t.published, t.updated, t.source, v.version, c.text_key
            FROM current c JOIN versions v ON v.article_id = c.article_id AND v.version < c.version
            JOIN texts t ON t.text_key = v.text_key WHERE {_THEN}""",
            generation,
        )
        return [OlderVersion(_text_row(row), *row[4:]) for row in rows]

    def grouped_texts(self, revision_ids: Collection[int]) -> list[GroupedText]:
        """Return those of these texts that have a near-copy among them, with their groups."""
        with sqlite_errors(self.path):
            return grouped_texts(self._db(), revision_ids)

    # -- passages, vectors, articles --

    def passages(self, keys: Sequence[int], generation: int) -> list[Stored]:
        """Return these passages by key, each checked; unknown ones are left out."""
        with sqlite_errors(self.path):
            return stored_passages(
                self._db(), json.dumps([int(key) for key in keys]), _VERSION, (generation,)
            )

    def vectors(self, keys: Keys, encoder: int, dim: int) -> Vectors:
        """Return the vectors of these passages, row for row."""
        sql = """SELECT p.key, v.vector_key, v.encoder, v.embedded, v.vector, v.row_hash
            FROM json_each(?) j CROSS JOIN passages p ON p.key = j.value
            CROSS JOIN vectors v ON v.encoder = ? AND v.embedded = p.embedded"""
        vectors = np.zeros((len(keys), dim), dtype=np.float32)
        order = np.argsort(keys, kind="stable")
        sorted_keys = keys[order]
        count = 0
        with sqlite_errors(self.path):
            for row in self._db().execute(sql, (json.dumps(keys.tolist()), encoder)):
                check("vectors", row[1:-1], row[-1])
                at = order[np.searchsorted(sorted_keys, row[0])]
                vectors[at] = np.frombuffer(row[4], dtype="<f4")
                count += 1
        if count != len(keys):
            raise IndexDamagedError(f"{self.path}: {len(keys) - count} vectors are missing")
        return vectors

    def article(self, article_id: str, version: int | None, generation: int) -> Article:
        """Return a version of an article (the current one, if None), proved by its hashes.

        Raises:
            UnknownArticleError: No such article or version, or its text is no longer kept.
        """
        versions = self.versions(article_id, generation)
        if version is None:
            rows = self._rows(
                f"SELECT c.version FROM current c WHERE {_THEN} AND c.article_id = ?2",
                generation,
                article_id,
            )
            if not rows:
                raise UnknownArticleError(f"no article {article_id!r} in the index")
            version = int(rows[0][0])
        sql = f"""{TEXT_SQL} JOIN versions v USING (text_key)
            WHERE v.article_id = ? AND v.version = ? AND v.generation <= ?"""
        known = abs(version) <= MOST
        rows = self._rows(sql, article_id, version, generation) if known else []
        if not rows:
            raise UnknownArticleError(f"no version {version} of article {article_id!r} is kept")
        encoding = self._encoding(int(rows[0][0]))
        return replace(article_of(rows[0], version, versions), encoding=encoding)

    def _encoding(self, revision_id: int) -> str:
        """Return what the file of a text was read in, "" where it was not noted."""
        sql = "SELECT text_key, encoding, row_hash FROM encodings WHERE text_key = ?"
        for row in self._rows(sql, revision_id):
            check("encodings", row[:-1], row[-1])
            return str(row[1])
        return ""

    def versions(self, article_id: str, generation: int) -> tuple[Version, ...]:
        """Return the versions an article had by then, those no longer kept included."""
        columns = ", ".join(COLUMNS["versions"])
        rows = self._rows(
            f"""SELECT {columns}, row_hash FROM versions WHERE article_id = ? AND generation <= ?
            ORDER BY version""",
            *(article_id, generation),
        )
        for row in rows:
            check("versions", row[:-1], row[-1])
        return tuple(
            Version(version=row[1], content_sha256=row[3], generation=row[4]) for row in rows
        )

    # -- where it came from --

    def roots(self) -> list[Root]:
        """Return the PATHs the articles came from, in the order given."""
        rows = self._rows("SELECT path, given FROM roots ORDER BY position")
        return [Root(_path(raw), str(given)) for raw, given in rows]

    def files(self) -> list[SeenFile]:
        """Return the files the articles came from, as they were when they were read."""
        rows = self._rows("SELECT path, root, article_key, size, mtime_ns, sha256 FROM files")
        return [SeenFile(_path(row[0]), _path(row[1]), *row[2:]) for row in rows]

    def version_count(self, generation: int) -> int:
        """Return how many versions were ever published, those no longer kept included."""
        return self._number("SELECT count(*) FROM versions WHERE generation <= ?", generation)

    def token_count(self, generation: int) -> dict[str, int]:
        """Return how many tokens the bodies of the current articles have, by counter."""
        rows = self._rows(
            f"""SELECT s.counter, sum(s.tokens) FROM current c JOIN texts t USING (text_key)
            JOIN sizes s USING (content_sha256) WHERE {_THEN} GROUP BY s.counter""",
            generation,
        )
        return {str(counter): int(tokens) for counter, tokens in rows}

    def _number(self, sql: str, *values: object) -> int:
        return int(self._rows(sql, *values)[0][0] or 0)


def _path(raw: bytes) -> Path:
    return Path(os.fsdecode(raw))


def _text_row(row: Sequence[Any]) -> TextRow:
    revision_id, published, updated, source = row[:4]
    day = UNDATED if published is None else published
    return TextRow(revision_id, day, day if updated is None else updated, source)


def _listed(row: tuple[Any, ...]) -> Listed:
    article_id, version, title, source, published = row
    return Listed(article_id, version, title, source, day_of(published))
