"""Declare the options of `NewsQA.search` and `NewsQA.ask` for all that pass them on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeAlias

# Pydantic takes the one of typing only from Python 3.12 on.
from typing_extensions import TypedDict

from newsqa.protocols import Reader
from newsqa.types import Turn

CancelCheck: TypeAlias = Callable[[], None]  # called between steps; raise in it to cancel


def never_cancel() -> None:
    """Let the work finish, however long it takes."""


class FilterOptions(TypedDict, total=False):
    """The options that make up `newsqa.types.Filters`."""

    since: date | None
    until: date | None
    sources: Sequence[str]
    as_of: date | None


class QuestionOptions(FilterOptions, total=False):
    """The options that `search` and `ask` share."""

    k: int
    today: date | None
    turns: Sequence[Turn]
    check: CancelCheck


class SearchOptions(QuestionOptions, total=False):
    """The keyword arguments of `NewsQA.search`."""

    offset: int
    rerank: bool
    max_tokens: int | None


class AskOptions(QuestionOptions, total=False):
    """The keyword arguments of `NewsQA.ask`."""

    reader: str | Reader | None
    explain: bool
