"""What HTTP callers may send, checked; the names are those of the Python arguments."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from newsqa.ingest.draft import MAX_FIELD_CHARS
from newsqa.types import Turn

QUESTION_CHARS = 2000
MOST_K = 50
MOST_OFFSET = 1000

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _day(given: object) -> object:
    """Read a day as it is written; pydantic would take seconds since 1970 too."""
    if given is None or isinstance(given, date):
        return given
    if not (isinstance(given, str) and given.isascii() and _DAY.fullmatch(given)):
        raise ValueError("a day is written as 2026-01-31")
    return date.fromisoformat(given)


def _whole(given: object) -> object:
    """Take 3.0 as 3: in JSON they are one number."""
    return int(given) if isinstance(given, float) and given.is_integer() else given


Whole = Annotated[int, BeforeValidator(_whole)]
# Its limits stand before the validator: beside a None they would be lost to the OpenAPI file.
Tokens = Annotated[int, Field(ge=0, le=1_000_000), BeforeValidator(_whole)]
Text = Annotated[str, Field(max_length=QUESTION_CHARS)]
Day = Annotated[date, BeforeValidator(_day)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Filtering(_Form):
    """Which articles may be found."""

    since: Day | None = None
    until: Day | None = None
    as_of: Day | None = None
    sources: list[Annotated[str, Field(max_length=MAX_FIELD_CHARS)]] = Field([], max_length=200)

    @model_validator(mode="after")
    def _in_order(self) -> Filtering:
        if self.since and self.until and self.since > self.until:
            raise ValueError(f"since ({self.since}) is after until ({self.until})")
        return self


class _Asking(Filtering):
    """A question, and which articles may be found."""

    question: Text = Field(examples=["When did the harbour tunnel open?"])

    def filters(self) -> dict[str, Any]:
        """Return what decides which articles may be found, by name."""
        return self.model_dump(include={"since", "until", "sources", "as_of"})


class SearchForm(_Asking):
    """The arguments of a search."""

    k: Whole = Field(10, ge=1, le=MOST_K)
    offset: Whole = Field(0, ge=0, le=MOST_OFFSET)
    today: Day | None = None
    rerank: bool = False
    max_tokens: Tokens | None = None

    def arguments(self) -> dict[str, Any]:
        """Return them by name, without the question."""
        return self.model_dump(exclude={"question"})


class SearchBody(SearchForm):
    """The same as JSON: a number is a number, not text that looks like one."""

    model_config = ConfigDict(strict=True)


class AskQuery(_Asking):
    """The arguments of a question that fit an address."""

    k: Whole = Field(3, ge=1, le=MOST_K)
    today: Day | None = None
    reader: Literal["none"] | None = None
    explain: bool = False

    def arguments(self) -> dict[str, Any]:
        """Return them by name, without the question; the reader only where one is named."""
        return self.model_dump(exclude={"question"} | ({"reader"} if not self.reader else set()))


class TurnForm(_Form):
    """One earlier turn of a conversation, held by the caller."""

    model_config = ConfigDict(strict=True)

    question: Text
    quotes: list[Annotated[str, Field(max_length=20_000)]] = Field([], max_length=MOST_K)


class AskForm(AskQuery):
    """The arguments of a question as JSON, with the conversation so far."""

    model_config = ConfigDict(strict=True)

    turns: list[TurnForm] = Field([], max_length=50)

    def arguments(self) -> dict[str, Any]:
        """Return them by name, turns as the engine takes them."""
        turns = tuple(Turn(question=t.question, quotes=tuple(t.quotes)) for t in self.turns)
        return {**super().arguments(), "turns": turns}
