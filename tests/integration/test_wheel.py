"""The wheel alone, in an environment of its own, outside the repository: build, ask, serve, eval.

The packages that the wheel requires, and those that they require, are lent from the environment
of the tests; nothing else is, so that a package which is not declared is missing here too.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.browser.serving import READY, ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
IN_THE_WHEEL = [
    "newsqa/py.typed",
    "newsqa/models/weights/reader.onnx",
    "newsqa/models/weights/reader.json",
    "newsqa/models/weights/tokenizer.json",
    "newsqa/models/weights/MODEL.md",
    "newsqa/web/html/templates/answer.html",
    "newsqa/web/page/newsqa.css",
    "newsqa/web/page/newsqa.js",
    "newsqa/web/page/examples.txt",
]
RECORD = {
    "id": "wall/1",
    "title": "Harbour wall to be rebuilt",
    "text": "The mayor, Edda Voss, signed the contract for the harbour wall on Monday.",
    "date": "2024-11-25",
    "source": "Tidal Gazette",
}
ASKING = """
import sys
import newsqa
with newsqa.open("index") as qa:
    reply = qa.ask("Who signed the contract for the harbour wall?")
    found = qa.search("harbour wall")
assert "Edda Voss" in reply.quotes[0].text, reply
assert len(found) == 1
heavy = {"torch", "transformers", "sentence_transformers", "gradio"} & set(sys.modules)
assert not heavy, heavy
assert newsqa.__file__.startswith(sys.prefix), newsqa.__file__
"""


@dataclass
class Installed:
    """An environment with newsqa from its wheel."""

    wheel: Path
    bin: Path
    place: Path

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.bin / words[0]), *words[1:]],
            cwd=self.place,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def environment(self, **more: str) -> dict[str, str]:
        kept = {
            k: v for k, v in os.environ.items() if k != "PYTHONPATH" and not k.startswith("NEWSQA_")
        }
        return {**kept, "XDG_CONFIG_HOME": str(self.place / "config"), **more}


def required_by(lines: Iterable[str]) -> set[str]:
    """The names of all packages that these requirements need, without newsqa's own extras."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting: list[tuple[str, Iterable[str]]] = [("", list(lines))]
    while waiting:
        extra, texts = waiting.pop()
        for needed in map(Requirement, texts):
            if needed.marker is not None and not needed.marker.evaluate({"extra": extra}):
                continue
            name = canonicalize_name(needed.name)
            found.add(name)
            for more in {"", *needed.extras} - {e for n, e in seen if n == name}:
                seen.add((name, more))
                waiting.append((more, metadata.requires(needed.name) or ()))
    return found


def lend(names: Collection[str], folder: Path) -> None:
    """Make a folder of links to the files of these packages, and of no other."""
    files: dict[str, list[tuple[str, ...]]] = {}
    for package in metadata.distributions():
        name = canonicalize_name(package.metadata["Name"])
        files[name] = [file.parts for file in package.files or () if file.parts[0] != ".."]
    _link(files, names, Path(str(metadata.distribution("pytest").locate_file(""))), folder, ())


