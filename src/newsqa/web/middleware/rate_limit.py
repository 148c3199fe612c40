"""Rate limit for each client address, by token buckets."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from newsqa.web.middleware.allowlist import is_loopback
from newsqa.web.middleware.asgi import (
    SECURITY_HEADERS,
    App,
    Receive,
    RefusedError,
    Scope,
    Send,
    client_of,
    send_problem,
)

MAX_CLIENTS = 10_000  # the longest unseen are forgotten first
BURST_S = 15  # a client may ask at once what it may ask in this time
_LIMITED_PATHS = ("/api/v1/", "/gradio_api/queue/join", "/page/", "/mcp")


@dataclass(slots=True)
class TokenBuckets:
    """A token bucket for each client: ``per_minute`` on average, a quarter of them at once.

    Source: J. Turner, "New Directions in Communications", IEEE Communications 24(10), 1986.
    """

    per_minute: int
    clock: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait(self, client: str) -> float:
        """Take one token; return 0.0, or the seconds until the next request is allowed."""
        rate, capacity = self.per_minute / 60, max(1.0, self.per_minute * BURST_S / 60)
        now = self.clock()
        tokens, last_seen = self._buckets.pop(client, (capacity, now))
        tokens = min(capacity, tokens + (now - last_seen) * rate)
        allowed = tokens >= 1
        self._buckets[client] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / rate


class RateLimit:
    """ASGI middleware: answers 429 to a client that asks too often; loopback is not limited."""

    def __init__(self, app: App, *, per_minute: int, proxied: bool) -> None:
        """Limit to ``per_minute`` (0: no limit); ``proxied``: a proxy names the client."""
        self._app = app
        self._buckets = TokenBuckets(per_minute) if per_minute else None
        self._proxied = proxied

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        wait_s = ceil(self._wait(scope))
        if not wait_s:
            await self._app(scope, receive, send)
            return
        detail = f"too many requests from this address; ask again in {wait_s} s"
        refusal = RefusedError(429, detail, retry_after_s=wait_s)
        await send_problem(send, refusal, list(SECURITY_HEADERS))

    def _wait(self, scope: Scope) -> float:
        if scope["type"] != "http" or self._buckets is None:
            return 0.0
        client = client_of(scope, proxied=self._proxied)
        if is_loopback(client) or not scope["path"].startswith(_LIMITED_PATHS):
            return 0.0
        return self._buckets.wait(client)
