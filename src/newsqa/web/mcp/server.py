"""The MCP server: tools and resources over one index, independent of the transport."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import mcp_types as mcp
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from newsqa.engine import NewsQA
from newsqa.errors import NewsQAError
from newsqa.index import Listed
from newsqa.schemas import schema_of
from newsqa.types import day
from newsqa.web.api.errors import status_and_detail, validation_detail
from newsqa.web.mcp.tools import Tool, tools_of
from newsqa.web.mcp.uris import ARTICLE_TEMPLATE, QUOTE_TEMPLATE, ResourceUri
from newsqa.web.work_queue import BusyError, WorkQueue

_PAGE_SIZE = 100  # resources in one list
_READS_ONLY = mcp.ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_INSTRUCTIONS = (
    "Questions about a closed collection of news articles. ask answers in the articles' own words "
    "or says that they do not answer; search finds passages. Every quote names its article, "
    "version and character offsets, and prove_citation checks it."
)
Context = ServerRequestContext[Any]


def create_server(qa: NewsQA, queue: WorkQueue, *, version: str, deadline_s: float) -> Server[Any]:
    """Return the server; its work runs in the queue."""
    tools = tools_of(qa, deadline_s=deadline_s)
    descriptions = [_tool_description(tool) for tool in tools.values()]

    async def list_tools(_: Context, params: Any) -> mcp.ListToolsResult:
        return mcp.ListToolsResult(tools=descriptions)

    async def call_tool(_: Context, params: mcp.CallToolRequestParams) -> mcp.CallToolResult:
        if params.name not in tools:
            raise MCPError(mcp.INVALID_PARAMS, f"there is no tool {params.name!r}")
        return await _call(tools[params.name], params.arguments or {}, queue)

    return Server(
        "newsqa",
        version=version,
        title="newsqa",
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=_list_resources(qa, queue),
        on_list_resource_templates=_list_templates,
        on_read_resource=_read_resource(qa, queue),
    )


def _tool_description(tool: Tool) -> mcp.Tool:
    return mcp.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.form.model_json_schema(),
        output_schema=schema_of(tool.shape),
        annotations=_READS_ONLY,
    )


async def _call(tool: Tool, arguments: Mapping[str, Any], queue: WorkQueue) -> mcp.CallToolResult:
    """Run a tool; an error is a result, so that the model can correct its call."""
    try:
        form = tool.form.model_validate(arguments)
        result = await queue.run(tool.work(form))
    except ValidationError as error:
        return _failed(validation_detail(error))
    except Exception as error:
        _, detail = status_and_detail(error, f"the tool {tool.name}")
        return _failed(detail)
    text = mcp.TextContent(text=_json(result))
    return mcp.CallToolResult(content=[text, *_links(result)], structured_content=result)


def _failed(message: str) -> mcp.CallToolResult:
    return mcp.CallToolResult(content=[mcp.TextContent(text=message)], is_error=True)


def _links(result: Mapping[str, Any]) -> list[mcp.ResourceLink]:
    """Return the citations of a reply or the places of hits as links to resources."""
    records = [*result.get("quotes", ()), *result.get("related", ()), *result.get("hits", ())]
    return [
        mcp.ResourceLink(
            uri=str(ResourceUri.of_quote(record)),
            name=f"{record.get('n') or record.get('rank')}: {record['title']}",
            description=", ".join(filter(None, (record["source"], record["published"]))) or None,
            mime_type="text/plain",
        )
        for record in records
        if "start" in record
    ]


def _list_resources(
    qa: NewsQA, queue: WorkQueue
) -> Callable[[Context, Any], Awaitable[mcp.ListResourcesResult]]:
    async def list_resources(
        _: Context, params: mcp.PaginatedRequestParams | None
    ) -> mcp.ListResourcesResult:
        cursor = (params and params.cursor) or "0"
        if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
            raise MCPError(mcp.INVALID_PARAMS, f"{cursor!r} is no cursor of ours")
        listing = await queue.run(qa.articles, offset=int(cursor), limit=_PAGE_SIZE)
        end = int(cursor) + len(listing.articles)
        more = str(end) if listing.articles and end < listing.total else None
        return mcp.ListResourcesResult(
            resources=[_resource(article) for article in listing.articles], next_cursor=more
        )

    return list_resources


def _resource(article: Listed) -> mcp.Resource:
    return mcp.Resource(
        uri=str(ResourceUri(article.article_id, article.version)),
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


def _read_resource(
    qa: NewsQA, queue: WorkQueue
) -> Callable[[Context, mcp.ReadResourceRequestParams], Awaitable[mcp.ReadResourceResult]]:
    async def read_resource(
        _: Context, params: mcp.ReadResourceRequestParams
    ) -> mcp.ReadResourceResult:
        try:
            uri = ResourceUri.parse(params.uri)
            article = await queue.run(qa.article, uri.article_id, version=uri.version)
            span = uri.span
            if span is not None and span.end > len(article.body):
                raise ValueError(f"{params.uri!r}: the article has {len(article.body)} characters")
            text = _json(article.to_dict()) if span is None else span.cut(article.body)
        except (NewsQAError, BusyError, ValueError) as error:
            raise MCPError(mcp.INVALID_PARAMS, str(error)) from None
        kind = "application/json" if uri.span is None else "text/plain"
        content = mcp.TextResourceContents(uri=params.uri, mime_type=kind, text=text)
        return mcp.ReadResourceResult(contents=[content])

    return read_resource


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
