"""Request forms: the options of `search` and `ask` as HTTP, MCP and Gradio take them, checked.

The names and defaults are those of `NewsQA.search` and `NewsQA.ask`; all three are built from
these forms, so a new option is one field here.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from newsqa.ingest.draft import MAX_FIELD_CHARS
from newsqa.options import QuestionOptions
from newsqa.types import Filters, Turn

QUESTION_CHARS = 2000
MAX_K = 50
MAX_OFFSET = 1000

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _day(value: object) -> object:
    """Parse an ISO day; pydantic would take seconds since 1970 too."""
    if value is None or isinstance(value, date):
        return value
    if not (isinstance(value, str) and value.isascii() and _DAY.fullmatch(value)):
        raise ValueError("a day is written as 2026-01-31")
    return date.fromisoformat(value)


def _whole(value: object) -> object:
    """Return 3 for 3.0: in JSON they are one number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole)]
# Its limits stand before the validator: beside a None they would be lost to the OpenAPI file.
Tokens = Annotated[int, Field(ge=0, le=1_000_000), BeforeValidator(_whole)]
Text = Annotated[str, Field(max_length=QUESTION_CHARS)]
Day = Annotated[date, BeforeValidator(_day)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FilterForm(_Form):
    """Which articles may be found: `newsqa.types.Filters` as callers send them."""

    since: Day | None = None
    until: Day | None = None
    as_of: Day | None = None
    sources: list[Annotated[str, Field(max_length=MAX_FIELD_CHARS)]] = Field([], max_length=200)

    @model_validator(mode="after")
    def _check_order(self) -> FilterForm:
        self.filters()
        return self

    def filters(self) -> Filters:
        """Return the filters."""
        return Filters(
            since=self.since, until=self.until, as_of=self.as_of, sources=tuple(self.sources)
        )


class _QuestionForm(FilterForm):
    """A question, and which articles may be found."""

    question: Text = Field(examples=["When did the harbour tunnel open?"])

    def options(self) -> dict[str, Any]:
        """Return the options of `search` or `ask`, by name."""
        return self.model_dump(exclude={"question"})


class SearchForm(_QuestionForm):
    """The options of a search."""

    k: Whole = Field(10, ge=1, le=MAX_K)
    offset: Whole = Field(0, ge=0, le=MAX_OFFSET)
    today: Day | None = None
    rerank: bool = False
    max_tokens: Tokens | None = None


class SearchBody(SearchForm):
    """The same as JSON: a number is a number, not text that looks like one."""

    model_config = ConfigDict(strict=True)


class AskQuery(_QuestionForm):
    """The options of a question that fit a query string."""

    k: Whole = Field(3, ge=1, le=MAX_K)
    today: Day | None = None
    reader: Literal["none"] | None = None
    explain: bool = False

    def shared_options(self) -> dict[str, Any]:
        """Return the options that decide what is searched."""
        options = self.options()
        return {
            name: options[name]
            for name in QuestionOptions.__annotations__
            if name in options and name != "k"
        }


class TurnForm(_Form):
    """One earlier turn of a conversation, held by the caller."""

    model_config = ConfigDict(strict=True)

    question: Text
    quotes: list[Annotated[str, Field(max_length=20_000)]] = Field([], max_length=MAX_K)


class AskForm(AskQuery):
    """The options of a question as JSON, with the conversation so far."""

    model_config = ConfigDict(strict=True)

    turns: list[TurnForm] = Field([], max_length=50)

    def options(self) -> dict[str, Any]:
        """Return the options of `ask`, by name, with turns as the engine takes them."""
        turns = tuple(Turn(question=t.question, quotes=tuple(t.quotes)) for t in self.turns)
        return {**super().options(), "turns": turns}
