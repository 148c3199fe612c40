"""The parent's side of the parsing worker: starting it, talking to it, stopping it in time."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from newsqa.ingest.draft import Batch
from newsqa.ingest.sandbox.framing import (
    LENGTH_BYTES,
    MAX_FRAME_BYTES,
    OUT_OF_MEMORY,
    pack,
    to_json,
)
from newsqa.ingest.types import Limits

FILES_PER_WORKER = 500  # parsers leak a little; a fresh start costs about 0.3 s
WORKER = ("-P", "-m", "newsqa.ingest.sandbox.worker")  # arguments of the Python that runs this
_TICK_S = 0.25


class WorkerStoppedError(Exception):
    """The worker was stopped over a file, or ended by itself; the message is the reason."""


class Hands:
    """One parsing worker, started when it is needed and again after it was stopped.

    ``watch_memory`` lets this process look at the worker's resident memory while it waits, for
    systems where a limit on address space is not enforced. ``command`` starts the worker.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        watch_memory: bool = sys.platform != "linux",
        command: Sequence[str] = WORKER,
    ) -> None:
        self._limits = limits
        self._command = [sys.executable, *command]
        self._watch = watch_memory
        self._worker: subprocess.Popen[bytes] | None = None
        self._served = 0

    def parse(self, kind: str, name: str, content: bytes) -> Iterator[Batch]:
        """Yield the batches that the worker makes of one file.

        The wall clock runs only while this side waits, and anew for each batch.

        Raises:
            WorkerStoppedError: A limit was reached, or the parser crashed. The worker is gone;
                the next call starts another.
        """
        if self._served >= FILES_PER_WORKER:
            self.close()
        worker = self._worker or self._start()
        self._served += 1
        deadline = time.monotonic() + self._limits.wall_s
        head = to_json({"format": kind, "name": name})
        self._send(worker, pack(head), deadline)
        self._send(worker, len(content).to_bytes(LENGTH_BYTES, "big"), deadline)
        self._send(worker, content, deadline)
        while True:
            batch = self._reply(worker, time.monotonic() + self._limits.wall_s)
            yield batch
            if batch.last:
                return

    def close(self) -> None:
        """Stop the worker, whatever it does."""
        worker, self._worker, self._served = self._worker, None, 0
        if worker is None:
            return
        worker.kill()
        worker.wait()
        for stream in (worker.stdin, worker.stdout):
            if stream is not None:
                stream.close()

    def _start(self) -> subprocess.Popen[bytes]:
        root = str(Path(__file__).resolve().parents[3])
        paths = [root, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        }
        worker = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is for the parent; the worker ends with its pipe
        )
        self._worker = worker
        for descriptor in (_fd(worker.stdin), _fd(worker.stdout)):
            os.set_blocking(descriptor, False)
        first = pack(to_json({"memory_mb": self._limits.memory_mb, "cpu_s": self._limits.cpu_s}))
        self._send(worker, first, time.monotonic() + self._limits.wall_s)
        return worker

    def _send(self, worker: subprocess.Popen[bytes], payload: bytes, deadline: float) -> None:
        view = memoryview(payload)
        while len(view):
            self._wait(worker, deadline, reading=False)
            try:
                view = view[os.write(_fd(worker.stdin), view[: 1 << 20]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise self._stopped(worker) from None

    def _reply(self, worker: subprocess.Popen[bytes], deadline: float) -> Batch:
        length = int.from_bytes(self._read(worker, LENGTH_BYTES, deadline), "big")
        if length > MAX_FRAME_BYTES:
            raise self._stopped(worker, "the parser's reply is too large")
        payload = self._read(worker, length, deadline)
        try:
            form: dict[str, Any] = json.loads(payload)
            return Batch.from_dict(form)
        except (ValueError, TypeError, KeyError):
            raise self._stopped(worker, "the parser crashed") from None

    def _read(self, worker: subprocess.Popen[bytes], length: int, deadline: float) -> bytes:
        got = bytearray()
        while len(got) < length:
            self._wait(worker, deadline, reading=True)
            try:
                piece = os.read(_fd(worker.stdout), min(1 << 20, length - len(got)))
            except BlockingIOError:
                continue
            if not piece:
                raise self._stopped(worker)
            got += piece
        return bytes(got)

    def _wait(self, worker: subprocess.Popen[bytes], deadline: float, *, reading: bool) -> None:
        """Wait until the pipe is ready; stop the worker at the deadline or over its memory."""
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                reason = f"took longer than {self._limits.wall_s} s"
                raise self._stopped(worker, reason)
            pipe, tick = _fd(worker.stdout if reading else worker.stdin), min(left, _TICK_S)
            inputs, outputs = ([pipe], []) if reading else ([], [pipe])
            readable, writable, _ = select.select(inputs, outputs, [], tick)
            if readable or writable:
                return
            if self._watch and _resident_mb(worker.pid) > self._limits.memory_mb:
                raise self._stopped(worker, self._memory_reason())

    def _stopped(
        self, worker: subprocess.Popen[bytes], reason: str | None = None
    ) -> WorkerStoppedError:
        """Make sure the worker is gone and say why."""
        if reason is None:
            try:
                code = worker.wait(timeout=5)
            except subprocess.TimeoutExpired:
                code = 0
            if code == -signal.SIGXCPU:
                reason = f"took more than {self._limits.cpu_s} s of processor time"
            elif code in (OUT_OF_MEMORY, -signal.SIGKILL):
                reason = self._memory_reason()
            else:
                reason = "the parser crashed"
        self.close()
        return WorkerStoppedError(reason)

    def _memory_reason(self) -> str:
        return f"needed more than {self._limits.memory_mb} MB"


def _fd(stream: Any) -> int:
    return int(stream.fileno())


def _resident_mb(pid: int) -> float:
    """The resident memory of a process in MB; 0 where it cannot be told."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
    except (OSError, ValueError, IndexError):
        pass
    try:
        told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, timeout=5)
        return int(told.stdout or 0) / 1024
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0.0
