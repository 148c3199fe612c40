"""The guard, probed: what it refuses, what it lets through, and what every answer carries."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pytest

from newsqa.ingest.draft import MAX_FIELD_CHARS
from newsqa.web.middleware import allowlist
from newsqa.web.middleware.asgi import CSP, Message, Receive, Scope, Send
from newsqa.web.middleware.request_guard import Limits, RequestGuard

HOST = b"127.0.0.1:7860"


class Inside:
    """The application behind the guard: remembers what reached it."""

    def __init__(self) -> None:
        self.reached: list[tuple[str, str]] = []
        self.body = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.reached.append((scope["method"], scope["path"]))
        if scope["method"] in {"POST", "DELETE"}:
            while True:
                message = await receive()
                self.body += message.get("body", b"")
                if not message.get("more_body"):
                    break
        headers = [
            (b"content-type", b"text/plain"),
            (b"access-control-allow-origin", b"https://evil.example"),
            (b"access-control-allow-credentials", b"true"),
            (b"server", b"uvicorn"),
            (b"x-frame-options", b"ALLOWALL"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})


class Answer:
    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name: str) -> list[str]:
        return [v.decode() for k, v in self.headers if k.lower() == name.encode()]


def ask(
    path: str,
    method: str = "GET",
    *,
    body: Sequence[bytes | None] = (b"",),
    every_s: float = 0.0,
    headers: dict[str, str] | None = None,
    host: bytes | None = HOST,
    query: bytes = b"",
    guard: RequestGuard | None = None,
    inside: Inside | None = None,
) -> Answer:
    """Send one request, a piece of ``body`` after each ``every_s``; None: nothing more comes."""
    guard = guard or RequestGuard(inside or Inside())
    raw = [(k.encode(), v.encode("latin-1")) for k, v in (headers or {}).items()]
    if host is not None:
        raw.append((b"host", host))
    scope: dict[str, Any] = {
        "type": "http", "method": method, "path": path, "query_string": query, "headers": raw,
    }  # fmt: skip
    left = list(body)
    sent: list[Message] = []

    async def receive() -> Message:
        piece = left.pop(0)
        await asyncio.sleep(60 if piece is None else every_s)
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(guard(scope, receive, send))
    assert [m["type"] for m in sent[:1]] == ["http.response.start"]
    assert all(m["type"] == "http.response.body" for m in sent[1:])
    content = b"".join(m.get("body", b"") for m in sent[1:])
    return Answer(sent[0]["status"], list(sent[0]["headers"]), content)


# -- what passes --


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/config"),
        ("GET", "/theme.css"),
        ("GET", "/assets/index-AbC_1.js"),
        ("GET", "/gradio_api/queue/data"),
        ("GET", "/gradio_api/heartbeat/abc123"),
        ("GET", "/page/article"),
        ("GET", "/api/v1/search"),
        ("GET", "/api/v1/articles/https://a.example/x/y?z"),
        ("GET", "/healthz"),
        ("HEAD", "/readyz"),
        ("GET", "/metrics"),
    ],
)
def test_what_the_page_and_the_api_need_passes(method: str, path: str) -> None:
    inside = Inside()
    assert ask(path, method, inside=inside).status == 200
    assert inside.reached == [(method, path)]


def test_the_longest_id_an_article_can_have_passes() -> None:
    longest = "\N{GRINNING FACE}" * MAX_FIELD_CHARS
    query = b"id=" + quote(longest).encode()
    assert ask("/page/article", query=query).status == 200
    assert ask(f"/api/v1/articles/{longest}").status == 200


def test_a_body_arrives_whole_and_once() -> None:
    inside = Inside()
    pieces = [b'{"question":', b' "x"}']
    assert ask("/api/v1/ask", "POST", body=pieces, inside=inside).status == 200
    assert inside.body == b"".join(pieces)


# -- routes and paths --


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=http://127.0.0.1/",
        "/gradio_api/file=http://169.254.169.254/latest",
        "/gradio_api/file=ftp://localhost/",
        "/gradio_api/file=app.py",
        "/file=app.py",
        "/gradio_api/proxy=https://a.example/",
        "/gradio_api/stream/x",
        "/gradio_api/run/ask",
        "/gradio_api/call/ask",
        "/gradio_api/upload_progress",
        "/gradio_api/runs",
        "/gradio_api/dev/reload",
        "/gradio_api/deep_link",
        "/monitoring/summary",
        "/openapi.json",
        "/docs",
        "/custom_component/x/y",
        "/.env",
        "/app.py",
        "/proc/self/environ",
        "/CONFIG",
        "/login",
    ],
)
def test_every_other_route_is_closed(path: str) -> None:
    inside = Inside()
    assert ask(path, inside=inside).status == 404
    assert inside.reached == []


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../app.py",
        "/static/../../etc/passwd",
        "/page/../app.py",
        "/assets/..",
        "/assets/\0x",
        "/assets/..\\app.py",
        "/page/" + "a" * 5000,
    ],
)
def test_a_path_that_climbs_is_refused(path: str) -> None:
    inside = Inside()
    assert ask(path, inside=inside).status == 400
    assert inside.reached == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("PUT", "/"),
        ("DELETE", "/config"),
        ("HEAD", "/gradio_api/queue/data"),
        ("POST", "/gradio_api/run/predict"),
        ("TRACE", "/"),
        ("POST", "/"),
    ],
)
def test_methods_are_part_of_the_list(method: str, path: str) -> None:
    assert ask(path, method).status == 404


@pytest.mark.parametrize(
    ("method", "path", "taken"),
    [
        ("OPTIONS", "/api/v1/ask", "GET, POST"),
        ("DELETE", "/api/v1/search", "GET, POST"),
        ("GET", "/api/v1/articles", "POST"),
        ("TRACE", "/api/v1/articles/a/b", "DELETE, GET"),
    ],
)
def test_an_address_of_the_api_says_which_methods_it_takes(
    method: str, path: str, taken: str
) -> None:
    inside = Inside()
    answer = ask(path, method, inside=inside)
    assert (answer.status, answer.header("allow")) == (405, [taken])
    assert inside.reached == []


def test_a_long_query_is_refused() -> None:
    assert ask("/api/v1/ask", query=b"question=" + b"a" * 20_000).status == 400


# -- hosts and senders --


@pytest.mark.parametrize(
    "host", [b"evil.example", b"evil.example:7860", b"", b"127.0.0.1.evil", None]
)
def test_a_strange_host_is_refused(host: bytes | None) -> None:
    assert ask("/", host=host).status == 400


@pytest.mark.parametrize("host", [b"localhost", b"LOCALHOST:7860", b"127.0.0.1", b"[::1]:7860"])
def test_loopback_names_are_ours(host: bytes) -> None:
    assert ask("/", host=host).status == 200


def test_two_hosts_are_none() -> None:
    assert ask("/", headers={"host": "localhost"}, host=b"evil.example").status == 400


def test_beyond_loopback_any_address_but_no_foreign_name() -> None:
    hosts = allowlist.Hosts.for_binding("0.0.0.0", ["news.example"])
    assert hosts.accept("192.168.1.5:7860")
    assert hosts.accept("[fe80::1]:7860")
    assert hosts.accept("news.example")
    assert not hosts.accept("evil.example")
    assert not allowlist.Hosts.for_binding("127.0.0.1").accept("192.168.1.5")


@pytest.mark.parametrize(
    "written",
    ["News.example", "news.example:8443", "https://news.example/", "http://news.example:80"],
)
def test_another_name_may_be_written_as_an_address(written: str) -> None:
    hosts = allowlist.Hosts.for_binding("127.0.0.1", [written])
    assert hosts.accept("news.example")
    assert hosts.accept("news.example:8443")
    assert not hosts.accept("https")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "file://127.0.0.1:7860"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://127.0.0.1:7860", "sec-fetch-site": "cross-site"},
    ],
)
def test_another_site_may_not_send(method: str, headers: dict[str, str]) -> None:
    inside = Inside()
    answer = ask("/api/v1/articles/x", method, headers=headers, inside=inside)
    assert answer.status == (405 if method == "POST" else 403)
    assert ask("/gradio_api/queue/join", "POST", headers=headers, inside=inside).status == 403
    assert inside.reached == []


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "http://127.0.0.1:7860", "sec-fetch-site": "same-origin"}],
)
def test_our_own_page_and_programs_may(headers: dict[str, str]) -> None:
    assert ask("/api/v1/articles/x", "DELETE", headers=headers).status == 200


# -- bodies --


def test_a_large_body_is_refused_before_it_is_read() -> None:
    headers = {"content-length": str(64 * 1024 + 1)}
    assert ask("/api/v1/ask", "POST", headers=headers, body=[None]).status == 413


def test_a_large_body_is_refused_whatever_it_announced() -> None:
    inside = Inside()
    answer = ask("/gradio_api/queue/join", "POST", body=[b"x" * 40_000] * 2, inside=inside)
    assert answer.status == 413
    assert inside.reached == []


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "9" * 40])
def test_a_length_that_makes_no_sense_is_refused(length: str) -> None:
    assert ask("/api/v1/ask", "POST", headers={"content-length": length}).status == 400


@pytest.mark.parametrize("path", ["/api/v1/ask", "/api/v1/articles"])
def test_a_slow_body_is_given_up(path: str) -> None:
    guard = RequestGuard(Inside(), limits=Limits(body_s=0.05))
    assert ask(path, "POST", body=[b"five.", None], guard=guard).status == 408


@pytest.mark.parametrize(("piece", "status"), [(b"x", 408), (b"x" * 1000, 200)])
def test_an_upload_may_be_slow_but_is_no_trickle(piece: bytes, status: int) -> None:
    guard = RequestGuard(Inside(), limits=Limits(body_s=0.5, min_bytes_s=1000))
    sent = [piece] * 30  # 20 or 20,000 bytes a second
    assert ask("/api/v1/articles", "POST", body=sent, every_s=0.05, guard=guard).status == status


def test_what_a_request_may_take() -> None:
    kib, mib = 1024, 1024 * 1024
    assert Limits() == Limits(64 * kib, 200 * mib, body_s=10.0, min_bytes_s=8 * kib)


def test_an_upload_may_be_large_but_not_without_end() -> None:
    inside = Inside()
    assert ask("/api/v1/articles", "POST", body=[b"x" * 100_000], inside=inside).status == 200
    assert len(inside.body) == 100_000
    guard = RequestGuard(Inside(), limits=Limits(upload_bytes=150_000))
    assert ask("/api/v1/articles", "POST", body=[b"x" * 80_000] * 2, guard=guard).status == 413


FILE_DATA: list[object] = [
    {"data": [{"path": "http://a.example/x", "meta": {"_type": "gradio.FileData"}}]},
    {"data": [[[{"path": "/etc/passwd", "meta": {}}]]]},
    {"data": [{"url": "http://a.example/", "_type": "gradio.FileData"}]},
]


@pytest.mark.parametrize("sent", FILE_DATA)
def test_files_in_place_of_values_are_refused(sent: object) -> None:
    inside = Inside()
    body = json.dumps(sent).encode()
    assert ask("/gradio_api/queue/join", "POST", body=[body], inside=inside).status == 400
    escaped = body.replace(b"_type", b"\\u005ftype").replace(b"meta", b"\\u006deta")
    assert ask("/gradio_api/queue/join", "POST", body=[escaped], inside=inside).status == 400
    assert inside.reached == []


def test_a_question_may_speak_of_files() -> None:
    body = json.dumps({"data": ['{"_type": "gradio.FileData"}', "path", "meta"]}).encode()
    assert ask("/gradio_api/queue/join", "POST", body=[body]).status == 200


@pytest.mark.parametrize("body", [b"{", b"[" * 60_000, b"\xff\xfe", b"x=1"])
def test_what_is_not_json_does_not_reach_gradio(body: bytes) -> None:
    assert ask("/gradio_api/queue/join", "POST", body=[body]).status == 400


# -- answers --


@pytest.mark.parametrize("path", ["/", "/nothing", "/assets/../x"])
def test_every_answer_keeps_the_page_to_itself(path: str) -> None:
    answer = ask(path)
    assert answer.header("content-security-policy") == [CSP]
    assert answer.header("x-content-type-options") == ["nosniff"]
    assert answer.header("x-frame-options") == ["DENY"]
    assert answer.header("referrer-policy") == ["no-referrer"]
    assert answer.header("cross-origin-opener-policy") == ["same-origin"]
    assert answer.header("cross-origin-resource-policy") == ["same-origin"]
    assert answer.header("permissions-policy")
    assert not [k for k, _ in answer.headers if k.startswith(b"access-control-")]
    assert answer.header("server") == []


def test_the_policy_lets_nothing_be_evaluated_or_fetched_elsewhere() -> None:
    assert "unsafe-eval" not in CSP
    assert "default-src 'none'" in CSP
    assert "http" not in CSP.replace("https:", "http:")


def test_a_refusal_is_a_problem_in_json() -> None:
    answer = ask("/nothing")
    assert answer.header("content-type") == ["application/problem+json"]
    assert json.loads(answer.body)["status"] == 404


def test_websockets_are_closed() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(RequestGuard(Inside())({"type": "websocket", "path": "/"}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True), ("127.5.0.1", True), ("localhost", True), ("::1", True),
        ("[::1]", True), ("0.0.0.0", False), ("::", False), ("192.168.0.2", False),
        ("example.org", False), ("", False),
    ],
)  # fmt: skip
def test_which_addresses_only_this_machine_reaches(host: str, loopback: bool) -> None:
    assert allowlist.is_loopback(host) is loopback
