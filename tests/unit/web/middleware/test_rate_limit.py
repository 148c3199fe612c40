"""The limit for each client and the access log."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from newsqa.settings import load
from newsqa.web.middleware.access_log import AccessLog
from newsqa.web.middleware.asgi import client_of
from newsqa.web.middleware.metrics import Metrics
from newsqa.web.middleware.rate_limit import MAX_CLIENTS, RateLimit, TokenBuckets


class Clock:
    """A time that only tests move."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


async def _app(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


def call(
    app: RateLimit | AccessLog,
    path: str = "/api/v1/ask",
    client: str = "203.0.113.9",
    method: str = "GET",
) -> dict[str, Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {
        "type": "http",
        "path": path,
        "method": method,
        "headers": [],
        "client": (client, 5),
        "query_string": b"question=secret",
    }
    asyncio.run(app(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return {"status": sent[0]["status"], "headers": headers}


def test_a_client_may_ask_a_quarter_at_once_and_then_as_time_goes_by() -> None:
    clock = Clock()
    buckets = TokenBuckets(60, clock)

    assert [buckets.wait("a") for _ in range(15)] == [0.0] * 15
    assert buckets.wait("a") == pytest.approx(1.0)
    assert buckets.wait("b") == 0.0
    clock.now += 1.0
    assert buckets.wait("a") == 0.0
    assert buckets.wait("a") > 0


def test_the_clients_kept_are_bounded() -> None:
    buckets = TokenBuckets(60, Clock())
    for number in range(MAX_CLIENTS + 50):
        buckets.wait(str(number))
    assert len(buckets._buckets) == MAX_CLIENTS


def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    app = RateLimit(_app, per_minute=4, proxied=False)

    assert call(app)["status"] == 200
    refused = call(app)

    assert refused["status"] == 429
    assert int(refused["headers"]["retry-after"]) >= 1
    assert refused["headers"]["content-type"] == "application/problem+json"
    assert call(app, path="/assets/a.js")["status"] == 200  # what costs nothing is not counted
    assert call(app, client="203.0.113.10")["status"] == 200
    assert [call(app, client="127.0.0.1")["status"] for _ in range(9)] == [200] * 9


def test_every_visit_is_counted_and_what_is_made_up_has_no_line_of_its_own() -> None:
    metrics = Metrics()
    limited = RateLimit(_app, per_minute=4, proxied=False)
    app = AccessLog(limited, level="off", proxied=False, metrics=metrics)
    for _ in range(2):
        call(app)
    for number in range(3):
        call(app, path=f"/wp-login{number}", method=f"BREW{number}")
    call(app, path="/gradio_api/heartbeat/abc")
    held = {"articles": 2, "passages": 3, "generation": 1}
    shown = metrics.prometheus(held, pending=0).splitlines()
    counted = [line for line in shown if line.startswith("newsqa_requests_total")]
    assert counted == [
        'newsqa_requests_total{route="/api/v1/ask",method="GET",status="200"} 1',
        'newsqa_requests_total{route="/api/v1/ask",method="GET",status="429"} 1',
        'newsqa_requests_total{route="other",method="other",status="200"} 3',
        'newsqa_requests_total{route="streams",method="GET",status="200"} 1',
    ]


@pytest.mark.parametrize(("log", "held"), [("plain", False), ("full", True)])
def test_the_log_holds_what_was_asked_only_if_wanted(
    log: Any, held: bool, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("newsqa.access").propagate = True
    caplog.set_level(logging.INFO, "newsqa.access")

    app = AccessLog(_app, level=log, proxied=False, metrics=Metrics())
    call(app, path="/api/v1/ask\nforged")

    assert ("secret" in caplog.text) is held
    assert '"/api/v1/ask\\nforged' in caplog.text
    assert len(caplog.records) == 1


def test_behind_a_proxy_the_last_address_it_names_counts() -> None:
    scope = {
        "client": ("127.0.0.1", 1),
        "headers": [(b"x-forwarded-for", b"9.9.9.9, 203.0.113.7")],
    }
    assert client_of(scope, proxied=True) == "203.0.113.7"
    assert client_of(scope, proxied=False) == "127.0.0.1"
    assert client_of({**scope, "client": ("203.0.113.1", 1)}, proxied=True) == "203.0.113.1"


def test_the_settings_say_how_often() -> None:
    assert load().requests_per_minute == 300
    assert load().access_log == "plain"
