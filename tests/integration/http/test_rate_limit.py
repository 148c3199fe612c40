"""The server as it is put together: visitors are limited, and what they ask is not logged."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from newsqa.web import server
from newsqa.web.work_queue import WorkQueue
from tests.fakes import engine as fakes


def test_a_visitor_is_limited_and_logged_without_what_was_asked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("newsqa.access").propagate = True
    caplog.set_level(logging.INFO, "newsqa.access")
    settings = fakes.settings(index=tmp_path / "index", requests_per_minute=12)
    app = server.application(fakes.FakeEngine(), settings, WorkQueue(1))
    at = "http://127.0.0.1"
    visitor = TestClient(app, at, client=("203.0.113.9", 5))
    asked = {"question": "the secret of the harbour"}

    answers = [visitor.get("/api/v1/ask", params=asked) for _ in range(8)]

    statuses = [answer.status_code for answer in answers]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    other = TestClient(app, at, client=("203.0.113.10", 5))
    assert other.get("/api/v1/ask", params=asked).status_code == 200
    shown = TestClient(app, at, client=("127.0.0.1", 5)).get("/metrics").text
    refused = statuses.count(429)
    assert f'route="/api/v1/ask",method="GET",status="429"}} {refused}\n' in shown
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0].startswith('203.0.113.9 GET "/api/v1/ask" 200 ')
    assert len(lines) == 10
    assert "secret" not in caplog.text
