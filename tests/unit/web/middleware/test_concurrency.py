"""How many requests get in at once, and what the others are told."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from newsqa.web.middleware.asgi import SECURITY_HEADERS, Message, Receive, Scope, Send
from newsqa.web.middleware.concurrency import (
    MAX_CONNECTIONS,
    MAX_HEARTBEATS,
    MAX_REQUESTS,
    ConcurrencyLimit,
)
from newsqa.web.middleware.request_guard import RequestGuard
from newsqa.web.work_queue import WorkQueue

HEARTBEAT = "/gradio_api/heartbeat/abc"
ASK = "/api/v1/ask"


class Held:
    """An application that answers when it is told to."""

    def __init__(self) -> None:
        self.go = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] not in {"/healthz", "/readyz", "/metrics"}:
            await self.go.wait()
        if scope["query_string"] == b"question=boom":
            raise RuntimeError("boom")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


async def call(app: RequestGuard, path: str, query: bytes = b"") -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"127.0.0.1")]
    scope: dict[str, Any] = {
        "type": "http", "method": "GET", "path": path, "query_string": query, "headers": headers,
    }  # fmt: skip
    await app(scope, receive, send)
    return sent


async def _full_of(
    path: str, query: bytes = b""
) -> tuple[RequestGuard, Held, list[asyncio.Task[Any]]]:
    inside = Held()
    app = RequestGuard(ConcurrencyLimit(inside, WorkQueue(1), max_requests=3, max_heartbeats=3))
    held = [asyncio.create_task(call(app, path, query)) for _ in range(3)]
    await asyncio.sleep(0)
    return app, inside, held


@pytest.mark.parametrize(("full", "free"), [(ASK, HEARTBEAT), (HEARTBEAT, ASK)])
def test_who_comes_when_all_is_full_is_told_when_to_come_back(full: str, free: str) -> None:
    async def tried() -> None:
        app, inside, held = await _full_of(full)
        start, body = await call(app, full)
        assert start["status"] == 503
        headers = dict(start["headers"])
        assert int(headers[b"retry-after"]) >= 1
        assert headers[b"content-type"] == b"application/problem+json"
        assert set(SECURITY_HEADERS) <= set(start["headers"])
        assert json.loads(body["body"])["status"] == 503
        for path in ("/healthz", "/readyz", "/metrics"):
            assert (await call(app, path))[0]["status"] == 200
        other = asyncio.create_task(call(app, free))
        inside.go.set()
        assert (await other)[0]["status"] == 200  # neither takes the places of the other
        assert {(await one)[0]["status"] for one in held} == {200}
        assert (await call(app, full))[0]["status"] == 200

    asyncio.run(tried())


def test_what_fails_or_leaves_gives_its_place_back() -> None:
    async def tried() -> None:
        app, inside, held = await _full_of(ASK, b"question=boom")
        held[0].cancel()
        inside.go.set()
        await asyncio.gather(*held, return_exceptions=True)
        again = [await call(app, ASK) for _ in range(4)]
        assert {answer[0]["status"] for answer in again} == {200}

    asyncio.run(tried())


def test_idle_streams_end_with_the_server_and_work_goes_on() -> None:
    async def beats(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(2):
            await send({"type": "http.response.body", "body": b"ALIVE", "more_body": True})
            await asyncio.sleep(0.2 if scope["path"] == ASK else 20)
        await send({"type": "http.response.body", "body": b"over"})

    async def tried() -> None:
        queue = WorkQueue(1)
        app = RequestGuard(ConcurrencyLimit(beats, queue))
        idle, work = (asyncio.create_task(call(app, path)) for path in (HEARTBEAT, ASK))
        await asyncio.sleep(0.05)
        queue.stop()
        async with asyncio.timeout(5):
            assert [m.get("body") for m in (await idle)[1:]] == [b"ALIVE", b""]
            assert [m.get("body") for m in (await work)[1:]] == [b"ALIVE", b"ALIVE", b"over"]

    asyncio.run(tried())


def test_the_bounds_fit_each_other() -> None:
    assert (MAX_REQUESTS, MAX_HEARTBEATS) == (200, 500)
    assert MAX_REQUESTS + MAX_HEARTBEATS < MAX_CONNECTIONS < 1024
