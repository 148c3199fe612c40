"""The types of ASGI, and how any middleware refuses a request: one exception, one JSON answer."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http import HTTPStatus
from typing import Any, TypeAlias

from newsqa.web.middleware.allowlist import is_loopback

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
RawHeaders: TypeAlias = list[tuple[bytes, bytes]]

CSP = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'self'; frame-ancestors 'none'; object-src 'none'"
)
SECURITY_HEADERS = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
PROBLEM_TYPE = "application/problem+json"


class RefusedError(Exception):
    """A request is refused with ``status``.

    ``allowed`` are the methods that its path takes, where that is a path of the API;
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


def problem(status: int, detail: str) -> dict[str, Any]:
    """Return the JSON of an error, as RFC 9457 has it."""
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


async def send_problem(send: Send, refusal: RefusedError, headers: RawHeaders) -> None:
    """Answer with a refusal, its own headers before those given."""
    body = json.dumps(problem(refusal.status, refusal.detail)).encode()
    own = [
        (b"content-type", PROBLEM_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    if refusal.allowed:
        own.append((b"allow", ", ".join(refusal.allowed).encode()))
    if refusal.retry_after_s:
        own.append((b"retry-after", str(refusal.retry_after_s).encode()))
    start = {"type": "http.response.start", "status": refusal.status, "headers": [*own, *headers]}
    await send(start)
    await send({"type": "http.response.body", "body": body})


def client_of(scope: Scope, *, proxied: bool) -> str:
    """Return the address that asks: behind a proxy on this machine, the one it names last."""
    peer = str((scope.get("client") or ("unknown",))[0])
    if proxied and is_loopback(peer):
        forwarded = [v for n, v in scope["headers"] if n.lower() == b"x-forwarded-for"]
        if forwarded:
            return forwarded[-1].decode("latin-1").rpartition(",")[2].strip()[:64] or peer
    return peer
