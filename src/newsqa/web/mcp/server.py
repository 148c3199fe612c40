"""The MCP server: tools and resources over one index, apart from how they are carried."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import mcp_types as mcp
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from newsqa.errors import NewsQAError
from newsqa.index import Listed
from newsqa.schemas import schema_of
from newsqa.types import day
from newsqa.web.engine_protocol import Engine
from newsqa.web.mcp.tools import Tool, tools_of
from newsqa.web.mcp.uris import ARTICLE_TEMPLATE, QUOTE_TEMPLATE, Address
from newsqa.web.work_queue import BusyError, Desk

_LOG = logging.getLogger(__name__)
_PAGE = 100  # resources in one list
_READS_ONLY = mcp.ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_INSTRUCTIONS = (
    "Questions about a closed collection of news articles. ask answers in the articles' own words "
    "or says that they do not answer; search finds passages. Every quote names its article, "
    "version and character offsets, and prove_citation checks it."
)
Context = ServerRequestContext[Any]


def create_server(qa: Engine, desk: Desk, *, version: str, deadline_s: float) -> Server[Any]:
    """Return the server; its work is done at the desk."""
    tools = tools_of(qa, deadline_s=deadline_s)
    listed = [_described(tool) for tool in tools.values()]

    async def list_tools(_: Context, params: Any) -> mcp.ListToolsResult:
        return mcp.ListToolsResult(tools=listed)

    async def call_tool(_: Context, params: mcp.CallToolRequestParams) -> mcp.CallToolResult:
        if params.name not in tools:
            raise MCPError(mcp.INVALID_PARAMS, f"there is no tool {params.name!r}")
        return await _called(tools[params.name], params.arguments or {}, desk)

    return Server(
        "newsqa",
        version=version,
        title="newsqa",
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=_lister(qa, desk),
        on_list_resource_templates=_list_templates,
        on_read_resource=_opener(qa, desk),
    )


def _described(tool: Tool) -> mcp.Tool:
    return mcp.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.form.model_json_schema(),
        output_schema=schema_of(tool.shape),
        annotations=_READS_ONLY,
    )


async def _called(tool: Tool, arguments: Mapping[str, Any], desk: Desk) -> mcp.CallToolResult:
    """Do the work; what is wrong with it is told to the model, which may ask otherwise."""
    try:
        form = tool.form.model_validate(arguments)
        found = await desk.run(tool.work(form))
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        return _failed("; ".join(wrong[:5]))
    except (NewsQAError, BusyError, ValueError) as error:
        return _failed(str(error))
    except Exception:
        _LOG.exception("the tool %s failed", tool.name)
        return _failed("this request failed; the server's log says why")
    text = mcp.TextContent(text=_json(found))
    return mcp.CallToolResult(content=[text, *_links(found)], structured_content=found)


def _failed(message: str) -> mcp.CallToolResult:
    return mcp.CallToolResult(content=[mcp.TextContent(text=message)], is_error=True)


def _links(found: Mapping[str, Any]) -> list[mcp.ResourceLink]:
    """The citations of a reply or the places of hits, to be read as resources."""
    cited = [*found.get("quotes", ()), *found.get("related", ()), *found.get("hits", ())]
    return [
        mcp.ResourceLink(
            uri=str(Address.of_quote(record)),
            name=f"{record.get('n') or record.get('rank')}: {record['title']}",
            description=", ".join(filter(None, (record["source"], record["published"]))) or None,
            mime_type="text/plain",
        )
        for record in cited
        if "start" in record
    ]


def _lister(qa: Engine, desk: Desk) -> Callable[[Context, Any], Awaitable[mcp.ListResourcesResult]]:
    async def list_resources(
        _: Context, params: mcp.PaginatedRequestParams | None
    ) -> mcp.ListResourcesResult:
        cursor = (params and params.cursor) or "0"
        if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
            raise MCPError(mcp.INVALID_PARAMS, f"{cursor!r} is no cursor of ours")
        found = await desk.run(qa.articles, offset=int(cursor), limit=_PAGE)
        end = int(cursor) + len(found.articles)
        more = str(end) if found.articles and end < found.total else None
        return mcp.ListResourcesResult(
            resources=[_resource(article) for article in found.articles], next_cursor=more
        )

    return list_resources


def _resource(article: Listed) -> mcp.Resource:
    return mcp.Resource(
        uri=str(Address(article.article_id, article.version)),
        name=article.article_id,
        title=article.title or None,
        description=", ".join(filter(None, (article.source, day(article.published)))) or None,
        mime_type="application/json",
    )


async def _list_templates(_: Context, params: Any) -> mcp.ListResourceTemplatesResult:
    article = mcp.ResourceTemplate(
        uri_template=ARTICLE_TEMPLATE,
        name="article",
        description="An article as it is stored; the current version if none is named.",
        mime_type="application/json",
    )
    quote = mcp.ResourceTemplate(
        uri_template=QUOTE_TEMPLATE,
        name="quote",
        description="The characters of an article's body that a citation names.",
        mime_type="text/plain",
    )
    return mcp.ListResourceTemplatesResult(resource_templates=[article, quote])


def _opener(
    qa: Engine, desk: Desk
) -> Callable[[Context, mcp.ReadResourceRequestParams], Awaitable[mcp.ReadResourceResult]]:
    async def read_resource(
        _: Context, params: mcp.ReadResourceRequestParams
    ) -> mcp.ReadResourceResult:
        try:
            address = Address.read(params.uri)
            article = await desk.run(qa.article, address.article_id, version=address.version)
            span = address.span
            if span is not None and span.end > len(article.body):
                raise ValueError(f"{params.uri!r}: the article has {len(article.body)} characters")
            text = _json(article.to_dict()) if span is None else span.cut(article.body)
        except (NewsQAError, BusyError, ValueError) as error:
            raise MCPError(mcp.INVALID_PARAMS, str(error)) from None
        kind = "application/json" if address.span is None else "text/plain"
        content = mcp.TextResourceContents(uri=params.uri, mime_type=kind, text=text)
        return mcp.ReadResourceResult(contents=[content])

    return read_resource


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
