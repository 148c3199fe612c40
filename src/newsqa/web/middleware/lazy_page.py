"""Serve the API immediately; mount the Gradio page once its import, which takes seconds, ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AsyncExitStack
from threading import Thread
from typing import TYPE_CHECKING

from newsqa.web.middleware.asgi import App, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from fastapi import FastAPI

_API_PATHS = ("/api/", "/mcp", "/page/", "/healthz", "/readyz", "/metrics")
_LOG = logging.getLogger(__name__)


class LazyPage:
    """ASGI: sends each request to the API or to the page; requests for the page wait for it."""

    def __init__(self, api: App, make_page: Callable[[], FastAPI]) -> None:
        self._api = api
        self._make_page = make_page
        self._page: asyncio.Task[FastAPI] | None = None
        self._lifespans = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the lifespan of the server."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["path"].startswith(_API_PATHS) or self._page is None:
            await self._api(scope, receive, send)
        else:
            page = await asyncio.shield(self._page)
            await page(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._page = asyncio.create_task(self._build())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._page.cancel()
        await self._lifespans.aclose()
        complete: Message = {"type": "lifespan.shutdown.complete"}
        await send(complete)

    async def _build(self) -> FastAPI:
        try:
            future: Future[FastAPI] = Future()
            # A daemon: the server need not wait for an import to end.
            Thread(target=_fill, args=(future, self._make_page), daemon=True).start()
            page = await asyncio.wrap_future(future)
            # Gradio starts its queue when its application starts; nobody else does it.
            await self._lifespans.enter_async_context(page.router.lifespan_context(page))
        except Exception:
            _LOG.exception("the page cannot be shown; the API answers")
            raise
        return page


def _fill(future: Future[FastAPI], make_page: Callable[[], FastAPI]) -> None:
    try:
        page = make_page()
    except BaseException as error:
        if future.set_running_or_notify_cancel():
            future.set_exception(error)
    else:
        if future.set_running_or_notify_cancel():
            future.set_result(page)
