"""kill -9 at random moments of every kind of change; how soon the index answers after it."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.durability.children import ChildFailedError, Say, forked, killed
from benchmarks.durability.results import SEED, Row, quantile
from benchmarks.durability.states import (
    ENCODERS,
    Shelf,
    Step,
    contents,
    explained,
    first_answer,
    holding,
    mark,
)

KINDS = (
    *("build", "add", "update", "remove", "sync", "swap", "repair"),
    *("compact", "rollback", "purge", "restore"),
)


def kills(root: Path, n: int) -> list[Row]:
    """Kill ``n`` writers, spread evenly over the kinds of change."""
    draw = random.Random(SEED)
    shelf = Shelf(root, SEED)
    forked(shelf.prepare)
    took = {kind: _whole(shelf, kind) for kind in KINDS}
    tally: Counter[str] = Counter()
    by_kind: Counter[str] = Counter()
    recovery: list[float] = []
    problems: list[str] = []
    for at in range(n):
        kind = KINDS[at % len(KINDS)]
        plan = shelf.plan(kind, random.Random(SEED + at))
        told = _one(shelf, plan, draw.uniform(0.0, took[kind] * 1.05))
        tally.update(told["tally"])
        by_kind[kind] += 1
        recovery.append(told["open_s"])
        problems += [f"{kind} {at}: {problem}" for problem in told["problems"]]
    return [_kill_row(n, tally, by_kind, problems), _recovery_row(recovery)]


def _whole(shelf: Shelf, kind: str) -> float:
    """Return how long the changes of one kind take undisturbed, and see that they do their work."""
    plan = shelf.plan(kind, random.Random(SEED))
    folder = shelf.renew()

    def work() -> float:
        start = time.perf_counter()
        for step in plan:
            shelf.do(step, folder)
        took = time.perf_counter() - start
        with shelf.opened(folder) as index:
            assert contents(index) == plan[-1].after, kind
            assert index.verify().state == "sound", kind
        return took

    forked(work)  # the first time everything is slower
    folder = shelf.renew()
    return float(forked(work))


def _one(shelf: Shelf, plan: list[Step], delay_s: float) -> dict[str, Any]:
    folder = shelf.renew()

    def work(say: Say) -> None:
        say("ready")
        for n, step in enumerate(plan):
            say(f"doing {n}")
            shelf.do(step, folder)
            say(f"done {n}")

    lines = killed(work, delay_s)
    done = sum(line.startswith("done") for line in lines)
    doing = sum(line.startswith("doing") for line in lines)
    tally = {"acknowledged": done, "during a change": int(doing > done)}
    try:
        told: dict[str, Any] = forked(_judged, shelf, plan, done, doing)
    except ChildFailedError as error:
        # Even a reader that cannot say what is wrong is an answer.
        return {"tally": {**tally, "unreadable": 1}, "open_s": 0.0, "problems": [str(error)]}
    told["tally"].update(tally)
    return told


def _judged(shelf: Shelf, plan: list[Step], done: int, doing: int) -> dict[str, Any]:
    """Open what the kill left, compare it, and finish what was begun."""
    folder, tally, problems = shelf.copy, Counter[str](), []
    acknowledged = plan[done - 1].after if done else shelf.first
    allowed = [acknowledged, plan[doing - 1].after] if doing > done else [acknowledged]
    start = time.perf_counter()
    with shelf.opened(folder) as index:
        first_answer(index)
        open_s = time.perf_counter() - start
        problem = explained(contents(index), allowed)
        swaps = (done, doing) if plan[0].kind == "swap" else (0,)
        if index.encoder.name not in [ENCODERS[n % 2] for n in swaps]:
            problem = "an acknowledged change is lost: the other encoder answers"
        if problem:
            tally[problem.split(":")[0]] += 1
            problems.append(problem)
        found = index.verify()
        tally[f"verify {found.state}"] += 1
        if found.state == "damaged":
            tally["unreadable"] += 1
            problems.append(str(found.damaged[:3]))
    for step in plan[done:]:
        shelf.do(_again(step, shelf), folder)
    with shelf.opened(folder) as index:
        if contents(index) != plan[-1].after or index.repair().state != "sound":
            tally["not finished afterwards"] += 1
            problems.append("the same changes again did not lead to their state")
    if plan[0].kind == "purge":
        words = [mark(name, 0).encode() for step in plan for name in step.touched]
        if holding(folder, words):
            tally["purged words found in files"] += 1
            problems.append(f"purged words in {holding(folder, words)}")
    return {"tally": dict(tally), "open_s": open_s, "problems": problems}


def _again(step: Step, shelf: Shelf) -> Step:
    """Return what is left to do of a step whose removal was published but not acknowledged."""
    if step.kind not in ("remove", "purge"):
        return step
    with shelf.opened(shelf.copy) as index:
        current = {article.article_id for article in index.articles(limit=1_000).articles}
    left = tuple(name for name in step.touched if name in current)
    if left:
        return Step(step.kind, step.after, left)
    return Step("compact", step.after)


def _kill_row(n: int, tally: Counter[str], by_kind: Counter[str], problems: list[str]) -> Row:
    lost = tally["an acknowledged change is lost"]
    again = tally["removed articles found again"]
    mixed = tally["a mixture of two states"]
    erased = tally["purged words found in files"]
    bad = lost + again + mixed + erased + tally["unreadable"] + tally["not finished afterwards"]
    return Row(
        name="kills",
        what="`kill -9` at random moments of "
        + ", ".join(f"{kind} ({by_kind[kind]})" for kind in KINDS),
        n=n,
        must="lost 0, removed found again 0, unreadable 0, mixed 0",
        found=(
            f"{tally['during a change']} during a change, {tally['acknowledged']} changes "
            f"acknowledged before; lost {lost}, removed found again {again}, unreadable "
            f"{tally['unreadable']}, mixed {mixed}; begun changes finished afterwards: all but "
            f"{tally['not finished afterwards']}; purged words left in files {erased}"
        ),
        held=not bad,
        figures={"tally": dict(tally), "kinds": dict(by_kind), "problems": problems[:20]},
    )


def _recovery_row(recovery: list[float]) -> Row:
    p50, p95 = quantile(recovery, 0.5), quantile(recovery, 0.95)
    return Row(
        name="recovery",
        what="open to first answer after those kills",
        n=len(recovery),
        must="stated",
        found=f"p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms",
        held=True,
        figures={"p50_s": p50, "p95_s": p95, "max_s": max(recovery, default=0.0)},
    )
