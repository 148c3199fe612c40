"""What the filter bar says: read from what the page sent, and told again under a question."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from newsqa.ingest.draft import MAX_FIELD_CHARS
from newsqa.web.html import messages as strings

_MOST_SOURCES = 200


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles a question may be answered from; see `newsqa.types.Filters`."""

    since: date | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()
    as_of: date | None = None

    @classmethod
    def read(cls, raw: str) -> Filter:
        """Read what the page sent; the sender may be anybody.

        Raises:
            ValueError: It is not what the filter bar sends.
        """
        if not raw.strip():
            return cls()
        try:
            sent = json.loads(raw)
        except (ValueError, RecursionError):
            raise ValueError(strings.UNREADABLE) from None
        if not isinstance(sent, dict):
            raise ValueError(strings.UNREADABLE)
        sources = sent.get("sources") or []
        if not isinstance(sources, list) or len(sources) > _MOST_SOURCES:
            raise ValueError(strings.TOO_MANY_OUTLETS)
        since, until = _day(sent.get("since")), _day(sent.get("until"))
        if since and until and since > until:
            raise ValueError(strings.WRONG_ORDER.format(since=since, until=until))
        names = tuple(str(name)[:MAX_FIELD_CHARS] for name in sources)
        return cls(since, until, names, _day(sent.get("as_of")))

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of `search` and `ask`."""
        return {
            "since": self.since,
            "until": self.until,
            "sources": self.sources,
            "as_of": self.as_of,
        }

    def to_json(self) -> str:
        """Return it in the form that `read` takes; "" where nothing is filtered."""
        if self == Filter():
            return ""
        sent = {name: str(day) if day else None for name, day in self._days().items()}
        return json.dumps({**sent, "sources": list(self.sources)})

    def words(self) -> str:
        """Return it as the filter bar shows it: "from 2026-03-01 · Halvern Courier"."""
        said = {"since": strings.SINCE, "until": strings.UNTIL, "as_of": strings.AS_OF_DAY}
        parts = [said[name].format(day=day) for name, day in self._days().items() if day]
        return " · ".join([*parts, *([", ".join(self.sources)] if self.sources else [])])

    def _days(self) -> dict[str, date | None]:
        return {"since": self.since, "until": self.until, "as_of": self.as_of}


NO_FILTER = Filter()


def _day(value: object) -> date | None:
    if not value:
        return None
    if not isinstance(value, str):
        raise ValueError(strings.HOW_DAYS_ARE)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(strings.NO_DAY.format(given=value[:20])) from None
