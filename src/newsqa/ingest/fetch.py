"""Fetching one page from the public web, and nothing else: no private address can be reached.

Only http and https on their ports. A name is resolved once, every address it has must be public,
and the connection goes to one of just these. Each redirect, three at most, is checked anew. The
whole takes 10 seconds at most and 10 MB. Nothing of the surroundings is used or sent: no proxy,
cookie or password.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from time import monotonic
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from newsqa.errors import NewsQAError

DEADLINE_S = 10.0
MAX_BYTES = 10_000_000
MAX_REDIRECTS = 3
PORTS = {"http": 80, "https": 443}
PAGES = ("text/html", "application/xhtml+xml")
_CHUNK = 1 << 16
_REDIRECTS = (301, 302, 303, 307, 308)
# Addresses that stand for an IPv4 address of anywhere: NAT64, 6to4, Teredo.
_CARRIERS = [
    ipaddress.ip_network(net)
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
]
_XML = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*>")

Resolve = Callable[[str, int], Sequence[str]]
Permit = Callable[[str, int], bool]


class FetchError(NewsQAError):
    """A page was not fetched; the message is the reason people are shown."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page and the address it came from in the end."""

    url: str
    content: bytes
    charset: str = ""

    def document(self) -> bytes:
        """Return the page as a file whose own address is the one it came from, in any case.

        Otherwise a page could claim another's address, and take its place in the index.
        """
        from lxml.html import builder, tostring

        link: bytes = tostring(builder.LINK(rel="canonical", href=self.url)) + b"\n"
        content = self.content
        if self.charset:
            with suppress(LookupError, UnicodeDecodeError):
                content = content.decode(self.charset).encode("utf-8", "replace")
                link = b"\xef\xbb\xbf" + link
        elif content.startswith((b"\xff\xfe", b"\xfe\xff")):
            content = content.decode("utf-16", "replace").encode()
            link = b"\xef\xbb\xbf" + link
        elif content.startswith(b"\xef\xbb\xbf"):
            link = b"\xef\xbb\xbf" + link
        return link + _XML.sub(b"", content).removeprefix(b"\xef\xbb\xbf")


def is_public(address: str, _port: int = 0) -> bool:
    """Whether an IP address is one of the public internet, in every reading of it."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip.scope_id or any(ip in net for net in _CARRIERS):
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def resolve_all(host: str, port: int) -> list[str]:
    """Return every address that the system has for ``host``."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def fetch(
    url: str,
    *,
    resolve: Resolve = resolve_all,
    permit: Permit = is_public,
    ports: Sequence[int] = tuple(PORTS.values()),
    deadline_s: float = DEADLINE_S,
) -> Page:
    """Return the page at ``url``.

    Args:
        url: Its address.
        resolve: Gives all addresses of a host.
        permit: Whether an address may be connected to; for tests with a server of their own.
        ports: Those that may be connected to.
        deadline_s: Time for everything, name service and redirects included.

    Raises:
        FetchError: It is refused, or cannot be fetched.
    """
    end = monotonic() + deadline_s
    for _ in range(MAX_REDIRECTS + 1):
        target = _Target.of(url, ports)
        address = _address(target, resolve, permit, end)
        answer = _ask(target, address, end)
        if isinstance(answer, Page):
            return answer
        url = urljoin(target.url, answer)
    raise FetchError(f"more than {MAX_REDIRECTS} redirects")


@dataclass(frozen=True, slots=True)
class _Target:
    """An address that passed the rules about its form."""

    url: str
    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str, ports: Sequence[int]) -> _Target:
        if re.search(r"[\x00-\x20\x7f-\x9f\\]", url):
            raise FetchError("the address holds white space, control characters or a backslash")
        try:
            parts = urlsplit(url)
            port = parts.port or PORTS.get(parts.scheme, 0)
            host = (parts.hostname or "").rstrip(".")
            ascii_host = host if ":" in host else host.encode("idna").decode("ascii")
        except (ValueError, UnicodeError):
            raise FetchError("no valid address") from None
        if parts.scheme not in PORTS:
            raise FetchError(f"only http and https, not {parts.scheme or 'nothing'!r}")
        if parts.username is not None or parts.password is not None:
            raise FetchError("the address holds a name or password")
        if not ascii_host:
            raise FetchError("the address names no host")
        if port not in ports:
            raise FetchError(f"port {port} is not fetched from")
        return cls(
            parts._replace(fragment="").geturl(), parts.scheme, ascii_host, port, _path(parts)
        )


