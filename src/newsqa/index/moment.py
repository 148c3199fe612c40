"""What a question looks at: the articles current now, or the versions current on a day."""

from __future__ import annotations

from threading import Lock

import numpy as np

from newsqa.index.catalog import CatalogReader
from newsqa.index.filter_columns import Columns
from newsqa.index.groups import Groups


class Moment:
    """The passages of one version of each article, and which of them are printed elsewhere."""

    def __init__(self, catalog: CatalogReader, columns: Columns) -> None:
        self.columns = columns
        self._catalog = catalog
        self._groups: Groups | None = None
        self._lock = Lock()

    @property
    def groups(self) -> Groups:
        """The near-copies among these articles, worked out when first asked for."""
        with self._lock:
            if self._groups is None:
                held = frozenset(np.unique(self.columns.text_keys).tolist())
                self._groups = Groups.of(self._catalog.likenesses(held))
            return self._groups

    def copies(self, key: int) -> tuple[int, ...]:
        """Return the passages of other articles with the same words, ascending.

        Texts that differ in white space alone are the same.
        """
        c = self.columns
        at = int(np.searchsorted(c.keys, key))
        if at == len(c.keys) or c.keys[at] != key:
            return ()
        same = (c.codes == c.codes[at]) & (c.text_keys != c.text_keys[at])
        return tuple(c.keys[same].tolist())

    def text_of(self, key: int) -> int | None:
        """Return the text that a passage is cut from, None if it is none of these."""
        c = self.columns
        at = int(np.searchsorted(c.keys, key))
        return int(c.text_keys[at]) if at < len(c.keys) and c.keys[at] == key else None

    def keys_of(self, text_key: int) -> list[int]:
        """Return the passages of a text, in order."""
        found: list[int] = self.columns.keys[self.columns.text_keys == text_key].tolist()
        return found
