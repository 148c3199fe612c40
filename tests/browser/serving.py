"""Servers for the browser tests: ``app.py`` as people start it, and the page over a stand-in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
READY = re.compile(r"newsqa is ready: (http://127\.0\.0\.1:\d+/)")
WITHIN_S = 240


@contextmanager
def served(command: Sequence[str], folder: Path, **environment: str) -> Iterator[str]:
    """Run a server on a free port and give its address; its output is in ``folder/log.txt``."""
    log = folder / "log.txt"
    settings = {
        "NEWSQA_PORT": "0",
        "NEWSQA_INDEX": str(folder / "index"),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        # The page is tried here, not the answers: the reader without weights always says the same.
        "NEWSQA_READER": "none",
        "NEWSQA_MIN_CONFIDENCE": "0.2",
        **environment,
    }
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, *command],
            env={**os.environ, **settings},
            stdout=out,
            stderr=out,
            cwd=ROOT,
        )
    try:
        yield _address(server, log)
    finally:
        server.terminate()
        server.wait(20)


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        said = READY.search(log.read_text())
        if said:
            return said.group(1)
        assert server.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(f"no server within {WITHIN_S} s: {log.read_text()}")
