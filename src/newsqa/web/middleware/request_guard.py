"""The guard: an ASGI application that stands before everything and lets little through.

In this order a request is refused: a path that is not sane (400), a host that is not ours
(400), a route that is not on the list (404; 405 for another method on an address of the API),
another site's page as the sender (403), a body that is too large (413), too slow (408) or names
files for Gradio (400). Answers lose CORS headers and gain those that keep a page to itself.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from newsqa.web.middleware import allowlist as allow

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

QUERY_BYTES = 16 * allow.KIB
CSP = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'self'; frame-ancestors 'none'; object-src 'none'"
)
HEADERS = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
_OURS = {name for name, _ in HEADERS} | {b"server"}
_TITLES = {
    400: "Bad request",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    408: "Request timeout",
    413: "Too large",
    503: "Service unavailable",
}


class RefusedError(Exception):
    """The guard does not let a request through; ``status`` says how.

    ``allowed`` are the methods that its address takes, where it is an address of the API;
    ``retry_after_s`` says when to come back, where that helps.
    """

    def __init__(
        self, status: int, detail: str, *, allowed: Iterable[str] = (), retry_after_s: int = 0
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.allowed = sorted(allowed)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes and seconds a request may take.

    A body has ``body_s``. An upload has as long for each piece, and as a whole ``body_s`` more
    than it takes at ``least_bytes_s``: a slow line gets through, a trickle is not waited for.
    """

    body_bytes: int = allow.BODY_BYTES
    upload_bytes: int = allow.UPLOAD_BYTES
    body_s: float = 10.0
    least_bytes_s: int = 8 * allow.KIB


