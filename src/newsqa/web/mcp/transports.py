"""The transports of the MCP server: stdio for one client, and ``/mcp`` on the HTTP server.

Over HTTP each request stands alone: no session is kept and no stream stays open. The middleware
and the queue limit tools as they limit questions.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from threading import Thread
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import Route

from newsqa.engine import NewsQA
from newsqa.errors import SettingsError
from newsqa.settings import Settings
from newsqa.web.middleware.asgi import Receive, Scope, Send
from newsqa.web.work_queue import DEADLINE_S, WorkQueue

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

PATH = "/mcp"
MISSING = "the mcp package is not installed; install it with: pip install 'mcp>=2.3,<3'"
# One client that waits anyway; its first question loads the models.
_STDIO_DEADLINE_S = 60.0


def serve_stdio(settings: Settings) -> None:
    """Serve the index of ``settings`` to one client over stdin and stdout, until it leaves.

    Raises:
        SettingsError: The mcp package is not installed.
        IndexNotFoundError: There is no index.
    """
    if find_spec("mcp") is None:
        raise SettingsError(MISSING)
    import newsqa

    with newsqa.open(settings.index, settings=settings) as qa:
        _serve_stdio(qa, settings.threads)


def _serve_stdio(qa: NewsQA, threads: int) -> None:
    import anyio
    from mcp.server.stdio import stdio_server

    queue = WorkQueue(threads, max_wait_s=_STDIO_DEADLINE_S)
    server = _create(qa, queue, _STDIO_DEADLINE_S)

    async def run() -> None:
        stdin: Any = _Lines()
        async with stdio_server(stdin=stdin) as (read, write):
            await server.run(read, write, server.create_initialization_options())

    try:
        anyio.run(run)
    finally:
        queue.close()


class _Lines:
    """Lines of stdin, read in a daemon thread so that Ctrl-C need not wait for the next one."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        Thread(target=self._read, name="newsqa-stdin", daemon=True).start()

    def __aiter__(self) -> _Lines:
        return self

    async def __anext__(self) -> str:
        line = await self._lines.get()
        if line is None:
            raise StopAsyncIteration
        return line

    def _read(self) -> None:
        with suppress(RuntimeError, OSError, ValueError):  # the loop, or stdin, is closed
            for line in sys.stdin.buffer:
                text = line.decode(errors="replace")
                self._loop.call_soon_threadsafe(self._lines.put_nowait, text)
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._lines.put_nowait, None)


def route(qa: NewsQA, queue: WorkQueue) -> Route:
    """Return the route of the server; the library is imported with its first request."""
    return Route(PATH, _HttpTransport(qa, queue), methods=["POST"], include_in_schema=False)


class _HttpTransport:
    """ASGI: passes one request to the server and its answer back."""

    def __init__(self, qa: NewsQA, queue: WorkQueue) -> None:
        self._make_server = cache(lambda: _create(qa, queue, DEADLINE_S))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if find_spec("mcp") is None:
            raise HTTPException(404, MISSING)
        server = await run_in_threadpool(self._make_server)
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        # The guard knows the hosts and origins that may call; a manager lives for one request.
        manager = StreamableHTTPSessionManager(server, json_response=True, stateless=True)
        async with manager.run():
            await manager.handle_request(scope, receive, send)


def _create(qa: NewsQA, queue: WorkQueue, deadline_s: float) -> Server[Any]:
    from newsqa import __version__
    from newsqa.web.mcp.server import create_server

    return create_server(qa, queue, version=__version__, deadline_s=deadline_s)
