"""Groups of near-copies among the articles that are current: a function of that set alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Groups:
    """Which current articles print the same text, edited or cut; those without a copy are absent.

    ``members`` are the (article, text) of each group by its number, in order of their ids.
    """

    members: dict[int, tuple[tuple[str, int], ...]]
    by_text: dict[int, int]
    by_article: dict[str, int]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, int, int]]) -> Groups:
        """Gather rows of (article, text, group)."""
        found: dict[int, list[tuple[str, int]]] = {}
        for article_id, text_key, group in sorted(rows):
            found.setdefault(group, []).append((article_id, text_key))
        members = {group: tuple(pairs) for group, pairs in found.items()}
        return cls(
            members,
            {text_key: group for group, pairs in members.items() for _, text_key in pairs},
            {article_id: group for group, pairs in members.items() for article_id, _ in pairs},
        )

    def texts_beside(self, text_key: int) -> tuple[int, ...]:
        """Return the texts of the other members of a text's group."""
        group = self.by_text.get(text_key)
        if group is None:
            return ()
        return tuple(other for _, other in self.members[group] if other != text_key)

    def articles_beside(self, article_id: str) -> frozenset[str]:
        """Return the other members of an article's group."""
        group = self.by_article.get(article_id)
        if group is None:
            return frozenset()
        return frozenset(other for other, _ in self.members[group]) - {article_id}

    def together(self) -> list[tuple[str, ...]]:
        """Return the groups as articles, in order."""
        return sorted(tuple(article_id for article_id, _ in m) for m in self.members.values())
