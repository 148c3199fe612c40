"""The server as a process and what is said at its start: ports, indexes, signals, closed doors."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import newsqa
from newsqa.errors import IndexNotFoundError, SettingsError
from newsqa.web import server as server_module
from tests.browser.serving import READY, ROOT
from tests.fakes import engine as fakes

FAKE = ("-m", "tests.browser.fake_server")


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    address: str
    log: Path

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        return self.send("GET", path, None, **headers)

    def send(
        self, method: str, path: str, body: bytes | None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.address + path, body, named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()


def started(folder: Path, command: Sequence[str] = FAKE, **settings: str) -> Server:
    log = folder / "log.txt"
    environment = {
        **os.environ,
        "NEWSQA_PORT": "0",
        "NEWSQA_INDEX": str(folder / "index"),
        "NEWSQA_READER": "none",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        **settings,
    }
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, *command],
            env=environment,
            stdout=out,
            stderr=out,
            cwd=ROOT,
        )
    until = time.monotonic() + 120
    while time.monotonic() < until:
        said = READY.search(log.read_text())
        if said:
            return Server(process, said.group(1).rstrip("/"), log)
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = started(tmp_path_factory.mktemp("server"))
    yield made
    made.process.terminate()
    made.process.wait(20)


# -- before it serves --


def test_a_taken_port_is_said_with_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        settings = fakes.settings(port=port, index=tmp_path / "index")
        with pytest.raises(SettingsError, match=rf"{port} .* is taken.*PORT={port + 1}"):
            server_module.serve(settings, corpus=tmp_path)
    assert not (tmp_path / "index").exists()


def test_a_strange_address_is_said(tmp_path: Path) -> None:
    settings = fakes.settings(host="203.0.113.7", read_only=True, index=tmp_path / "index")
    with pytest.raises(SettingsError, match="cannot listen on 203"):
        server_module.serve(settings)


def test_serving_builds_nothing_unasked(tmp_path: Path) -> None:
    settings = fakes.settings(port=0, index=tmp_path / "index")
    with pytest.raises(IndexNotFoundError):
        server_module.serve(settings)
    assert not (tmp_path / "index").exists()


def test_beyond_loopback_nothing_begins_without_a_token(tmp_path: Path) -> None:
    settings = fakes.settings(host="0.0.0.0", port=0, index=tmp_path / "index")
    with pytest.raises(SettingsError, match="admin token"):
        server_module.serve(settings, corpus=tmp_path)


def test_files_that_changed_are_named_with_the_command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    class Changed(fakes.FakeEngine):
        def changed_paths(self, *, under: Path | None = None) -> list[str]:
            return ["corpus/a.txt", "corpus/b.txt"]

        def describe(self) -> dict[str, Any]:
            return {**super().describe(), "paths": ["corpus", "my articles"]}

    server_module.report_changes(Changed(), fakes.settings(index=tmp_path))
    said = capsys.readouterr().err
    assert "2 files have changed since the index was built: corpus/a.txt, corpus/b.txt" in said
    assert f"newsqa index build corpus 'my articles' --index {tmp_path}" in said


# -- the real Gradio behind the guard --


def test_the_page_comes_with_its_policy_and_no_cors(server: Server) -> None:
    status, headers, body = server.get("/", Origin="http://evil.example")
    assert status == 200
    assert b"/page/file/newsqa.js" in body
    lower = {name.lower(): value for name, value in headers.items()}
    assert "unsafe-eval" not in lower["content-security-policy"]
    assert not [name for name in lower if name.startswith("access-control")]
    assert "server" not in lower


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd", "/gradio_api/file=http://127.0.0.1:1/", "/openapi.json",
        "/gradio_api/runs", "/monitoring/summary", "/gradio_api/upload_progress", "/docs",
        "/gradio_api/call/ask", "/gradio_api/deep_link", "/static/%2e%2e/%2e%2e/app.py",
    ],
)  # fmt: skip
def test_gradios_other_doors_are_closed(server: Server, path: str) -> None:
    assert server.get(path)[0] in {400, 404}


def test_nothing_is_uploaded_through_gradio(server: Server) -> None:
    form = (
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\nx\r\n--x--\r\n'
    )
    kind = "multipart/form-data; boundary=x"
    assert server.send("POST", "/gradio_api/upload", form, Content_Type=kind)[0] == 404


def test_a_strange_host_is_refused(server: Server) -> None:
    assert server.get("/", Host="evil.example")[0] == 400


def test_gradio_is_not_handed_files(server: Server) -> None:
    value = {"path": "http://127.0.0.1:1/x", "meta": {"_type": "gradio.FileData"}}
    sent = {"data": [value, "", None], "fn_index": 0, "session_hash": "abc"}
    status, _, _ = server.send(
        "POST", "/gradio_api/queue/join", json.dumps(sent).encode(), Content_Type="application/json"
    )
    assert status == 400


def joined(server: Server, question: str, session: str) -> None:
    """Ask as the page does."""
    config = json.loads(server.get("/config")[2])
    ask = next(d for d in config["dependencies"] if len(d["inputs"]) == 4)
    sent = {"data": [question, "", None, None], "fn_index": ask["id"], "session_hash": session}
    body, kind = json.dumps(sent).encode(), "application/json"
    assert server.send("POST", "/gradio_api/queue/join", body, Content_Type=kind)[0] == 200


def test_a_question_goes_through_the_queue_and_its_states_come_back(server: Server) -> None:
    joined(server, "When?", "s1")
    stream = server.address + "/gradio_api/queue/data?session_hash=s1"
    said = ""
    with urllib.request.urlopen(stream, timeout=60) as events:
        for line in events:
            said += line.decode()
            if b"close_stream" in line:
                break
    assert "Searching the articles" in said
    assert "Citation 1" in said
    counted = 'newsqa_requests_total{route="/gradio_api/queue/join",method="POST",status="200"} 1'
    assert counted in server.get("/metrics")[2].decode()


def opened(server: Server, path: str) -> socket.socket:
    """Ask for a stream and leave it open once its first words have come."""
    host, _, port = server.address.removeprefix("http://").partition(":")
    stream = socket.create_connection((host, int(port)), timeout=60)
    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    said = b""
    while b"data: " not in said:
        piece = stream.recv(4096)
        assert piece, said
        said += piece
    return stream


def rest(stream: socket.socket) -> bytes:
    """Return what still comes until the server ends it."""
    said = b""
    while piece := stream.recv(65536):
        said += piece
    return said


def test_open_pages_lock_nobody_out(server: Server) -> None:
    with ExitStack() as pages:
        for number in range(150):
            pages.enter_context(opened(server, f"/gradio_api/heartbeat/page{number}"))
        assert server.get("/healthz")[0] == 200
        assert server.get("/")[0] == 200
        assert server.get("/api/v1/ask?question=When")[0] == 200


def test_few_open_files_are_enough_for_one_browser(tmp_path: Path) -> None:
    bound = "resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))"
    run = "runpy.run_module('tests.browser.fake_server', run_name='__main__')"
    server = started(tmp_path, ("-c", f"import resource, runpy; {bound}; {run}"))
    try:
        with ExitStack() as tabs:
            for number in range(5):  # a browser opens six connections to a host at a time
                tabs.enter_context(opened(server, f"/gradio_api/heartbeat/page{number}"))
            assert server.get("/")[0] == 200
            assert server.get("/api/v1/ask?question=When")[0] == 200
    finally:
        server.process.terminate()
        server.process.wait(20)


# -- its end --


def test_sigterm_finishes_what_is_in_flight(tmp_path: Path) -> None:
    server = started(tmp_path)
    answers: list[int] = []
    asking = threading.Thread(
        target=lambda: answers.append(server.get("/api/v1/ask?question=slow")[0])
    )
    asking.start()
    until = time.monotonic() + 30
    while b"newsqa_work_taken 1" not in server.get("/metrics")[2]:
        assert time.monotonic() < until
        time.sleep(0.02)
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(20) == 0
    asking.join()
    assert answers == [200]
    assert time.monotonic() - began < 15
    assert "Traceback" not in server.log.read_text()


def test_sigterm_refuses_what_waits_instead_of_cutting_it_off(tmp_path: Path) -> None:
    server = started(tmp_path)
    answers: list[int] = []

    def ask() -> None:
        answers.append(server.get("/api/v1/ask?question=slow")[0])

    asking = [threading.Thread(target=ask) for _ in range(10)]  # 10 s of work for two threads
    for one in asking:
        one.start()
    time.sleep(1.5)
    server.process.send_signal(signal.SIGTERM)

    assert server.process.wait(20) == 0
    for one in asking:
        one.join()
    assert sorted(set(answers)) == [200, 503]
    assert len(answers) == 10
    assert "Traceback" not in server.log.read_text()


# "slow" is answered in two seconds, "endless" ended by its deadline after five; "slower" would
# take eight, cannot be ended and is cut off after six.
@pytest.mark.parametrize(
    ("question", "within_s"),
    [
        ("slow", 5),
        pytest.param("endless", 8, marks=pytest.mark.slow),
        pytest.param("slower", 10, marks=pytest.mark.slow),
    ],
)
def test_sigterm_ends_the_streams_of_open_pages_in_good_order(
    tmp_path: Path, question: str, within_s: float
) -> None:
    server = started(tmp_path)
    with ExitStack() as pages:
        beats = [
            pages.enter_context(opened(server, f"/gradio_api/heartbeat/page{number}"))
            for number in range(3)
        ]
        joined(server, question, "s2")
        data = pages.enter_context(opened(server, "/gradio_api/queue/data?session_hash=s2"))
        time.sleep(0.5)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert all(rest(beat).endswith(b"0\r\n\r\n") for beat in beats)  # ended, not cut off
        assert time.monotonic() - began < 3  # at once
        assert (b"Citation 1" in rest(data)) is (question == "slow")
        assert time.monotonic() - began < within_s
    assert server.process.wait(20) == 0
    assert question == "slower" or time.monotonic() - began < 8
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("command", [["app.py"], ["-m", "newsqa", "serve"]])
def test_ctrl_c_ends_either_start_with_130_and_no_trace(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "a.txt").write_text("A title\n\nThe ferry came in on Monday.\n")
    settings = fakes.settings(reader="none")
    newsqa.build([tmp_path / "a.txt"], index=tmp_path / "index", settings=settings).close()
    server = started(tmp_path, command)
    assert server.get("/api/v1/sources")[0] == 200
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(30) == 130
    assert "Traceback" not in server.log.read_text()
