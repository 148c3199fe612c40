"""Counters of what the server did, in the text form that Prometheus reads. No question text."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from threading import Lock
from typing import Any

from newsqa.web.guard import App, Message, Receive, Scope, Send

_KNOWN = ("/api/v1/search", "/api/v1/ask", "/api/v1/articles", "/api/v1/sources", "/mcp")


class Metrics:
    """Requests by route and status, and the seconds they took."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: Counter[str] = Counter()
        self._lock = Lock()

    def note(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one request."""
        route = next((known for known in _KNOWN if path.startswith(known)), "other")
        with self._lock:
            self._requests[route, method, status] += 1
            self._seconds[route] += seconds  # type: ignore[assignment]

    def prometheus(self, described: Mapping[str, Any], *, waiting: int) -> str:
        """Return all counters, and what the index holds."""
        lines = ["# TYPE newsqa_requests_total counter"]
        with self._lock:
            for (route, method, status), n in sorted(self._requests.items()):
                labels = f'route="{route}",method="{method}",status="{status}"'
                lines.append(f"newsqa_requests_total{{{labels}}} {n}")
            lines.append("# TYPE newsqa_request_seconds_total counter")
            for route, seconds in sorted(self._seconds.items()):
                lines.append(f'newsqa_request_seconds_total{{route="{route}"}} {seconds:.6f}')
        for name in ("articles", "passages", "generation"):
            lines += [f"# TYPE newsqa_{name} gauge", f"newsqa_{name} {described[name]}"]
        lines += ["# TYPE newsqa_work_taken gauge", f"newsqa_work_taken {waiting}"]
        return "\n".join(lines) + "\n"


class Timed:
    """ASGI: counts each request that reaches the application."""

    def __init__(self, app: App, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            spent = time.perf_counter() - began
            self._metrics.note(scope["method"], scope["path"], status, spent)
