"""Readers in a loop while a writer swaps and adds: no error, and never two generations at once."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.durability.children import Child, Say
from benchmarks.durability.results import SEED, Row, quantile
from newsqa.index import update as changing
from newsqa.index.snapshot import Snapshot
from tests.fakes.engine_parts import FakeEncoder
from tests.indexes import SETTINGS, QuickIndex, quick_context, record, write_corpus

ARTICLES = 120
PAUSE_S = 0.005  # between two reads of a reader, so that the writer has a core
PAIR = 3  # articles that one add changes together


def readers(root: Path, swaps: int, adds: int) -> list[Row]:
    """Read over and over, in two processes, while another changes everything again and again."""
    stop = root / "stop"
    _write(root, 0, range(ARTICLES))
    told = [json.loads(line) for line in _run(root, swaps, adds, stop)]
    reads = sum(part["reads"] for part in told)
    generations = sum(part["generations"] for part in told)
    errors = [error for part in told for error in part["errors"]]
    mixed = sum(part["mixed"] for part in told)
    slow = max(part["p95_ms"] for part in told)
    return [
        Row(
            name="readers",
            what=f"two reader processes in a loop during {swaps} rebuilds of everything and "
            f"{adds:,} adds of {PAIR} articles",
            n=reads,
            must="errors 0, mixed generations 0",
            found=f"{reads:,} reads over {generations:,} generations seen; errors {len(errors)}, "
            f"mixed {mixed}; a read p95 {slow:.0f} ms",
            held=not errors and not mixed and generations > 2,
            figures={"readers": told, "swaps": swaps, "adds": adds},
        )
    ]


def _run(root: Path, swaps: int, adds: int, stop: Path) -> Iterator[str]:
    writer = Child.start(_change, root, swaps, adds)
    assert writer.first() == "ready", writer.lines()
    reading = [Child.start(_read, root, stop) for _ in range(2)]
    lines = writer.lines()
    stop.touch()
    for child in reading:
        yield child.lines()[-1]
    if lines[-1] != "done":
        raise RuntimeError(lines[-1])


def _write(root: Path, edition: int, numbers: Any) -> Path:
    """Write articles that say which edition they are of, and in which group they change."""
    rows = [
        record(f"a{n}", f"Harbour news: edition {edition} group {n // PAIR}. It is so.")
        for n in numbers
    ]
    return write_corpus(root / "corpus.jsonl", rows)


def _change(root: Path, swaps: int, adds: int, say: Say) -> None:
    draw = random.Random(SEED)
    encoder = FakeEncoder()
    context = quick_context(root / "index", encoder)
    changing.build(context, [_write(root, 0, range(ARTICLES))], ())
    say("ready")
    at = 0
    with QuickIndex.open(root / "index", encoder=encoder, settings=SETTINGS) as index:
        for edition in range(1, swaps + 1):
            changing.build(context, [_write(root, edition, range(ARTICLES))], ())
            for _ in range(adds * edition // swaps - at):
                at += 1
                group = draw.randrange(ARTICLES // PAIR)
                numbers = range(group * PAIR, group * PAIR + PAIR)
                index.add([_write(root, 1_000_000 + at, numbers)])
    say("done")


def _read(root: Path, stop: Path, say: Say) -> None:
    encoder = FakeEncoder()
    reads, mixed, newest, times = 0, 0, 0, []
    seen: set[int] = set()
    errors: list[str] = []
    vector = encoder.encode_questions(["harbour news edition"])[0]
    with QuickIndex.open(root / "index", encoder=encoder, settings=SETTINGS) as index:
        while not stop.exists():
            time.sleep(PAUSE_S)
            start = time.perf_counter()
            try:
                snapshot = index.snapshot()
                whole = _whole(snapshot, snapshot.dense(vector, 200))
                whole &= _whole(snapshot, snapshot.lexical(["harbour"], 200))
            except Exception as error:
                errors.append(f"{type(error).__name__}: {error}"[:300])
                continue
            mixed += not whole or snapshot.generation < newest
            newest = snapshot.generation
            seen.add(newest)
            reads += 1
            times.append(time.perf_counter() - start)
    p95 = quantile(times, 0.95) * 1000
    told = {"reads": reads, "mixed": mixed, "errors": errors[:5], "p95_ms": p95}
    say(json.dumps({**told, "generations": len(seen)}))


def _whole(snapshot: Snapshot, scored: list[tuple[int, float]]) -> bool:
    """Whether every article is found once and each group is of one edition."""
    found = snapshot.passages([key for key, _ in scored])
    editions: dict[str, set[str]] = {}
    for passage in found:
        words = passage.text.split()
        editions.setdefault(words[5], set()).add(words[3])
    fulls = {e for group in editions.values() for e in group if len(e) < 7}
    one = all(len(group) == 1 for group in editions.values())
    # Groups that no add has touched are all of the newest rebuild.
    return len(found) == ARTICLES and one and len(fulls) <= 1
