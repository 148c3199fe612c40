"""Access log and request counters, refused requests included.

The log holds no question unless the operator wants it: paths are cut before the question mark.
"""

from __future__ import annotations

import json
import logging
import time
from typing import Literal, TypeAlias

from newsqa.web.middleware.asgi import App, Message, Receive, Scope, Send, client_of
from newsqa.web.middleware.metrics import Metrics

LogLevel: TypeAlias = Literal["off", "plain", "full"]
_LOG = logging.getLogger("newsqa.access")


class AccessLog:
    """ASGI middleware: logs and counts each request; ``full`` logs the query too."""

    def __init__(self, app: App, *, level: LogLevel, proxied: bool, metrics: Metrics) -> None:
        self._app = app
        self._level = level
        self._proxied = proxied
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note its status and how long it took."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start_s, status = time.perf_counter(), 500

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noting_status)
        finally:
            seconds = time.perf_counter() - start_s
            self._metrics.note(scope["method"], scope["path"], status, seconds)
            self._write(scope, status, seconds)

    def _write(self, scope: Scope, status: int, seconds: float) -> None:
        if self._level == "off":
            return
        client, path = client_of(scope, proxied=self._proxied), scope["path"]
        if self._level == "full" and scope.get("query_string"):
            path += "?" + scope["query_string"].decode("latin-1")
        # As JSON strings: what a caller sends cannot begin a line of its own.
        _LOG.info("%s %s %s %d %.3f", client, scope["method"], json.dumps(path), status, seconds)
