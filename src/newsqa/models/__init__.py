"""Encoders and readers: the only place that loads model libraries, and only on first use."""

from __future__ import annotations

from newsqa.models.registry import ReaderCache, examine_reader, open_encoder, open_reader
from newsqa.models.token_counter import TokenCounter, open_token_counter

__all__ = [
    "ReaderCache",
    "TokenCounter",
    "examine_reader",
    "open_encoder",
    "open_reader",
    "open_token_counter",
]
