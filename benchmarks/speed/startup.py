"""How long the front door and the command line take to start, as multiples of bare Python.

Prints a table: the median of several starts, and its ratio to ``python -c pass``. Run it on an
idle machine; the ratio says more than the seconds.

    python -m benchmarks.speed.startup [--index DIR]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from statistics import median
from time import perf_counter

RUNS = 15


def seconds(words: list[str]) -> float:
    """Return the median time of one start, in seconds."""
    taken = []
    for _ in range(RUNS):
        began = perf_counter()
        subprocess.run(
            [sys.executable, *words],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        taken.append(perf_counter() - began)
    return median(taken)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", help="also time search and ask on this index")
    index = parser.parse_args().index
    starts = {
        "python -c pass": ["-c", "pass"],
        "import newsqa": ["-c", "import newsqa"],
        "newsqa --help": ["-m", "newsqa", "--help"],
        "newsqa config show": ["-m", "newsqa", "config", "show"],
    }
    if index:
        starts["newsqa search"] = ["-m", "newsqa", "search", "the mayor", "--index", index]
        starts["newsqa ask"] = ["-m", "newsqa", "ask", "Who is the mayor?", "--index", index]
    bare = 0.0
    print(f"{'':<22}{'seconds':>9}{'ratio':>8}")
    for name, words in starts.items():
        taken = seconds(words)
        bare = bare or taken
        print(f"{name:<22}{taken:>9.3f}{taken / bare:>8.1f}", flush=True)


if __name__ == "__main__":
    main()
