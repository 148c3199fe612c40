"""Concurrency limit: requests beyond it get 503 with Retry-After.

The HTTP library's own bound counts connections, and an open page keeps some that ask for nothing:
it is set well above these, since it refuses without Retry-After.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from newsqa.web.middleware.asgi import App, Message, Receive, RefusedError, Scope, Send
from newsqa.web.work_queue import RETRY_AFTER_S, WorkQueue

MAX_REQUESTS = 200  # at work or waiting for a thread; most of these are files of the page
MAX_HEARTBEATS = 500  # streams that open pages keep while nothing is asked
MAX_CONNECTIONS = 900  # for the HTTP library; above both together, below 1,024 open files
_UNLIMITED_PATHS = ("/healthz", "/readyz", "/metrics")
_HEARTBEAT_PATH = "/gradio_api/heartbeat/"


class ConcurrencyLimit:
    """ASGI middleware: bounds the requests in progress; health checks always pass.

    It stands behind the request guard, which answers the refusal: a body that comes slowly takes
    no slot. When the queue stops, idle streams are ended: the server would wait for them.
    """

    def __init__(
        self,
        app: App,
        queue: WorkQueue,
        *,
        max_requests: int = MAX_REQUESTS,
        max_heartbeats: int = MAX_HEARTBEATS,
    ) -> None:
        self._app = app
        self._free = {False: max_requests, True: max_heartbeats}
        self._stopping = asyncio.Event()
        queue.on_stop(self._stopping.set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            RefusedError: 503; the limit is reached.
        """
        if scope["type"] != "http" or scope["path"] in _UNLIMITED_PATHS:
            await self._app(scope, receive, send)
            return
        idle = scope["path"].startswith(_HEARTBEAT_PATH)
        if not self._free[idle]:
            raise RefusedError(503, "too many requests at once", retry_after_s=RETRY_AFTER_S)
        self._free[idle] -= 1
        try:
            await (self._stream_until_stop if idle else self._app)(scope, receive, send)
        finally:
            self._free[idle] += 1

    async def _stream_until_stop(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with an idle stream until the server stops."""
        open_stream = False

        async def send_noting_stream(message: Message) -> None:
            nonlocal open_stream
            start = message["type"] == "http.response.start"
            open_stream = start or message.get("more_body", False)
            await send(message)

        async def stream() -> None:
            await self._app(scope, receive, send_noting_stream)

        streaming = asyncio.create_task(stream())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({streaming, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            streaming.cancel()
        with suppress(asyncio.CancelledError):
            await streaming
        if open_stream:
            await send({"type": "http.response.body", "body": b""})
