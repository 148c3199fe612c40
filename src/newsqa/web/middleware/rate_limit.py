"""Who asks how often: a limit for each client, the counters, and the access log.

Stands before the guard, so that refused requests are logged and counted too. The log never holds
what was asked unless the operator wants it: addresses are cut before the question mark.
"""

from __future__ import annotations

import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

from newsqa.settings import Settings
from newsqa.web.api.metrics import Metrics
from newsqa.web.middleware.allowlist import is_loopback
from newsqa.web.middleware.request_guard import HEADERS, App, Message, Receive, Scope, Send

LOG = logging.getLogger("newsqa.access")
MOST_CLIENTS = 10_000  # the longest unseen are forgotten first
BURST_S = 15  # a client may ask at once what it may ask in this time
_WORK = ("/api/v1/", "/gradio_api/queue/join", "/page/", "/mcp")


@dataclass(slots=True)
class Buckets:
    """A token bucket for each client: ``per_minute`` on average, a quarter of them at once.

    Source: J. Turner, "New Directions in Communications", IEEE Communications 24(10), 1986.
    """

    per_minute: int
    clock: Callable[[], float] = time.monotonic
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait(self, client: str) -> float:
        """Take one request; return 0.0, or the seconds until the next one is allowed."""
        rate, most = self.per_minute / 60, max(1.0, self.per_minute * BURST_S / 60)
        now = self.clock()
        left, seen = self._left.pop(client, (most, now))
        left = min(most, left + (now - seen) * rate)
        allowed = left >= 1
        self._left[client] = (left - 1 if allowed else left, now)
        if len(self._left) > MOST_CLIENTS:
            self._left.popitem(last=False)
        return 0.0 if allowed else (1 - left) / rate


class Visitors:
    """ASGI: limits, counts and logs each request; see the module."""

    def __init__(
        self,
        app: App,
        *,
        per_minute: int,
        log: Literal["off", "plain", "full"],
        proxied: bool,
        metrics: Metrics | None = None,
    ) -> None:
        """Take the limit (0: none), what is logged, whether a proxy stands before us, counters."""
        self._app = app
        self._buckets = Buckets(per_minute) if per_minute else None
        self._log = log
        self._proxied = proxied
        self._metrics = metrics or Metrics()

    @classmethod
    def of(cls, settings: Settings, app: App, metrics: Metrics) -> Visitors:
        """Read limit and log from the settings."""
        return cls(
            app,
            per_minute=settings.requests_per_minute,
            log=settings.access_log,
            proxied=bool(settings.allowed_hosts),
            metrics=metrics,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 429 to a client that asks too often, else pass the request on; note it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500
        client = client_of(scope, proxied=self._proxied)

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        wait = self._wait(scope["path"], client)
        try:
            if wait:
                await _refuse(noted, ceil(wait))
            else:
                await self._app(scope, receive, noted)
        finally:
            spent = time.perf_counter() - began
            self._metrics.note(scope["method"], scope["path"], status, spent)
            self._write(scope, client, status, spent)

    def _wait(self, path: str, client: str) -> float:
        if self._buckets is None or is_loopback(client) or not path.startswith(_WORK):
            return 0.0
        return self._buckets.wait(client)

    def _write(self, scope: Scope, client: str, status: int, seconds: float) -> None:
        if self._log == "off":
            return
        address = scope["path"]
        if self._log == "full" and scope.get("query_string"):
            address += "?" + scope["query_string"].decode("latin-1")
        # As JSON strings: what a caller sends cannot begin a line of its own.
        LOG.info("%s %s %s %d %.3f", client, scope["method"], json.dumps(address), status, seconds)


def client_of(scope: Scope, *, proxied: bool) -> str:
    """Return the address that asks: behind a proxy on this machine, the one it names last."""
    peer = str((scope.get("client") or ("unknown",))[0])
    if proxied and is_loopback(peer):
        named = [v for n, v in scope["headers"] if n.lower() == b"x-forwarded-for"]
        if named:
            return named[-1].decode("latin-1").rpartition(",")[2].strip()[:64] or peer
    return peer


async def _refuse(send: Send, seconds: int) -> None:
    problem = {
        "type": "about:blank",
        "title": "Too many requests",
        "status": 429,
        "detail": f"too many requests from this address; ask again in {seconds} s",
    }
    body = json.dumps(problem).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(seconds).encode()),
        *HEADERS,
    ]
    await send({"type": "http.response.start", "status": 429, "headers": headers})
    await send({"type": "http.response.body", "body": body})
