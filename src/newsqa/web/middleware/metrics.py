"""Request counters in the text format of Prometheus; they hold no question."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from threading import Lock
from typing import Any

_ROUTES = (
    "/api/v1/search",
    "/api/v1/ask",
    "/api/v1/articles",
    "/api/v1/sources",
    "/mcp",
    "/gradio_api/queue/join",  # a question on the page
    "/page/search",
)
_STREAMS = ("/gradio_api/heartbeat/", "/gradio_api/queue/data")  # as long as a page is open
_METHODS = {"GET", "HEAD", "POST", "DELETE"}


class Metrics:
    """Requests by route and status, and the seconds they took."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._lock = Lock()

    def note(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one request; a path or method that a caller made up counts as "other"."""
        other = "streams" if path.startswith(_STREAMS) else "other"
        route = next((known for known in _ROUTES if path.startswith(known)), other)
        method = method if method in _METHODS else "other"
        with self._lock:
            self._requests[route, method, status] += 1
            self._seconds[route] += seconds

    def prometheus(self, index_info: Mapping[str, Any], *, pending: int) -> str:
        """Return all counters and gauges; ``pending`` is the work taken and not yet done."""
        lines = ["# TYPE newsqa_requests_total counter"]
        with self._lock:
            for (route, method, status), n in sorted(self._requests.items()):
                labels = f'route="{route}",method="{method}",status="{status}"'
                lines.append(f"newsqa_requests_total{{{labels}}} {n}")
            lines.append("# TYPE newsqa_request_seconds_total counter")
            for route, seconds in sorted(self._seconds.items()):
                lines.append(f'newsqa_request_seconds_total{{route="{route}"}} {seconds:.6f}')
        for name in ("articles", "passages", "generation"):
            lines += [f"# TYPE newsqa_{name} gauge", f"newsqa_{name} {index_info[name]}"]
        lines += ["# TYPE newsqa_work_taken gauge", f"newsqa_work_taken {pending}"]
        return "\n".join(lines) + "\n"
