"""Allowlist of the request guard: routes, hosts, origins and the size of a body."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

KIB = 1024
MIB = 1024 * KIB
BODY_BYTES = 64 * KIB
FILE_BYTES = 20 * MIB
UPLOAD_BYTES = 200 * MIB  # all files of one request together
UPLOAD = ("POST", "/api/v1/articles")
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})

# Only what the page and the API need; everything else of Gradio is closed, the route that
# fetches addresses and the one that takes uploads above all.
_ROUTES = (
    ("GET HEAD", r"/"),
    ("GET", r"/config/?"),
    ("GET", r"/(gradio_api/)?theme\.css"),
    ("GET", r"/(assets|static|svelte)/[\w./@+-]+"),
    ("GET", r"/(favicon\.ico|manifest\.json|robots\.txt)"),
    ("GET", r"/gradio_api/(info|app_id)/?"),
    ("GET", r"/gradio_api/startup-events"),
    ("GET", r"/gradio_api/heartbeat/[\w-]{1,64}"),
    ("GET", r"/gradio_api/queue/data"),
    ("POST", r"/gradio_api/queue/join/?"),
    ("POST", r"/gradio_api/cancel"),
    ("POST", r"/gradio_api/reset/?"),
    ("GET", r"/page/[\w./-]+"),
    ("POST", r"/page/manage/(folder|rebuild)"),
    ("GET POST", r"/api/v1/(search|ask)"),
    ("GET", r"/api/v1/(sources|openapi\.json)"),
    ("POST", r"/api/v1/(articles|feedback)"),
    ("GET DELETE", r"/api/v1/articles/.+"),
    ("GET POST DELETE", r"/mcp"),
    ("GET HEAD", r"/(healthz|readyz|metrics)"),
)
_COMPILED = [(frozenset(m.split()), re.compile(p + r"\Z", re.DOTALL)) for m, p in _ROUTES]


def methods_at(path: str) -> frozenset[str]:
    """Return the methods that a decoded path takes; none where it is not on the list."""
    return frozenset().union(*(methods for methods, pattern in _COMPILED if pattern.match(path)))


def path_is_sane(path: str) -> bool:
    """Return whether a decoded path has no NUL, no ``..`` step, no backslash and a sane length."""
    if len(path) > 4 * KIB or "\0" in path or "\\" in path:
        return False
    return ".." not in path.split("/")


@dataclass(frozen=True, slots=True)
class Hosts:
    """The host names this server answers to; another one may be DNS rebinding."""

    names: frozenset[str] = LOOPBACK_NAMES
    any_address: bool = False

    @classmethod
    def for_binding(cls, host: str, more: Iterable[str] = ()) -> Hosts:
        """Return the names for a server bound to ``host``: beyond loopback, any address too.

        ``more`` may be written with a scheme and a port, as people copy them; both are ignored.
        """
        others = {name_in(name.rpartition("://")[2].rstrip("/")) for name in more}
        names = LOOPBACK_NAMES | {host.lower().strip("[]")} | others
        return cls(frozenset(names), any_address=not is_loopback(host))

    def accept(self, header: str) -> bool:
        """Return whether a Host header names this server; the port does not matter."""
        name = name_in(header)
        if name in self.names:
            return True
        return self.any_address and _is_address(name)


def name_in(header: str) -> str:
    """Return the name in a Host header, without port and brackets."""
    name = header.strip().lower()
    if name.startswith("["):
        return name[1:].split("]")[0]
    return name.rsplit(":", 1)[0] if name.count(":") == 1 else name


def same_origin(origin: str, host: str) -> bool:
    """Return whether an Origin header names the same server as the Host header."""
    scheme, _, rest = origin.strip().lower().partition("://")
    return scheme in {"http", "https"} and rest == host.strip().lower()


def is_loopback(host: str) -> bool:
    """Return whether an address to listen on is reached from this machine alone."""
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    return _is_address(name) and ip_address(name).is_loopback


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
