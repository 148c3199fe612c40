"""Routes below /page: the HTML fragments and the files that the page's scripts fetch."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Query
from markupsafe import escape
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from newsqa.engine import NewsQA
from newsqa.errors import UnknownArticleError
from newsqa.ingest.draft import MAX_FIELD_CHARS
from newsqa.types import Filters, Span
from newsqa.web.api.requests import FilterForm, SearchForm
from newsqa.web.chat.examples import Examples
from newsqa.web.html import articles_tab, layout
from newsqa.web.html.article import render_article
from newsqa.web.html.markup import render
from newsqa.web.html.search_tab import remaining, render_hits
from newsqa.web.html.timeline import render_timeline
from newsqa.web.work_queue import Deadline, WorkQueue

_MEDIA_TYPES = {layout.STYLESHEET: "text/css", layout.SCRIPT: "text/javascript"}
# One file to the browser: Gradio inserts scripts so that they run in any order.
_FILES = {
    layout.STYLESHEET: ("newsqa.css",),
    layout.SCRIPT: ("newsqa.js", "filters.js", "thread.js", "history.js", "articles.js"),
}


def create_page_routes(
    qa: NewsQA, queue: WorkQueue, examples: Examples, *, read_only: bool
) -> APIRouter:
    """Return the routes below ``/page``."""
    routes = APIRouter(prefix="/page", include_in_schema=False)

    @routes.get("/file/{name}")
    async def file(name: str) -> Response:
        if name not in _FILES:
            raise HTTPException(404, "there is no such file")
        headers = {"Cache-Control": "no-cache"}
        return Response(content(name), media_type=_MEDIA_TYPES[name], headers=headers)

    @routes.get("/about")
    async def about() -> Response:
        return HTMLResponse(escape(articles_tab.index_summary(await queue.run(qa.describe))))

    @routes.get("/examples")
    async def shown_examples() -> Response:
        return HTMLResponse(layout.render_examples(await examples.ready()))

    _add_articles(routes, qa, queue, changing=not read_only)
    _add_search(routes, qa, queue)
    return routes


def _add_articles(routes: APIRouter, qa: NewsQA, queue: WorkQueue, *, changing: bool) -> None:
    @routes.get("/article")
    async def article(
        id: str,
        version: Annotated[int | None, Query(ge=1, le=2**31)] = None,
        start: Annotated[int, Query(ge=0, le=2**40)] = 0,
        end: Annotated[int, Query(ge=0, le=2**40)] = 0,
        also: Annotated[str, Query(max_length=2000)] = "",
    ) -> Response:
        try:
            stored = await queue.run(qa.article, id, version=version)
        except UnknownArticleError:
            return HTMLResponse(render("gone"), 404)
        quote = Span(start, end) if start < end else None
        copies = await queue.run(qa.copies, id)
        return HTMLResponse(render_article(stored, quote, spans_in(also), copies))

    @routes.get("/articles")
    async def articles(
        contains: Annotated[str, Query(max_length=MAX_FIELD_CHARS)] = "",
        offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
    ) -> Response:
        limit = articles_tab.PAGE_ROWS
        listing = await queue.run(qa.articles, contains=contains, offset=offset, limit=limit)
        return HTMLResponse(articles_tab.render_listing(listing, offset, changing=changing))

    @routes.get("/corpus")
    async def corpus() -> Response:
        return HTMLResponse(articles_tab.render_facts(await queue.run(qa.describe)))


def _add_search(routes: APIRouter, qa: NewsQA, queue: WorkQueue) -> None:
    @routes.get("/filters")
    async def filters() -> Response:
        return HTMLResponse(layout.render_filters(await queue.run(qa.describe)))

    @routes.get("/outlets")
    async def outlets(
        contains: Annotated[str, Query(max_length=MAX_FIELD_CHARS)] = "",
    ) -> Response:
        return HTMLResponse(layout.render_source_boxes(await queue.run(qa.sources), contains))

    @routes.get("/coverage")
    async def coverage(form: Annotated[FilterForm, Query()]) -> Response:
        filters = form.filters()
        counts = await queue.run(qa.coverage, filters_to_count(filters))
        words = remaining(counts.fitting, counts.total)
        bars = render_timeline(counts.months, (filters.since, filters.until))
        return JSONResponse({"remaining": words, "timeline": bars})

    @routes.get("/search")
    async def search(form: Annotated[SearchForm, Query()]) -> Response:
        hits = await queue.run(qa.search, form.question, check=Deadline(), **form.options())
        return HTMLResponse(render_hits(hits, by_date=False))

    @routes.get("/search/date")
    async def search_by_date(form: Annotated[SearchForm, Query()]) -> Response:
        hits = await queue.run(qa.search, form.question, check=Deadline(), **form.options())
        return HTMLResponse(render_hits(hits, by_date=True))


def filters_to_count(filters: Filters) -> Filters:
    """Return the filters by which articles are counted: as of a day means up to that day."""
    until = min((day for day in (filters.until, filters.as_of) if day), default=None)
    return Filters(since=filters.since, until=until, sources=filters.sources)


def spans_in(raw: str) -> list[Span]:
    """Return the spans in "12-40,80-99"; what is none is left out."""
    spans = []
    for part in raw.split(","):
        start, _, end = part.partition("-")
        if start.isdecimal() and end.isdecimal() and int(start) < int(end):
            spans.append(Span(int(start), int(end)))
    return spans[:50]


@cache
def content(name: str) -> str:
    """Return one of the page's own files."""
    folder = files("newsqa.web") / "page"
    return "\n".join((folder / part).read_text(encoding="utf-8") for part in _FILES[name])
