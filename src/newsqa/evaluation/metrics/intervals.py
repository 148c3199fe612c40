"""Bootstrap intervals: how far a mean, or a difference, could be luck of the questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

SAMPLES = 2000
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with the ends of its interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"


def mean_interval(
    values: Sequence[float],
    random: np.random.Generator,
    *,
    samples: int = SAMPLES,
    level: float = LEVEL,
) -> Interval:
    """Return the mean and its percentile bootstrap interval over the questions.

    Raises:
        ValueError: There are no values.
    """
    import numpy as np

    if not values:
        raise ValueError("no values to draw from")
    array = np.asarray(values, dtype=np.float64)
    drawn = random.integers(0, len(array), size=(samples, len(array)))
    means = array[drawn].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(array.mean()), float(low), float(high))


def paired_difference(
    ours: Sequence[float],
    theirs: Sequence[float],
    random: np.random.Generator,
    *,
    samples: int = SAMPLES,
    level: float = LEVEL,
) -> Interval:
    """Return the mean of ours - theirs over the same questions in the same order, and its interval.

    Drawing questions, not values, keeps the pairs: a hard question is hard for both.

    Raises:
        ValueError: The two are not equally long, or empty.
    """
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    return mean_interval(differences, random, samples=samples, level=level)
