"""Columns that filters test: one array entry per current passage, in key order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from newsqa.index.catalog import UNDATED, PassageKeys, TextRow
from newsqa.types import Filters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from newsqa.protocols import Keys

    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Columns:
    """Arrays of equal length; days are ordinals, ``sources`` are places in ``names``."""

    keys: Keys
    revision_ids: Keys
    codes: Keys
    published: Keys
    shown: Keys
    sources: Keys
    names: tuple[str, ...]

    @classmethod
    def of(
        cls, passages: PassageKeys, texts: Sequence[TextRow], names: tuple[str, ...] = ()
    ) -> Columns:
        """Build the columns from passages and the texts they belong to."""
        known = {name: at for at, name in enumerate(names)}
        rows = np.array(
            [
                (
                    row.revision_id,
                    row.published,
                    row.shown,
                    known.setdefault(row.source, len(known)),
                )
                for row in sorted(texts, key=lambda row: row.revision_id)
            ],
            dtype=np.int64,
        ).reshape(-1, 4)
        at = np.searchsorted(rows[:, 0], passages.revision_ids)
        spread = rows[at]
        return cls(
            passages.keys,
            passages.revision_ids,
            passages.codes,
            np.ascontiguousarray(spread[:, 1]),
            np.ascontiguousarray(spread[:, 2]),
            np.ascontiguousarray(spread[:, 3]),
            tuple(known),
        )

    def changed(self, closed: set[int], passages: PassageKeys, texts: Sequence[TextRow]) -> Columns:
        """Return the columns without the retired texts and with the new ones."""
        gone = closed | {row.revision_id for row in texts}
        kept = ~np.isin(self.revision_ids, np.array(sorted(gone), dtype=np.int64))
        new = Columns.of(passages, texts, self.names)
        keys = np.concatenate([self.keys[kept], new.keys])
        order = np.argsort(keys, kind="stable")

        def merged(old: Keys, more: Keys) -> Keys:
            return np.concatenate([old[kept], more])[order]

        return Columns(
            keys[order],
            merged(self.revision_ids, new.revision_ids),
            merged(self.codes, new.codes),
            merged(self.published, new.published),
            merged(self.shown, new.shown),
            merged(self.sources, new.sources),
            new.names,
        )

    def fitting(self, filters: Filters) -> Mask:
        """Return which passages match the dates and sources; ``as_of`` is ignored."""
        mask = np.ones(len(self.keys), dtype=bool)
        if filters.since or filters.until:
            mask &= self.published != UNDATED
        if filters.since:
            mask &= self.published >= filters.since.toordinal()
        if filters.until:
            mask &= self.published <= filters.until.toordinal()
        if filters.sources:
            mask &= np.isin(self.sources, self._places(filters.sources))
        return mask

    def _places(self, sources: Iterable[str]) -> Keys:
        folded = {" ".join(source.casefold().split()) for source in sources}
        places = [
            at for at, name in enumerate(self.names) if " ".join(name.casefold().split()) in folded
        ]
        return np.array(places, dtype=np.int64)

    def articles(self) -> NDArray[np.intp]:
        """Return the row of one passage of each article."""
        return np.unique(self.revision_ids, return_index=True)[1]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many articles match the filters, of how many; ``months`` ("2026-03") ignore the dates.

    Months are in order; those without an article between the first and the last count 0.
    """

    fitting: int
    total: int
    months: Mapping[str, int]


def coverage(columns: Columns, filters: Filters) -> Coverage:
    """Count the articles of ``columns`` that match; ``as_of`` is ignored."""
    rows = columns.articles()
    undated = replace(filters, since=None, until=None)
    days = columns.published[rows][columns.fitting(undated)[rows]]
    days, counts = np.unique(days[days != UNDATED], return_counts=True)
    months: dict[str, int] = {}
    for day, count in zip(days.tolist(), counts.tolist(), strict=True):
        month = f"{date.fromordinal(day):%Y-%m}"
        months[month] = months.get(month, 0) + count
    fitting = int(columns.fitting(filters)[rows].sum())
    return Coverage(fitting, len(rows), _without_gaps(months))


def _without_gaps(months: Mapping[str, int]) -> dict[str, int]:
    if not months:
        return {}
    first, last = (12 * int(m[:4]) + int(m[5:]) - 1 for m in (min(months), max(months)))
    names = [f"{at // 12:04d}-{at % 12 + 1:02d}" for at in range(first, last + 1)]
    return {name: months.get(name, 0) for name in names}
