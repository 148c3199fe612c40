"""Start of the server: the index, the port, the page and the API behind one guard."""

from __future__ import annotations

import asyncio
import atexit
import errno
import gc
import logging
import os
import resource
import shlex
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread, current_thread, main_thread
from typing import TYPE_CHECKING, Any, Protocol

from newsqa.errors import SettingsError
from newsqa.protocols import Progress
from newsqa.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from newsqa.engine import NewsQA
    from newsqa.web.engine_protocol import Engine
    from newsqa.web.middleware.request_guard import App, Receive, Scope, Send
    from newsqa.web.work_queue import Desk

# Read by Gradio and the model libraries when they are imported; none may call out.
_ENVIRONMENT = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_SSR_MODE": "False",
    "GRADIO_MCP_SERVER": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
_SHOWN_CHANGES = 5
_GRACE_S = 6  # for what is at work when the server is told to stop: a question has 5 s
_FILES = 124  # open files kept free for the index and for uploads
_ONE_BROWSER = 8  # connections; it opens six at a time, and the last of these eight is refused


class Watching(Protocol):
    """Knows which of its files changed; `newsqa.engine.NewsQA` does."""

    def changed_paths(self) -> list[str]:
        """Return them."""
        ...

    def describe(self) -> Mapping[str, Any]:
        """Return what `newsqa index info` prints; ``paths`` are those it was built from."""
        ...


def serve(settings: Settings, *, progress: Progress | None = None) -> None:
    """Serve the index of ``settings`` until stopped.

    Raises:
        IndexNotFoundError: There is none; nothing is built unasked.
        SettingsError: The port is taken, or the server would be open to others.
    """
    start(settings, progress=progress)


def start(
    settings: Settings, *, corpus: Path | None = None, progress: Progress | None = None
) -> None:
    """Serve the index, built from ``corpus`` first where there is none.

    Raises:
        See `serve`.
    """
    from newsqa.web.api.auth import Access

    Access.of(settings)
    with (
        listening(settings.host, settings.port) as listener,
        _opened(settings, corpus, progress) as qa,
    ):
        say_changes(qa, settings)
        _serve(qa, settings, listener)


def serve_engine(qa: Engine, settings: Settings) -> None:
    """Serve anything that answers as the engine does, until stopped."""
    with listening(settings.host, settings.port) as listener:
        _serve(qa, settings, listener)


def _serve(qa: Engine, settings: Settings, listener: socket.socket) -> None:
    from newsqa.web.work_queue import Desk

    desk = Desk(settings.threads)
    _run(application(qa, settings, desk), settings, listener, desk)


def application(qa: Engine, settings: Settings, desk: Desk | None = None) -> App:
    """Return page and API behind the guard, ready to be served; questions queue at the desk."""
    from newsqa.web.api.metrics import Metrics
    from newsqa.web.api.routes import create_api
    from newsqa.web.chat.examples import Examples
    from newsqa.web.chat.routes import create_pages
    from newsqa.web.middleware import allowlist as allow
    from newsqa.web.middleware import request_guard as guard
    from newsqa.web.middleware.concurrency import Room
    from newsqa.web.middleware.lazy_page import Front
    from newsqa.web.middleware.rate_limit import Visitors
    from newsqa.web.work_queue import Desk

    _prepare_environment()
    desk, metrics = desk or Desk(settings.threads), Metrics()
    examples = Examples(qa, desk)
    api = create_api(qa, settings, desk=desk, metrics=metrics)
    api.include_router(create_pages(qa, desk, examples, changing=not settings.read_only))
    Thread(target=examples.find, name="newsqa-examples", daemon=True).start()

    def page() -> FastAPI:
        from newsqa.web.chat import gradio_page as ui

        return ui.application(qa, desk, settings)

    others = [name.strip() for name in settings.allowed_hosts.split(",") if name.strip()]
    room = Room(Front(api, page), desk)
    guarded = guard.Guard(room, allow.Hosts.for_binding(settings.host, others))
    return Visitors.of(settings, guarded, metrics)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Hold the port from the start, so that nobody waits for a build in vain.

    Raises:
        SettingsError: It is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named: asyncio turns Nagle's delay (40 ms an answer) off only where it is.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
    except OSError as error:
        listener.close()
        raise SettingsError(_bind_trouble(host, port, error)) from None
    try:
        yield listener
    finally:
        listener.close()


