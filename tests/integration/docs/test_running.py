"""The `newsqa` commands that the pages show are given, as they stand, in a folder with an index.

What a shell must do, pipes, files and variables, a shell does; the others run in this process.
Those that cannot be run are named below with the reason, and parsed by `test_docs_commands`.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import newsqa
from newsqa.cli import run
from newsqa.settings import load
from newsqa.web.api.feedback import Feedback, FeedbackLog
from tests.indexes import write_corpus
from tests.shared import ROOT
from tests.shown import PAGES, Shown, commands

NOT_RUN = {
    r"newsqa chat.*": "talks with a person: test_cli_chat",
    r"newsqa serve.*": "goes on until it is stopped: test_cli_index, test_http_serving",
    r"newsqa mcp.*": "goes on until its client leaves: test_mcp, test_docs_api",
    r"newsqa index sync .*--watch": "goes on until it is stopped: test_cli",
    r"(NEWSQA_FETCH=true )?newsqa fetch.*": "asks the network: test_fetching",
    r"newsqa index build .*--model .*": "loads a model by its name, from the network",
    r"newsqa --(install|show)-completion": "changes the shell of who gives it: test_cli_process",
    r"newsqa (ask( --cite)?|eval|prove|story|index (backup|build --allow))": "named, not given",
}
STANDS_FOR = {
    "ID": "abc-17",
    "PATH": "news.jsonl",
    "DIR": "another",
    "V": "1",
    "G": "7",
    "CITATION.json": "reply.json",
}
SYNOPSIS = re.compile(r"\[|\.\.\.")
FOR_A_SHELL = re.compile(r"[|<>&~]|^NEWSQA_")
LETTER = "Bram Oster wrote the letter about the harbour wall."
NEWS = [
    ("abc-17", "2024-11-20", LETTER),
    ("reports/flood.txt", "2024-11-21", "The state of emergency ended as the floods went down."),
    ("ministers", "2024-11-25", "The foreign ministers meet on 3 December in Lindle."),
    ("mayor", "2024-11-26", "Ada Linde, the mayor of Orme, resigned last week."),
    ("contract", "2024-11-27", "Edda Voss signed the contract for the harbour wall."),
]


def rows(*news: tuple[str, str, str]) -> list[dict[str, str]]:
    return [
        {"id": key, "title": f"News of {day}", "text": text, "date": day, "source": "Example Times"}
        for key, day, text in news
    ]


def shown() -> dict[str, Shown]:
    """The commands that begin with newsqa, or with its variables, each once; no synopses."""
    found = [command for page in PAGES for command in commands(page)]
    return {
        each.text: each
        for each in found
        if re.match(r"(NEWSQA_\w+=\S+ )*newsqa\b", each.text) and not SYNOPSIS.search(each.text)
    }


def why_not(text: str) -> str:
    return next((why for form, why in NOT_RUN.items() if re.fullmatch(form, text)), "")


COMMANDS = sorted(shown())
RUN = [text for text in COMMANDS if not why_not(text)]


def given(text: str) -> str:
    """The command with what stands for something exchanged for something that is there."""
    words = [STANDS_FOR.get(word, word) for word in re.split(r"(\s+)", text)]
    return "".join(words).replace("restore FILE", "restore index.backup")


def surroundings(place: Path) -> dict[str, str]:
    return {
        "HOME": str(place / "home"),
        "XDG_CONFIG_HOME": str(place / "home" / ".config"),
        "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "NEWSQA_READER": "none",
        "NEWSQA_MIN_CONFIDENCE": "0.01",  # whether it answers is not what is tested here
        "NEWSQA_CACHE_DIR": str(caches()),
        "NEWSQA_THREADS": "1",
    }


def caches() -> Path:
    """Where the converted encoder lies on this machine; HOME is another one here."""
    return load({}).cache_dir


def lay_out(place: Path) -> None:
    """The files that the pages speak of, but for those that commands make."""
    shutil.copytree(ROOT / "corpus" / "packet", place / "corpus" / "packet")
    shutil.copytree(place / "corpus" / "packet", place / "home" / "articles")
    for name in ("news.jsonl", "more.jsonl", "tuesday.jsonl", "FILE.jsonl"):
        write_corpus(place / name, rows(*NEWS))
    write_corpus(place / "wednesday" / "a.jsonl", rows(("wed-1", "2024-12-04", "It snowed.")))
    write_corpus(place / "second.jsonl", rows(("abc-17", "2024-11-20", f"{LETTER} It is long.")))
    (place / "questions.txt").write_text("Who wrote the letter?\nWho signed the contract?\n")
    asked = {"id": "q1", "question": "Who wrote the letter?", "answers": ["Bram Oster"]}
    for name in ("sets/time1963", "tests/data/sample"):
        write_corpus(place / name / "corpus.jsonl", rows(*NEWS))
        (place / name / "questions.jsonl").write_text(json.dumps(asked | {"answerable": True}))
    program = place / "bin" / "newsqa"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m newsqa "$@"\n')
    program.chmod(0o755)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of twelve generations, a backup, a reply and a run."""
    place = tmp_path_factory.mktemp("shown")
    lay_out(place)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for name, value in surroundings(place).items():
            patch.setenv(name, value)
        with newsqa.build(["corpus", "news.jsonl"], index="index", settings=load({})) as qa:
            for _ in range(5):  # so that there is a generation 12
                qa.add(["second.jsonl"])
                qa.remove(["mayor"])
                qa.add(["news.jsonl"])
            qa.add(["second.jsonl"])
        verdict = Feedback(question="Who wrote it?", verdict="up", answered=True, quotes=[])
        FeedbackLog(Path("index")).write(verdict)
        assert run(["index", "backup", "index.backup"]) == 0
        shutil.copytree("index", "my-index")
        for line in (
            'newsqa ask "Who wrote the letter?" --json > reply.json',
            "newsqa eval sets/time1963 --per-question rows.jsonl --json > run.json",
        ):
            assert in_a_shell(line, place)[0] == 0
        reply = json.loads(Path("reply.json").read_text())
        Path("quote.json").write_text(json.dumps(reply["quotes"][0]))
    return place


