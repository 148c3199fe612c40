"""The tables of ``newsqa.db``, their columns and their format number.

Every row ends in ``row_hash``, a hash over its other columns in order (`hashing.row_hash`);
only ``bodies`` needs none, since its key is the hash of its body. Days are proleptic ordinals,
spans are ``start end start end ...``, paths are bytes as the file system gives them.

- A *text* is one content of one article: staged as soon as it is made, seen by readers only when
  a *version* (a number people see) names it and ``current`` says from which generation to which.
- *Passages* and *vectors* hang on texts and recipes, so they too are invisible until then.
"""

from __future__ import annotations

# A change of anything below raises it; an index of another format is refused.
FORMAT = 1
MOST = 2**63 - 1  # the largest number SQLite knows

# Table name -> its columns in the order they are hashed, without row_hash.
COLUMNS: dict[str, tuple[str, ...]] = {
    "meta": ("name", "value"),
    "encoders": ("encoder", "name", "fingerprint", "dim"),
    "recipes": ("recipe", "encoder", "cut"),
    "generations": ("generation", "publish_id", "change", "at", "recipe", "articles", "digest"),
    "texts": (
        *("text_key", "article_id", "content", "title", "source", "byline", "published"),
        *("updated", "url", "language", "furniture", "pages", "content_sha256", "made"),
    ),
    "versions": ("article_id", "version", "text_key", "content_sha256", "generation"),
    "current": ("article_id", "first", "last", "version", "text_key"),
    "cuts": ("text_key", "recipe", "passages"),
    "passages": (
        *("key", "text_key", "recipe", "start", "stop", "sentences", "embedded", "text_code"),
    ),
    "vectors": ("vector_key", "encoder", "embedded", "vector"),
    "parses": ("parse_key", "sha256", "article_key", "recipe", "skipped"),
    "parsed": ("parse_key", "position", "text_key", "place"),
    "roots": ("path", "given", "position"),
    "files": ("path", "root", "article_key", "size", "mtime_ns", "sha256"),
    "origins": ("article_id", "path"),
    "purged": ("article_id", "at"),
    "sizes": ("content_sha256", "counter", "tokens"),
    "sketches": ("text_key", "wording", "sketch"),
    "likenesses": ("one", "other"),
    "encodings": ("text_key", "encoding"),
}

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL, row_hash BLOB NOT NULL);
CREATE TABLE encoders (
    encoder INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, fingerprint TEXT NOT NULL UNIQUE,
    dim INTEGER NOT NULL, row_hash BLOB NOT NULL);
CREATE TABLE recipes (
    recipe INTEGER PRIMARY KEY AUTOINCREMENT, encoder INTEGER NOT NULL REFERENCES encoders,
    cut TEXT NOT NULL, row_hash BLOB NOT NULL, UNIQUE (encoder, cut));
CREATE TABLE generations (
    generation INTEGER PRIMARY KEY AUTOINCREMENT, publish_id TEXT NOT NULL UNIQUE,
    change TEXT NOT NULL, at TEXT NOT NULL, recipe INTEGER NOT NULL REFERENCES recipes,
    articles INTEGER NOT NULL, digest BLOB NOT NULL, row_hash BLOB NOT NULL);
