"""Store articles on disk, search them by meaning and by words, change them atomically."""

from newsqa.index.catalog import Listed, Listing, Plan
from newsqa.index.filter_columns import Coverage, coverage
from newsqa.index.index import Index, exists
from newsqa.index.reports import Damage, Report, Verification
from newsqa.index.snapshot import Snapshot

__all__ = [
    "Coverage",
    "Damage",
    "Index",
    "Listed",
    "Listing",
    "Plan",
    "Report",
    "Snapshot",
    "Verification",
    "coverage",
    "exists",
]
