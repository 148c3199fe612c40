"""Plan a change and publish it by one short transaction.

A change is two lists: the article versions that become current (``to_publish``) and the articles
whose version stops being current (``to_retire``). Working them out is no part of the transaction:
nobody else writes while the writer lock is held.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from newsqa.errors import UnknownArticleError
from newsqa.index.catalog.connections import sqlite_errors, transaction
from newsqa.index.catalog.erase import kept_from
from newsqa.index.catalog.rows import Generation, combined
from newsqa.index.catalog.schema import MOST, hashed, insertion
from newsqa.index.catalog.writer import BASE, CatalogWriter, now

if TYPE_CHECKING:
    from newsqa.protocols import Keys

_DIGEST = "set_digest(article_id, version, text_key)"
# Earlier captures of pages in this run, of texts that are not yet versions of their articles.
_NEW_CAPTURES = """new_captures AS (SELECT article_id, text_key,
    row_number() OVER (PARTITION BY article_id ORDER BY position) AS nth,
    count(*) OVER (PARTITION BY article_id) AS number
    FROM captures c WHERE NOT EXISTS (SELECT 1 FROM versions v
        WHERE v.article_id = c.article_id AND v.text_key = c.text_key))"""
_LATER = """(SELECT text_key FROM to_publish UNION ALL
    SELECT text_key FROM current WHERE last IS NULL
    AND article_id NOT IN (SELECT article_id FROM to_retire))"""


@dataclass(frozen=True, slots=True)
class Root:
    """A PATH that was indexed: where it is, and how the user wrote it."""

    path: Path
    given: str


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file under a PATH, as it was when it was read."""

    path: Path
    root: Path
    article_key: str
    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many articles a change touches."""

    indexed: int
    unchanged: int
    removed: int

    def __bool__(self) -> bool:
        return bool(self.indexed or self.removed)


@dataclass(frozen=True, slots=True)
class Plan:
    """The ids of the articles that a change would add, replace by a new version, and remove."""

    add: tuple[str, ...] = ()
    change: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EarlierPlace:
    """Where this run met an article before, and whether it had the same text there."""

    place: str
    same_text: bool


class Change:
    """One change: collect incoming texts, plan, publish."""

    def __init__(self, writer: CatalogWriter) -> None:
        self._writer = writer
        self._db: sqlite3.Connection = writer.db
        scratch = (
            "incoming",
            "captures",
            "failed_files",
            "seen_files",
            "to_publish",
            "to_retire",
            "to_embed",
        )
        for table in scratch:
            self._db.execute(f"DELETE FROM {table}")

    # -- what came in --

    def admit(
        self,
        article_id: str,
        revision_id: int,
        path: Path | None,
        place: str,
        *,
        is_capture: bool = False,
    ) -> EarlierPlace | None:
        """Note that this text is to be current, unless this run met the article before.

        Of several captures of one page (``is_capture``) the last is to be current, and those
        before it are versions that it replaces.
        """
        sql = "SELECT text_key, place FROM incoming WHERE article_id = ?"
        there = self._db.execute(sql, (article_id,)).fetchone()
        if there is not None and is_capture and there[0] != revision_id:
            self._db.execute(
                "INSERT OR IGNORE INTO captures (article_id, text_key) VALUES (?, ?)",
                (article_id, there[0]),
            )
            self._db.execute("DELETE FROM incoming WHERE article_id = ?", (article_id,))
        elif there is not None:
            return EarlierPlace(str(there[1]), same_text=there[0] == revision_id)
        raw = None if path is None else os.fsencode(path)
        row = (article_id, revision_id, raw, place)
        self._db.execute("INSERT INTO incoming VALUES (?, ?, ?, ?)", row)
        return None

    def note_file(self, file: SeenFile) -> None:
        """Remember a file that was read."""
        row = (os.fsencode(file.path), os.fsencode(file.root), file.article_key)
        row += (file.size, file.mtime_ns, file.sha256)  # type: ignore[assignment]
        self._db.execute("INSERT OR REPLACE INTO seen_files VALUES (?, ?, ?, ?, ?, ?)", row)

    def note_failed(self, path: Path) -> None:
        """Note a failed file or folder: articles that came from it stay as they are."""
        sql = "INSERT OR IGNORE INTO failed_files VALUES (?)"
        self._db.execute(sql, (os.fsencode(path),))

    def allow(self, article_ids: Sequence[str]) -> None:
        """Let purged ids in again."""
        with self._writer.batch():
            rows = [(article_id,) for article_id in article_ids]
            self._db.executemany("DELETE FROM purged WHERE article_id = ?", rows)

    def is_purged(self, article_id: str) -> bool:
        """Whether the id is refused."""
        sql = "SELECT 1 FROM purged WHERE article_id = ?"
        return self._db.execute(sql, (article_id,)).fetchone() is not None

    # -- what it means --

    def plan_arrivals(self, *, exactly: bool, under: Path | None = None) -> Counts:
        """Plan to make the incoming texts current.

        Args:
            exactly: Articles that did not come in are removed, but for those whose file failed.
            under: With ``exactly``: remove only articles that came from files in this folder.
        """
        # A removed article that comes back unchanged is still its latest version.
        self._db.execute(f"""WITH {_NEW_CAPTURES} INSERT INTO to_publish
            SELECT i.article_id, i.text_key,
                CASE WHEN l.text_key = i.text_key THEN l.version ELSE ifnull(l.version, 0) + 1
                    + (SELECT count(*) FROM new_captures n WHERE n.article_id = i.article_id) END,
                ifnull(l.text_key = i.text_key, 0) = 0
            FROM incoming i
            LEFT JOIN current c ON c.article_id = i.article_id AND c.last IS NULL
            LEFT JOIN versions l ON l.article_id = i.article_id AND l.version =
                (SELECT max(version) FROM versions v WHERE v.article_id = i.article_id)
            WHERE c.text_key IS NULL OR c.text_key <> i.text_key""")
        self._close_replaced()
        removed = self._close_missing(under) if exactly else 0
        incoming, indexed = self._count("incoming"), self._count("to_publish")
        return Counts(indexed, incoming - indexed, removed)

    def _close_replaced(self) -> None:
        self._db.execute("""INSERT INTO to_retire SELECT o.article_id FROM to_publish o
            JOIN current c ON c.article_id = o.article_id AND c.last IS NULL""")

    def _close_missing(self, under: Path | None) -> int:
        inside = "" if under is None else f"AND {_within('o.path', '?1')}"
        sql = f"""INSERT INTO to_retire SELECT c.article_id FROM current c
            LEFT JOIN origins o ON o.article_id = c.article_id
            WHERE c.last IS NULL AND c.article_id NOT IN (SELECT article_id FROM incoming) {inside}
            AND NOT EXISTS (SELECT 1 FROM failed_files f WHERE {_within("o.path", "f.path")})"""
        values = () if under is None else (os.fsencode(under),)
        return self._db.execute(sql, values).rowcount

    def planned(self) -> Plan:
        """Return the ids of the articles that the planned change touches, sorted."""
        publish, retire = (
            {row[0] for row in self._db.execute(f"SELECT article_id FROM {table}")}
            for table in ("to_publish", "to_retire")
        )
        return Plan(
            add=tuple(sorted(publish - retire)),
            change=tuple(sorted(publish & retire)),
            remove=tuple(sorted(retire - publish)),
        )

    def plan_removal(self, article_ids: Sequence[str]) -> Counts:
        """Plan to remove these articles.

        Raises:
            UnknownArticleError: One of them is not current; the message names it.
        """
        for article_id in dict.fromkeys(article_ids):
            sql = "SELECT 1 FROM current WHERE article_id = ? AND last IS NULL"
            if self._db.execute(sql, (article_id,)).fetchone() is None:
                raise UnknownArticleError(f"no article {article_id!r} in the index")
            self._db.execute("INSERT INTO to_retire VALUES (?)", (article_id,))
        return Counts(0, 0, self._count("to_retire"))

    def plan_rollback(self, generation: int) -> Counts:
        """Plan to return to what was current at ``generation``.

        Raises:
            UnknownArticleError: There is no such generation, or it is no longer kept.
        """
        sql = "SELECT 1 FROM generations WHERE generation = ?"
        known = abs(generation) <= MOST
        if not known or self._db.execute(sql, (generation,)).fetchone() is None:
            raise UnknownArticleError(f"no generation {generation} in the index")
        if generation < kept_from(self._db):
            raise UnknownArticleError(
                f"generation {generation} is no longer kept; the oldest is {kept_from(self._db)}"
            )
        then = "first <= ?1 AND (last IS NULL OR last > ?1)"
        self._db.execute(
            f"""INSERT INTO to_publish SELECT c.article_id, c.text_key, c.version, 0 FROM current c
            WHERE {then} AND NOT EXISTS (SELECT 1 FROM current n WHERE n.last IS NULL
                AND n.article_id = c.article_id AND n.version = c.version)""",
            (generation,),
        )
        self._close_replaced()
        removed = self._db.execute(
            f"""INSERT INTO to_retire SELECT article_id FROM current WHERE last IS NULL
            AND article_id NOT IN (SELECT article_id FROM current WHERE {then})""",
            (generation,),
        ).rowcount
        return Counts(self._count("to_publish"), 0, removed)

    def _count(self, table: str) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def queue_planned(self) -> None:
        """Queue the planned texts for chunking and embedding."""
        self._db.execute("INSERT OR IGNORE INTO to_embed SELECT text_key FROM to_publish")

    def queue_incoming(self) -> None:
        """Queue the incoming texts for chunking and embedding."""
        for table in ("incoming", "captures"):
            self._db.execute(f"INSERT OR IGNORE INTO to_embed SELECT text_key FROM {table}")

    def queue_all_versions(self) -> None:
        """Queue every kept version, current or not, for chunking and embedding."""
        self._db.execute("""INSERT OR IGNORE INTO to_embed
            SELECT text_key FROM versions WHERE text_key IS NOT NULL""")

    def uncut(self, recipe: int) -> list[int]:
        """Return the queued texts whose passages are not there yet."""
        sql = """SELECT text_key FROM to_embed w WHERE NOT EXISTS (SELECT 1 FROM cuts c
            WHERE c.text_key = w.text_key AND c.recipe = ?) ORDER BY text_key"""
        return [row[0] for row in self._db.execute(sql, (recipe,))]

    def unsketched(self) -> list[int]:
        """Return the texts without a sketch that will be current once this change is published."""
        sql = f"""SELECT text_key FROM {_LATER}
            WHERE text_key NOT IN (SELECT text_key FROM sketches) ORDER BY text_key"""
        return [row[0] for row in self._db.execute(sql)]

    def later_keys(self, recipe: int) -> Keys:
        """Return the passages that will be current once this change is published."""
        sql = f"""SELECT p.key FROM passages p WHERE p.recipe = ?
            AND p.text_key IN {_LATER} ORDER BY p.key"""
        rows = self._db.execute(sql, (recipe,))
        return np.fromiter((row[0] for row in rows), dtype=np.int64)

    # -- publishing --

    def publish(self, change: str, recipe: int, publish_id: str) -> Generation:
        """Make the change visible: all of it, in one transaction."""
        old = self._writer.newest()
        articles = (
            (old.articles if old else 0) + self._count("to_publish") - self._count("to_retire")
        )
        leaving = """SELECT {} FROM current WHERE last IS NULL
            AND article_id IN (SELECT article_id FROM to_retire)"""
        digests = [self._db.execute(leaving.format(_DIGEST)).fetchone()[0]]
        digests += [self._db.execute(f"SELECT {_DIGEST} FROM to_publish").fetchone()[0]]
        # SQLite gives NULL for the digest of nothing.
        digest = combined([*(d or bytes(16) for d in digests), old.digest if old else bytes(16)])
        number = self._writer.next_generation()
        row = (number, publish_id, change, now(), recipe, articles, digest)
        with sqlite_errors(self._writer.path), transaction(self._db):
            self._db.execute(insertion("generations"), row)
            self._move_intervals(number)
            self._remember_origins()
        return Generation(
            generation=number,
            publish_id=publish_id,
            change=change,
            at=row[3],
            recipe=recipe,
            articles=articles,
            digest=digest,
        )

    def _move_intervals(self, number: int) -> None:
        self._db.execute(
            """UPDATE current SET last = ?1,
                row_hash = row_hash(article_id, first, ?1, version, text_key)
            WHERE last IS NULL AND article_id IN (SELECT article_id FROM to_retire)""",
            (number,),
        )
        earlier = f"""WITH {_NEW_CAPTURES} SELECT c.article_id,
            o.version - c.number - 1 + c.nth AS version, c.text_key, t.content_sha256,
            ?1 AS generation FROM new_captures c JOIN to_publish o USING (article_id)
            JOIN texts t ON t.text_key = c.text_key WHERE o.new"""
        sql = f"INSERT INTO versions SELECT n.*, {hashed('versions', 'n.')} FROM ({earlier}) n"
        self._db.execute(sql, (number,))
        new = """SELECT o.article_id, o.version, o.text_key, t.content_sha256, ?1 AS generation
            FROM to_publish o JOIN texts t USING (text_key) WHERE o.new"""
        sql = f"INSERT INTO versions SELECT n.*, {hashed('versions', 'n.')} FROM ({new}) n"
        self._db.execute(sql, (number,))
        new = """SELECT article_id, ?1 AS first, NULL AS last, version, text_key FROM to_publish"""
        sql = f"INSERT INTO current SELECT n.*, {hashed('current', 'n.')} FROM ({new}) n"
        self._db.execute(sql, (number,))

    def _remember_origins(self) -> None:
        self._db.execute("""DELETE FROM origins
            WHERE article_id IN (SELECT article_id FROM to_retire)
            AND article_id NOT IN (SELECT article_id FROM to_publish)""")
        self._db.execute("""INSERT OR REPLACE INTO origins
            SELECT i.article_id, i.path, row_hash(i.article_id, i.path) FROM incoming i
            LEFT JOIN origins o USING (article_id)
            WHERE i.path IS NOT NULL AND o.path IS NOT i.path""")

    def remember_files(
        self,
        roots: Sequence[Root],
        *,
        forget: bool,
        under: Path | None = None,
        base: Path | None = None,
    ) -> None:
        """Store which PATHs and files the articles came from.

        Args:
            roots: The PATHs of this change.
            forget: Whether earlier PATHs and files are dropped (but for files that failed).
            under: Drop earlier files in this folder alone.
            base: The folder that article keys are seen from now; as before if None.
        """
        with self._writer.batch():
            if base is not None:
                sql = insertion("meta", "INSERT OR REPLACE")
                self._db.execute(sql, (BASE, os.fsencode(base)))
            if forget:
                self._db.execute("DELETE FROM roots")
                self._db.execute(f"""DELETE FROM files WHERE NOT EXISTS
                    (SELECT 1 FROM failed_files f WHERE {_within("files.path", "f.path")})""")
            if under is not None:
                sql = f"DELETE FROM files WHERE {_within('path', '?1')}"
                self._db.execute(sql, (os.fsencode(under),))
            at = self._db.execute("SELECT ifnull(max(position), 0) FROM roots").fetchone()[0]
            for root in roots:
                at += 1
                row = (os.fsencode(root.path), root.given, at)
                self._db.execute(insertion("roots", "INSERT OR IGNORE"), row)
            self._db.execute(f"""INSERT OR REPLACE INTO files
                SELECT s.*, {hashed("files", "s.")} FROM seen_files s""")
            self._remember_origins()


def _within(path: str, folder: str) -> str:
    """Return the SQL for: ``path`` is ``folder`` or lies in it. Both are bytes."""
    start = f"substr({path}, 1, length({folder}) + 1)"
    return f"({path} = {folder} OR {start} = CAST({folder} || '/' AS BLOB))"
