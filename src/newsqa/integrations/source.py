"""Share among the adapters the index, opened once, and the filters of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from os import PathLike, fspath
from threading import Lock
from typing import Any, TypeAlias

from newsqa.engine import NewsQA
from newsqa.factory import open_index
from newsqa.options import FilterOptions
from newsqa.types import Hit, day

Place: TypeAlias = str | PathLike[str] | NewsQA
Day: TypeAlias = date | str | None


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


def filters_of(
    since: Day = None, until: Day = None, sources: Sequence[str] | None = (), as_of: Day = None
) -> FilterOptions:
    """Return filters as `NewsQA.search` takes them; a day may be written YYYY-MM-DD.

    Raises:
        ValueError: What is given as a day is none.
    """
    # A string is a sequence too, of letters that name nothing.
    names = (sources,) if isinstance(sources, str) else tuple(sources or ())
    return {"since": _day(since), "until": _day(until), "sources": names, "as_of": _day(as_of)}


def merged(filters: FilterOptions, **options: Any) -> dict[str, Any]:
    """Return the options of one search: those that are not None, over the ``filters`` chosen."""
    every = {**filters, **{name: value for name, value in options.items() if value is not None}}
    return {**every, **filters_of(**{name: every[name] for name in filters})}


def described(hit: Hit) -> dict[str, Any]:
    """Return where a hit stands and what it scored, without its text.

    Together with the text as ``quote`` it is a citation that `NewsQA.prove` takes.
    """
    return {name: value for name, value in hit.to_dict().items() if name != "passage"}


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a record that has no lists or records inside, and no text."""
    simple = (str, int, float, type(None))
    return {n: v for n, v in record.items() if isinstance(v, simple) and n != "quote"}


def _day(value: Day) -> date | None:
    if not isinstance(value, str):
        return value
    parsed = date.fromisoformat(value)
    if day(parsed) != value:
        raise ValueError(f"{value!r} is not a day; write YYYY-MM-DD")
    return parsed
