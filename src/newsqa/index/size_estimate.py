"""Size of an index on disk and in memory: measured where one exists, else estimated.

Sizes are in bytes, the memory in MB of 1,000,000 bytes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DIM = 384  # of the packaged encoder's vectors
MEASURED_ON = (
    "an index of 4,643 real news articles, 60,118 passages of at most 192 tokens, and one of 423 "
    "articles, 2,330 passages (2026-11-24, x86-64, Python 3.11, packaged encoder); "
    "`newsqa index info --measure` gives the same figures for yours"
)

# On disk, a passage. The larger of the two indexes; of the smaller one (short articles, so more
# of each is article and less is passage) the database took 3,361.
DATABASE_BYTES = 3_128  # its text, vector, sentences and hashes
# 2,111 passages of 130 words of Wikinews; 30,000 of Reuters took 238 each (2026-11-30).
WORDS_BYTES = 361
VECTOR_EXTRA_BYTES = 16  # beside the numbers of a vector, four bytes each
# In memory, answering: by the difference between the two indexes. It is a vector and the columns.
ANSWERING_BASE_MB = 328  # Python, libraries and the encoder; no reader
ANSWERING_EXTRA_BYTES = 350  # a passage, beside its vector
# In memory, building: `python -m benchmarks.speed.index_machinery` , no encoder.
BUILDING_BASE_MB = 140
BUILDING_BYTES = 4_900

_PARTS = {"newsqa.db": "database", "newsqa.db-wal": "database", "newsqa.db-shm": "database"}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes on disk by part: ``database``, ``vectors``, ``words``, ``other``."""

    parts: dict[str, int]

    @property
    def total(self) -> int:
        """All parts together."""
        return sum(self.parts.values())

    def a_passage(self, passages: int) -> dict[str, int]:
        """Return the bytes of each part for one passage."""
        return {part: round(size / max(1, passages)) for part, size in self.parts.items()}


def sizes_of(folder: Path) -> Sizes:
    """Return what the files of an index folder take, links not followed."""
    parts = dict.fromkeys(("database", "vectors", "words", "other"), 0)
    for at, _, names in os.walk(folder):
        below = Path(at).relative_to(folder).parts
        for name in names:
            try:
                size = os.lstat(os.path.join(at, name)).st_size
            except FileNotFoundError:  # a cache that was replaced meanwhile
                continue
            parts[_part(below, name)] += size
    return Sizes(parts)


def _part(below: Sequence[str], name: str) -> str:
    if not below:
        return _PARTS.get(name, "other")
    if below[0] == "cache" and len(below) > 1:
        return {"vectors": "vectors", "words": "words"}.get(below[1].partition("-")[0], "other")
    return "other"


def memory_mb() -> float | None:
    """Return the memory this process holds now, None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def estimate(passages: int, *, dim: int = DIM) -> dict[str, Any]:
    """Return what an index of so many passages would take, from the constants above.

    The memory of a trained reader, and of caches while they are written, comes on top.

    Raises:
        ValueError: ``passages`` or ``dim`` is below 1.
    """
    if passages < 1 or dim < 1:
        raise ValueError(f"need at least one passage and dimension, got {passages} and {dim}")
    vector = 4 * dim
    disk = {
        "database": passages * (DATABASE_BYTES + vector - 4 * DIM),
        "vectors": passages * (vector + VECTOR_EXTRA_BYTES),
        "words": passages * WORDS_BYTES,
    }
    answering = ANSWERING_BASE_MB + passages * (vector + ANSWERING_EXTRA_BYTES) / 1e6
    building = BUILDING_BASE_MB + passages * (BUILDING_BYTES + 3 * (vector - 4 * DIM)) / 1e6
    return {
        "passages": passages,
        "dim": dim,
        "disk_bytes": disk | {"total": sum(disk.values())},
        "memory_mb": {"answering": round(answering), "building": round(building)},
        "measured_on": MEASURED_ON,
    }
