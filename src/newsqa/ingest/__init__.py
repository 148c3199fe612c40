"""Ingestion: find files and parse them in a worker that can be stopped, one article each.

A module for each kind of file turns bytes into drafts; `parse` runs them in another process.
"""

from newsqa.ingest.parse import PARSER_RECIPE, parse
from newsqa.ingest.types import InputFile, Limits, Parsed, Walk
from newsqa.ingest.walk import SKIPPED_NAMES, format_of, key_seen_from, walk

__all__ = [
    "PARSER_RECIPE",
    "SKIPPED_NAMES",
    "InputFile",
    "Limits",
    "Parsed",
    "Walk",
    "format_of",
    "key_seen_from",
    "parse",
    "walk",
]
