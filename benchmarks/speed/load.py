"""Load on a server and what came of it: arrivals, clients, samples, figures. Seconds.

A client is a thread with a connection of its own for each question: as people come, and nine
times lighter than httpx (0.14 ms of processor time a request against 1.3).
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from typing import Any, Literal
from urllib.parse import quote

import numpy as np

Kind = Literal["served", "refused", "refused without Retry-After", "failed"]
PATIENCE_S = 60.0
SETTLING = 0.1  # share of the samples before memory is held to be settled


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question; times are of one clock.

    ``why`` is what a refusal or a failure said; ``differs`` is whether the reply is another than
    the one to the same question on a quiet server.
    """

    planned_s: float
    began_s: float
    ended_s: float
    kind: Kind
    why: str = ""
    retry_after_s: float = 0.0
    differs: bool = False

    @property
    def taken_s(self) -> float:
        """From when it was due, not from when it was sent: waiting in the client counts too."""
        return self.ended_s - self.planned_s


@dataclass(slots=True)
class Asker:
    """Asks over HTTP; ``quiet`` has what a quiet server said to each question."""

    port: int
    quiet: dict[str, str] = field(default_factory=dict)

    def ask(self, question: str, planned_s: float | None = None) -> Outcome:
        """Ask one question; never raises."""
        began = time.monotonic()
        planned = began if planned_s is None else planned_s
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request("GET", "/api/v1/ask?question=" + quote(question))
            answer = connection.getresponse()
            body, status = answer.read(), answer.status
            after = answer.headers.get("retry-after")
            ended = time.monotonic()
            kind, why, differs = self._read(question, status, after, body)
        except (OSError, HTTPException, ValueError) as error:
            return Outcome(planned, began, time.monotonic(), "failed", type(error).__name__)
        finally:
            connection.close()
        return Outcome(planned, began, ended, kind, why, float(after or 0), differs)

    def _read(
        self, question: str, status: int, after: str | None, body: bytes
    ) -> tuple[Kind, str, bool]:
        if status == 200:
            said = words_of(json.loads(body))
            return "served", "", said != self.quiet.setdefault(question, said)
        if status != 503:
            return "failed", f"status {status}", False
        if after is None:
            return "refused without Retry-After", body[:80].decode(errors="replace"), False
        return "refused", str(json.loads(body).get("detail", "")), False


def words_of(reply: Mapping[str, Any]) -> str:
    """Return what a reply says, without the times it took."""
    quotes = [q["quote"] for q in reply.get("quotes") or ()]
    return json.dumps([quotes, (reply.get("reason") or {}).get("code")])


# -- arrivals --


def arrivals(rate: float, seconds: float, seed: int) -> list[float]:
    """Return the times, from 0 to ``seconds``, of a Poisson process of ``rate`` a second."""
    draw, at = random.Random(seed), 0.0
    times: list[float] = []
    while True:
        at += draw.expovariate(rate)
        if at >= seconds:
            return times
        times.append(at)


def closed_loop(
    asker: Asker, questions: Sequence[str], clients: int, seconds: float, seed: int
) -> tuple[list[Outcome], float]:
    """Let ``clients`` ask one question after the other; return outcomes and when it began.

    A client that is refused waits as long as it is told to.
    """
    outcomes: list[Outcome] = []
    began = time.monotonic()
    until = began + seconds

    def client(number: int) -> None:
        draw = random.Random(seed * 1000 + number)
        while time.monotonic() < until:
            outcome = asker.ask(draw.choice(questions))
            outcomes.append(outcome)
            if outcome.kind != "served":
                time.sleep(max(0.0, min(outcome.retry_after_s or 0.1, until - time.monotonic())))

    threads = [Thread(target=client, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes, began


def open_loop(
    asker: Asker,
    questions: Sequence[str],
    times: Sequence[float],
    seed: int,
    pool: ThreadPoolExecutor,
) -> tuple[list[Future[Outcome]], float]:
    """Send a question at each of the times, whatever became of those before.

    Return after the last one, with what will come of each and when it began.
    """
    draw = random.Random(seed)
    began = time.monotonic()
    sent = []
    for at in times:
        time.sleep(max(0.0, began + at - time.monotonic()))
        sent.append(pool.submit(asker.ask, draw.choice(questions), began + at))
    return sent, began


# -- figures --


def summary(outcomes: Sequence[Outcome], began_s: float, seconds: float) -> dict[str, Any]:
    """Return the figures of one stretch; goodput is what was served before its end."""
    served = [o for o in outcomes if o.kind == "served"]
    inside = sum(o.ended_s <= began_s + seconds for o in served)
    taken = [o.taken_s for o in served]
    turned = [o.taken_s for o in outcomes if o.kind == "refused"]
    kinds = Counter(o.kind for o in outcomes)
    return {
        "seconds": seconds,
        "sent": len(outcomes),
        "served": len(served),
        "goodput_per_s": inside / seconds,
        "admitted_p50_s": quantile(taken, 0.5),
        "admitted_p95_s": quantile(taken, 0.95),
        "admitted_max_s": max(taken, default=0.0),
        "refused": kinds["refused"],
        "refused_p95_s": quantile(turned, 0.95),
        "refused_without_retry_after": kinds["refused without Retry-After"],
        "failed": kinds["failed"],
        "why": dict(Counter(o.why for o in outcomes if o.kind != "served").most_common()),
        "differing": sum(o.differs for o in served),
        "sent_late_p95_s": quantile([o.began_s - o.planned_s for o in outcomes], 0.95),
    }


def quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile of the values, 0.0 if there are none."""
    return float(np.quantile(values, share)) if values else 0.0


def growth(times: Sequence[float], values: Sequence[float]) -> float:
    """Return by how much the fitted straight line rises from the first time to the last.

    The first tenth of the samples is left out: until then memory settles.
    """
    skipped = int(len(times) * SETTLING)
    x, y = np.asarray(times[skipped:]), np.asarray(values[skipped:])
    if len(x) < 3 or x[0] == x[-1]:
        return 0.0
    slope = float(np.polyfit(x - x[0], y, 1)[0])
    return slope * float(x[-1] - x[0])


@dataclass(slots=True)
class Sample:
    """The server at one moment; ``health_s`` is how long ``/healthz`` took, -1 if it failed."""

    at_s: float
    rss_mb: float
    fds: int
    threads: int
    health_s: float


class Watch:
    """Looks at a server every second while it is entered; what it saw is in ``samples``."""

    def __init__(self, pid: int, port: int, *, every_s: float = 1.0) -> None:
        import psutil

        self._process = psutil.Process(pid)
        self._port = port
        self._every_s = every_s
        self._over = Event()
        self._thread = Thread(target=self._look, daemon=True)
        self.samples: list[Sample] = []

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def processor_s(self) -> float:
        """Return the processor time that the server has used so far."""
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def _look(self) -> None:
        import psutil

        while not self._over.wait(self._every_s):
            try:
                rss, fds = self._process.memory_info().rss, self._process.num_fds()
                threads = self._process.num_threads()
            except psutil.Error:
                return
            sample = Sample(time.monotonic(), rss / 2**20, fds, threads, self._health())
            self.samples.append(sample)

    def _health(self) -> float:
        began = time.monotonic()
        connection = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)
        try:
            connection.request("GET", "/healthz")
            ok = connection.getresponse().status == 200
        except (OSError, HTTPException):
            ok = False
        finally:
            connection.close()
        return time.monotonic() - began if ok else -1.0
