"""The filter bar of the page: parsed from what the page sends, shown again under a question."""

from __future__ import annotations

import json

from pydantic import ValidationError

from newsqa.types import Filters
from newsqa.web.api.requests import FilterForm
from newsqa.web.html import messages
from newsqa.web.html.markup import day_words


def parse(raw: str) -> Filters:
    """Parse what the page sent; the sender may be anybody.

    Raises:
        ValueError: It is not what the filter bar sends.
    """
    if not raw.strip():
        return Filters()
    try:
        return FilterForm.model_validate_json(raw).filters()
    except ValidationError as error:
        first = error.errors()[0]
        cause = first.get("ctx", {}).get("error")
        raise ValueError(str(cause or messages.UNREADABLE)) from None


def to_json(filters: Filters) -> str:
    """Return filters in the form that `parse` takes; "" where there are none."""
    if not filters:
        return ""
    days = {"since": filters.since, "until": filters.until, "as_of": filters.as_of}
    sent = {name: str(day) if day else None for name, day in days.items()}
    return json.dumps({**sent, "sources": list(filters.sources)})


def to_words(filters: Filters) -> str:
    """Return filters as the filter bar shows them: "from 1 March 2026 · Halvern Courier"."""
    days = (
        (messages.SINCE, filters.since),
        (messages.UNTIL, filters.until),
        (messages.AS_OF_DAY, filters.as_of),
    )
    words = [text.format(day=day_words(day)) for text, day in days if day]
    return " · ".join([*words, *([", ".join(filters.sources)] if filters.sources else [])])
