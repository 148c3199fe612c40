"""Numbered places in SQL (``?1``), filled from a sequence of values.

SQLite counts ``?1`` as a name, and Python warns of a name that gets its value by position from
3.12 on, and refuses it from 3.14 on. So each statement is handed over with plain places.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

_PLACE = re.compile(r"\?(\d*)")


@lru_cache(maxsize=256)
def in_order(sql: str) -> tuple[str, tuple[int, ...]]:
    """Return the statement with plain places alone, and which value each of them takes, from 0.

    A plain place beside numbered ones takes the value after the highest named so far, as SQLite
    has it. No statement of ours holds a question mark that is no place.
    """
    order: list[int] = []
    highest = 0
    for found in _PLACE.finditer(sql):
        number = int(found[1]) if found[1] else highest + 1
        highest = max(highest, number)
        order.append(number - 1)
    return _PLACE.sub("?", sql), tuple(order)


class Connection(sqlite3.Connection):
    """A connection whose statements may have numbered places."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Run one statement."""
        plain, order = in_order(sql)
        return super().execute(plain, [parameters[at] for at in order])

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        """Run one statement for each row of values."""
        plain, order = in_order(sql)
        return super().executemany(plain, ([row[at] for at in order] for row in parameters))
