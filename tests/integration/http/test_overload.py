"""Too much to do: questions without end, a full queue, and what is still told then."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from newsqa.replies import Hits
from newsqa.web.api import routes as api
from newsqa.web.middleware import allowlist
from newsqa.web.middleware.request_guard import RequestGuard
from newsqa.web.work_queue import BusyError, WorkQueue
from tests.fakes import engine as fakes

ENDLESS = {"question": "endless"}
EVENTS = {"Accept": "text/event-stream"}


class Unending(fakes.FakeEngine):
    """Searches two seconds for "endless", and then reads for ever unless it is told to end."""

    def search(self, question: str, **options: Any) -> Hits:
        until = time.monotonic() + 2
        while question == "endless" and time.monotonic() < until:
            options["check"]()
            time.sleep(0.02)
        return super().search(question, **options)


@pytest.fixture
def queue() -> Iterator[WorkQueue]:
    made = WorkQueue(4)
    yield made
    made.close()


@pytest.fixture
def client(queue: WorkQueue, tmp_path: Path) -> Iterator[TestClient]:
    app = api.create_api(Unending(), fakes.settings(index=tmp_path / "index"), queue=queue)
    hosts = allowlist.Hosts.for_binding("127.0.0.1", ["testserver"])
    with TestClient(RequestGuard(app, hosts), raise_server_exceptions=False) as made:
        yield made


def test_a_question_without_end_is_ended_after_five_seconds(
    client: TestClient, queue: WorkQueue
) -> None:
    asked = [
        lambda: client.get("/api/v1/ask", params=ENDLESS),
        lambda: client.post("/api/v1/ask", json=ENDLESS),
        lambda: client.get("/api/v1/ask", params=ENDLESS, headers=EVENTS),
        lambda: client.post("/api/v1/ask", json=ENDLESS, headers=EVENTS),
    ]
    began = time.monotonic()
    with ThreadPoolExecutor(len(asked)) as callers:
        calls = [callers.submit(ask) for ask in asked]
        plain, posted, *streamed = [call.result(20) for call in calls]
    spent = time.monotonic() - began

    for answer in (plain, posted):
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) >= 1
        assert "more than 5 s" in answer.json()["detail"]
    for answer in streamed:
        last = answer.text.strip().split("\n\n")[-1]
        problem = json.loads(last.removeprefix("event: error\ndata: "))
        assert problem["status"] == 503
        assert problem["retry_after_s"] >= 1
    assert queue.pending == 0
    assert 5 <= spent < 7


def test_a_full_queue_is_when_the_server_is_looked_at(client: TestClient, queue: WorkQueue) -> None:
    gate, held = threading.Event(), []
    with suppress(BusyError):
        while True:
            held.append(queue.submit(gate.wait, 20))
    try:
        refused = client.get("/api/v1/ask", params={"question": "When?"})
        ready, shown = client.get("/readyz"), client.get("/metrics")
    finally:
        gate.set()
    assert (refused.status_code, ready.status_code, shown.status_code) == (503, 200, 200)
    assert f"newsqa_work_taken {len(held)}\n" in shown.text


def test_a_server_that_stops_is_not_ready(client: TestClient, queue: WorkQueue) -> None:
    assert client.get("/readyz").status_code == 200
    queue.stop()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert client.get("/metrics").status_code == 200
    assert client.get("/healthz").status_code == 200
