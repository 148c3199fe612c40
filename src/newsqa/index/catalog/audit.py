"""Audit the database against its own hashes: list what was altered and what is missing.

Three nets, since each has holes: SQLite's own check of pages and indexes, a hash over every row,
and digests over the set of current versions at every generation.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from newsqa.index.catalog.connections import ReaderFile
from newsqa.index.catalog.erase import kept_from
from newsqa.index.catalog.rows import combined, row_hash
from newsqa.index.catalog.schema import COLUMNS, FORMAT, TABLES, shape

_SHOWN = 80

Finding = tuple[str, str]  # what, reason


def audit(path: Path) -> list[Finding]:
    """Return everything in the database that is not what was written; reads every byte of it."""
    file = ReaderFile(path)
    try:
        db = file.connect()
    except sqlite3.Error as error:
        return [(path.name, f"cannot be opened: {error}")]
    try:
        # Damaged text must come out as it is, to be hashed.
        db.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        try:
            db.execute("PRAGMA cache_size = -65536")
        except sqlite3.Error as error:  # no database at all
            return [(path.name, f"cannot be read: {error}")]
        findings: list[Finding] = []
        for check in (_schema, _pages, _rows, _bodies, _sequences, _history, _completeness):
            try:
                findings += check(db)
            except (sqlite3.Error, ValueError, TypeError) as error:
                findings.append((path.name, f"{check.__name__.strip('_')}: {error}"))
        return list(dict.fromkeys(findings))
    finally:
        db.close()
        file.close()


def _schema(db: sqlite3.Connection) -> Iterator[Finding]:
    """The tables and indexes are those this program makes."""
    fresh = sqlite3.connect(":memory:")
    fresh.executescript(TABLES)
    sql = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    expected = {name: shape(text) for name, text in fresh.execute(sql)}
    fresh.close()
    actual = {name: shape(text) for name, text in db.execute(sql)}
    for name in sorted(expected.keys() | actual.keys()):
        if expected.get(name) != actual.get(name):
            yield f"schema of {name}", "not what this program makes"
    row = db.execute("SELECT value FROM meta WHERE name = 'format'").fetchone()
    if row is None or row[0] != str(FORMAT):
        yield "meta", f"the format is {row and row[0]!r}, not {FORMAT}"


def _pages(db: sqlite3.Connection) -> Iterator[Finding]:
    """SQLite finds every page in order, every index in agreement, every reference met."""
    for (message,) in db.execute("PRAGMA integrity_check(1000)"):
        if message != "ok":
            yield "database pages", str(message)[:200]
    for row in db.execute("PRAGMA foreign_key_check"):
        yield f"{row[0]} row {row[1]}", f"points at a row of {row[2]} that is not there"


def _rows(db: sqlite3.Connection) -> Iterator[Finding]:
    """Every row has the hash it was written with."""
    for table, columns in COLUMNS.items():
        try:
            for row in db.execute(f"SELECT {', '.join(columns)}, row_hash FROM {table}"):
                if row_hash(*row[:-1]) != row[-1]:
                    yield f"{table} row {_short(row[0])}", "not what was written"
        except sqlite3.Error as error:
            yield f"table {table}", str(error)


def _short(value: object) -> str:
    return repr(value)[:_SHOWN]


def _bodies(db: sqlite3.Connection) -> Iterator[Finding]:
    """Every body has the hash it is known by, and every text has a body."""
    for name, body in db.execute("SELECT content_sha256, body FROM bodies"):
        raw = body.encode("utf-8", "surrogateescape") if isinstance(body, str) else b""
        if not isinstance(body, str) or sha256(raw).hexdigest() != name:
            owners = db.execute(
                "SELECT DISTINCT article_id FROM texts WHERE content_sha256 = ?", (name,)
            ).fetchall()
            named = ", ".join(_short(owner) for (owner,) in owners) or _short(name)
            yield f"article {named}", "its body is not what was written"
    sql = """SELECT article_id FROM texts WHERE content_sha256 NOT IN
        (SELECT content_sha256 FROM bodies)"""
    for (article_id,) in db.execute(sql):
        yield f"article {_short(article_id)}", "its body is missing"


def _sequences(db: sqlite3.Connection) -> Iterator[Finding]:
    """No number will be given twice."""
    keys = {"generations": "generation", "texts": "text_key", "passages": "key"}
    keys |= {"vectors": "vector_key", "parses": "parse_key"}
    keys |= {"recipes": "recipe", "encoders": "encoder"}
    for table, key in keys.items():
        highest = db.execute(f"SELECT max({key}) FROM {table}").fetchone()[0]
        row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
        seq = None if row is None else row[0]
        if highest is not None and (not isinstance(seq, int) or seq < highest):
            yield f"sequence of {table}", f"stands at {seq}, {highest} is in use"


def _history(db: sqlite3.Connection) -> Iterator[Finding]:
    """At every kept generation the set of current versions is the one that was published."""
    oldest = kept_from(db)
    moves: dict[int, list[bytes]] = {}
    counts: dict[int, int] = {}
    sql = "SELECT article_id, version, text_key, first, last FROM current"
    for article_id, version, revision_id, first, last in db.execute(sql):
        digest = row_hash(article_id, version, revision_id)
        for generation, step in ((first, 1), (last, -1)):
            if generation is not None:
                generation = max(generation, oldest)  # what came before is no longer kept
                moves.setdefault(generation, []).append(digest)
                counts[generation] = counts.get(generation, 0) + step
    digest, articles = bytes(16), 0
    sql = """SELECT generation, articles, digest FROM generations WHERE generation >= ?
        ORDER BY generation"""
    for generation, expected_articles, expected in db.execute(sql, (oldest,)):
        digest = combined([digest, *moves.pop(generation, [])])
        articles += counts.get(generation, 0)
        if digest != expected or articles != expected_articles:
            yield (
                f"generation {generation}",
                f"{articles} articles are recorded as current, {expected_articles} were published"
                if articles != expected_articles
                else "the current versions are not those that were published",
            )
            digest, articles = expected, expected_articles  # name each break once
    for generation in moves:
        yield f"generation {generation}", "missing, but articles name it"


def _completeness(db: sqlite3.Connection) -> Iterator[Finding]:
    """What is current has its version, its passages and their vectors."""
    sql = """SELECT c.article_id, c.version FROM current c
        LEFT JOIN versions v ON v.article_id = c.article_id AND v.version = c.version
        WHERE v.version IS NULL"""
    for article_id, version in db.execute(sql):
        yield f"article {_short(article_id)}", f"version {version} is missing"
    newest = "SELECT recipe FROM generations ORDER BY generation DESC LIMIT 1"
    sql = f"""SELECT c.article_id, k.passages, (SELECT count(*) FROM passages p
            WHERE p.text_key = c.text_key AND p.recipe = ({newest}))
        FROM current c LEFT JOIN cuts k ON k.text_key = c.text_key AND k.recipe = ({newest})
        WHERE c.last IS NULL"""
    for article_id, expected, actual in db.execute(sql):
        if expected != actual:
            yield f"article {_short(article_id)}", f"{actual} passages of {expected} are there"
    sql = f"""SELECT p.key FROM current c CROSS JOIN passages p ON p.text_key = c.text_key
            AND p.recipe = ({newest})
        JOIN recipes r ON r.recipe = p.recipe
        LEFT JOIN vectors v ON v.encoder = r.encoder AND v.embedded = p.embedded
        WHERE c.last IS NULL AND v.vector_key IS NULL"""
    for (key,) in db.execute(sql):
        yield f"passage {key}", "its vector is missing"
    sql = "SELECT p.article_id FROM purged p JOIN texts t USING (article_id)"
    for (article_id,) in db.execute(sql):
        yield f"article {_short(article_id)}", "was purged, but text of it is still there"
