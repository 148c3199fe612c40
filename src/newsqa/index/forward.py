"""An index that an earlier release wrote becomes one of this release before it is read."""

from __future__ import annotations

import os
from pathlib import Path

from newsqa.index import locking
from newsqa.index.catalog import CatalogWriter, has_database, is_old

_WAIT_S = 5.0


def brought_forward(folder: Path, database: Path) -> None:
    """Bring the database to this release's format where it is older and can be written.

    What cannot be written stays as it is: readers bring a private copy forward.

    Raises:
        IndexLockedError: Somebody else is changing the index.
        IndexDamagedError: It is no database, or does not say its format.
        IndexFileError: A later release wrote it, or the system failed; nothing has changed.
    """
    if not has_database(database):
        return
    writable = os.access(folder, os.W_OK) and os.access(database, os.W_OK)
    if writable and is_old(database):
        with locking.held(folder, wait_s=_WAIT_S):
            # Whoever held the lock may have done it.
            CatalogWriter(database).close()
