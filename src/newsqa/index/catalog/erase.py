"""Erase from the database for good: purged articles, dropped history, leftovers.

``secure_delete`` overwrites what is deleted; VACUUM and a truncated WAL take the rest. Both run
outside the transaction, so a crash between them leaves bytes but never a half-erased article.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsqa.errors import UnknownArticleError
from newsqa.index.catalog.connections import transaction
from newsqa.index.catalog.rows import Generation, combined, row_hash
from newsqa.index.catalog.schema import MOST, hashed, insertion
from newsqa.index.catalog.writer import CatalogWriter, now

STAGED_DAYS = 7
KEPT_FROM = "kept_from"

_MARKED = "(SELECT text_key FROM marked)"


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was taken out."""

    texts: int
    vectors: int


def purge(writer: CatalogWriter, article_ids: Sequence[str], publish_id: str) -> Generation:
    """Erase every text, passage and vector of these articles and refuse their ids; publish that.

    Raises:
        UnknownArticleError: Nothing of one of them is stored; nothing has changed.
    """
    db = writer.db
    for article_id in article_ids:
        sql = """SELECT 1 FROM texts WHERE article_id = ?1
            UNION ALL SELECT 1 FROM versions WHERE article_id = ?1"""
        if db.execute(sql, (article_id,)).fetchone() is None:
            raise UnknownArticleError(f"no article {article_id!r} in the index")
    old = writer.newest()
    assert old is not None
    with transaction(db):
        _mark(
            db,
            "SELECT text_key FROM texts WHERE article_id IN (SELECT value FROM ids)",
            article_ids,
        )
        _rewrite_history(db)
        for table in ("current", "versions", "origins"):
            db.execute(f"DELETE FROM {table} WHERE article_id IN (SELECT value FROM ids)")
        _erase_marked(db)
        for article_id in article_ids:
            db.execute(insertion("purged", "INSERT OR REPLACE"), (article_id, now()))
        number = writer.next_generation()
        articles, digest = _state(db)
        row = (number, publish_id, "purge", now(), old.recipe, articles, digest)
        db.execute(insertion("generations"), row)
    newest = writer.newest()
    assert newest is not None
    return newest


def _mark(db: sqlite3.Connection, select: str, article_ids: Sequence[str] = ()) -> None:
    db.execute("CREATE TEMP TABLE IF NOT EXISTS marked (text_key INTEGER PRIMARY KEY)")
    db.execute("CREATE TEMP TABLE IF NOT EXISTS ids (value TEXT PRIMARY KEY)")
    db.execute("DELETE FROM marked")
    db.execute("DELETE FROM ids")
    db.executemany("INSERT OR IGNORE INTO ids VALUES (?)", [(i,) for i in article_ids])
    db.execute(f"INSERT INTO marked {select}")


def _rewrite_history(db: sqlite3.Connection) -> None:
    """Remove the purged articles from the digest and count of every generation."""
    sql = """SELECT article_id, version, text_key, first, last FROM current
        WHERE article_id IN (SELECT value FROM ids)"""
    erased = [(row_hash(*row[:3]), row[3], row[4]) for row in db.execute(sql)]
    sql = "SELECT generation, articles, digest FROM generations"
    for generation, articles, digest in db.execute(sql).fetchall():
        current = [d for d, a, b in erased if a <= generation and (b is None or b > generation)]
        if current:
            db.execute(
                "UPDATE generations SET articles = ?, digest = ? WHERE generation = ?",
                (articles - len(current), combined([digest, *current]), generation),
            )
    db.execute(f"UPDATE generations SET row_hash = {hashed('generations')}")


def _state(db: sqlite3.Connection) -> tuple[int, bytes]:
    row = db.execute(
        "SELECT count(*), set_digest(article_id, version, text_key) FROM current WHERE last IS NULL"
    ).fetchone()
    return int(row[0]), row[1] or bytes(16)


