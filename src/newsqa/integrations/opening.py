"""What the adapters share: the index opened once, and the filters as a search takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from os import PathLike, fspath
from threading import Lock
from typing import Any, TypeAlias

from newsqa.engine import NewsQA
from newsqa.factory import open_index
from newsqa.types import Hit, day

Place: TypeAlias = str | PathLike[str] | NewsQA
Day: TypeAlias = date | str | None
_DAYS = ("since", "until", "as_of")


class Source:
    """An index, opened when the first question comes; or one that its owner opened."""

    def __init__(self, index: Place) -> None:
        self._qa = index if isinstance(index, NewsQA) else None
        self._folder = fspath(index.settings.index if isinstance(index, NewsQA) else index)
        self._lock = Lock()

    @property
    def folder(self) -> str:
        """The folder of the index."""
        return self._folder

    @property
    def qa(self) -> NewsQA:
        """The open index.

        Raises:
            IndexNotFoundError: There is none in that folder.
        """
        with self._lock:
            if self._qa is None:
                self._qa = open_index(self._folder)
            return self._qa


@dataclass(frozen=True, slots=True)
class Filtering:
    """The filters of a search; a day may be written YYYY-MM-DD, as configuration files need it.

    Raises:
        ValueError: What is given as a day is none.
    """

    since: Day = None
    until: Day = None
    sources: Sequence[str] = ()
    as_of: Day = None

    def __post_init__(self) -> None:
        for name in _DAYS:
            object.__setattr__(self, name, _read(getattr(self, name)))
        # A string is a sequence too, of letters that name nothing.
        sources = (self.sources,) if isinstance(self.sources, str) else tuple(self.sources)
        object.__setattr__(self, "sources", sources)

    def options(self, **given: Any) -> dict[str, Any]:
        """Return them as arguments of `NewsQA.search`, those that are ``given`` in their place."""
        mine = {"since": self.since, "until": self.until, "sources": self.sources}
        mine["as_of"] = self.as_of
        theirs = {name: value for name, value in given.items() if value is not None}
        merged = Filtering(**{**mine, **{n: v for n, v in theirs.items() if n in mine}})
        rest = {name: value for name, value in theirs.items() if name not in mine}
        return {
            "since": merged.since,
            "until": merged.until,
            "sources": merged.sources,
            "as_of": merged.as_of,
            **rest,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return them in a form that JSON and YAML hold."""
        days = {name: value.isoformat() for name in _DAYS if (value := getattr(self, name))}
        return {
            "since": days.get("since"),
            "until": days.get("until"),
            "sources": list(self.sources),
            "as_of": days.get("as_of"),
        }


def described(hit: Hit) -> dict[str, Any]:
    """Return where a hit stands and what it scored, without its text.

    Together with the text as ``quote`` it is a citation that `NewsQA.prove` takes.
    """
    return {name: value for name, value in hit.to_dict().items() if name != "passage"}


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a record that has no lists or records inside, and no text."""
    simple = (str, int, float, type(None))
    return {n: v for n, v in record.items() if isinstance(v, simple) and n != "quote"}


def _read(value: Day) -> date | None:
    if not isinstance(value, str):
        return value
    found = date.fromisoformat(value)
    if day(found) != value:
        raise ValueError(f"{value!r} is not a day; write YYYY-MM-DD")
    return found
