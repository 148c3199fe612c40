"""Behind a proxy that sends the headers of the nginx lines in ``docs/operations.md``."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.browser.serving import ROOT
from tests.integration.http.test_serving import Server, started

NAME = "news.example.org:8443"
ORIGIN = f"https://{NAME}"
LINE = re.compile(r"^ *proxy_set_header (\S+) (\S+);", re.MULTILINE)
HEADERS = dict(LINE.findall((ROOT / "docs" / "operations.md").read_text()))
_ONE_HOP = {"connection", "transfer-encoding", "date", "keep-alive"}


class Forwarding(BaseHTTPRequestHandler):
    """Hands each request on as nginx would; whom it takes for the sender stands in the server."""

    def forward(self) -> None:
        proxy = self.server
        assert isinstance(proxy, Proxy)
        sent = {name.lower(): value for name, value in self.headers.items()}
        before = sent.get("x-forwarded-for")
        values = {
            "$host": sent["host"].partition(":")[0],
            "$http_host": sent["host"],
            "$scheme": "https",
            "$remote_addr": proxy.visitor,
            "$proxy_add_x_forwarded_for": f"{before}, {proxy.visitor}" if before else proxy.visitor,
        }
        sent |= {name.lower(): values[value] for name, value in HEADERS.items()}
        sent["connection"] = "close"
        body = self.rfile.read(int(sent.get("content-length", "0")))
        behind = http.client.HTTPConnection(proxy.behind, timeout=60)
        behind.request(self.command, self.path, body or None, sent)
        answer = behind.getresponse()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _ONE_HOP:
                self.send_header(name, value)
        self.end_headers()
        while piece := answer.read1(65536):
            self.wfile.write(piece)
        behind.close()

    do_GET = do_POST = forward  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), Forwarding)
        self.behind = behind
        self.visitor = "203.0.113.9"


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = started(
        tmp_path_factory.mktemp("proxied"),
        NEWSQA_ALLOWED_HOSTS="news.example.org",
        NEWSQA_READ_ONLY="true",
        NEWSQA_REQUESTS_PER_MINUTE="24",  # six at once
    )
    yield made
    made.process.terminate()
    made.process.wait(20)


@pytest.fixture
def proxy(behind: Server) -> Iterator[Proxy]:
    with Proxy(behind.address.removeprefix("http://")) as made:
        Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


def visit(proxy: Proxy, behind: Server) -> Server:
    """Return the server as visitors reach it."""
    return Server(behind.process, f"http://127.0.0.1:{proxy.server_port}", behind.log)


def wait_for(server: Server, line: str) -> None:
    """Wait until the log has the line: it is written after the reply is sent."""
    end = time.monotonic() + 10
    while line not in server.log.read_text():
        assert time.monotonic() < end, server.log.read_text()
        time.sleep(0.05)


def test_the_page_works_under_the_name_and_port_of_the_proxy(proxy: Proxy, behind: Server) -> None:
    proxy.visitor = "203.0.113.8"
    server = visit(proxy, behind)
    assert server.get("/", Host=NAME)[0] == 200
    config = json.loads(server.get("/config", Host=NAME)[2])
    assert config["root"] == ORIGIN
    ask = next(d for d in config["dependencies"] if len(d["inputs"]) == 4)
    sent = {"data": ["When?", "", None, None], "fn_index": ask["id"], "session_hash": "p1"}
    named = {"Host": NAME, "Content_Type": "application/json"}
    body = json.dumps(sent).encode()
    joined, data = "/gradio_api/queue/join", "/gradio_api/queue/data?session_hash=p1"
    assert server.send("POST", joined, body, Origin="https://evil.example", **named)[0] == 403
    assert server.send("POST", joined, body, Origin=ORIGIN, **named)[0] == 200
    assert b"Citation 1" in server.get(data, Host=NAME)[2]


def test_each_visitor_behind_the_proxy_has_a_limit_of_their_own(
    proxy: Proxy, behind: Server
) -> None:
    server = visit(proxy, behind)
    asked = "/api/v1/ask?question=When"
    statuses = [server.get(asked, Host=NAME)[0] for _ in range(12)]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    claimed = {"X_Forwarded_For": "127.0.0.1"}  # what a visitor says of themselves is not believed
    assert server.get(asked, Host=NAME, **claimed)[0] == 429
    proxy.visitor = "203.0.113.10"
    assert server.get(asked, Host=NAME)[0] == 200
    wait_for(behind, '203.0.113.9 GET "/api/v1/ask" 429')
    wait_for(behind, '203.0.113.10 GET "/api/v1/ask" 200')


def test_the_notes_name_the_headers() -> None:
    assert set(HEADERS) == {"Host", "X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Proto"}
