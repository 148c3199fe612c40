"""Request guard: refuses every request that neither the page nor the API needs.

The checks, in order: the path is sane (400), the host is ours (400), the route is on the
allowlist (404; 405 for another method on a path of the API), the sender is not another site
(403), the body is neither too large (413) nor too slow (408) and names no files for Gradio (400).
Answers lose CORS headers and gain security headers.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from newsqa.web.middleware import allowlist
from newsqa.web.middleware.asgi import (
    SECURITY_HEADERS,
    App,
    Message,
    RawHeaders,
    Receive,
    RefusedError,
    Scope,
    Send,
    send_problem,
)

MAX_QUERY_BYTES = 16 * allowlist.KIB
_REPLACED_HEADERS = {name for name, _ in SECURITY_HEADERS} | {b"server"}


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes and seconds a request may take.

    A body has ``body_s``. An upload has as long for each piece, and as a whole ``body_s`` more
    than it takes at ``min_bytes_s``: a slow line gets through, a trickle does not.
    """

    body_bytes: int = allowlist.BODY_BYTES
    upload_bytes: int = allowlist.UPLOAD_BYTES
    body_s: float = 10.0
    min_bytes_s: int = 8 * allowlist.KIB


@dataclass(frozen=True, slots=True)
class RequestGuard:
    """ASGI middleware; see the module for what it refuses."""

    app: App
    hosts: allowlist.Hosts = field(default_factory=allowlist.Hosts)
    limits: Limits = field(default_factory=Limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let the application answer it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, _Response(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, response: _Response) -> None:
        try:
            headers = _headers(scope)
            self._check(scope, headers)
            body = await self._body(scope, headers, receive, response)
            await self.app(scope, body, response)
        except RefusedError as refusal:
            await response.refuse(refusal)
        else:
            if response.refusal is not None:
                await response.refuse(response.refusal)

    def _check(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        path, method = scope["path"], scope["method"]
        if (
            not allowlist.path_is_sane(path)
            or len(scope.get("query_string", b"")) > MAX_QUERY_BYTES
        ):
            raise RefusedError(400, "this address is not one of ours")
        host = headers.get(b"host", b"").decode("latin-1")
        if not self.hosts.accept(host):
            raise RefusedError(400, "this server is not known by that name")
        methods = allowlist.methods_at(path)
        if methods and method not in methods and path.startswith("/api/"):
            raise RefusedError(405, f"{path} is not for this method", allowed=methods)
        if method not in methods:
            raise RefusedError(404, "there is nothing here")
        if method not in {"GET", "HEAD"}:
            _check_sender(headers, host)

    async def _body(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, response: _Response
    ) -> Receive:
        """Return what the application receives from: the body whole, or an upload as it comes."""
        upload = (scope["method"], scope["path"]) == allowlist.UPLOAD
        max_bytes = self.limits.upload_bytes if upload else self.limits.body_bytes
        if _content_length(headers) > max_bytes:
            raise _too_large(max_bytes)
        body = _Body(receive, max_bytes, self.limits.body_s, self.limits.min_bytes_s)
        if upload:
            return body.checked_stream(response)
        if scope["method"] in {"GET", "HEAD"}:
            return receive
        whole = await body.whole()
        if scope["path"].startswith("/gradio_api/"):
            _check_no_files(whole)
        return _replay(whole, receive)


class _Response:
    """Sends the response: CORS headers out, ours in. A refusal may still take its place."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._started = False
        self.refusal: RefusedError | None = None

    async def __call__(self, message: Message) -> None:
        if self.refusal is not None and not self._started:
            return  # the application's own account of a body that broke off
        if message["type"] == "http.response.start":
            self._started = True
            message = {**message, "headers": _secured(message.get("headers", ()))}
        await self._send(message)

    async def refuse(self, refusal: RefusedError) -> None:
        """Answer with the refusal, unless a response has begun."""
        if self._started:
            return
        self._started = True
        await send_problem(self._send, refusal, [(b"connection", b"close"), *SECURITY_HEADERS])


@dataclass(slots=True)
class _Body:
    """The body of a request, counted on what arrives, not on what was announced."""

    receive: Receive
    max_bytes: int
    seconds: float
    min_bytes_s: int

    async def whole(self) -> bytes:
        """Return all of it.

        Raises:
            RefusedError: It is too large, too slow, or the sender left.
        """
        body = bytearray()
        try:
            async with asyncio.timeout(self.seconds):
                while True:
                    message = await self.receive()
                    if message["type"] == "http.disconnect":
                        raise RefusedError(400, "the sender left")
                    body += message.get("body", b"")
                    if len(body) > self.max_bytes:
                        raise RefusedError(
                            413, f"a request may have up to {self.max_bytes:,} bytes"
                        )
                    if not message.get("more_body"):
                        return bytes(body)
        except TimeoutError:
            raise RefusedError(408, "the body came too slowly") from None

    def checked_stream(self, response: _Response) -> Receive:
        """Return a way to receive it piece by piece, each in time, all within the limits."""
        size, waited_s, complete = 0, 0.0, False

        async def receive() -> Message:
            nonlocal size, waited_s, complete
            if complete:
                return await self.receive()
            # Only waiting counts against the sender, not what is done with a piece.
            left_s, start_s = self.seconds + size / self.min_bytes_s - waited_s, time.monotonic()
            try:
                async with asyncio.timeout(min(self.seconds, left_s)):
                    message = await self.receive()
            except TimeoutError:
                response.refusal = RefusedError(408, "the body came too slowly")
                raise response.refusal from None
            waited_s += time.monotonic() - start_s
            size += len(message.get("body", b""))
            complete = not message.get("more_body")
            if size > self.max_bytes:
                response.refusal = RefusedError(
                    413, f"at most {self.max_bytes:,} bytes in one request"
                )
                raise response.refusal
            return message

        return receive


def _too_large(max_bytes: int) -> RefusedError:
    return RefusedError(413, f"a request may have up to {max_bytes:,} bytes")


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """Return the headers by name; two Host headers are refused."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name.lower() == b"host" and b"host" in headers:
            raise RefusedError(400, "two hosts are named")
        headers[name.lower()] = value
    return headers


def _check_sender(headers: dict[bytes, bytes], host: str) -> None:
    origin = headers.get(b"origin")
    if origin is not None and not allowlist.same_origin(origin.decode("latin-1"), host):
        raise RefusedError(403, "this request comes from another site")
    if headers.get(b"sec-fetch-site", b"same-origin") not in {b"same-origin", b"none"}:
        raise RefusedError(403, "this request comes from another site")


def _content_length(headers: dict[bytes, bytes]) -> int:
    raw = headers.get(b"content-length", b"0")
    if not raw.isdigit() or len(raw) > 15:
        raise RefusedError(400, "the length of the body makes no sense")
    return int(raw)


def _check_no_files(body: bytes) -> None:
    """Refuse what Gradio would fetch: a file, named by URL or path, in place of a value."""
    try:
        value = json.loads(body or b"null")
    except (ValueError, RecursionError):
        raise RefusedError(400, "the body is not JSON") from None
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if "_type" in item or ("path" in item and "meta" in item):
                raise RefusedError(400, "files are not taken here")
            stack += item.values()
        elif isinstance(item, list):
            stack += item


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _secured(headers: Iterable[tuple[bytes, bytes]]) -> RawHeaders:
    kept = [
        (name, value)
        for name, value in headers
        if name.lower() not in _REPLACED_HEADERS and not name.lower().startswith(b"access-control-")
    ]
    return [*kept, *SECURITY_HEADERS]
