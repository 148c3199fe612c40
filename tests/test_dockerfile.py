"""The recipe of the image: slim, a user without rights, a read-only root, a check of its health.

It is read, not built: a container runtime is not everywhere that the tests run.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import PurePosixPath

import pytest

from newsqa.settings import Settings
from tests.shared import ROOT

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def steps(text: str = TEXT) -> list[tuple[str, str]]:
    """Each instruction of the last stage with its words, lines joined, comments left out."""
    text = re.sub(r"^#.*\n", "", text, flags=re.M).replace("\\\n", " ")
    found = [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]
    last = max(at for at, step in enumerate(found) if step[0] == "FROM")
    return [(name, words) for name, words in found[last:]]


def the(name: str) -> str:
    (words,) = [words for step, words in steps() if step == name]
    return words


def environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in the("ENV").split())


def test_it_stands_on_a_slim_image_of_a_python_that_is_supported() -> None:
    assert the("FROM") == "python:3.11-slim"
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_it_runs_as_a_user_without_rights() -> None:
    names = [name for name, _ in steps()]
    user = the("USER")
    made = re.search(rf"useradd (.*) {re.escape(user)}\b", TEXT)
    assert user not in {"root", "0"}
    assert made, "the user is made"
    assert re.search(r"--uid [1-9]\d{3,}\b", made[1])
    # Nothing is installed or copied as that user, so that it owns nothing of the program.
    assert max(at for at, n in enumerate(names) if n in {"RUN", "COPY"}) < names.index("USER")
    assert names.index("USER") < names.index("CMD")
    assert "--chown" not in TEXT


def test_what_is_written_lies_where_a_read_only_root_lets_it() -> None:
    told = environment()
    volume = PurePosixPath(the("VOLUME"))
    for name in ("NEWSQA_INDEX", "NEWSQA_CACHE_DIR", "HOME"):  # settings and history are in HOME
        assert PurePosixPath(told[name]).is_relative_to(volume), name
    assert told["PYTHONDONTWRITEBYTECODE"] == "1"
    run = "docker run --read-only --tmpfs /tmp -v newsqa:/data"
    assert run in TEXT
    assert run in (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_it_sets_only_what_newsqa_knows_and_lets_nobody_change_anything() -> None:
    told = environment()
    given = {n.removeprefix("NEWSQA_").lower(): v for n, v in told.items() if n[:7] == "NEWSQA_"}
    settings = Settings.model_validate(given)
    assert (settings.host, settings.read_only) == ("0.0.0.0", True)
    assert the("EXPOSE") == str(settings.port)


@contextmanager
def answering(code: int) -> Iterator[int]:
    """A server on this machine that says ``code`` at /healthz; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(code if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("code", "healthy"), [(200, True), (503, False)])
def test_the_health_check_asks_the_server(code: int, healthy: bool) -> None:
    words = ast.literal_eval(the("HEALTHCHECK").split("CMD", 1)[1].strip())
    assert words[0] == "python"
    with answering(code) as port:
        asked = subprocess.run(
            [sys.executable, *words[1:]],
            env={**os.environ, "NEWSQA_PORT": str(port)},
            capture_output=True,
            timeout=60,
            check=False,
        )
    assert (asked.returncode == 0) is healthy


def test_what_it_copies_is_there() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", TEXT, re.M)
    assert copied
    assert [w for words in copied for w in words.split() if not (ROOT / w).exists()] == []