def _bind_trouble(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} on {host} is taken, perhaps by another newsqa; choose another: "
            f"make run PORT={port + 1}, or newsqa serve --port {port + 1}"
        )
    return f"cannot listen on {host}:{port}: {error.strerror or error}"


@contextmanager
def _opened(settings: Settings, corpus: Path | None, progress: Progress | None) -> Iterator[NewsQA]:
    import newsqa
    from newsqa.index import exists

    if corpus is not None and not exists(settings.index):
        _say(f"building the index {settings.index} from {corpus}")
        with progress_shown(progress) as shown:
            qa = newsqa.build([corpus], index=settings.index, settings=settings, progress=shown)
        assert qa.report is not None
        for problem in qa.report.failed:
            _say(f"not read: {problem.path}: {problem.reason}")
    else:
        qa = newsqa.open(settings.index, settings=settings)
    with qa:
        yield qa


@contextmanager
def progress_shown(progress: Progress | None) -> Iterator[Progress | None]:
    """Give ``progress``, else a bar on stderr where that is a terminal, else none."""
    if progress is not None or not sys.stderr.isatty():
        yield progress
        return
    from newsqa.progress import bars

    with bars() as drawn:
        yield drawn


def say_changes(qa: Watching, settings: Settings) -> None:
    """Say which files changed since they were indexed, and the command; nothing is rebuilt."""
    changed = qa.changed_paths()
    if not changed:
        return
    shown = ", ".join(changed[:_SHOWN_CHANGES]) + (" …" if len(changed) > _SHOWN_CHANGES else "")
    paths = shlex.join(str(path) for path in qa.describe()["paths"])
    count = f"{len(changed)} file{'s have' if len(changed) > 1 else ' has'} changed"
    _say(f"{count} since the index was built: {shown}")
    _say(f"to take them in: newsqa index build {paths} --index {shlex.quote(str(settings.index))}")


def _run(app: App, settings: Settings, listener: socket.socket, desk: Desk) -> None:
    import uvicorn

    class Stopping(uvicorn.Server):
        """A server whose queue is not worked off when it is told to stop."""

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            desk.stop()
            await super().shutdown(sockets)

    async def quiet(scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; what is cut off because the server stops is no fault with a trace."""
        try:
            await app(scope, receive, send)
        except asyncio.CancelledError:
            if not desk.stopping:
                raise

    config = uvicorn.Config(
        quiet,
        limit_concurrency=_most_connections(),
        timeout_keep_alive=10,
        timeout_graceful_shutdown=_GRACE_S,
        h11_max_incomplete_event_size=16384,
        server_header=False,
        proxy_headers=False,
        access_log=False,
        log_level="warning",
        ws="none",
    )
    _log_to_stderr()
    atexit.register(gc.freeze)  # else the end looks through all that the page's library made
    listener.listen(1024)  # from here on callers wait, and are not turned away
    port = listener.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    _say(f"newsqa is ready: http://{host}:{port}/  (stop with Ctrl-C)")
    if current_thread() is main_thread():
        # The server stops in good order on SIGTERM and then sends it to us once more.
        signal.signal(signal.SIGTERM, lambda *_: None)
    Stopping(config).run(sockets=[listener])


def _most_connections() -> int:
    """Return how many may be open; each is a file, and the index needs some too."""
    from newsqa.web.middleware.concurrency import CONNECTIONS

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return CONNECTIONS
    return max(_ONE_BROWSER, min(CONNECTIONS, files - _FILES))


def _log_to_stderr() -> None:
    log = logging.getLogger("newsqa.access")
    if not log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
        log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


def _prepare_environment() -> None:
    os.environ.update(_ENVIRONMENT)
    if "GRADIO_TEMP_DIR" not in os.environ:
        os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix="newsqa-")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
