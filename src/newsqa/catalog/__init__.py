"""The catalog: SQLite, the only truth. Articles, their versions, passages and vectors.

The only place that imports sqlite3.
"""

from newsqa.catalog.auditing import audit
from newsqa.catalog.connecting import DatabaseFailedError, has_database, in_our_words
from newsqa.catalog.copying import copy_database, last_generation, renumbered_copy, settle
from newsqa.catalog.erasing import Erased, drop_history, drop_leftovers, purge, squeeze
from newsqa.catalog.hashing import text_sha256
from newsqa.catalog.listing import Listed, Listing
from newsqa.catalog.matching import liken
from newsqa.catalog.migrating import backups, is_old
from newsqa.catalog.publishing import Change, Counts, Root, SeenFile
from newsqa.catalog.reading import UNDATED, CatalogReader, Shared, TextRow
from newsqa.catalog.rows import Generation, Stored
from newsqa.catalog.writing import CatalogWriter, Recipe

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
    "backups",
    "copy_database",
    "drop_history",
    "drop_leftovers",
    "has_database",
    "in_our_words",
    "is_old",
    "last_generation",
    "liken",
    "purge",
    "renumbered_copy",
    "settle",
    "squeeze",
    "text_sha256",
]