def _erase_marked(db: sqlite3.Connection) -> Erased:
    """Delete the marked texts and all that hangs on them alone."""
    before = db.execute("SELECT count(*) FROM vectors").fetchone()[0]
    # A result that lost a part must not pass for the whole: the file is parsed again.
    db.execute(f"""DELETE FROM parsed WHERE parse_key IN
        (SELECT parse_key FROM parsed WHERE text_key IN {_MARKED})""")
    db.execute("""DELETE FROM parses WHERE parse_key NOT IN (SELECT parse_key FROM parsed)""")
    db.execute(f"DELETE FROM passages WHERE text_key IN {_MARKED}")
    db.execute(f"DELETE FROM cuts WHERE text_key IN {_MARKED}")
    db.execute(f"DELETE FROM sketches WHERE text_key IN {_MARKED}")
    db.execute(f"DELETE FROM encodings WHERE text_key IN {_MARKED}")
    texts = db.execute(f"DELETE FROM texts WHERE text_key IN {_MARKED}").rowcount
    _erase_unused(db)
    after = db.execute("SELECT count(*) FROM vectors").fetchone()[0]
    return Erased(texts, before - after)


def _erase_unused(db: sqlite3.Connection) -> None:
    unused = "content_sha256 NOT IN (SELECT content_sha256 FROM texts)"
    db.execute(f"DELETE FROM sizes WHERE {unused}")
    db.execute(f"DELETE FROM bodies WHERE {unused}")
    for wording in ("one", "other"):
        db.execute(f"""DELETE FROM likenesses
            WHERE {wording} NOT IN (SELECT wording FROM sketches)""")
    db.execute("""DELETE FROM vectors WHERE NOT EXISTS
        (SELECT 1 FROM passages p WHERE p.embedded = vectors.embedded)""")


def drop_history(writer: CatalogWriter, keep: int) -> Erased:
    """Erase the texts that none of the last ``keep`` generations held as current.

    Version numbers and content hashes stay, so that an old citation is still known.
    """
    if keep < 1:
        raise ValueError(f"keep at least 1 generation, got {keep}")
    db = writer.db
    sql = "SELECT min(generation) FROM (SELECT generation FROM generations ORDER BY 1 DESC LIMIT ?)"
    oldest = db.execute(sql, (min(keep, MOST),)).fetchone()[0] or 0
    with transaction(db):
        db.execute("DELETE FROM current WHERE last IS NOT NULL AND last <= ?", (oldest,))
        _mark(
            db,
            """SELECT text_key FROM versions WHERE text_key IS NOT NULL
            EXCEPT SELECT text_key FROM current""",
        )
        db.execute(
            f"""UPDATE versions SET text_key = NULL,
                row_hash = row_hash(article_id, version, NULL, content_sha256, generation)
            WHERE text_key IN {_MARKED}"""
        )
        erased = _erase_marked(db)
        kept = max(oldest, kept_from(db))
        db.execute(insertion("meta", "INSERT OR REPLACE"), (KEPT_FROM, str(kept)))
    return erased


def kept_from(db: sqlite3.Connection) -> int:
    """Return the oldest generation whose articles are all kept."""
    row = db.execute("SELECT value FROM meta WHERE name = ?", (KEPT_FROM,)).fetchone()
    return 1 if row is None else int(row[0])


def drop_leftovers(writer: CatalogWriter) -> Erased:
    """Erase what stopped builds staged over 7 days ago, and passages of recipes long replaced."""
    db = writer.db
    limit = (datetime.now(UTC) - timedelta(days=STAGED_DAYS)).isoformat(timespec="seconds")
    with transaction(db):
        _mark(
            db,
            f"""SELECT text_key FROM texts WHERE made < '{limit}'
            AND text_key NOT IN (SELECT text_key FROM versions WHERE text_key IS NOT NULL)""",
        )
        newest = "(SELECT recipe FROM generations ORDER BY generation DESC LIMIT 1)"
        old = f"recipe IN (SELECT recipe FROM generations) AND recipe <> {newest}"
        db.execute(f"DELETE FROM passages WHERE {old}")
        db.execute(f"DELETE FROM cuts WHERE {old}")
        return _erase_marked(db)


def vacuum(writer: CatalogWriter, *, wait_s: float = 10.0) -> str | None:
    """Free the space of erased rows and truncate the WAL.

    Returns:
        None, or which bytes remain because a reader did not leave in time.
    """
    writer.db.execute("VACUUM")
    end = time.monotonic() + wait_s
    while True:
        busy = writer.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        wal = Path(f"{writer.path}-wal")
        if not busy:
            return None
        if time.monotonic() > end:
            size = wal.stat().st_size if wal.exists() else 0
            return f"{wal} ({size} bytes), which a reader holds"
        time.sleep(0.1)
