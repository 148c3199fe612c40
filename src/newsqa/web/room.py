"""How many requests are answered at a time; who comes beyond that is told when to come back.

The HTTP library's own bound counts connections, and an open page keeps some that ask for nothing:
it is set well above these, since it refuses without a word of when to come again.
"""

from __future__ import annotations

from newsqa.web.desk import RETRY_AFTER_S
from newsqa.web.guard import App, Receive, RefusedError, Scope, Send

WORK = 200  # at work or waiting for a thread; most of these are files of the page
HEARTBEATS = 500  # streams that open pages keep while nothing is asked
CONNECTIONS = 900  # for the HTTP library; above both together, below the usual 1,024 open files
_HEALTH = ("/healthz", "/readyz", "/metrics")
_HEARTBEAT = "/gradio_api/heartbeat/"


class Room:
    """ASGI: lets so many requests in, and refuses others with 503; questions of health always pass.

    Stands behind the guard, which answers the refusal: a body that comes slowly takes no place.
    """

    def __init__(self, app: App, *, work: int = WORK, heartbeats: int = HEARTBEATS) -> None:
        self._app = app
        self._free = {False: work, True: heartbeats}

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
            await self._app(scope, receive, send)
        finally:
            self._free[idle] += 1
