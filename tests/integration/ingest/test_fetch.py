"""Fetching: what is private stays out of reach, what is slow or large is cut off."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from newsqa.cli import run
from newsqa.ingest import fetch as fetching
from newsqa.ingest.fetch import MAX_BYTES, FetchError, Page, fetch, is_public
from newsqa.ingest.formats.html import parse_html
from tests.fakes.services import World

Captured = pytest.CaptureFixture[str]
STORM = "A storm closed the harbour of Ostrey on Monday. Two boats were lost, the office said."
PAGE = f"<html><head><title>Storm</title></head><body><article><h1>Storm</h1><p>{STORM}</p>"


@dataclass
class Site:
    """A server of this machine, and everything that was asked of it."""

    port: int
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)
    addresses: dict[str, list[str]] = field(default_factory=dict)

    def resolve(self, host: str, _port: int) -> Sequence[str]:
        self.resolved.append(host)
        return self.addresses.get(host, ["127.0.0.1"])

    def permit(self, address: str, port: int) -> bool:
        return is_public(address) or (address, port) == ("127.0.0.1", self.port)

    def fetch(self, path: str, *, host: str = "site.example", deadline_s: float = 10.0) -> Page:
        return fetch(
            f"http://{host}:{self.port}{path}" if path.startswith("/") else path,
            resolve=self.resolve,
            permit=self.permit,
            ports=(80, 443, self.port),
            deadline_s=deadline_s,
        )


def respond(handler: BaseHTTPRequestHandler, path: str, port: int) -> None:
    """Answer as the path says."""
    send = handler.wfile.write
    if path.startswith("/to/"):
        handler.send_response(302)
        handler.send_header("Location", path.removeprefix("/to/").replace("PORT", str(port)))
        handler.end_headers()
    elif path.startswith("/hop/"):
        left = int(path.rsplit("/", 1)[1])
        handler.send_response(301)
        handler.send_header("Location", f"/hop/{left - 1}" if left > 1 else "/page")
        handler.send_header("Set-Cookie", "a=b")
        handler.end_headers()
    elif path == "/slow-head":
        for sign in "HTTP/1.1 200 OK\r\nX-A: " + "b" * 500:
            send(sign.encode())
            time.sleep(0.05)
    elif path == "/stall":
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        time.sleep(6)
    elif path in ("/page", "/large", "/slow-body", "/short"):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html; charset=utf-8")
        if path == "/short":
            handler.send_header("Content-Length", "9999")
        handler.end_headers()
        send(PAGE.encode())
        for _ in range({"/large": 200, "/slow-body": 500}.get(path, 0)):
            send(b"x" * 100_000 if path == "/large" else b"x")
            time.sleep(0.05 if path == "/slow-body" else 0)
    else:
        handler.send_response(404 if path == "/gone" else 200)
        handler.send_header("Content-Type", "image/png" if path == "/png" else "text/html")
        if path == "/packed":
            handler.send_header("Content-Encoding", "gzip")
        handler.end_headers()


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append((self.path, dict(self.headers)))
            try:
                respond(self, self.path, found.port)
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Site(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()


# ---- which addresses are public

PRIVATE = """127.0.0.1 127.8.8.8 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0
    255.255.255.255 224.0.0.1 198.18.0.1 192.0.2.1 240.0.0.1 ::1 :: fe80::1 fe80::1%eth0 fc00::1
    ff02::1 ff0e::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 64:ff9b:1::a00:1 2002:7f00:1::
    2001:0:7f00:1:: 2001:db8::1 localhost 2130706433 0x7f.1""".split()


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111"])
def test_a_public_address(address: str) -> None:
    assert is_public(address)


# ---- what is refused before anything is asked


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://2130706433/"),
        *("http://0x7f.1/", "http://0177.0.0.1/", "http://[::ffff:127.0.0.1]/", "http://0/"),
        *("https://169.254.169.254/latest/meta-data", "http://10.0.0.1:80/", "http://127.1/"),
        *(
            "http://localhost:22/",
            "http://127.0.0.1:7860/",
            "file:///etc/passwd",
            "ftp://a.example",
        ),
        *("gopher://a.example/", "http://u:p@1.1.1.1/", "http://u@1.1.1.1/", "http:///x", "x", ""),
        *("http://1.1.1.1:99999/", "http://a.example/\r\nHost: b", "http://a.example\\@127.0.0.1/"),
        *("http://[fe80::1%25lo]/", "http://１２７.0.0.1/", "javascript:alert(1)", "//1.1.1.1/"),
    ],
)
def test_private_and_odd_addresses_are_refused_with_the_systems_own_names(url: str) -> None:
    with pytest.raises(FetchError):
        fetch(url, deadline_s=5)


def test_one_private_address_among_public_ones_is_enough(site: Site) -> None:
    site.addresses["mixed.example"] = ["1.1.1.1", "10.0.0.1"]
    with pytest.raises(FetchError, match="which is not a public address"):
        site.fetch("http://mixed.example/")


def test_a_name_is_resolved_once_and_the_connection_goes_there(site: Site) -> None:
    """A second answer of the name service could be a private address."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"], ["10.0.0.1"]])
    page = fetch(
        f"http://rebinding.example:{site.port}/page",
        resolve=lambda host, port: next(answers),
        permit=site.permit,
        ports=(site.port,),
    )
    assert STORM.encode() in page.content
    assert next(answers) == ["10.0.0.1"]