def in_a_shell(line: str, place: Path) -> tuple[int, str, str]:
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=place,
        env={**os.environ, **surroundings(place)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_what_is_not_run_is_shown_and_most_is_run() -> None:
    stale = [form for form in NOT_RUN if not any(re.fullmatch(form, text) for text in COMMANDS)]
    assert stale == []
    assert len(RUN) >= 45
    assert all(not shown()[text].alone for text in COMMANDS if why_not(text).startswith("named"))


@pytest.mark.slow
@pytest.mark.parametrize("text", RUN)
def test_a_shown_command_does_what_it_says(
    text: str,
    prepared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    place = tmp_path / "place"
    shutil.copytree(prepared, place)
    line = given(text)
    if FOR_A_SHELL.search(line):
        code, out, err = in_a_shell(line, place)
    else:
        monkeypatch.chdir(place)
        for name, value in surroundings(place).items():
            monkeypatch.setenv(name, value)
        code = run(shlex.split(line)[1:])
        out, err = capfd.readouterr()
    assert code == 0, err
    check_output(line, out, place)


def check_output(line: str, out: str, place: Path) -> None:
    """What is promised as JSON is JSON, what goes to a file is there, the rest says something."""
    for name in re.findall(r"(?:>>?|backup|--output) *(\S+)", line.replace("restore index.", "")):
        if not name.startswith("-"):
            assert (place / name).stat().st_size > 0
    if re.search(r"[>]", line):
        return
    if "--json" in line:
        shape: Any = json.loads(out)
        assert shape
    elif "--output" not in line:
        assert out.strip()
