"""How many requests are answered at a time; who comes beyond that is told when to come back.

The HTTP library's own bound counts connections, and an open page keeps some that ask for nothing:
it is set well above these, since it refuses without a word of when to come again.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from newsqa.web.middleware.request_guard import App, Message, Receive, RefusedError, Scope, Send
from newsqa.web.work_queue import RETRY_AFTER_S, Desk

WORK = 200  # at work or waiting for a thread; most of these are files of the page
HEARTBEATS = 500  # streams that open pages keep while nothing is asked
CONNECTIONS = 900  # for the HTTP library; above both together, below the usual 1,024 open files
_HEALTH = ("/healthz", "/readyz", "/metrics")
_HEARTBEAT = "/gradio_api/heartbeat/"


class Room:
    """ASGI: lets so many requests in, and refuses others with 503; questions of health always pass.

    Stands behind the guard, which answers the refusal: a body that comes slowly takes no place.
    When the desk stops, idle streams are ended: nothing else would, and the server waits for them.
    """

    def __init__(
        self, app: App, desk: Desk, *, work: int = WORK, heartbeats: int = HEARTBEATS
    ) -> None:
        self._app = app
        self._free = {False: work, True: heartbeats}
        self._stopping = asyncio.Event()
        desk.when_stopping(self._stopping.set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            RefusedError: 503; there is no room.
        """
        if scope["type"] != "http" or scope["path"] in _HEALTH:
            await self._app(scope, receive, send)
            return
        idle = scope["path"].startswith(_HEARTBEAT)
        if not self._free[idle]:
            raise RefusedError(503, "too many requests at once", retry_after_s=RETRY_AFTER_S)
        self._free[idle] -= 1
        try:
            await (self._beat if idle else self._app)(scope, receive, send)
        finally:
            self._free[idle] += 1

    async def _beat(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with an idle stream until the server stops."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = message["type"] == "http.response.start" or message.get("more_body", False)
            await send(message)

        async def beat() -> None:
            await self._app(scope, receive, noted)

        beating, stopped = asyncio.create_task(beat()), asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({beating, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating
        if begun:
            await send({"type": "http.response.body", "body": b""})
