"""By the size of the index: what a build needs of memory, and how soon an update is seen."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.durability.children import forked
from benchmarks.durability.results import Row, fresh, quantile
from benchmarks.speed.index_machinery import StandIn, processor_s, write_articles
from newsqa.index import Index
from newsqa.settings import Settings
from newsqa.text import analysis as text

A_NUMBER = 10_000_000  # beyond those of the corpus


def memory(root: Path, sizes: Sequence[int], plot: Path | None = None) -> list[Row]:
    """Build indexes of so many passages, each in a child of its own, and see its peak."""
    told = [forked(_build, root, size) for size in sizes]
    points = [(part["passages"], part["peak_bytes"]) for part in told]
    slopes = [(high[1] - low[1]) / (high[0] - low[0]) for low, high in pairwise(points)]
    if plot is not None:
        draw(points, plot)
    shown = ", ".join(f"{n:,}: {peak / 2**20:.0f} MB" for n, peak in points)
    vector = StandIn.dim * 4
    return [
        Row(
            name="memory",
            what="peak memory of a build, by passages",
            n=len(points),
            must="stated; flat apart from the vector index",
            found=f"{shown}; beyond the first {slopes[-1] / 1000:.1f} kB a passage, "
            f"{slopes[-1] / vector:.1f} times its vector",
            held=slopes[-1] < 4 * vector,
            figures={"points": points, "bytes_a_passage": slopes, "vector_bytes": vector},
        )
    ]


def updates(root: Path, sizes: Sequence[int], times: int) -> list[Row]:
    """Change one article at a time in indexes of so many passages, until another reader has it."""
    told = [forked(_update, root, size, times) for size in sizes]
    shown = [
        f"{part['passages']:,}: p50 {part['p50_s']:.2f} s, slowest {part['max_s']:.2f} s "
        f"({part['processor_s']:.2f} s of processor)"
        for part in told
    ]
    slowest = max(part["max_s"] for part in told)
    growth = told[-1]["p50_s"] / told[0]["p50_s"]
    return [
        Row(
            name="updates",
            what=f"update of one article until another open reader finds its new words, {times} "
            "times, parsing process included; by passages",
            n=times * len(told),
            must="visible in under 1 s, cost independent of the size",
            found="; ".join(shown) + f"; {growth:.1f} times from smallest to largest",
            held=slowest < 1,
            figures={"sizes": told, "growth": growth},
        )
    ]


def _made(root: Path, passages: int) -> tuple[Path, dict[str, Any]]:
    place = fresh(root / str(passages))
    write_articles(place / "corpus.jsonl", max(1, passages // 5))
    options: dict[str, Any] = {"encoder": StandIn(), "settings": Settings.model_validate({})}
    Index.build([place / "corpus.jsonl"], place / "index", **options)
    return place, options


def _build(root: Path, passages: int) -> dict[str, Any]:
    place, options = _made(root, passages)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    with Index.open(place / "index", **options) as index:
        return {"passages": len(index.snapshot()), "peak_bytes": peak}


def _update(root: Path, passages: int, times: int) -> dict[str, Any]:
    place, options = _made(root, passages)
    took, used = [], []
    with (
        Index.open(place / "index", **options) as index,
        Index.open(place / "index", **options) as other,
    ):
        index.snapshot()
        held = len(other.snapshot())
        for n in range(times):
            word = f"novelty{n}"
            path = place / "one.jsonl"
            write_articles(path, 1, start=n)  # an article of the corpus, by its id
            row = json.loads(path.read_text(encoding="utf-8"))
            row["text"] = f"{row['text']} The {word} was so."
            path.write_text(json.dumps(row) + "\n", encoding="utf-8")
            start, before = time.perf_counter(), processor_s()
            report = index.add([path])
            found = other.snapshot().lexical(text.terms(word), 5)
            took.append(time.perf_counter() - start)
            used.append(processor_s() - before)
            assert report.indexed == 1, report
            assert len(found) == 1, found
    return {
        "passages": held,
        "p50_s": quantile(took, 0.5),
        "p95_s": quantile(took, 0.95),
        "max_s": max(took),
        "processor_s": quantile(used, 0.5),
    }


def draw(points: Sequence[Sequence[float]], path: Path) -> None:
    """Draw peak memory against passages, with the vectors alone beside it."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "newsqa"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(5.2, 3.6))
    counts = [n / 1000 for n, _ in points]
    axes.plot(counts, [peak / 2**20 for _, peak in points], "o-", color="#1b6ca8", label="build")
    vectors = [n * StandIn.dim * 4 / 2**20 for n, _ in points]
    axes.plot(counts, vectors, "--", color="#b5541c", label="its vectors alone")
    axes.set(xlabel="thousand passages", ylabel="peak memory, MB", xlim=0, ylim=0)
    axes.legend(loc="upper left", frameon=False)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
