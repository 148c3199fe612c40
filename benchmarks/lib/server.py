"""The real server as a process of its own, for benchmarks that ask it over HTTP. Seconds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.lib import places

READY = re.compile(r"newsqa is ready: http://127\.0\.0\.1:(\d+)/")
WITHIN_S = 240
GRACE_S = 20


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs; its output goes to ``log``."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/"

    def warmed_up(self) -> None:
        """Wait until the server has asked its own examples: models are loaded by then."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=WITHIN_S)
        connection.request("GET", "/page/examples")
        connection.getresponse().read()
        connection.close()

    def complaints(self) -> int:
        """Return how many lines of the log begin a traceback or are errors."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return sum("Traceback" in line or line.startswith("ERROR") for line in lines)


def build(corpus: Path, index: Path) -> float:
    """Build the index with the command that people use, in seconds; a second time is quick.

    Raises:
        SystemExit: It could not be built.
    """
    began = time.monotonic()
    words = ["index", "build", str(corpus), "--index", str(index), "--quiet"]
    index.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(_command(words), env=_environment({}), cwd=places.PROJECT, check=False)
    if done.returncode not in {0, 4}:  # 4: some file was not read, and is named
        raise SystemExit(f"no index of {corpus}: exit {done.returncode}")
    return time.monotonic() - began


@contextmanager
def serving(index: Path, log: Path, **settings: str) -> Iterator[Server]:
    """Run ``newsqa serve`` on a free port of this machine; ended when left.

    ``settings`` are ``NEWSQA_*`` variables; those of the caller are not handed on.
    """
    words = ["serve", "--port", "0", "--index", str(index)]
    with started(_command(words), log, settings) as server:
        yield server


@contextmanager
def started(command: Sequence[str], log: Path, settings: Mapping[str, str]) -> Iterator[Server]:
    """Run a server that says where it listens, as ours do; ended when left."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=_environment(settings), stdout=out, stderr=out, cwd=places.PROJECT
        )
    try:
        yield Server(process, _port(process, log), log)
    finally:
        process.terminate()
        try:
            process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _command(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "newsqa", *words]


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEWSQA_")}
    path = os.pathsep.join([str(places.PROJECT / "src"), str(places.PROJECT)])
    return {**kept, "PYTHONPATH": path, **settings}


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        said = READY.search(log.read_text(encoding="utf-8", errors="replace"))
        if said:
            return int(said.group(1))
        if process.poll() is not None:
            raise SystemExit(f"the server ended at once: {log.read_text(errors='replace')}")
        time.sleep(0.1)
    raise SystemExit(f"no server within {WITHIN_S} s, see {log}")
