"""Answers early: the API at once, the page as soon as its library is imported.

Importing Gradio takes seconds; the server listens meanwhile, and who asks for the page waits.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AsyncExitStack
from threading import Thread
from typing import TYPE_CHECKING

from newsqa.web.middleware.request_guard import App, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from fastapi import FastAPI

_OURS = ("/api/", "/mcp", "/page/", "/healthz", "/readyz", "/metrics")
_LOG = logging.getLogger(__name__)


class Front:
    """Sends each request to the API or to the page."""

    def __init__(self, api: App, make_page: Callable[[], FastAPI]) -> None:
        self._api = api
        self._make_page = make_page
        self._page: asyncio.Task[FastAPI] | None = None
        self._open = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the life of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["path"].startswith(_OURS) or self._page is None:
            await self._api(scope, receive, send)
        else:
            page = await asyncio.shield(self._page)
            await page(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._page = asyncio.create_task(self._build())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._page.cancel()
        await self._open.aclose()
        done: Message = {"type": "lifespan.shutdown.complete"}
        await send(done)

    async def _build(self) -> FastAPI:
        try:
            made: Future[FastAPI] = Future()
            # A daemon: the server need not wait for an import to end.
            Thread(target=_fill, args=(made, self._make_page), daemon=True).start()
            page = await asyncio.wrap_future(made)
            # Gradio starts its queue when its application does; nobody else tells it.
            await self._open.enter_async_context(page.router.lifespan_context(page))
        except Exception:
            _LOG.exception("the page cannot be shown; the API answers")
            raise
        return page


def _fill(made: Future[FastAPI], make: Callable[[], FastAPI]) -> None:
    try:
        page = make()
    except BaseException as error:
        if made.set_running_or_notify_cancel():
            made.set_exception(error)
    else:
        if made.set_running_or_notify_cancel():
            made.set_result(page)
