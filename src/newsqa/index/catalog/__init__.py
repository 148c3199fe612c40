"""The catalog: SQLite, the only truth. Articles, their versions, passages and vectors.

The only place that imports sqlite3.
"""

from newsqa.index.catalog.audit import audit
from newsqa.index.catalog.backup import checkpoint, copy_database, last_generation, renumbered_copy
from newsqa.index.catalog.connections import (
    DatabaseFailedError,
    check_format,
    has_database,
    sqlite_errors,
)
from newsqa.index.catalog.erase import Erased, drop_history, drop_leftovers, purge, vacuum
from newsqa.index.catalog.near_duplicates import GroupedText, find_duplicates
from newsqa.index.catalog.publish import Change, Counts, Plan, Root, SeenFile
from newsqa.index.catalog.reader import (
    UNDATED,
    CatalogReader,
    Listed,
    Listing,
    OlderVersion,
    PassageKeys,
    TextRow,
)
from newsqa.index.catalog.rows import Generation, Stored, text_sha256
from newsqa.index.catalog.schema import FORMAT
from newsqa.index.catalog.writer import CatalogWriter, Recipe

__all__ = [
    "FORMAT",
    "UNDATED",
    "CatalogReader",
    "CatalogWriter",
    "Change",
    "Counts",
    "DatabaseFailedError",
    "Erased",
    "Generation",
    "GroupedText",
    "Listed",
    "Listing",
    "OlderVersion",
    "PassageKeys",
    "Plan",
    "Recipe",
    "Root",
    "SeenFile",
    "Stored",
    "TextRow",
    "audit",
    "check_format",
    "checkpoint",
    "copy_database",
    "drop_history",
    "drop_leftovers",
    "find_duplicates",
    "has_database",
    "last_generation",
    "purge",
    "renumbered_copy",
    "sqlite_errors",
    "text_sha256",
    "vacuum",
]