def _link(
    files: dict[str, list[tuple[str, ...]]],
    names: Collection[str],
    site: Path,
    folder: Path,
    under: tuple[str, ...],
) -> None:
    """Link what only these packages have; of a folder that others share, look inside."""
    owners: dict[str, set[str]] = {}
    for name, paths in files.items():
        for parts in paths:
            if parts[: len(under)] == under:
                owners.setdefault(parts[len(under)], set()).add(name)
    (folder.joinpath(*under)).mkdir()
    for part, has in owners.items():
        place = (*under, part)
        if has <= set(names) and part != "__pycache__":
            folder.joinpath(*place).symlink_to(site.joinpath(*place))
        elif has & set(names) and site.joinpath(*place).is_dir():
            _link(files, names, site, folder, place)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    # The source archive first, and the wheel from it: so both are whole.
    words = ["-m", "build", "--no-isolation", "--outdir", str(folder / "dist"), str(ROOT)]
    subprocess.run([sys.executable, *words], check=True, capture_output=True, timeout=600)
    (wheel,) = (folder / "dist").glob("newsqa-*.whl")
    assert list((folder / "dist").glob("newsqa-*.tar.gz"))
    home = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    words = ["-m", "pip", "--python", str(home / "bin" / "python"), "install", "--quiet"]
    words += ["--no-deps", "--no-index", str(wheel)]
    subprocess.run([sys.executable, *words], check=True, timeout=300)
    (packages,) = (home / "lib").glob("python*/site-packages")
    (information,) = metadata.distributions(name="newsqa", path=[str(packages)])
    lend(required_by(information.requires or ()), folder / "lent")
    (packages / "lent.pth").write_text(str(folder / "lent"))
    place = folder / "place"
    place.mkdir()
    (place / "news.jsonl").write_text(json.dumps(RECORD) + "\n")
    return Installed(wheel, home / "bin", place)


@pytest.fixture(scope="module")
def built(installed: Installed) -> Installed:
    done = installed.run("newsqa", "index", "build", "news.jsonl", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["indexed"] == 1
    return installed


def test_everything_it_needs_is_in_the_wheel(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = wheel.namelist()
    assert [name for name in IN_THE_WHEEL if name not in names] == []
    assert [n for n in names if not n.startswith(("newsqa/", "newsqa-"))] == []


def test_the_question_path_imports_neither_torch_nor_gradio(built: Installed) -> None:
    done = built.run("python", "-c", ASKING)
    assert done.returncode == 0, done.stderr


def test_the_command_asks_with_the_shipped_reader(built: Installed) -> None:
    question = "Who signed the contract for the harbour wall?"
    done = built.run("newsqa", "ask", question, "--explain", "--json")
    assert done.returncode == 0, done.stderr
    reply = json.loads(done.stdout)
    assert "Edda Voss" in reply["quotes"][0]["quote"]
    assert reply["explain"]["reader"] == "shipped"


def test_nothing_is_lent_but_what_the_wheel_requires(installed: Installed) -> None:
    for name in ("pytest", "fastwarc", "feedparser"):  # of the tests, and of an extra
        assert installed.run("python", "-c", f"import {name}").returncode == 1
    done = installed.run("newsqa", "doctor", "--json")
    found = {finding["subject"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert found["packages"]["state"] == "ok", found["packages"]


def test_it_runs_question_sets(built: Installed) -> None:
    folder = built.place / "set"
    folder.mkdir()
    (folder / "corpus.jsonl").write_text(json.dumps(RECORD) + "\n")
    question = {"id": "q", "question": "Who signed the contract for the harbour wall?"}
    asked = json.dumps({**question, "answers": ["Edda Voss"], "answerable": True})
    (folder / "questions.jsonl").write_text(asked + "\n")
    (folder / "qrels.tsv").write_text("q\t0\twall/1\t1\n")
    done = built.run("newsqa", "eval", "set", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["set"]["success@1"] == 1.0


def test_it_serves_page_and_api(built: Installed) -> None:
    log = built.place / "log.txt"
    with log.open("w") as out:
        server = subprocess.Popen(
            [str(built.bin / "newsqa"), "serve"],
            cwd=built.place,
            env=built.environment(NEWSQA_PORT="0"),
            stdout=out,
            stderr=out,
        )
    try:
        until = time.monotonic() + 240
        while not (said := READY.search(log.read_text())):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < until
            time.sleep(0.2)
        address = said.group(1)
        with urllib.request.urlopen(address + "api/v1/sources", timeout=60) as answer:
            assert json.load(answer) == {"sources": {"Tidal Gazette": 1}}
        with urllib.request.urlopen(address, timeout=240) as answer:
            assert b"newsqa.js" in answer.read()
        with urllib.request.urlopen(address + "page/file/newsqa.css", timeout=60) as answer:
            assert answer.status == 200
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
    finally:
        server.kill()
        server.wait(10)
