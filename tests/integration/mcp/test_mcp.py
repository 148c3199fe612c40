"""MCP with the official client: over stdio, over HTTP through the guard, and its errors."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import mcp
import mcp_types
import pytest
from mcp.client.stdio import StdioServerParameters

from newsqa import types
from newsqa.errors import SettingsError
from newsqa.web.mcp import server as mcp_server
from newsqa.web.mcp import transports as mcp_doors
from newsqa.web.mcp.uris import ResourceUri
from newsqa.web.work_queue import WorkQueue
from tests.browser.serving import ROOT, served
from tests.fakes import engine as fakes

TOOLS = ["search", "ask", "get_article", "list_sources", "prove_citation"]
RECORD = {
    "id": "wall/1",
    "title": "Harbour wall",
    "text": "The harbour wall will be rebuilt in spring. Edda Voss, the mayor, signed it.",
    "date": "2026-03-03",
    "source": "Tidal Gazette",
}
Session = Callable[[mcp.Client], Awaitable[None]]


def with_fake(session: Session, engine: fakes.FakeEngine | None = None, waiting: int = 8) -> None:
    """Hold a session with a server over the stand-in engine."""
    queue = WorkQueue(1, max_waiting=waiting)
    server = mcp_server.create_server(
        engine or fakes.FakeEngine(), queue, version="0", deadline_s=5.0
    )

    async def run() -> None:
        async with mcp.Client(server) as client:
            await session(client)

    asyncio.run(run())
    queue.close()


def held(server: Any, session: Session, mode: str = "auto") -> None:
    async def run() -> None:
        async with mcp.Client(server, mode=mode) as client:
            await session(client)

    asyncio.run(asyncio.wait_for(run(), 120))


async def told(client: mcp.Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """Call a tool that must succeed; the client has checked the result against its schema."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    found: dict[str, Any] = result.structured_content
    text = result.content[0]
    assert isinstance(text, mcp_types.TextContent)
    assert json.loads(text.text) == found
    return found


async def refused(client: mcp.Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    text = result.content[0]
    assert isinstance(text, mcp_types.TextContent)
    return text.text


# -- the tools --


def test_the_tools_are_five_read_only_and_described() -> None:
    async def session(client: mcp.Client) -> None:
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools] == TOOLS
        for tool in tools:
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint is True
            assert tool.output_schema is not None
            assert tool.output_schema["type"] == "object"
            assert tool.description

    with_fake(session)


def test_every_reply_fits_its_schema_and_is_that_of_the_engine() -> None:
    engine = fakes.FakeEngine()

    async def session(client: mcp.Client) -> None:
        for question in ("When?", *fakes.REASONS):
            reply = await told(client, "ask", question=question)
            assert reply == engine.ask(question).to_dict()
        assert await told(client, "search", question="x") == engine.search("x").to_dict()
        article = await told(client, "get_article", article_id="tunnel-1")
        assert article == json.loads(json.dumps(engine.article("tunnel-1").to_dict()))
        assert await told(client, "list_sources") == {"sources": engine.sources()}

    with_fake(session, engine)


def test_arguments_reach_the_engine_checked() -> None:
    engine = fakes.FakeEngine()

    async def session(client: mcp.Client) -> None:
        await told(client, "ask", question="When?", since="2026-01-02", sources=["A"], k=2)
        options = engine.asked[-1][1]
        assert (str(options["since"]), options["sources"], options["k"]) == ("2026-01-02", ["A"], 2)
        assert "less than or equal to 50" in await refused(client, "ask", question="x", k=51)
        assert "question" in await refused(client, "search")
        assert "2000" in await refused(client, "ask", question="x" * 2001)
        assert "no article 'nobody'" in await refused(client, "get_article", article_id="nobody")
        assert "secret" not in await refused(client, "ask", question="boom")
        with pytest.raises(mcp.MCPError, match="no tool 'remove'"):
            await client.call_tool("remove", {})

    with_fake(session, engine)


def test_citations_prove_and_can_be_read_as_resources() -> None:
    async def session(client: mcp.Client) -> None:
        result = await client.call_tool("ask", {"question": "When?"})
        quotes = result.structured_content["quotes"]
        links = [part for part in result.content if isinstance(part, mcp_types.ResourceLink)]
        assert len(links) == len(quotes) > 1
        for quote, link in zip(quotes, links, strict=True):
            read = await client.read_resource(link.uri)
            assert [part.text for part in read.contents if hasattr(part, "text")] == [
                quote["quote"]
            ]
            proof = await told(client, "prove_citation", citation=quote)
            assert proof["state"] == "exact"
            beyond = re.sub("end=[0-9]+", "end=99999", link.uri)
            with pytest.raises(mcp.MCPError, match="characters"):
                await client.read_resource(beyond)
            forged = {**quote, "quote": quote["quote"] + "!"}
            proof = await told(client, "prove_citation", citation=forged)
            assert proof["state"] == "unknown"

    with_fake(session)


