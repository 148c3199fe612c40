"""Stage texts, passages and vectors before they are published.

Nothing stored here is seen by a reader until `publishing` names it. Everything is keyed by
content and recipe, so a run that starts again finds what the last one made.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from newsqa.errors import IndexDamagedError, Problem
from newsqa.index.catalog.connections import connect_writer, format_of, sqlite_errors, transaction
from newsqa.index.catalog.rows import (
    TEXT_SQL,
    Generation,
    Stored,
    article_of,
    check,
    content_hash,
    generation_of,
    ordinal,
    pairs_text,
    stored_passages,
)
from newsqa.index.catalog.schema import COLUMNS, FORMAT, TABLES, insertion
from newsqa.text.near_duplicates import text_code
from newsqa.types import Article, Passage

if TYPE_CHECKING:
    from newsqa.protocols import Keys, Vectors

BASE = "base"  # the row of ``meta`` with the folder that article keys are seen from
_GENERATION = ", ".join(COLUMNS["generations"])


@dataclass(frozen=True, slots=True)
class Recipe:
    """How passages are cut and embedded: an encoder and the way of cutting, as JSON text."""

    recipe: int
    encoder: int
    encoder_name: str
    fingerprint: str
    dim: int
    cut: str


def recipe_of(db: sqlite3.Connection, recipe: int) -> Recipe:
    """Return a recipe by its number, its rows checked."""
    row = db.execute(
        "SELECT recipe, encoder, cut, row_hash FROM recipes WHERE recipe = ?", (recipe,)
    ).fetchone()
    if row is None:
        raise IndexDamagedError(f"recipe {recipe} is missing")
    check("recipes", row[:-1], row[-1])
    encoder = db.execute(
        "SELECT encoder, name, fingerprint, dim, row_hash FROM encoders WHERE encoder = ?",
        (row[1],),
    ).fetchone()
    if encoder is None:
        raise IndexDamagedError(f"encoder {row[1]} is missing")
    check("encoders", encoder[:-1], encoder[-1])
    number, name, fingerprint, dim = encoder[:-1]
    return Recipe(row[0], number, name, fingerprint, dim, row[2])


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class CatalogWriter:
    """One open writing connection; the caller holds the writer lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with sqlite_errors(path):
            self.db = connect_writer(path)
            try:
                self._prepare()
            except BaseException:
                self.db.close()
                raise

    def _prepare(self) -> None:
        if format_of(self.db, self.path) is None:
            with transaction(self.db):
                for statement in TABLES.split(";"):
                    self.db.execute(statement)
                for name, value in (("format", str(FORMAT)), ("index_id", secrets.token_hex(8))):
                    self.db.execute(insertion("meta"), (name, value))

    def close(self) -> None:
        """Close; the WAL is folded into the file where no reader prevents it."""
        with contextlib.suppress(sqlite3.Error):
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.db.close()

    def __enter__(self) -> CatalogWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def batch(self) -> Iterator[None]:
        """Store what the block makes in one transaction."""
        with sqlite_errors(self.path), transaction(self.db):
            yield

    def newest(self) -> Generation | None:
        """Return the newest published generation, or None before the first."""
        sql = f"SELECT {_GENERATION}, row_hash FROM generations ORDER BY generation DESC LIMIT 1"
        row = self.db.execute(sql).fetchone()
        return None if row is None else generation_of(row)

    def next_generation(self) -> int:
        """Return the number that the next publishing transaction takes; none comes twice."""
        return self._next("generations")

    # -- recipes --

    def recipe(self, name: str, fingerprint: str, dim: int, cut: str) -> Recipe:
        """Return the recipe of this encoder and way of cutting, noting it if it is new."""
        with self.batch():
            sql = "SELECT encoder FROM encoders WHERE fingerprint = ?"
            encoder = self._one(sql, fingerprint)
            if encoder is None:
                encoder = self._next("encoders")
                self.db.execute(insertion("encoders"), (encoder, name, fingerprint, dim))
            sql = "SELECT recipe FROM recipes WHERE encoder = ? AND cut = ?"
            recipe = self._one(sql, encoder, cut)
            if recipe is None:
                recipe = self._next("recipes")
                self.db.execute(insertion("recipes"), (recipe, encoder, cut))
        return Recipe(recipe, encoder, name, fingerprint, dim, cut)

    def stored_recipe(self, recipe: int) -> Recipe:
        """Return a recipe by its number."""
        return recipe_of(self.db, recipe)

    def _one(self, sql: str, *values: object) -> int | None:
        row = self.db.execute(sql, values).fetchone()
        return None if row is None or row[0] is None else int(row[0])

    def _next(self, table: str) -> int:
        return (self._one("SELECT seq FROM sqlite_sequence WHERE name = ?", table) or 0) + 1

    # -- texts and passages --

    def find_text(self, article: Article) -> int | None:
        """Return the number of exactly this content of this article, if it was ever stored."""
        sql = "SELECT text_key FROM texts WHERE article_id = ? AND content = ?"
        return self._one(sql, article.article_id, content_hash(article))

    def stage_text(self, article: Article) -> int:
        """Store a content that is not there yet and return its number. Call inside a batch."""
        key = self._next("texts")
        sha256 = article.content_sha256
        self.db.execute("INSERT OR IGNORE INTO bodies VALUES (?, ?)", (sha256, article.body))
        row = (
            key,
            article.article_id,
            content_hash(article),
            article.title,
            article.source,
            article.byline,
            ordinal(article.published),
            ordinal(article.updated),
            article.url,
            article.language,
            pairs_text((span.start, span.end) for span in article.furniture),
            " ".join(map(str, article.pages)),
            sha256,
            now(),
        )
        self.db.execute(insertion("texts"), row)
        return key

    def stage_encoding(self, revision_id: int, encoding: str) -> None:
        """Note what the file of a text was read in. Call inside a batch."""
        sql = insertion("encodings", "INSERT OR REPLACE")
        self.db.execute(sql, (revision_id, encoding))

    def stage_size(self, content_sha256: str, counter: str, tokens: int) -> None:
        """Store how many tokens a body has, as this counter counts. Call inside a batch."""
        row = (content_sha256, counter, tokens)
        self.db.execute(insertion("sizes", "INSERT OR IGNORE"), row)

    def stored_article(self, revision_id: int) -> Article:
        """Return the article of a stored text, checked; its version is 1 whatever it was."""
        row = self.db.execute(f"{TEXT_SQL} WHERE t.text_key = ?", (revision_id,)).fetchone()
        return article_of(row, 1)

    def is_cut(self, revision_id: int, recipe: int) -> bool:
        """Whether the passages of this text are there."""
        sql = "SELECT 1 FROM cuts WHERE text_key = ? AND recipe = ?"
        return self._one(sql, revision_id, recipe) is not None

    def stage_passages(
        self, revision_id: int, recipe: int, passages: Sequence[tuple[Passage, bytes]]
    ) -> None:
        """Store the passages of a text, each with the hash of its embedded text, in order."""
        key = self._next("passages")
        sql = insertion("passages")
        for at, (p, embedded) in enumerate(passages):
            sentences = pairs_text((span.start, span.end) for span in p.sentences)
            row = (key + at, revision_id, recipe, p.span.start, p.span.end, sentences, embedded)
            self.db.execute(sql, (*row, text_code(p.text)))
        self.db.execute(insertion("cuts"), (revision_id, recipe, len(passages)))

    # -- vectors --

    def pending(self, recipe: Recipe) -> tuple[Keys, int]:
        """Return one passage for each vector that the queued texts lack, and how many are there."""
        sql = """SELECT min(p.key) FROM to_embed w CROSS JOIN passages p
            ON p.text_key = w.text_key AND p.recipe = ?1
            WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.encoder = ?2
                AND v.embedded = p.embedded)
            GROUP BY p.embedded"""
        keys = self._keys(sql, recipe.recipe, recipe.encoder)
        sql = """SELECT count(DISTINCT p.embedded) FROM to_embed w CROSS JOIN passages p
            ON p.text_key = w.text_key AND p.recipe = ?"""
        return keys, (self._one(sql, recipe.recipe) or 0) - len(keys)

    def _keys(self, sql: str, *values: object) -> Keys:
        rows = self.db.execute(sql, values)
        return np.sort(np.fromiter((row[0] for row in rows), dtype=np.int64))

    def passages(self, keys: Keys) -> list[Stored]:
        """Return these passages by key; their version numbers are not filled in."""
        return stored_passages(self.db, json.dumps(keys.tolist()))

    def stage_vectors(self, recipe: Recipe, embedded: Sequence[bytes], vectors: Vectors) -> None:
        """Store vectors under the hash of their embedded text, committed on return."""
        sql = insertion("vectors", "INSERT OR IGNORE")
        with self.batch():
            key = self._next("vectors")
            for at, (name, vector) in enumerate(zip(embedded, vectors, strict=True)):
                blob = np.ascontiguousarray(vector, dtype="<f4").tobytes()
                self.db.execute(sql, (key + at, recipe.encoder, name, blob))

    # -- files --

    def key_of_file(self, path: Path) -> str | None:
        """Return the article key under which a file was read, or None if it never was."""
        sql = "SELECT article_key FROM files WHERE path = ?"
        row = self.db.execute(sql, (os.fsencode(path),)).fetchone()
        return None if row is None else str(row[0])

    def first_root(self) -> Path | None:
        """Return the first PATH of the last build."""
        row = self.db.execute("SELECT path FROM roots ORDER BY position LIMIT 1").fetchone()
        return None if row is None else Path(os.fsdecode(row[0]))

    def base(self) -> Path | None:
        """Return the folder that the last build named its files from, or None if none is noted."""
        row = self.db.execute("SELECT value FROM meta WHERE name = ?", (BASE,)).fetchone()
        return None if row is None else Path(os.fsdecode(row[0]))

    def other_file(self, article_id: str, revision_id: int, path: Path) -> Path | None:
        """Return the other file, still there, that gave this id its current, different text."""
        sql = """SELECT o.path FROM current c JOIN origins o USING (article_id)
            WHERE c.article_id = ? AND c.last IS NULL AND c.text_key <> ? AND o.path <> ?"""
        row = self.db.execute(sql, (article_id, revision_id, os.fsencode(path))).fetchone()
        other = None if row is None else Path(os.fsdecode(row[0]))
        return other if other is not None and other.is_file() else None

    # -- what a file gave --

    def find_parse(self, sha256: str, article_key: str, recipe: str) -> int | None:
        """Return the number of the stored result of parsing these bytes under this name."""
        sql = "SELECT parse_key FROM parses WHERE sha256 = ? AND article_key = ? AND recipe = ?"
        return self._one(sql, sha256, article_key, recipe)

    def parse_result(self, parse_key: int) -> tuple[list[Problem], Iterator[tuple[int, str, str]]]:
        """Return a stored parse result: problems, and each text with its article and place."""
        sql = "SELECT skipped FROM parses WHERE parse_key = ?"
        skipped = json.loads(self.db.execute(sql, (parse_key,)).fetchone()[0])
        sql = """SELECT p.text_key, t.article_id, p.place FROM parsed p JOIN texts t
            USING (text_key) WHERE p.parse_key = ? ORDER BY p.position"""
        return [Problem(*problem) for problem in skipped], iter(self.db.execute(sql, (parse_key,)))

    def note_parsed(self, revision_id: int, place: str) -> None:
        """Note a text that the current file holds, for `stage_parse`."""
        self.db.execute("INSERT INTO parsed_now VALUES (?, ?)", (revision_id, place))

    def clear_parsed(self) -> None:
        """Forget the texts of the file before; see `note_parsed`."""
        self.db.execute("DELETE FROM parsed_now")

    def stage_parse(
        self, sha256: str, article_key: str, recipe: str, skipped: Iterable[Problem]
    ) -> None:
        """Store the complete result of parsing a file, so that it need not be parsed again."""
        with self.batch():
            key = self._next("parses")
            problems = json.dumps([[p.path, p.reason] for p in skipped])
            self.db.execute(insertion("parses"), (key, sha256, article_key, recipe, problems))
            self.db.execute(
                """INSERT INTO parsed SELECT ?1, rowid, text_key, place,
                    row_hash(?1, rowid, text_key, place) FROM parsed_now""",
                (key,),
            )
