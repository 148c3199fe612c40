"""The server: the index, the port, and the page and API behind the middleware."""

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
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Thread, current_thread, main_thread
from typing import TYPE_CHECKING

from newsqa.errors import SettingsError
from newsqa.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from newsqa.engine import NewsQA
    from newsqa.protocols import Progress
    from newsqa.web.middleware.asgi import App, Receive, Scope, Send
    from newsqa.web.work_queue import WorkQueue

# Read by Gradio and the model libraries when they are imported; none may call out.
_ENVIRONMENT = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_SSR_MODE": "False",
    "GRADIO_MCP_SERVER": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
_MAX_CHANGES = 5
_GRACE_S = 6  # for running work when the server stops: a question has 5 s
_RESERVED_FILES = 124  # open files kept free for the index and for uploads
_MIN_CONNECTIONS = 8  # a browser opens six at a time; the last of these eight is refused


def serve(settings: Settings, *, corpus: Path | None = None) -> None:
    """Serve the index until stopped, built from ``corpus`` first where there is none.

    Raises:
        IndexNotFoundError: There is no index, and no corpus to build it from.
        SettingsError: The port is taken, or the server would be open to others.
    """
    from newsqa.web.api.auth import Access

    Access.of(settings)
    with (
        listening(settings.host, settings.port) as listener,
        _open_or_build(settings, corpus) as qa,
    ):
        report_changes(qa, settings)
        run(qa, settings, listener)


def run(qa: NewsQA, settings: Settings, listener: socket.socket) -> None:
    """Serve an open index on ``listener`` until stopped."""
    from newsqa.web.work_queue import WorkQueue

    queue = WorkQueue(settings.threads)
    _run_uvicorn(application(qa, settings, queue), settings, listener, queue)


def application(qa: NewsQA, settings: Settings, queue: WorkQueue) -> App:
    """Return the API and the page behind the middleware; questions wait in ``queue``."""
    from newsqa.web.api.routes import create_api
    from newsqa.web.chat.examples import Examples
    from newsqa.web.chat.routes import create_page_routes
    from newsqa.web.middleware.access_log import AccessLog
    from newsqa.web.middleware.allowlist import Hosts
    from newsqa.web.middleware.concurrency import ConcurrencyLimit
    from newsqa.web.middleware.lazy_page import LazyPage
    from newsqa.web.middleware.metrics import Metrics
    from newsqa.web.middleware.rate_limit import RateLimit
    from newsqa.web.middleware.request_guard import RequestGuard

    _prepare_environment()
    metrics, examples = Metrics(), Examples(qa, queue)
    api = create_api(qa, settings, queue=queue, metrics=metrics)
    api.include_router(create_page_routes(qa, queue, examples, read_only=settings.read_only))
    Thread(target=examples.find, name="newsqa-examples", daemon=True).start()

    def make_page() -> FastAPI:
        from newsqa.web.chat import gradio_page

        return gradio_page.application(qa, queue, settings)

    host_names = [name.strip() for name in settings.allowed_hosts.split(",") if name.strip()]
    hosts = Hosts.for_binding(settings.host, host_names)
    proxied = bool(host_names)
    # From the inside out: a request passes these lines from the last to the first.
    # The API answers at once, the page when Gradio is imported.
    app: App = LazyPage(api, make_page)
    # 503 beyond a number of requests. Inside the guard, which has the body by then: a slow sender
    # takes no slot.
    app = ConcurrencyLimit(app, queue)
    # 4xx for paths, hosts, senders and bodies that are not ours; sets the security headers.
    app = RequestGuard(app, hosts)
    # 429 for a client that asks too often, before its body is read.
    app = RateLimit(app, per_minute=settings.requests_per_minute, proxied=proxied)
    # Logs and counts every request, refused ones too.
    return AccessLog(app, level=settings.access_log, proxied=proxied, metrics=metrics)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Bind the port before a build, which may take long, so that a taken port fails at once.

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
        raise SettingsError(_bind_message(host, port, error)) from None
    try:
        yield listener
    finally:
        listener.close()


def _bind_message(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} on {host} is taken, perhaps by another newsqa; choose another: "
            f"make run PORT={port + 1}, or newsqa serve --port {port + 1}"
        )
    return f"cannot listen on {host}:{port}: {error.strerror or error}"


@contextmanager
def _open_or_build(settings: Settings, corpus: Path | None) -> Iterator[NewsQA]:
    import newsqa
    from newsqa.index import exists

    if corpus is not None and not exists(settings.index):
        _say(f"building the index {settings.index} from {corpus}")
        with progress_bars() as progress:
            qa = newsqa.build([corpus], index=settings.index, settings=settings, progress=progress)
        assert qa.report is not None
        for problem in qa.report.failed:
            _say(f"not read: {problem.path}: {problem.reason}")
    else:
        qa = newsqa.open(settings.index, settings=settings)
    with qa:
        yield qa


def progress_bars() -> AbstractContextManager[Progress | None]:
    """Return bars on stderr where that is a terminal, else nothing."""
    if not sys.stderr.isatty():
        return nullcontext()
    from newsqa.web.progress import bars

    return bars()


def report_changes(qa: NewsQA, settings: Settings) -> None:
    """Print which files changed since they were indexed, and the command that indexes them."""
    changed = qa.changed_paths()
    if not changed:
        return
    names = ", ".join(changed[:_MAX_CHANGES]) + (" …" if len(changed) > _MAX_CHANGES else "")
    paths = shlex.join(str(path) for path in qa.describe()["paths"])
    count = f"{len(changed)} file{'s have' if len(changed) > 1 else ' has'} changed"
    _say(f"{count} since the index was built: {names}")
    _say(f"to take them in: newsqa index build {paths} --index {shlex.quote(str(settings.index))}")


def _run_uvicorn(app: App, settings: Settings, listener: socket.socket, queue: WorkQueue) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        """Stops the queue first: waiting questions are refused when the server stops."""

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            queue.stop()
            await super().shutdown(sockets)

    async def quiet_app(scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a request cut off by the stop of the server leaves no traceback."""
        try:
            await app(scope, receive, send)
        except asyncio.CancelledError:
            if not queue.stopping:
                raise

    config = uvicorn.Config(
        quiet_app,
        limit_concurrency=_max_connections(),
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
    atexit.register(gc.freeze)  # else the last collection walks through all of Gradio's objects
    listener.listen(1024)  # from here on callers wait and are not refused
    port = listener.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    _say(f"newsqa is ready: http://{host}:{port}/  (stop with Ctrl-C)")
    if current_thread() is main_thread():
        # The server stops in good order on SIGTERM and then sends it to us once more.
        signal.signal(signal.SIGTERM, lambda *_: None)
    Server(config).run(sockets=[listener])


def _max_connections() -> int:
    """Return how many connections may be open; each is a file, and the index needs some too."""
    from newsqa.web.middleware.concurrency import MAX_CONNECTIONS

    max_files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if max_files == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(_MIN_CONNECTIONS, min(MAX_CONNECTIONS, max_files - _RESERVED_FILES))


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
