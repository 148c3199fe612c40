"""Results of changes to an index and of checks of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from newsqa.errors import Problem
from newsqa.index.catalog import Plan

if TYPE_CHECKING:  # importing the index costs no pydantic
    from newsqa.schemas import DryRunShape, LeftOutShape, ReportShape

State: TypeAlias = Literal["sound", "repairable", "damaged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a change did. Indexed, unchanged, skipped and failed add up to the input.

    ``generation`` is the state after the change; it does not move when nothing changed. ``plan``
    is there only where nothing was done (``dry_run``).
    """

    generation: int
    indexed: int = 0
    unchanged: int = 0
    removed: int = 0
    skipped: tuple[Problem, ...] = ()
    failed: tuple[Problem, ...] = ()
    plan: Plan | None = None

    def to_dict(self) -> ReportShape:
        """Return the JSON form of `newsqa index build|add|sync`."""
        counts: ReportShape = {
            "generation": self.generation,
            "indexed": self.indexed,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "skipped": _problems(self.skipped),
            "failed": _problems(self.failed),
        }
        if self.plan is None:
            return counts
        plan = self.plan
        rows = {"add": list(plan.add), "change": list(plan.change), "remove": list(plan.remove)}
        planned: DryRunShape = {**counts, "plan": rows}
        return planned


def _problems(problems: Iterable[Problem]) -> list[LeftOutShape]:
    return [{"path": problem.path, "reason": problem.reason} for problem in problems]


@dataclass(frozen=True, slots=True)
class Damage:
    """One damaged or disagreeing thing; ``mendable`` where `repair` makes it again."""

    what: str
    reason: str
    mendable: bool = False


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of the whole index found."""

    damaged: tuple[Damage, ...] = ()

    @property
    def state(self) -> State:
        """Sound; repairable (caches alone are damaged); or damaged (articles are)."""
        if not self.damaged:
            return "sound"
        return "repairable" if all(d.mendable for d in self.damaged) else "damaged"

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form of `newsqa index verify`."""
        damaged = [{"what": d.what, "reason": d.reason} for d in self.damaged]
        return {"state": self.state, "damaged": damaged}
