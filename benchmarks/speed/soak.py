"""One server under load: its capacity, twice that for ten minutes, and its end. Seconds, MB.

    python -m benchmarks.speed.soak [--seconds 600] [--closed-seconds 30] [--clients 1 5 20 50]

Starts ``newsqa serve`` on a free port of this machine, with an index of ``corpus/`` under
``build/soak/``. Closed-loop clients, who ask again when answered, find the highest goodput.
Then questions arrive by a Poisson process at twice that rate, whatever becomes of them, while
memory and open files are watched; at last SIGTERM, with questions in flight. Prints tables,
keeps ``build/soak.json`` and, at full size, puts the result into ``docs/operations.md``.
Clients and server share the processor: what the clients used of it is told.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.lib import operations_page, places
from benchmarks.lib.server import Server, build, serving
from benchmarks.speed import load
from benchmarks.speed.load import Asker, Outcome, Watch

SEED = 20261124
FULL_S = 600
PLACE = operations_page.BUILD / "soak"
QUESTIONS = places.PROJECT / "tests" / "data" / "sample" / "questions.jsonl"
CLIENTS = (1, 5, 20, 50)
OVERLOAD = 2.0
THREADS = 300  # of the client; many more than the server lets in
SETTLE_S = 0.3  # after the last arrival, so that what is in flight at the end was let in
# What must hold.
LEAST_SHARE = 0.9
MOST_GROWTH = 0.05  # of memory, over the whole run
MOST_FDS = 5


@dataclass(frozen=True, slots=True)
class Size:
    """How long each part takes."""

    seconds: float
    closed_s: float
    clients: tuple[int, ...]
    questions: int


def main() -> int:
    """Run it as the command line says; 1 where something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=FULL_S, help="of the overload")
    parser.add_argument("--closed-seconds", type=float, default=30, help="for each of the clients")
    parser.add_argument("--clients", type=int, nargs="+", default=list(CLIENTS))
    parser.add_argument("--questions", type=int, default=1_000, help="at most so many of them")
    parser.add_argument("--json", type=Path, help="where the figures are kept")
    given = parser.parse_args()
    size = Size(given.seconds, given.closed_seconds, tuple(given.clients), given.questions)
    told = operations_page.stamp("soak") | run(size)
    full = given.seconds >= FULL_S
    operations_page.tell("soak", table(told), told, kept=given.json, full=full)
    return 0 if all(told["held"].values()) else 1


def run(size: Size) -> dict[str, Any]:
    """Build, serve, load and end; return the figures."""
    PLACE.mkdir(parents=True, exist_ok=True)
    index = PLACE / "index"
    build(places.PROJECT / "corpus", index)
    questions = questions_of(QUESTIONS, size.questions)
    with serving(index, PLACE / "server.log") as server:
        server.warmed_up()
        asker = Asker(server.port)
        quiet = _quiet(asker, questions)
        _say(f"quiet: p50 {quiet['admitted_p50_s']:.3f} s, p95 {quiet['admitted_p95_s']:.3f} s")
        closed = [_closed(server, asker, questions, n, size.closed_s) for n in size.clients]
        peak = max(stretch["goodput_per_s"] for stretch in closed)
        if not peak:
            raise SystemExit(f"nothing was served: {closed}")
        opened, end = _overloaded(server, asker, questions, OVERLOAD * peak, size.seconds)
        end["complaints_in_log"] = server.complaints()
    opened["share_of_peak"] = opened["goodput_per_s"] / peak
    found = {"quiet": quiet, "closed": closed, "peak_per_s": peak, "open": opened, "end": end}
    return {"seed": SEED, "questions": len(questions), **found, "held": held(opened, end)}


