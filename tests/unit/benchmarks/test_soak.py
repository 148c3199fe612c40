"""The load benchmark: arrivals, figures, what must hold, and a run of a few seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from benchmarks.lib import operations_page
from benchmarks.lib.chromium import chromium_for
from benchmarks.speed import load, soak
from benchmarks.speed.load import Asker, Kind, Outcome, Sample

ROOT = Path(__file__).parents[3]


def outcome(planned: float, ended: float, kind: Kind = "served", **more: Any) -> Outcome:
    return Outcome(planned, more.pop("began", planned), ended, kind, **more)


def sample(at: float, rss: float, fds: int = 20, health: float = 0.002) -> Sample:
    return Sample(at_s=at, rss_mb=rss, fds=fds, threads=9, health_s=health)


def test_arrivals_depend_on_the_seed_alone() -> None:
    assert load.arrivals(5, 20, 7) == load.arrivals(5, 20, 7)
    assert load.arrivals(5, 20, 7) != load.arrivals(5, 20, 8)


def test_arrivals_are_a_poisson_process() -> None:
    times = load.arrivals(10, 2_000, 7)
    assert times == sorted(times)
    assert 0 < times[0] < times[-1] < 2_000
    # The count has mean 20,000 and deviation 141; gaps have mean and deviation 0.1.
    assert abs(len(times) - 20_000) < 600
    gaps = [b - a for a, b in pairwise(times)]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert deviation == pytest.approx(mean, rel=0.05)


def test_what_is_served_after_the_end_is_no_goodput() -> None:
    outcomes = [
        outcome(100.0, 101.0),
        outcome(101.0, 104.0),
        outcome(109.0, 112.0),
        outcome(105.0, 105.1, "refused", why="the queue of questions is full"),
        outcome(106.0, 106.1, "refused without Retry-After"),
        outcome(107.0, 108.0, "failed", why="ConnectionResetError"),
    ]
    told = load.summary(outcomes, began_s=100.0, seconds=10.0)
    assert told["goodput_per_s"] == pytest.approx(0.2)
    assert (told["sent"], told["served"], told["refused"]) == (6, 3, 1)
    assert (told["refused_without_retry_after"], told["failed"]) == (1, 1)
    assert told["admitted_p50_s"] == pytest.approx(3.0)
    assert told["admitted_max_s"] == pytest.approx(3.0)
    assert told["why"]["ConnectionResetError"] == 1


def test_time_spent_waiting_in_the_client_counts() -> None:
    told = load.summary([outcome(10.0, 12.0, began=11.5)], 10.0, 5.0)
    assert told["admitted_p50_s"] == pytest.approx(2.0)
    assert told["sent_late_p95_s"] == pytest.approx(1.5)


def test_nothing_served_has_figures_too() -> None:
    told = load.summary([], 0.0, 5.0)
    assert told["goodput_per_s"] == 0.0
    assert told["admitted_p95_s"] == 0.0


def test_growth_is_that_of_the_fitted_line_without_the_settling() -> None:
    times = [float(n) for n in range(101)]
    # The first tenth jumps; then 0.5 a second for 90 seconds.
    values = [0.0] * 10 + [100 + 0.5 * n for n in range(10, 101)]
    assert load.growth(times, values) == pytest.approx(45.0)
    assert load.growth(times, [300.0] * 101) == pytest.approx(0.0)
    assert load.growth([1.0], [2.0]) == 0.0


def test_what_was_in_flight_is_told_apart() -> None:
    outcomes = [
        outcome(1.0, 4.0),
        outcome(2.0, 6.0),
        outcome(3.0, 7.5, "refused"),
        outcome(4.0, 8.0, "failed"),
        outcome(4.5, 8.0, "refused without Retry-After"),
    ]
    assert soak.in_flight(outcomes, signalled_s=5.0) == {
        "in_flight": 4,
        "in_flight_served": 1,
        "in_flight_refused": 1,
        "in_flight_cut_off": 2,
        "last_reply_s": 2.5,
    }


def figures(**changes: Any) -> dict[str, bool]:
    good = {
        "share_of_peak": 0.95,
        "failed": 0,
        "refused_without_retry_after": 0,
        "differing": 0,
        "in_flight_cut_off": 0,
        "exit_code": 0,
        "complaints_in_log": 0,
        **soak.watched([sample(float(n), 500.0) for n in range(60)]),
    }
    both = good | changes
    return soak.held(both, both)


def test_a_good_run_holds_everything() -> None:
    assert all(figures().values())


@pytest.mark.parametrize(
    "bad",
    [
        {"share_of_peak": 0.89},
        {"failed": 1},
        {"refused_without_retry_after": 1},
        {"differing": 1},
        {"in_flight_cut_off": 1},
        {"exit_code": -15},
        {"complaints_in_log": 1},
        {"rss_growth_mb": 26.0},
        {"fds_growth": 5.5},
    ],
)
def test_each_rule_can_break(bad: dict[str, Any]) -> None:
    assert list(figures(**bad).values()).count(False) == 1


def test_samples_tell_rise_and_health() -> None:
    samples = [sample(100.0 + n, 500.0 + n, 20 + n // 10) for n in range(60)]
    told = soak.watched([*samples, sample(160.0, 560.0, 26, health=-1.0)])
    assert told["rss_growth_mb"] == pytest.approx(54.0)
    assert told["rss_mb"] == [500.0, 560.0]
    assert told["fds_growth"] == pytest.approx(5.4, abs=0.5)
    assert told["health_failed"] == 1
    assert soak.watched([])["rss_growth_mb"] == 0.0


# -- the client --


class Answering(BaseHTTPRequestHandler):
    """Answers "busy", "bare" and "wrong" as a server in trouble would; counts as it goes."""

    asked = 0

    def do_GET(self) -> None:
        question = self.path.partition("=")[2]
        type(self).asked += 1
        reply: dict[str, Any] = {"quotes": [{"quote": "Tolls will not rise."}]}
        if question == "changing":
            reply["quotes"][0]["quote"] = f"Quote {type(self).asked}."
        status = {"busy": 503, "bare": 503, "wrong": 500}.get(question, 200)
        body = json.dumps({"detail": "full"} if status == 503 else reply).encode()
        self.send_response(status)
        if question == "busy":
            self.send_header("Retry-After", "2")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_outcomes_are_told_apart(port: int) -> None:
    asker = Asker(port)
    assert asker.ask("x").kind == "served"
    refused = asker.ask("busy")
    assert (refused.kind, refused.why, refused.retry_after_s) == ("refused", "full", 2.0)
    assert asker.ask("bare").kind == "refused without Retry-After"
    assert asker.ask("wrong").why == "status 500"


def test_a_reply_other_than_the_first_differs(port: int) -> None:
    asker = Asker(port)
    assert [asker.ask("same").differs for _ in range(2)] == [False, False]
    assert [asker.ask("changing").differs for _ in range(2)] == [False, True]


def test_nobody_there_is_a_failure() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        gone = server.server_address[1]
    assert Asker(gone).ask("x").kind == "failed"


def test_closed_loop_clients_ask_until_the_time_is_over(port: int) -> None:
    outcomes, began = load.closed_loop(Asker(port), ["a", "b"], 3, 0.4, 7)
    assert len(outcomes) >= 3
    assert all(o.kind == "served" and o.began_s < began + 0.4 for o in outcomes)


# -- the page --


def test_a_result_stands_between_its_markers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "operations.md"
    page.write_text("before\n<!-- soak -->\n\nNot run yet.\n\n<!-- end of soak -->\nafter\n")
    monkeypatch.setattr(operations_page, "PAGE", page)
    told = operations_page.stamp("soak")
    operations_page.put("soak", "| a \\1 |", told)
    operations_page.put("soak", "| b \\1 |", told)
    text = page.read_text()
    assert text.startswith("before\n<!-- soak -->\n\n| b \\1 |\n")
    assert text.endswith("<!-- end of soak -->\nafter\n")
    assert "Not run yet" not in text
    with pytest.raises(SystemExit, match="no markers for payloads"):
        operations_page.put("payloads", "", told)


def test_only_a_full_run_changes_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "operations.md"
    page.write_text("<!-- soak -->\n\nNot run yet.\n\n<!-- end of soak -->\n")
    monkeypatch.setattr(operations_page, "PAGE", page)
    monkeypatch.setattr(operations_page, "BUILD", tmp_path / "build")
    told = operations_page.stamp("soak")
    operations_page.tell("soak", "| short |", told, kept=tmp_path / "short.json", full=False)
    assert "Not run yet" in page.read_text()
    assert json.loads((tmp_path / "short.json").read_text()) == told
    operations_page.tell("soak", "| whole |", told, kept=None, full=True)
    assert "| whole |" in page.read_text()
    assert json.loads((tmp_path / "build" / "soak.json").read_text()) == told
    assert capsys.readouterr().out == "| short |\n| whole |\n"


def test_a_browser_benchmark_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chromium, gone = tmp_path / "chromium", tmp_path / "gone"
    chromium.touch()
    monkeypatch.setenv("CHROMIUM", str(chromium))
    assert chromium_for("payloads", tmp_path) == str(chromium)
    assert chromium_for("payloads", gone) is None
    assert capsys.readouterr().err == f"payloads: skipped, {gone} is not there\n"
    monkeypatch.setenv("CHROMIUM", str(gone))
    assert chromium_for("payloads", tmp_path) is None
    assert "no Chromium" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["soak", "page-latency", "payloads"])
def test_the_page_has_a_place_for_every_result(name: str) -> None:
    page = operations_page.PAGE.read_text(encoding="utf-8")
    assert page.count(f"<!-- {name} -->\n") == 1
    assert page.count(f"<!-- end of {name} -->") == 1


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_run_of_a_few_seconds(tmp_path: Path) -> None:
    out = tmp_path / "soak.json"
    words = ["--seconds", "8", "--closed-seconds", "4", "--clients", "1", "3", "--questions", "6"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.speed.soak", *words, "--json", str(out)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert out.exists(), done.stderr
    told = json.loads(out.read_text(encoding="utf-8"))
    assert told["open"]["served"] > 0
    # The share of the peak and the growth of memory are for a quiet machine and ten minutes.
    for rule, kept in told["held"].items():
        if not rule.startswith(("goodput", "memory", "open files")):
            assert kept, (rule, told["open"], told["end"])
    assert "| in the overload | found |" in done.stdout