@pytest.mark.parametrize(
    "where",
    [
        *(
            "http://10.0.0.1/",
            "http://169.254.169.254/",
            "http://[::1]/",
            "http://private.example/",
        ),
        *("http://site.example:22/", "file:///etc/passwd", "http://127.0.0.1:PORT0/"),
        *("//10.0.0.1/", "http://u:p@site.example:PORT/page"),
    ],
)
def test_redirects_are_checked_like_the_first_address(where: str, site: Site) -> None:
    site.addresses |= {"10.0.0.1": ["10.0.0.1"], "169.254.169.254": ["169.254.169.254"]}
    site.addresses |= {"::1": ["::1"], "private.example": ["192.168.0.1"]}
    with pytest.raises(FetchError):
        site.fetch(f"/to/{where}")
    assert len(site.asked) == 1  # the redirect, nothing after it


def test_three_redirects_are_followed_and_not_four(site: Site) -> None:
    page = site.fetch("/hop/3")
    assert page.url == f"http://site.example:{site.port}/page"
    assert len(site.resolved) == 4
    with pytest.raises(FetchError, match="more than 3 redirects"):
        site.fetch("/hop/4")


def test_nothing_of_the_surroundings_is_sent(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://10.0.0.1:3128")
    site.fetch("/hop/1")
    for _, headers in site.asked:
        assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
        assert headers["Host"] == f"site.example:{site.port}"


# ---- time and size


@pytest.mark.parametrize("path", ["/slow-head", "/slow-body", "/stall"])
def test_a_server_that_drips_is_cut_off(path: str, site: Site) -> None:
    began = time.monotonic()
    with pytest.raises(FetchError, match="took too long"):
        site.fetch(path, deadline_s=1)
    assert time.monotonic() - began < 5


def test_a_name_service_that_does_not_answer_is_not_waited_for() -> None:
    def silent(_host: str, _port: int) -> list[str]:
        time.sleep(4)
        return []

    began = time.monotonic()
    with pytest.raises(FetchError, match="took too long"):
        fetch("http://a.example/", resolve=silent, deadline_s=0.5)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/large", f"larger than {MAX_BYTES // 1_000_000} MB"),
        ("/short", "broke|IncompleteRead"),
        ("/png", "no HTML page"),
        ("/gone", "status 404"),
        ("/packed", "packed"),
    ],
)
def test_what_is_no_page_says_why(path: str, why: str, site: Site) -> None:
    with pytest.raises(FetchError, match=why):
        site.fetch(path)


# ---- the page as a file


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        (f"{PAGE} Café.".encode("latin-1"), "iso-8859-1"),
        (b"\xef\xbb\xbf" + f"{PAGE} Café.".encode(), ""),
        (f"{PAGE} Café.".encode("utf-16"), ""),
        (f'<?xml version="1.0" encoding="utf-8"?>{PAGE} Café.'.encode(), "no-such-charset"),
        (f'<link rel="canonical" href="https://other.example/a">{PAGE} Café.'.encode(), "utf-8"),
    ],
)
def test_a_page_is_known_by_where_it_came_from(content: bytes, charset: str) -> None:
    draft = parse_html(Page('https://n.example/"a?b=1&c', content, charset).document())
    assert draft.url == 'https://n.example/"a?b=1&c'
    assert " ".join(draft.body.split()) == f"{STORM} Café."
    assert draft.title == "Storm"


# ---- the command


@pytest.fixture(autouse=True)
def _bare_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("NEWSQA_INDEX", "NEWSQA_FETCH"):
        monkeypatch.delenv(name, raising=False)


def test_fetching_is_off_unless_it_is_turned_on(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(fetching, "fetch", asked.append)
    assert run(["fetch", "https://n.example/a"], services=World()) == 2
    assert "NEWSQA_FETCH=true" in capsys.readouterr().err
    assert asked == []


def test_pages_are_added_and_each_failure_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("NEWSQA_FETCH", "true")
    real: Callable[[str], Page] = fetch
    monkeypatch.setattr(
        fetching,
        "fetch",
        lambda url: Page(url, PAGE.encode()) if "n.example" in url else real(url),
    )
    world = World()
    words = ["fetch", "https://n.example/a", "http://127.0.0.1/x", "https://n.example/a", "--json"]
    assert run(words, services=world) == 4
    out, err = capsys.readouterr()
    assert [problem["path"] for problem in json.loads(out)["failed"]] == ["http://127.0.0.1/x"]
    assert "not a public address" in err
    [path] = world.qa.calls[-1][1]["paths"]
    assert re.fullmatch(r"index/fetched/[0-9a-f]{16}\.html", path.as_posix())
    assert parse_html((tmp_path / path).read_bytes()).url == "https://n.example/a"


def test_if_nothing_was_fetched_nothing_is_added(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("NEWSQA_FETCH", "true")
    world = World()
    assert run(["fetch", "http://10.0.0.1/"], services=world) == 4
    assert "10.0.0.1, which is not a public address" in capsys.readouterr().err
    assert [name for name, _ in world.qa.calls if name == "add"] == []