def _path(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=~-._[]")
    return f"{path}?{query}" if query else path


def _address(target: _Target, resolve: Resolve, permit: Permit, end: float) -> str:
    """Resolve once, in a thread, since name service has no time limit of its own."""
    answers: Queue[Sequence[str] | Exception] = Queue()

    def ask() -> None:
        try:
            answers.put(resolve(target.host, target.port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        found = answers.get(timeout=_left(end))
    except Empty:
        raise FetchError("took too long") from None
    if isinstance(found, Exception) or not found:
        raise FetchError(f"no address is known for {target.host!r}")
    refused = [address for address in found if not permit(address, target.port)]
    if refused:
        raise FetchError(f"{target.host!r} is at {refused[0]}, which is not a public address")
    return found[0]


def _left(end: float) -> float:
    left = end - monotonic()
    if left <= 0:
        raise FetchError("took too long")
    return left


def _ask(target: _Target, address: str, end: float) -> Page | str:
    """Return the page, or where it has moved to."""
    connection = _Pinned(target, address, end)
    # The limit of a socket counts each wait alone; a server that drips would never meet it.
    watch = threading.Timer(_left(end), connection.cut)
    watch.daemon = True
    watch.start()
    try:
        connection.request("GET", target.path, headers=_headers(target))
        found = _read(target, connection.getresponse(), end)
        if connection.was_cut:  # what a cut leaves can look like an end
            raise FetchError("took too long")
        return found
    except (FetchError, OSError, http.client.HTTPException, ValueError) as error:
        if connection.was_cut or isinstance(error, TimeoutError):
            raise FetchError("took too long") from None
        if isinstance(error, FetchError):
            raise
        words = str(error)[:100] or type(error).__name__
        raise FetchError(f"cannot be fetched: {words}") from None
    finally:
        watch.cancel()
        connection.close()


def _headers(target: _Target) -> dict[str, str]:
    host = f"[{target.host}]" if ":" in target.host else target.host
    if target.port != PORTS[target.scheme]:
        host = f"{host}:{target.port}"
    return {
        "Host": host,
        "User-Agent": "newsqa",
        "Accept": ", ".join(PAGES),
        "Accept-Encoding": "identity",
        "Connection": "close",
    }


def _read(target: _Target, answer: http.client.HTTPResponse, end: float) -> Page | str:
    where = answer.getheader("Location")
    if answer.status in _REDIRECTS and where:
        return where
    if answer.status != 200:
        raise FetchError(f"the server answered with status {answer.status}")
    kind = answer.headers.get_content_type()
    if kind not in PAGES:
        raise FetchError(f"no HTML page ({kind})")
    if answer.getheader("Content-Encoding", "identity").lower() != "identity":
        raise FetchError("the server sent it packed, which was not asked for")
    content = bytearray()
    while chunk := answer.read1(_CHUNK):
        content += chunk
        if len(content) > MAX_BYTES:
            raise FetchError(f"larger than {MAX_BYTES // 1_000_000} MB")
        _left(end)
    if answer.length:
        raise FetchError("the server broke off before its end")
    return Page(target.url, bytes(content), str(answer.headers.get_content_charset() or ""))


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, whatever its name means by now; cut off at the deadline."""

    def __init__(self, target: _Target, address: str, end: float) -> None:
        super().__init__(target.host, target.port)
        self._target = target
        self._pinned = address
        self._end = end
        # `sock` is given up as soon as the answer begins; this one stays.
        self._live: socket.socket | None = None
        self.was_cut = False

    def connect(self) -> None:
        """Connect to the address, with TLS for https; the certificate is held against the name."""
        left = _left(self._end)
        plain = socket.create_connection((self._pinned, self._target.port), timeout=left)
        self.sock = self._live = plain
        if self._target.scheme == "https":
            secured = ssl.create_default_context().wrap_socket(
                plain, server_hostname=self._target.host, do_handshake_on_connect=False
            )
            self.sock = self._live = secured
            secured.do_handshake()

    def cut(self) -> None:
        """End it now, whatever it waits for."""
        self.was_cut = True
        if self._live is not None:
            with suppress(OSError):
                self._live.shutdown(socket.SHUT_RDWR)