@dataclass(frozen=True, slots=True)
class Guard:
    """Stands before ``app``; see the module for what it refuses."""

    app: App
    hosts: allow.Hosts = field(default_factory=allow.Hosts)
    limits: Limits = field(default_factory=Limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let the application answer it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, _Answer(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        try:
            headers = _headers(scope)
            self._check(scope, headers)
            body = await self._body(scope, headers, receive, answer)
        except RefusedError as refusal:
            await answer.refuse(refusal)
            return
        try:
            await self.app(scope, body, answer)
        except RefusedError as refusal:
            await answer.refuse(refusal)
        else:
            if answer.refusal is not None:
                await answer.refuse(answer.refusal)

    def _check(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        path, method = scope["path"], scope["method"]
        if not allow.path_is_sane(path) or len(scope.get("query_string", b"")) > QUERY_BYTES:
            raise RefusedError(400, "this address is not one of ours")
        host = headers.get(b"host", b"").decode("latin-1")
        if not self.hosts.accept(host):
            raise RefusedError(400, "this server is not known by that name")
        taken = allow.methods_at(path)
        if taken and method not in taken and path.startswith("/api/"):
            raise RefusedError(405, f"{path} is not for this method", allowed=taken)
        if method not in taken:
            raise RefusedError(404, "there is nothing here")
        if method not in {"GET", "HEAD"}:
            _check_sender(headers, host)

    async def _body(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, answer: _Answer
    ) -> Receive:
        """Return what the application receives from: the body whole, or an upload as it comes."""
        upload = (scope["method"], scope["path"]) == allow.UPLOAD
        most = self.limits.upload_bytes if upload else self.limits.body_bytes
        if _declared(headers) > most:
            raise RefusedError(413, f"a request may have up to {most:,} bytes")
        body = _Body(receive, most, self.limits.body_s, self.limits.least_bytes_s)
        if upload:
            return body.watched(answer)
        if scope["method"] in {"GET", "HEAD"}:
            return receive
        whole = await body.whole()
        if scope["path"].startswith("/gradio_api/"):
            _check_no_files(whole)
        return _replay(whole, receive)


class _Answer:
    """Sends the answer: CORS headers out, ours in. A refusal may still take its place."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._started = False
        self.refusal: RefusedError | None = None

    async def __call__(self, message: Message) -> None:
        if self.refusal is not None and not self._done():
            return  # the application's own account of a body that broke off
        if message["type"] == "http.response.start":
            self._started = True
            message = {**message, "headers": _own(message.get("headers", ()))}
        await self._send(message)

    def _done(self) -> bool:
        return self._started

    async def refuse(self, refusal: RefusedError) -> None:
        """Answer with the refusal, unless an answer has begun."""
        if self._started:
            return
        self._started = True
        status = refusal.status
        problem = {
            "type": "about:blank",
            "title": _TITLES[status],
            "status": status,
            "detail": refusal.detail,
        }
        body = json.dumps(problem).encode()
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        if refusal.allowed:
            headers.append((b"allow", ", ".join(refusal.allowed).encode()))
        if refusal.retry_after_s:
            headers.append((b"retry-after", str(refusal.retry_after_s).encode()))
        start = {"type": "http.response.start", "status": status, "headers": _own(headers)}
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


@dataclass(slots=True)
class _Body:
    """The body of a request, counted on what arrives, not on what was announced."""

    receive: Receive
    most: int
    seconds: float
    least_bytes_s: int

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
                    if len(body) > self.most:
                        raise RefusedError(413, f"a request may have up to {self.most:,} bytes")
                    if not message.get("more_body"):
                        return bytes(body)
        except TimeoutError:
            raise RefusedError(408, "the body came too slowly") from None

    def watched(self, answer: _Answer) -> Receive:
        """Return a way to receive it piece by piece, each in time, all within the limits."""
        count, waited, over = 0, 0.0, False

        async def receive() -> Message:
            nonlocal count, waited, over
            if over:
                return await self.receive()
            # Only waiting counts against the sender, not what is done with a piece.
            left, began = self.seconds + count / self.least_bytes_s - waited, time.monotonic()
            try:
                async with asyncio.timeout(min(self.seconds, left)):
                    message = await self.receive()
            except TimeoutError:
                answer.refusal = RefusedError(408, "the body came too slowly")
                raise answer.refusal from None
            waited += time.monotonic() - began
            count += len(message.get("body", b""))
            over = not message.get("more_body")
            if count > self.most:
                answer.refusal = RefusedError(413, f"at most {self.most:,} bytes in one request")
                raise answer.refusal
            return message

        return receive


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """Headers by name; a Host that stands twice is nobody's."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name.lower() == b"host" and b"host" in headers:
            raise RefusedError(400, "two hosts are named")
        headers[name.lower()] = value
    return headers


def _check_sender(headers: dict[bytes, bytes], host: str) -> None:
    origin = headers.get(b"origin")
    if origin is not None and not allow.same_origin(origin.decode("latin-1"), host):
        raise RefusedError(403, "this request comes from another site")
    if headers.get(b"sec-fetch-site", b"same-origin") not in {b"same-origin", b"none"}:
        raise RefusedError(403, "this request comes from another site")


def _declared(headers: dict[bytes, bytes]) -> int:
    raw = headers.get(b"content-length", b"0")
    if not raw.isdigit() or len(raw) > 15:
        raise RefusedError(400, "the length of the body makes no sense")
    return int(raw)


def _check_no_files(body: bytes) -> None:
    """Refuse what Gradio would fetch: a file named by address or path in place of a value."""
    try:
        value = json.loads(body or b"null")
    except (ValueError, RecursionError):
        raise RefusedError(400, "the body is not JSON") from None
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            if "_type" in item or ("path" in item and "meta" in item):
                raise RefusedError(400, "files are not taken here")
            left += item.values()
        elif isinstance(item, list):
            left += item


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


def _own(headers: Any) -> list[tuple[bytes, bytes]]:
    kept = [
        (name, value)
        for name, value in headers
        if name.lower() not in _OURS and not name.lower().startswith(b"access-control-")
    ]
    return [*kept, *HEADERS]