CREATE TABLE bodies (content_sha256 TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE texts (
    text_key INTEGER PRIMARY KEY AUTOINCREMENT, article_id TEXT NOT NULL, content BLOB NOT NULL,
    title TEXT NOT NULL, source TEXT NOT NULL, byline TEXT NOT NULL, published INTEGER,
    updated INTEGER, url TEXT NOT NULL, language TEXT NOT NULL, furniture TEXT NOT NULL,
    pages TEXT NOT NULL, content_sha256 TEXT NOT NULL REFERENCES bodies, made TEXT NOT NULL,
    row_hash BLOB NOT NULL, UNIQUE (article_id, content));
CREATE INDEX texts_body ON texts (content_sha256);
CREATE TABLE versions (
    article_id TEXT NOT NULL, version INTEGER NOT NULL, text_key INTEGER REFERENCES texts,
    content_sha256 TEXT NOT NULL, generation INTEGER NOT NULL REFERENCES generations,
    row_hash BLOB NOT NULL, PRIMARY KEY (article_id, version)) WITHOUT ROWID;
CREATE INDEX versions_text ON versions (text_key);
CREATE TABLE current (
    article_id TEXT NOT NULL, first INTEGER NOT NULL REFERENCES generations,
    last INTEGER REFERENCES generations, version INTEGER NOT NULL,
    text_key INTEGER NOT NULL REFERENCES texts, row_hash BLOB NOT NULL,
    PRIMARY KEY (article_id, first)) WITHOUT ROWID;
CREATE UNIQUE INDEX current_open ON current (article_id) WHERE last IS NULL;
CREATE INDEX current_first ON current (first);
CREATE INDEX current_last ON current (last);
CREATE INDEX current_text ON current (text_key);
CREATE TABLE cuts (
    text_key INTEGER NOT NULL REFERENCES texts, recipe INTEGER NOT NULL REFERENCES recipes,
    passages INTEGER NOT NULL, row_hash BLOB NOT NULL,
    PRIMARY KEY (text_key, recipe)) WITHOUT ROWID;
CREATE TABLE passages (
    key INTEGER PRIMARY KEY AUTOINCREMENT, text_key INTEGER NOT NULL REFERENCES texts,
    recipe INTEGER NOT NULL REFERENCES recipes, start INTEGER NOT NULL, stop INTEGER NOT NULL,
    sentences TEXT NOT NULL, embedded BLOB NOT NULL, text_code INTEGER NOT NULL,
    row_hash BLOB NOT NULL);
CREATE INDEX passages_text ON passages (text_key, recipe);
CREATE INDEX passages_embedded ON passages (embedded);
CREATE TABLE vectors (
    vector_key INTEGER PRIMARY KEY AUTOINCREMENT, encoder INTEGER NOT NULL REFERENCES encoders,
    embedded BLOB NOT NULL, vector BLOB NOT NULL, row_hash BLOB NOT NULL,
    UNIQUE (encoder, embedded));
CREATE TABLE parses (
    parse_key INTEGER PRIMARY KEY AUTOINCREMENT, sha256 TEXT NOT NULL, article_key TEXT NOT NULL,
    recipe TEXT NOT NULL, skipped TEXT NOT NULL, row_hash BLOB NOT NULL,
    UNIQUE (sha256, article_key, recipe));
CREATE TABLE parsed (
    parse_key INTEGER NOT NULL REFERENCES parses, position INTEGER NOT NULL,
    text_key INTEGER NOT NULL REFERENCES texts, place TEXT NOT NULL, row_hash BLOB NOT NULL,
    PRIMARY KEY (parse_key, position)) WITHOUT ROWID;
CREATE INDEX parsed_text ON parsed (text_key);
CREATE TABLE roots (
    path BLOB PRIMARY KEY, given TEXT NOT NULL, position INTEGER NOT NULL, row_hash BLOB NOT NULL);
CREATE TABLE files (
    path BLOB PRIMARY KEY, root BLOB NOT NULL, article_key TEXT NOT NULL, size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL, row_hash BLOB NOT NULL);
CREATE TABLE origins (
    article_id TEXT PRIMARY KEY, path BLOB NOT NULL, row_hash BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX origins_path ON origins (path);
CREATE TABLE purged (article_id TEXT PRIMARY KEY, at TEXT NOT NULL, row_hash BLOB NOT NULL);
CREATE TABLE sizes (
    content_sha256 TEXT NOT NULL REFERENCES bodies, counter TEXT NOT NULL, tokens INTEGER NOT NULL,
    row_hash BLOB NOT NULL, PRIMARY KEY (content_sha256, counter)) WITHOUT ROWID;
CREATE TABLE sketches (
    text_key INTEGER PRIMARY KEY REFERENCES texts, wording INTEGER NOT NULL,
    sketch BLOB NOT NULL, row_hash BLOB NOT NULL);
CREATE INDEX sketches_wording ON sketches (wording);
CREATE TABLE likenesses (
    one INTEGER NOT NULL, other INTEGER NOT NULL, row_hash BLOB NOT NULL,
    PRIMARY KEY (one, other)) WITHOUT ROWID;
CREATE INDEX likenesses_other ON likenesses (other);
CREATE TABLE encodings (
    text_key INTEGER PRIMARY KEY REFERENCES texts, encoding TEXT NOT NULL,
    row_hash BLOB NOT NULL);
"""

# What a writer notes for the change under way; gone with its connection.
SCRATCH = """
CREATE TEMP TABLE incoming (
    article_id TEXT PRIMARY KEY, text_key INTEGER NOT NULL, path BLOB, place TEXT NOT NULL);
CREATE TEMP TABLE captures (
    position INTEGER PRIMARY KEY, article_id TEXT NOT NULL, text_key INTEGER NOT NULL,
    UNIQUE (article_id, text_key));
CREATE TEMP TABLE failed_files (path BLOB PRIMARY KEY);
CREATE TEMP TABLE seen_files (
    path BLOB PRIMARY KEY, root BLOB NOT NULL, article_key TEXT NOT NULL, size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL);
CREATE TEMP TABLE to_publish (
    article_id TEXT PRIMARY KEY, text_key INTEGER NOT NULL, version INTEGER NOT NULL,
    new INTEGER NOT NULL);
CREATE TEMP TABLE to_retire (article_id TEXT PRIMARY KEY);
CREATE TEMP TABLE to_embed (text_key INTEGER PRIMARY KEY);
CREATE TEMP TABLE parsed_now (text_key INTEGER NOT NULL, place TEXT NOT NULL);
"""


def hashed(table: str, prefix: str = "") -> str:
    """Return the SQL that computes the hash of a row of ``table`` from its columns."""
    return f"row_hash({', '.join(prefix + column for column in COLUMNS[table])})"


def insertion(table: str, verb: str = "INSERT") -> str:
    """Return the SQL that inserts a row of ``table``, hash included, given its columns twice."""
    columns = COLUMNS[table]
    marks = ", ".join(f"?{n}" for n in range(1, len(columns) + 1))
    return (
        f"{verb} INTO {table} ({', '.join(columns)}, row_hash) VALUES ({marks}, row_hash({marks}))"
    )


def shape(sql: str) -> str:
    """Return a statement with its white space evened out, for comparing."""
    return " ".join(sql.split())
