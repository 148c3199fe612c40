"""Lists of the current articles, by words in their title or source, newest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

Rows: TypeAlias = Callable[..., list[tuple[object, ...]]]

_WHERE = """FROM current c CROSS JOIN texts t USING (text_key)
    WHERE c.first <= ?1 AND (c.last IS NULL OR c.last > ?1)
    AND (?2 = '' OR instr(lower(t.title || ' ' || t.source || ' ' || t.article_id), lower(?2)))"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A current article in a list."""

    article_id: str
    version: int
    title: str
    source: str
    published: date | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A stretch of the current articles that match, and how many match in all."""

    total: int
    articles: tuple[Listed, ...]


def listing(rows: Rows, generation: int, contains: str, offset: int, limit: int) -> Listing:
    """Return current articles whose title, source or id holds ``contains``, newest first.

    Case is set aside for ASCII letters only. Articles without a date come last.
    """
    total = rows(f"SELECT count(*) {_WHERE}", generation, contains)[0][0]
    found = rows(
        f"""SELECT c.article_id, c.version, t.title, t.source, t.published {_WHERE}
        ORDER BY t.published IS NULL, t.published DESC, c.article_id LIMIT ?3 OFFSET ?4""",
        generation,
        contains,
        limit,
        offset,
    )
    return Listing(int(str(total)), tuple(_listed(row) for row in found))


def _listed(row: tuple[object, ...]) -> Listed:
    article_id, version, title, source, published = row
    day = None if published is None else date.fromordinal(int(str(published)))
    return Listed(str(article_id), int(str(version)), str(title), str(source), day)
