"""Where the evaluation finds its sets, keeps its results, and on what machine it runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("NEWSQA_SHARED", PROJECT.parent / "shared"))
SETS = SHARED / "data"
RESULTS = PROJECT / "build" / "evaluation"  # git-ignored: it holds texts of the sets


def machine() -> dict[str, Any]:
    """Return what a reader must know of the machine, and how busy it was."""
    import psutil

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cores": cores,
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "load_before": round(os.getloadavg()[0], 1),
    }


def commit() -> str:
    """Return the short name of the commit, with a + where files differ from it."""
    asked = ["git", "-C", str(PROJECT), "describe", "--always", "--dirty=+", "--exclude=*"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"


def save(name: str, results: dict[str, Any], command: str) -> Path:
    """Write the results of one set with the command, the day and the machine."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    stamp = {
        "command": command,
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "machine": machine(),
    }
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(stamp | results, indent=1, ensure_ascii=False), encoding="utf-8")
    return path


def saved(name: str) -> dict[str, Any] | None:
    """Return what `save` wrote, or None."""
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


class Lines:
    """Progress on stderr: a line when a stage begins, ends, and every 20 seconds."""

    def __init__(self) -> None:
        self._stage, self._last, self._began = "", 0.0, 0.0

    def __call__(self, stage: str, done: int, total: int | None, detail: str = "") -> None:
        """Take note; see `newsqa.protocols.Progress`."""
        now = time.monotonic()
        key = f"{stage} {detail}" if stage == "asking" else stage
        if key != self._stage:
            self._stage, self._began = key, now
        elif done != total and now - self._last < 20:
            return
        self._last = now
        of = "" if total is None else f" of {total}"
        print(f"  {key}: {done}{of} ({now - self._began:.0f} s)", file=sys.stderr, flush=True)
