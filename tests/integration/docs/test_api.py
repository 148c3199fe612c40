"""The API page: each of its Python blocks is run, section by section, on sample articles."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import newsqa
from newsqa.settings import load
from tests.browser.serving import ROOT, served
from tests.shown import prose

os.environ.setdefault("HAYSTACK_TELEMETRY_ENABLED", "False")  # it would report over the network
PAGES = ("api.md", "migrating.md")
FENCE = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
NEEDS = {"LangChain": "langchain_core", "LlamaIndex": "llama_index", "Haystack": "haystack"}
ELSEWHERE = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
AT_HOME = "http://127.0.0.1:7860"


def sections(page: str) -> dict[str, str]:
    """The text of each section by its heading."""
    parts = re.split(r"^## (.+)\n", (ROOT / "docs" / page).read_text(encoding="utf-8"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


SECTIONS = sections("api.md")


def blocks(section: str, language: str) -> list[str]:
    return [code for kind, code in FENCE.findall(SECTIONS[section]) if kind == language]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with articles and their index, as the page supposes it."""
    folder = tmp_path_factory.mktemp("docs")
    shutil.copytree(ROOT / "corpus" / "packet", folder / "corpus" / "packet")
    settings = load({"reader": "none"})
    newsqa.build([folder / "corpus"], index=folder / "index", settings=settings).close()
    return folder


@pytest.fixture(scope="module")
def address(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    logs = tmp_path_factory.mktemp("docs-server")
    # Few passages: a question has five seconds, on a busy machine too.
    settings = {
        "NEWSQA_INDEX": str(place / "index"),
        "NEWSQA_READER": "none",
        "NEWSQA_READ_PASSAGES": "4",
    }
    with served(["-m", "newsqa", "serve"], logs, **settings) as address:
        until_it_answers(address + "api/v1/ask?question=bench")
        yield address.rstrip("/")


def until_it_answers(address: str) -> None:
    """Wait for the models to be loaded: on a busy machine the first question takes too long."""
    until = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(address, timeout=60).close()
            return
        except urllib.error.HTTPError as error:
            if error.code != 503 or time.monotonic() > until:
                raise
            time.sleep(1)


def run(
    section: str, place: Path, monkeypatch: pytest.MonkeyPatch, address: str = AT_HOME
) -> tuple[dict[str, Any], str]:
    """Run the section's blocks one after the other; give their names and what they printed."""
    monkeypatch.chdir(place)
    monkeypatch.setenv("NEWSQA_READER", "none")
    names: dict[str, Any] = {"__name__": "docs"}
    said = io.StringIO()
    found = blocks(section, "python")
    assert found
    with contextlib.redirect_stdout(said):
        for code in found:
            exec(compile(code.replace(AT_HOME, address), f"docs/api.md ({section})", "exec"), names)
    return names, said.getvalue()


def test_every_python_block_is_run_by_a_test_of_this_file() -> None:
    python = {name for name in SECTIONS if blocks(name, "python")}
    assert python == {"Python", "HTTP", "MCP", *NEEDS}


def test_python(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names, said = run("Python", place, monkeypatch)
    assert names["reply"].answered
    assert "240 crowns" in said
    assert names["nothing"].reason.code in {"nothing_found", "not_stated"}
    assert names["hits"]
    assert all(str(hit.passage.published).startswith("2026-03") for hit in names["hits"])
    assert [reply.question for reply in names["replies"]][1] == "What did the choir sing?"
    assert len(names["found"]) == 3
    assert "\nsound\n" in said


def test_http(place: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names, _ = run("HTTP", place, monkeypatch, address)
    assert names["reply"]["answered"] is True
    assert "240 crowns" in names["reply"]["quotes"][0]["quote"]
    assert len(names["hits"]) == 3


def test_mcp(place: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names, _ = run("MCP", place, monkeypatch, address)
    assert names["reply"]["answered"] is True


def test_the_mcp_client_can_start_what_its_configuration_names(place: Path) -> None:
    import asyncio

    import mcp

    (block,) = blocks("MCP", "json")
    named = json.loads(block)["mcpServers"]["newsqa"]
    assert named["command"] == "newsqa"
    command = mcp.StdioServerParameters(
        command=sys.executable,
        args=["-m", "newsqa", *named["args"]],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        cwd=place,
    )

    async def sources() -> Any:
        async with mcp.Client(command) as client:
            return (await client.call_tool("list_sources", {})).structured_content

    assert asyncio.run(sources())["sources"]["Port Ostrey Packet"] > 5


@pytest.mark.parametrize("section", NEEDS)
def test_frameworks(section: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip(NEEDS[section], reason="needs newsqa[frameworks]", exc_type=ImportError)
    names, said = run(section, place, monkeypatch)
    assert len(said.splitlines()) >= 4
    if section == "LlamaIndex":
        assert names["response"].metadata["answered"] is True
    if section == "Haystack":
        assert names["again"].dumps() == names["pipeline"].dumps()


@pytest.mark.parametrize("page", PAGES)
def test_the_links_of_the_page_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", prose(ROOT / "docs" / page))
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_the_schema_of_lines_is_linked_and_can_be_printed(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert "](article.schema.json)" in text
    assert "`python -m newsqa.ingest.formats.jsonl_schema`" in text
    done = subprocess.run(
        [sys.executable, "-m", "newsqa.ingest.formats.jsonl_schema"],
        env=ELSEWHERE,
        capture_output=True,
        check=True,
    )
    assert done.stdout == (ROOT / "docs" / "article.schema.json").read_bytes()


def test_what_the_migration_page_names_exists() -> None:
    text = (ROOT / "docs" / "migrating.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\bqa\.(\w+)", text))
    assert named
    assert {name for name in named if not hasattr(newsqa.NewsQA, name)} == set()
    for module in set(re.findall(r"newsqa\.integrations\.(\w+)\.NewsQARetriever", text)):
        assert (ROOT / "src" / "newsqa" / "integrations" / f"{module}.py").exists()
