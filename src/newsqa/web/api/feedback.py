"""Feedback on answers: one JSON line each, kept in the index folder, never sent on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from newsqa.errors import IndexFileError
from newsqa.index.maintenance import FEEDBACK
from newsqa.web.api.requests import Text, Whole
from newsqa.web.middleware.allowlist import MIB

MAX_BYTES = 50 * MIB

Short = Annotated[str, Field(max_length=1000)]


class Cited(BaseModel):
    """Where one of the quotes stands."""

    model_config = ConfigDict(extra="ignore", strict=True)

    article_id: Short
    version: Whole
    start: Whole
    end: Whole


class Feedback(BaseModel):
    """One verdict on one answer."""

    model_config = ConfigDict(extra="forbid", strict=True)

    question: Text = Field(examples=["When did the harbour tunnel open?"])
    verdict: Literal["up", "down"] = Field(examples=["up"])
    reason: Short = ""
    answered: bool = Field(examples=[True])
    generation: Whole = 0
    quotes: list[Cited] = Field([], max_length=50)


class FeedbackLog:
    """Appends verdicts to ``feedback.jsonl``; full at 50 MB."""

    def __init__(self, index: Path) -> None:
        self._path = index / FEEDBACK
        self._lock = Lock()

    def write(self, feedback: Feedback) -> None:
        """Append one verdict.

        Raises:
            ValueError: The file is full.
            IndexFileError: It cannot be written.
        """
        time = datetime.now(UTC).isoformat(timespec="seconds")
        line = json.dumps({"at": time, **feedback.model_dump()})
        with self._lock:
            if self._path.exists() and self._path.stat().st_size > MAX_BYTES:
                raise ValueError(f"{FEEDBACK} is full; move it away")
            try:
                with self._path.open("a", encoding="utf-8") as out:
                    out.write(line + "\n")
            except OSError as error:
                raise IndexFileError(
                    f"the verdict was not kept: {FEEDBACK} cannot be written "
                    f"({error.strerror or error}); the server needs room in the folder of the "
                    "index and the right to write there"
                ) from error
