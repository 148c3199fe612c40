"""What a row of the table is, and the sizes at which rows are run."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

SEED = 20261124
STAND_IN = "stand-in encoder"


@dataclass(frozen=True, slots=True)
class Row:
    """One measured row.

    ``n`` says how often what was done, ``must`` what was asked for, ``found`` what came of it in
    words, ``figures`` the numbers behind it; ``held`` is whether ``must`` was met.
    """

    name: str
    what: str
    n: int
    must: str
    found: str
    held: bool
    figures: dict[str, Any] = field(default_factory=dict)
    encoder: str = STAND_IN

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large each row is run."""

    kills: int = 800  # seven of eleven are of the kinds that must be killed 500 times
    faults_step: int = 1
    disk_sizes: int = 50
    flips: int = 600
    truncations: int = 100
    swaps: int = 100
    adds: int = 1_000
    updates: tuple[int, ...] = (1_000, 10_000, 100_000)
    update_times: int = 20
    stories: int = 19_043
    stories_encoded: int = 19_043
    changes: int = 1_000
    questions: int = 200
    memory: tuple[int, ...] = (5_000, 20_000, 80_000)


FULL = Sizes()
QUICK = Sizes(
    kills=11,
    faults_step=60,
    disk_sizes=5,
    flips=12,
    truncations=6,
    swaps=3,
    adds=20,
    updates=(200, 600),
    update_times=3,
    stories=120,
    stories_encoded=0,
    changes=25,
    questions=12,
    memory=(300, 900),
)


def quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile of the values, 0.0 if there are none."""
    return float(np.quantile(values, share)) if len(values) else 0.0


def machine() -> str:
    """Return on what a run was made."""
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"


def fresh(folder: Path) -> Path:
    """Return ``folder``, made and empty."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
