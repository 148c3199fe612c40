"""The catalog: SQLite, the only truth. Articles, their versions, passages and vectors.

The only place that imports sqlite3.
"""

from newsqa.index.catalog.audit import audit
from newsqa.index.catalog.backup import copy_database, last_generation, renumbered_copy, settle
from newsqa.index.catalog.connections import (
    DatabaseFailedError,
    check_format,
    has_database,
    in_our_words,
)
from newsqa.index.catalog.erase import Erased, drop_history, drop_leftovers, purge, squeeze
from newsqa.index.catalog.near_duplicates import liken
from newsqa.index.catalog.publish import Change, Counts, Root, SeenFile
from newsqa.index.catalog.reader import UNDATED, CatalogReader, Listed, Listing, Shared, TextRow
from newsqa.index.catalog.rows import Generation, Stored, text_sha256
from newsqa.index.catalog.writer import CatalogWriter, Recipe

__all__ = [
    "UNDATED",
    "CatalogReader",
    "CatalogWriter",
    "Change",
    "Counts",
    "DatabaseFailedError",
    "Erased",
    "Generation",
    "Listed",
    "Listing",
    "Recipe",
    "Root",
    "SeenFile",
    "Shared",
    "Stored",
    "TextRow",
    "audit",
    "check_format",
    "copy_database",
    "drop_history",
    "drop_leftovers",
    "has_database",
    "in_our_words",
    "last_generation",
    "liken",
    "purge",
    "renumbered_copy",
    "settle",
    "squeeze",
    "text_sha256",
]