def questions_of(path: Path, most: int) -> list[str]:
    """Return the first questions of a set."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [str(json.loads(line)["question"]) for line in lines[:most]]


def _quiet(asker: Asker, questions: Sequence[str]) -> dict[str, Any]:
    """Ask each question once, alone: what is said then is what must be said under load."""
    began = time.monotonic()
    outcomes = [asker.ask(question) for question in questions]
    return load.summary(outcomes, began, time.monotonic() - began)


def _closed(
    server: Server, asker: Asker, questions: Sequence[str], clients: int, seconds: float
) -> dict[str, Any]:
    used, watch = time.process_time(), Watch(server.process.pid, server.port)
    server_used = watch.processor_s()
    with watch:
        outcomes, began = load.closed_loop(asker, questions, clients, seconds, SEED + clients)
    wall = time.monotonic() - began
    told = load.summary(outcomes, began, seconds) | {
        "clients": clients,
        "client_cores": (time.process_time() - used) / wall,
        "server_cores": (watch.processor_s() - server_used) / wall,
    }
    _say(f"{clients} clients: {told['goodput_per_s']:.2f} answers a second")
    return told


def _overloaded(
    server: Server, asker: Asker, questions: Sequence[str], rate: float, seconds: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Send questions at ``rate``, then SIGTERM; return the figures of both."""
    times = load.arrivals(rate, seconds, SEED)
    _say(f"{rate:.1f} questions a second for {seconds:g} s")
    used, watch = time.process_time(), Watch(server.process.pid, server.port)
    server_used = watch.processor_s()
    with ThreadPoolExecutor(THREADS) as pool:
        with watch:
            sent, began = load.open_loop(asker, questions, times, SEED, pool)
            time.sleep(max(0.0, began + seconds - time.monotonic()))
            wall = time.monotonic() - began
            client_cores = (time.process_time() - used) / wall
            server_cores = (watch.processor_s() - server_used) / wall
        time.sleep(SETTLE_S)
        end, signalled = _ended(server)
        outcomes = [future.result() for future in sent]
    told = load.summary([o for o in outcomes if o.ended_s < signalled], began, seconds)
    told |= {
        "offered_per_s": len(times) / seconds,
        "client_cores": client_cores,
        "server_cores": server_cores,
        **watched(watch.samples),
    }
    return told, end | in_flight(outcomes, signalled)


def _ended(server: Server) -> tuple[dict[str, Any], float]:
    signalled = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    code = server.process.wait(60)
    return {"exit_code": code, "exit_s": time.monotonic() - signalled}, signalled


def in_flight(outcomes: Sequence[Outcome], signalled_s: float) -> dict[str, Any]:
    """Return what became of the questions that were under way when the signal came."""
    late = [o for o in outcomes if o.ended_s >= signalled_s]
    finished = [o for o in late if o.kind in {"served", "refused"}]
    return {
        "in_flight": len(late),
        "in_flight_served": sum(o.kind == "served" for o in late),
        "in_flight_refused": sum(o.kind == "refused" for o in late),
        "in_flight_cut_off": len(late) - len(finished),
        "last_reply_s": max((o.ended_s - signalled_s for o in finished), default=0.0),
    }


def watched(samples: Sequence[load.Sample]) -> dict[str, Any]:
    """Return the figures of the samples, and every tenth of them."""
    if not samples:
        return {"rss_mb": [0.0, 0.0], "rss_growth_mb": 0.0, "fds": [0, 0], "fds_growth": 0.0}
    times = [s.at_s for s in samples]
    healths = [s.health_s for s in samples if s.health_s >= 0]
    return {
        "rss_mb": [samples[0].rss_mb, samples[-1].rss_mb],
        "rss_most_mb": max(s.rss_mb for s in samples),
        "rss_growth_mb": load.growth(times, [s.rss_mb for s in samples]),
        "fds": [samples[0].fds, samples[-1].fds],
        "fds_most": max(s.fds for s in samples),
        "fds_growth": load.growth(times, [float(s.fds) for s in samples]),
        "threads_most": max(s.threads for s in samples),
        "health_p95_s": load.quantile(healths, 0.95),
        "health_failed": len(samples) - len(healths),
        "samples": [asdict(s) | {"at_s": round(s.at_s - times[0], 1)} for s in samples[::10]],
    }


