"""Which files under the indexed PATHs are no longer what was read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from newsqa.index.atomic_files import sha256_of
from newsqa.index.catalog import Root, SeenFile


def changed_files(roots: Sequence[Root], files: Sequence[SeenFile]) -> list[str]:
    """Return the files that changed, appeared or are gone, as their PATH was given, in order."""
    from newsqa import ingest

    seen = {file.path: file for file in files}
    found: set[Path] = set()
    names: list[str] = []
    for root in roots:
        try:
            walk = ingest.walk([root.path])
        except OSError:
            continue
        for file in walk.files:
            if file.path not in found and _differs(file.path, seen.get(file.path)):
                names.append(_shown(root, file.path))
            found.add(file.path)
    gone = [file for path, file in seen.items() if path not in found and not path.is_file()]
    given = {root.path: root for root in roots}
    names += [
        _shown(given.get(file.root, Root(file.root, str(file.root))), file.path) for file in gone
    ]
    return sorted(names)


def _differs(path: Path, seen: SeenFile | None) -> bool:
    if seen is None:
        return True
    try:
        stat = path.stat()
        if (stat.st_size, stat.st_mtime_ns) == (seen.size, seen.mtime_ns):
            return False
        return sha256_of(path) != seen.sha256
    except OSError:
        return True


def _shown(root: Root, path: Path) -> str:
    if path == root.path:
        return root.given
    return os.path.join(root.given, os.path.relpath(path, root.path))
