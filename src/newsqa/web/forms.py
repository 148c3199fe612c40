"""What HTTP callers may send, checked; the names are those of the Python arguments."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from newsqa.types import Turn

QUESTION_CHARS = 2000
MOST_K = 50
MOST_OFFSET = 1000

Text = Annotated[str, Field(max_length=QUESTION_CHARS)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Filtering(_Form):
    """Which articles may be found."""

    since: date | None = None
    until: date | None = None
    sources: list[Annotated[str, Field(max_length=500)]] = Field([], max_length=200)

    @model_validator(mode="after")
    def _in_order(self) -> Filtering:
        if self.since and self.until and self.since > self.until:
            raise ValueError(f"since ({self.since}) is after until ({self.until})")
        return self


class _Asking(Filtering):
    """A question, and which articles may be found."""

    question: Text
    as_of: date | None = None


class SearchForm(_Asking):
    """The arguments of a search."""

    k: int = Field(10, ge=1, le=MOST_K)
    offset: int = Field(0, ge=0, le=MOST_OFFSET)
    rerank: bool = False
    max_tokens: int | None = Field(None, ge=0, le=1_000_000)

    def arguments(self) -> dict[str, Any]:
        """Return them by name, without the question."""
        return self.model_dump(exclude={"question"})


class AskQuery(_Asking):
    """The arguments of a question that fit an address."""

    k: int = Field(3, ge=1, le=MOST_K)
    today: date | None = None
    reader: Literal["none"] | None = None
    explain: bool = False

    def arguments(self) -> dict[str, Any]:
        """Return them by name, without the question; the reader only where one is named."""
        return self.model_dump(exclude={"question"} | ({"reader"} if not self.reader else set()))


class TurnForm(_Form):
    """One earlier turn of a conversation, held by the caller."""

    question: Text
    quotes: list[Annotated[str, Field(max_length=20_000)]] = Field([], max_length=MOST_K)


class AskForm(AskQuery):
    """The arguments of a question, with the conversation so far."""

    turns: list[TurnForm] = Field([], max_length=50)

    def arguments(self) -> dict[str, Any]:
        """Return them by name, turns as the engine takes them."""
        turns = tuple(Turn(question=t.question, quotes=tuple(t.quotes)) for t in self.turns)
        return {**super().arguments(), "turns": turns}
