"""schemathesis over the OpenAPI file: requests that fit it and that do not, answers as it says.

The fast sample asks the stand-in engine; the slow run asks `newsqa serve` over a real index.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import newsqa
from tests.browser.serving import ROOT, served
from tests.fakes import engine as fakes
from tests.indexes import record, write_corpus

TOKEN = "sesame"
RUN = "import sys; from schemathesis.cli import schemathesis; sys.exit(schemathesis())"


def schemathesis(address: str, folder: Path, *words: str) -> tuple[int, str]:
    """Run it on a server, in a folder of its own; return its exit code and what it said."""
    done = subprocess.run(
        [
            *(sys.executable, "-c", RUN, "--no-color"),
            *("--config-file", str(ROOT / "tests" / "schemathesis.toml")),
            *("run", f"{address}api/v1/openapi.json", "-H", f"Authorization: Bearer {TOKEN}"),
            *("--generation-database", "none", "--request-timeout", "60", *words),
        ],
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.openapi_hooks",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        },
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def generated(said: str) -> int:
    """How many requests were made up."""
    found = re.search(r"([\d,]+) generated", said)
    return int(found.group(1).replace(",", "")) if found else 0


def test_a_sample_of_requests_finds_nothing(tmp_path: Path) -> None:
    with served(["-m", "tests.browser.fake_server"], tmp_path, NEWSQA_ADMIN_TOKEN=TOKEN) as address:
        words = ("--phases", "examples,fuzzing", "-n", "4", "--seed", "7")
        code, said = schemathesis(address, tmp_path, *words)
    assert code == 0, said[-6000:]
    assert generated(said) >= 30, said


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_thousand_requests_find_nothing(tmp_path: Path) -> None:
    told = [record(f"wall/{n}", f"The harbour wall of Port {n} was rebuilt.") for n in range(20)]
    corpus = write_corpus(tmp_path / "news.jsonl", told)
    settings = fakes.settings(reader="none")
    newsqa.build([corpus], index=tmp_path / "index", settings=settings).close()
    with served(["-m", "newsqa", "serve"], tmp_path, NEWSQA_ADMIN_TOKEN=TOKEN) as address:
        code, said = schemathesis(address, tmp_path, "-n", "40", "--continue-on-failure")
    print(said[-1500:])
    assert code == 0, said[-8000:]
    assert generated(said) >= 1000, said
    assert "Traceback" not in (tmp_path / "log.txt").read_text()
