"""Encoding by sentence-transformers and by onnxruntime, side by side on this machine.

The two take turns, batch by batch, so that other work on the machine slows both alike: the
ratio says more than the rates. Prints a table and, last, one line of JSON.

    python -m benchmarks.speed.encoding [--threads 2] [--passages 256] [--rounds 3] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.lib import places
from newsqa.models import open_encoder
from newsqa.models.model_files import locate
from newsqa.models.torch_encoder import TorchEncoder
from newsqa.protocols import Encoder
from newsqa.settings import PACKAGED_ENCODER

SEED = 7
QUESTIONS = [
    "When does the harbour bridge reopen?",
    "Who wrote the letter to the mayor about the ferry?",
    "How much did the repairs cost?",
    "Why was the tunnel delayed until the spring?",
]


def passages(n: int, encoder: Encoder, tokens: int) -> list[str]:
    """Cut ``n`` passages of about ``tokens`` tokens from the sample corpus, each another."""
    lines = []
    for path in sorted((places.PROJECT / "corpus").rglob("*")):
        if path.suffix in {".txt", ".md"}:
            lines += [line for line in path.read_text(encoding="utf-8").splitlines() if line]
    shuffled = random.Random(SEED)
    made: list[str] = []
    while len(made) < n:
        words = " ".join(shuffled.sample(lines, min(12, len(lines)))).split()
        count = encoder.count_tokens([" ".join(words)])[0]
        made.append(" ".join(words[: max(1, len(words) * tokens // max(count, 1))]))
    return made


def seconds(work: Callable[[], Any]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def rates(encoders: dict[str, Encoder], texts: Sequence[str], rounds: int) -> dict[str, float]:
    """Return passages a second of each encoder: the best of all rounds of one batch each."""
    batch = 32
    best = dict.fromkeys(encoders, 0.0)
    for _ in range(rounds):
        for start in range(0, len(texts), batch):
            part = texts[start : start + batch]
            for name, encoder in encoders.items():
                taken = seconds(partial(encoder.encode_passages, part))
                best[name] = max(best[name], len(part) / taken)
    return best


def question_ms(encoders: dict[str, Encoder], rounds: int) -> dict[str, float]:
    """Return the median time of one question, in milliseconds."""
    taken: dict[str, list[float]] = {name: [] for name in encoders}
    for _ in range(rounds * 10):
        for question in QUESTIONS:
            for name, encoder in encoders.items():
                taken[name].append(seconds(partial(encoder.encode_questions, [question])))
    return {name: 1000 * median(times) for name, times in taken.items()}


def measure(threads: int, n: int, rounds: int) -> dict[str, Any]:
    """Return all figures."""
    with tempfile.TemporaryDirectory() as cache:
        fast = open_encoder(PACKAGED_ENCODER, threads=threads, cache_dir=Path(cache))
        converting = seconds(lambda: fast.encode_questions(["a"]))
        again = open_encoder(PACKAGED_ENCODER, threads=threads, cache_dir=Path(cache))
        loading = seconds(lambda: again.encode_questions(["a"]))
    slow = TorchEncoder(locate(PACKAGED_ENCODER), fast.fingerprint, threads=threads)
    loading_torch = seconds(lambda: slow.encode_questions(["a"]))
    encoders: dict[str, Encoder] = {"sentence-transformers": slow, "onnxruntime": fast}
    texts = passages(n, fast, 200)
    lengths = fast.count_tokens(texts)
    difference = np.abs(fast.encode_passages(texts[:64]) - slow.encode_passages(texts[:64])).max()
    counting = min(seconds(lambda: fast.count_tokens(QUESTIONS * 250)) for _ in range(5))
    return {
        "threads": threads,
        "passages": n,
        "mean_tokens": round(sum(lengths) / len(lengths), 1),
        "passages_per_s": {k: round(v, 1) for k, v in rates(encoders, texts, rounds).items()},
        "question_ms": {k: round(v, 2) for k, v in question_ms(encoders, rounds).items()},
        "first_question_s": {
            "sentence-transformers": round(loading_torch, 2),
            "onnxruntime": round(loading, 2),
            "onnxruntime, converting": round(converting, 2),
        },
        "count_1000_questions_ms": round(1000 * counting, 1),
        "largest_difference": float(difference),
    } | places.machine()


def main() -> None:
    """Print the table and the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--passages", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    given = parser.parse_args()
    found = measure(given.threads, given.passages, given.rounds)
    print(f"{'':<26}{'sentence-transformers':>22}{'onnxruntime':>13}{'ratio':>8}")
    for key in ("passages_per_s", "question_ms", "first_question_s"):
        slow, fast = found[key]["sentence-transformers"], found[key]["onnxruntime"]
        ratio = fast / slow if key == "passages_per_s" else slow / fast
        print(f"{key:<26}{slow:>22}{fast:>13}{ratio:>8.2f}")
    line = json.dumps(found)
    print(line)
    if given.json:
        given.json.write_text(line + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
