"""Run the rows, print the table, write the JSON and, at full size, the page."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.durability import equality, faults, flips, folders, kills, readers, report, sizes
from benchmarks.durability.children import warm_up
from benchmarks.durability.results import FULL, QUICK, SEED, Row, Sizes, fresh, machine
from benchmarks.lib import places

Run = Callable[[Path, Sizes], list[Row]]

RUNS: dict[str, Run] = {
    "kills": lambda root, size: kills.kills(root, size.kills),
    "faults": lambda root, size: faults.faults(root, size.faults_step),
    "disks": lambda root, size: faults.full_disks(root, size.disk_sizes),
    "flips": lambda root, size: flips.flips(root, size.flips, size.truncations),
    "readers": lambda root, size: readers.readers(root, size.swaps, size.adds),
    "updates": lambda root, size: sizes.updates(root, size.updates, size.update_times),
    "unchanged": lambda root, size: equality.unchanged(root, size.stories, size.stories_encoded),
    "grown": lambda root, size: equality.grown(root, size.changes, size.questions),
    "folders": lambda root, size: folders.folders(root),
    "memory": lambda root, size: sizes.memory(root, size.memory, _plot_of(size)),
}


def _plot_of(size: Sizes) -> Path | None:
    return report.PLOT if size.memory == FULL.memory else None


def run(names: list[str], size: Sizes) -> dict[str, Any]:
    """Run these rows one after the other and return them with what a reader must know."""
    rows: list[dict[str, Any]] = []
    began = time.perf_counter()
    stamp = {"machine": machine(), **places.machine(), "commit": places.commit(), "seed": SEED}
    warm_up()
    for name in names:
        start = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="newsqa-durability-") as folder:
            found = RUNS[name](fresh(Path(folder) / name), size)
        took = round(time.perf_counter() - start, 1)
        for row in found:
            print(f"{row.name}: {row.found} ({took} s)", file=sys.stderr, flush=True)
            rows.append({**row.to_dict(), "took_s": took})
    return {**stamp, "took_s": round(time.perf_counter() - began), "rows": rows}


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.durability")
    parser.add_argument("--quick", action="store_true", help="every row small; no page is written")
    parser.add_argument("--rows", nargs="+", choices=list(RUNS), default=list(RUNS))
    parser.add_argument("--kills", type=int, help="another number of kills")
    parser.add_argument("--json", type=Path, default=report.RESULTS)
    given = parser.parse_args()
    # The machinery runs on one thread, as the command line does; children are many.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    size = QUICK if given.quick else FULL
    if given.kills:
        size = replace(size, kills=given.kills)
    told = run(given.rows, size)
    path = given.json.with_stem(f"{given.json.stem}-quick") if given.quick else given.json
    told["command"] = "python -m benchmarks.durability " + " ".join(sys.argv[1:])
    report.save(told, path)
    print(report.table(told))
    if not given.quick:
        report.write_page(json.loads(path.read_text(encoding="utf-8")))
    sys.exit(0 if all(row["held"] for row in told["rows"]) else 1)


if __name__ == "__main__":
    main()
