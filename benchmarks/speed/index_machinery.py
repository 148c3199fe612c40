"""What the machinery of the index costs: time and memory by size, with a stand-in encoder.

    python -m benchmarks.speed.index_machinery --passages 1000 10000 100000 --json out.json

The articles are made of random words with a fixed seed, five passages each; the vectors are
random and of 384 dimensions. No model runs: only reading, cutting, storing, caching, publishing
and searching are measured. Each size runs in a process of its own, so that its peak memory counts.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from newsqa.index import Index
from newsqa.settings import Settings
from newsqa.text import analysis as text

if TYPE_CHECKING:
    from newsqa.protocols import Vectors

SEED = 7
SENTENCES = 25  # five passages
VOCABULARY = 20_000


class StandIn:
    """A random unit vector for each text, always the same one."""

    name = "stand-in"
    fingerprint = "stand-in-384"
    dim = 384
    max_tokens = 256

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        return self.encode_passages(questions)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        rows = np.empty((len(texts), self.dim), dtype=np.float32)
        for row, words in zip(rows, texts, strict=True):
            seed = int.from_bytes(blake2b(words.encode(), digest_size=8).digest(), "big")
            row[:] = np.random.default_rng(seed).standard_normal(self.dim)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) * 5 // 4 for text in texts]


def write_articles(path: Path, n: int, start: int = 0) -> None:
    """Write ``n`` articles as JSONL, one at a time."""
    draw = random.Random(SEED + start)
    with path.open("w", encoding="utf-8") as file:
        for at in range(start, start + n):
            lines = [
                " ".join(f"w{int(draw.paretovariate(0.7)) % VOCABULARY}" for _ in range(20))
                for _ in range(SENTENCES)
            ]
            body = " ".join(f"The {line} was so." for line in lines)
            row = {"id": f"a{at}", "title": f"Title w{at}", "text": body, "date": "2026-01-01"}
            file.write(json.dumps(row) + "\n")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def processor_s() -> float:
    """Return the processor time of this process and its children so far, in seconds."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def measure(passages: int, out: Any) -> None:
    """Build, rebuild, open, add, search and verify an index of so many passages."""
    encoder, settings = StandIn(), Settings.model_validate({})
    told: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder, corpus = Path(name) / "index", Path(name) / "corpus.jsonl"
        write_articles(corpus, max(1, passages // 5))

        def build() -> Any:
            return Index.build([corpus], folder, encoder=encoder, settings=settings)

        before = processor_s()
        told["build_s"], _ = timed(build)
        told["build_processor_s"] = processor_s() - before
        told["build_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        before = processor_s()
        told["unchanged_build_s"], again = timed(build)
        told["unchanged_build_processor_s"] = processor_s() - before
        assert again.indexed == 0
        index = Index.open(folder, encoder=encoder, settings=settings)
        other = Index.open(folder, encoder=encoder, settings=settings)
        told["first_snapshot_s"], snapshot = timed(other.snapshot)
        told["passages"] = len(snapshot)
        told["database_bytes"] = (folder / "newsqa.db").stat().st_size
        told |= changes(index, other, Path(name))
        told |= searches(other)
        told["verify_s"], verification = timed(index.verify)
        assert verification.state == "sound", verification
    out.put(told)


def changes(index: Index, other: Index, folder: Path) -> dict[str, float]:
    """Add articles one by one; how long until another reader has each of them."""
    index.snapshot()
    added, seen, used = [], [], []
    for n in range(10):
        path = folder / "one.jsonl"
        write_articles(path, 1, start=10_000_000 + n)
        before = processor_s()
        took, report = timed(partial(index.add, [path]))
        used.append(processor_s() - before)
        added.append(took)
        took, snapshot = timed(other.snapshot)
        seen.append(took)
        assert report.indexed == 1
        assert snapshot.generation == report.generation
    return {
        "add_one_s_median": float(np.median(added)),
        "add_one_s_max": max(added),
        "add_one_processor_s_median": float(np.median(used)),
        "seen_by_another_s_median": float(np.median(seen)),
        "seen_by_another_s_max": max(seen),
    }


def searches(index: Index) -> dict[str, float]:
    """Both legs, best 100, over 100 random questions."""
    draw = random.Random(SEED)
    snapshot = index.snapshot()
    dense, words = [], []
    for _ in range(100):
        question = " ".join(f"w{int(draw.paretovariate(0.7)) % VOCABULARY}" for _ in range(6))
        vector = index.encoder.encode_questions([question])[0]
        dense.append(timed(partial(snapshot.dense, vector, 100))[0])
        terms = text.terms(question)
        words.append(timed(partial(snapshot.lexical, terms, 100))[0])
    return {
        "dense_ms_median": float(np.median(dense)) * 1000,
        "words_ms_median": float(np.median(words)) * 1000,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--passages", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    rows = []
    for size in given.passages:
        out = context.Queue()
        child = context.Process(target=measure, args=(size, out))
        child.start()
        rows.append(out.get())
        child.join()
        print(json.dumps(rows[-1]), flush=True)
    if given.json:
        machine = {"python": sys.version.split()[0], "platform": platform.platform()}
        told = {"seed": SEED, **machine, "rows": rows}
        given.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