def held(opened: dict[str, Any], end: dict[str, Any]) -> dict[str, bool]:
    """Return what must hold and whether it did."""
    rss = opened["rss_mb"][0] or 1.0
    return {
        "goodput at least 90% of peak": opened["share_of_peak"] >= LEAST_SHARE,
        "nothing failed": not opened["failed"],
        "every refusal says when to come back": not opened["refused_without_retry_after"],
        "the same replies as on a quiet server": not opened["differing"],
        "memory flat (rises by at most 5%)": opened["rss_growth_mb"] <= MOST_GROWTH * rss,
        "open files flat (rise by at most 5)": opened["fds_growth"] <= MOST_FDS,
        "nothing in flight is cut off": not end["in_flight_cut_off"],
        "exit code 0, nothing in the log": not end["exit_code"] and not end["complaints_in_log"],
    }


# -- tables --


def table(told: dict[str, Any]) -> str:
    """Return both loads and what must hold as Markdown."""
    heads = ("clients", "answers/s", "p50 s", "p95 s", "refused", "failed", "client, cores",
             "server, cores")  # fmt: skip
    lines = ["| " + " | ".join(heads) + " |", "|--:" * len(heads) + "|"]
    lines += [_line(str(stretch["clients"]), stretch) for stretch in told["closed"]]
    opened = told["open"]
    lines.append(_line(f"open, {opened['offered_per_s']:.1f}/s", opened))
    found = operations_page.rows(("in the overload", "found"), _found(opened, told["end"]))
    rules = {rule: "yes" if kept else "**no**" for rule, kept in told["held"].items()}
    return (
        "\n".join(lines) + "\n\n" + found + "\n\n" + operations_page.rows(("must", "held"), rules)
    )


def _line(first: str, stretch: dict[str, Any]) -> str:
    cells = [
        first,
        f"{stretch['goodput_per_s']:.2f}",
        f"{stretch['admitted_p50_s']:.2f}",
        f"{stretch['admitted_p95_s']:.2f}",
        f"{stretch['refused']:,}",
        f"{stretch['failed'] + stretch['refused_without_retry_after']:,}",
        f"{stretch['client_cores']:.2f}",
        f"{stretch['server_cores']:.2f}",
    ]
    return "| " + " | ".join(cells) + " |"


def _found(opened: dict[str, Any], end: dict[str, Any]) -> dict[str, str]:
    rss, fds = opened["rss_mb"], opened["fds"]
    why = "; ".join(f"{said} {count:,}" for said, count in opened["why"].items())
    return {
        "seconds": f"{opened['seconds']:g}",
        "goodput as a share of the peak": f"{opened['share_of_peak']:.0%}",
        "refusals": why or "none",
        "a refusal took, p95 s": f"{opened['refused_p95_s']:.3f}",
        "sent late by the client, p95 s": f"{opened['sent_late_p95_s']:.3f}",
        "replies that differ from those of a quiet server": f"{opened['differing']:,}",
        "memory, first and last, MB": f"{rss[0]:.0f}, {rss[1]:.0f}",
        "memory, rise of the fitted line, MB": f"{opened['rss_growth_mb']:+.1f}",
        "open files, first and last": f"{fds[0]}, {fds[1]}",
        "open files, rise of the fitted line": f"{opened['fds_growth']:+.1f}",
        "`/healthz` took, p95 s": f"{opened.get('health_p95_s', 0):.3f}",
        "in flight at SIGTERM: served, refused, cut off": (
            f"{end['in_flight_served']}, {end['in_flight_refused']}, {end['in_flight_cut_off']}"
        ),
        "exit code, seconds to it": f"{end['exit_code']}, {end['exit_s']:.1f}",
    }


def _say(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
