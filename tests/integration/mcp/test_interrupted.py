"""Ctrl-C ends `newsqa mcp` at once, with its code and without a trace."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import newsqa
from tests.browser.serving import ROOT
from tests.fakes import engine as fakes

HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "0"},
    },
}


@pytest.mark.parametrize("greeted", [True, False])
def test_ctrl_c_ends_the_server(tmp_path: Path, greeted: bool) -> None:
    (tmp_path / "a.txt").write_text("A title\n\nThe ferry came in on Monday.\n")
    settings = fakes.settings(reader="none")
    newsqa.build([tmp_path / "a.txt"], index=tmp_path / "index", settings=settings).close()
    process = subprocess.Popen(
        [sys.executable, "-m", "newsqa", "mcp", "--index", str(tmp_path / "index")],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "NEWSQA_READER": "none"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(json.dumps(HELLO).encode() + b"\n")
    process.stdin.flush()
    assert b'"serverInfo"' in process.stdout.readline()  # it is up
    if greeted:
        ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        process.stdin.write(json.dumps(ready).encode() + b"\n")
        process.stdin.flush()
        time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    try:
        assert process.wait(20) == 130
    finally:
        process.kill()
    assert process.stderr.read() == b""