def test_articles_are_listed_as_resources_page_by_page() -> None:
    engine = fakes.FakeEngine()
    engine.articles_held |= {f"more {n}/x?": fakes.article(f"more {n}/x?") for n in range(150)}

    async def session(client: mcp.Client) -> None:
        first = await client.list_resources()
        assert first.next_cursor is not None
        second = await client.list_resources(cursor=first.next_cursor)
        assert second.next_cursor is None
        listed = [*first.resources, *second.resources]
        assert {ResourceUri.parse(r.uri).article_id for r in listed} == set(engine.articles_held)
        read = await client.read_resource(listed[-1].uri)
        assert isinstance(read.contents[0], mcp_types.TextResourceContents)
        assert json.loads(read.contents[0].text)["article_id"] == "more 149/x?"
        for wrong in ("newsqa://article/nobody", "newsqa://article/tunnel-1?start=0&end=99999"):
            with pytest.raises(mcp.MCPError):
                await client.read_resource(wrong)

    with_fake(session, engine)


@pytest.mark.parametrize("article_id", ["a/b.txt", "https://x.example/?a=1&b#c", "ünï 100%", "?"])
def test_an_address_is_read_back_as_it_was_written(article_id: str) -> None:
    for version in (None, 3):
        for span in (None, types.Span(2, 9)):
            address = ResourceUri(article_id, version, span)
            assert ResourceUri.parse(str(address)) == address


@pytest.mark.parametrize(
    "uri",
    ["http://article/x", "newsqa://article/", "newsqa://article/x?version=-1",
     "newsqa://article/x?start=1", "newsqa://article/x?start=5&end=5", "newsqa://article/x?y=1",
     "newsqa://article/x?version=1&version=2"],
)  # fmt: skip
def test_other_addresses_are_refused(uri: str) -> None:
    with pytest.raises(ValueError, match=r"newsqa|start|http"):
        ResourceUri.parse(uri)


def test_a_full_desk_is_said_to_the_client() -> None:
    async def session(client: mcp.Client) -> None:
        slow = asyncio.create_task(client.call_tool("ask", {"question": "slow"}))
        await asyncio.sleep(0.3)
        assert "queue" in await refused(client, "ask", question="When?")
        assert not (await slow).is_error

    with_fake(session, waiting=0)


# -- over stdio --


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import newsqa

    folder = tmp_path_factory.mktemp("mcp")
    (folder / "news.jsonl").write_text(json.dumps(RECORD) + "\n")
    settings = fakes.settings(reader="none")
    newsqa.build([folder / "news.jsonl"], index=folder / "index", settings=settings).close()
    return folder / "index"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_session_over_stdio(index: Path, mode: str) -> None:
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "newsqa", "mcp", "--index", str(index)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "NEWSQA_READER": "none"},
    )

    async def session(client: mcp.Client) -> None:
        assert [tool.name for tool in (await client.list_tools()).tools] == TOOLS
        reply = await told(client, "ask", question="When will the harbour wall be rebuilt?")
        assert reply["answered"] is True
        assert reply["quotes"][0]["quote"] in RECORD["text"]
        proof = await told(client, "prove_citation", citation=reply["quotes"][0])
        assert proof["state"] == "exact"
        assert (await told(client, "list_sources"))["sources"] == {"Tidal Gazette": 1}

    held(command, session, mode)


def test_without_the_package_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from newsqa import cli

    monkeypatch.setattr(mcp_doors, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"pip install"):
        mcp_doors.serve_stdio(fakes.settings())
    assert cli.run(["mcp", "--index", "nowhere"]) == 2


# -- over HTTP, behind the guard --


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("mcp-http")
    with served(["-m", "tests.browser.fake_server"], folder) as address:
        yield address


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_session_over_http(address: str, mode: str) -> None:
    async def session(client: mcp.Client) -> None:
        assert [tool.name for tool in (await client.list_tools()).tools] == TOOLS
        reply = await told(client, "ask", question="When did the tunnel open?")
        quote = reply["quotes"][0]
        assert (await told(client, "prove_citation", citation=quote))["state"] == "exact"
        assert (await told(client, "ask", question="not_stated"))["answered"] is False
        assert "no article" in await refused(client, "get_article", article_id="nobody")

    held(address + "mcp", session, mode)


def test_the_guard_stands_before_the_tools_too(address: str) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    accept = {"Accept": "application/json, text/event-stream"}

    def status(json: Any = call, **headers: str) -> int:
        named = {**accept, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return httpx.post(address + "mcp", json=json, headers=named).status_code

    assert status() == 200
    assert status(Origin="http://evil.example") == 403
    assert status(Sec_Fetch_Site="cross-site") == 403
    assert status(Host="evil.example") == 400
    assert status({**call, "params": {"x": "y" * 70_000}}) == 413
    assert httpx.get(address + "mcp", headers=accept).status_code == 405
    assert httpx.delete(address + "mcp").status_code == 405
    assert httpx.get(address + "mcp/x").status_code == 404
    answer = httpx.post(address + "mcp", json=call, headers=accept)
    assert answer.headers["content-type"].startswith("application/json")
    assert "access-control-allow-origin" not in answer.headers
    assert "mcp-session-id" not in answer.headers
