"""Articles that come in by the pipe: kept as a file under the index, which then is read.

The index remembers the files it read, and would take one that vanished for a deletion. So what
came by stdin stays in ``<index>/stdin/``. Its name is that of its content: records without an id
are known by file and line, and two pipes must not give them the same name.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from newsqa.cli.streams import stdin

_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"


def with_stdin(paths: Sequence[Path], index: Path) -> list[Path]:
    """Return ``paths`` with "-" replaced by a file of what stdin gave: JSONL, gzipped or not."""
    if not any(str(path) == "-" for path in paths):
        return list(paths)
    kept = _keep(index / "stdin")
    return [kept if str(path) == "-" else path for path in paths]


def _keep(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    digest = sha256()
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as out:
            source, ending = stdin(), ".jsonl"
            while chunk := source.read(_CHUNK):
                if not out.tell() and chunk.startswith(_GZIP):
                    ending = ".jsonl.gz"
                digest.update(chunk)
                out.write(chunk)
        kept = folder / f"stdin-{digest.hexdigest()[:12]}{ending}"
        os.replace(name, kept)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    return kept
