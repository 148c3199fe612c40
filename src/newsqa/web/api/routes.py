"""The HTTP API: search, ask, articles and health, as the contract of the four faces has it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, PlainTextResponse, Response

from newsqa import schemas as shapes
from newsqa.errors import CorpusError
from newsqa.replies import Hits
from newsqa.settings import Settings
from newsqa.web.api import errors as problems
from newsqa.web.api import events as streaming
from newsqa.web.api import openapi as described
from newsqa.web.api import uploads
from newsqa.web.api.auth import Access
from newsqa.web.api.etags import Fresh
from newsqa.web.api.feedback import Feedback, FeedbackBook
from newsqa.web.api.metrics import Metrics
from newsqa.web.api.requests import MOST_OFFSET, AskForm, AskQuery, SearchBody, SearchForm
from newsqa.web.chat import manage_routes as managing
from newsqa.web.engine_protocol import Engine
from newsqa.web.mcp import transports as mcp_doors
from newsqa.web.work_queue import BusyError, Deadline, Desk

Id = Path(description="as it is, slashes included or as %2F", examples=["tunnel-1"])
TOKEN = "the admin token, NEWSQA_ADMIN_TOKEN of the server"
_CHANGE_PATIENCE_S = 600.0
_ZIP_FROM_BYTES = 1000


class Json(JSONResponse):
    """JSON with every character as it is; a lone surrogate, which UTF-8 lacks, is escaped."""

    def render(self, content: Any) -> bytes:
        """Return the body."""
        try:
            return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        except UnicodeEncodeError:
            return json.dumps(content, separators=(",", ":")).encode()


class _Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        return described.with_examples(super().openapi())


def create_api(
    qa: Engine, settings: Settings, *, desk: Desk | None = None, metrics: Metrics | None = None
) -> FastAPI:
    """Return the API as an application; the guard belongs in front of it.

    It shows ``metrics`` and counts nothing itself: whoever stands before the guard does.

    Raises:
        SettingsError: The settings would let anybody change the index.
    """
    app = _Api(
        title="newsqa",
        description="Questions of news articles, answered in the articles' own words.",
        version=_version(),
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        default_response_class=Json,
    )
    desk = desk or Desk(settings.threads)
    access = Access.of(settings)
    app.state.desk = desk
    problems.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=_ZIP_FROM_BYTES)
    app.include_router(_reading(qa, desk), prefix="/api/v1")
    # Changes go one by one, beside the questions: a long upload keeps nobody waiting.
    changes = Desk(1, patience_s=_CHANGE_PATIENCE_S)
    app.include_router(_changing(qa, changes, access, settings.index), prefix="/api/v1")
    app.include_router(managing.create_managing(qa, changes, access, settings))
    app.include_router(_health(qa, desk, access, metrics or Metrics()))
    app.router.routes.append(mcp_doors.route(qa, desk))
    return app


def _reading(qa: Engine, desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["reading"])
    fresh = Fresh(qa, desk)
    _add_searching(routes, qa, desk, fresh)
    _add_asking(routes, qa, desk, fresh)
    _add_articles(routes, qa, fresh)
    return routes


def _add_searching(routes: APIRouter, qa: Engine, desk: Desk, fresh: Fresh) -> None:
    """Search; the next page of passages is named in the ``Link`` header."""
    told = described.reading(cached=True, asked=True)
    summary = "Find passages"

    @routes.get("/search", summary=summary, responses=told, response_model=shapes.HitsShape)
    async def search_by_address(request: Request, form: Annotated[SearchForm, Query()]) -> Response:
        work = partial(qa.search, form.question, check=Deadline(), **form.arguments())
        return await fresh.answer(request, work, lambda hits: _page(request, form, hits))

    told = described.reading(asked=True)

    @routes.post("/search", summary=summary, responses=told, response_model=shapes.HitsShape)
    async def search_by_body(form: SearchBody) -> Response:
        hits = await desk.run(qa.search, form.question, check=Deadline(), **form.arguments())
        return Json(hits.to_dict())


def _page(request: Request, form: SearchForm, hits: Hits) -> Response:
    further = form.offset + form.k
    link = request.url.include_query_params(offset=further)
    more = len(hits) == form.k and further <= MOST_OFFSET
    headers = {"link": f'<{link.path}?{link.query}>; rel="next"'} if more else None
    return Json(hits.to_dict(), headers=headers)


def _add_asking(routes: APIRouter, qa: Engine, desk: Desk, fresh: Fresh) -> None:
    told = described.asking(cached=True)
    summary = "Answer with quotes, or say why not"

    @routes.get("/ask", summary=summary, responses=told, response_model=shapes.ReplyShape)
    async def ask_by_address(request: Request, form: Annotated[AskQuery, Query()]) -> Response:
        if streaming.wanted(request):
            return await streaming.ask(qa, desk, form)
        work = partial(qa.ask, form.question, check=Deadline(), **form.arguments())
        return await fresh.answer(request, work, lambda reply: Json(reply.to_dict()))

    told = described.asking(cached=False)

    @routes.post("/ask", summary=summary, responses=told, response_model=shapes.ReplyShape)
    async def ask_by_body(request: Request, form: AskForm) -> Response:
        if streaming.wanted(request):
            return await streaming.ask(qa, desk, form)
        reply = await desk.run(qa.ask, form.question, check=Deadline(), **form.arguments())
        return Json(reply.to_dict())


def _add_articles(routes: APIRouter, qa: Engine, fresh: Fresh) -> None:
    @routes.get(
        "/articles/{article_id:path}",
        summary="One article, any stored version",
        responses=described.reading(cached=True),
        response_model=shapes.ArticleShape,
    )
    async def article(
        request: Request,
        article_id: Annotated[str, Id],
        version: Annotated[int | None, Query(ge=1, le=2**31)] = None,
    ) -> Response:
        work = partial(qa.article, article_id, version=version)
        return await fresh.answer(request, work, lambda found: Json(found.to_dict()))

    @routes.get(
        "/sources",
        summary="Outlets and how many articles each has",
        responses=described.reading(cached=True),
        response_model=shapes.SourcesShape,
    )
    async def sources(request: Request) -> Response:
        return await fresh.answer(request, qa.sources, lambda found: Json({"sources": dict(found)}))


def _changing(qa: Engine, desk: Desk, access: Access, index: FilePath) -> APIRouter:
    # Only described: `access` checks. Where no token is set, none is asked for.
    token = Depends(HTTPBearer(scheme_name="token", description=TOKEN, auto_error=False))
    routes = APIRouter(tags=["changing"])
    needed = [token] if access.token else []
    told = described.changing()

    @routes.post(
        "/articles",
        summary="Add articles: files as a form, or JSON lines",
        responses=told,
        response_model=shapes.ReportShape,
        openapi_extra=described.UPLOADED,
        dependencies=needed,
    )
    async def add(request: Request) -> Response:
        access.check_change(request)
        batch = await uploads.receive(request, index)
        try:
            return Json(await desk.run(batch.add, qa))
        except BusyError:  # it was not begun, and nobody will look at the files
            await run_in_threadpool(batch.drop)
            raise
        except CorpusError as error:
            return problems.problem(422, uploads.NOTHING_READ, failed=batch.reasons(error))

    @routes.delete(
        "/articles/{article_id:path}",
        summary="Hide an article from now on",
        responses=told,
        response_model=shapes.ReportShape,
        dependencies=needed,
    )
    async def remove(article_id: Annotated[str, Id], request: Request) -> Response:
        access.check_change(request)
        return Json((await desk.run(qa.remove, [article_id])).to_dict())

    _add_feedback(routes, access, FeedbackBook(index))
    return routes


def _add_feedback(routes: APIRouter, access: Access, book: FeedbackBook) -> None:
    @routes.post(
        "/feedback",
        summary="Keep a verdict on an answer, on this machine",
        responses=described.changing(),
        response_model=shapes.KeptShape,
    )
    async def feedback(given: Feedback, request: Request) -> Response:
        access.check_feedback()
        await run_in_threadpool(book.write, given)
        return Json({"kept": True})


def _health(qa: Engine, desk: Desk, access: Access, metrics: Metrics) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    looking = Desk(1)  # not where questions queue: a full queue is when it is looked at

    @routes.api_route("/healthz", methods=["GET", "HEAD"])
    async def healthz() -> Mapping[str, Any]:
        return {"status": "ok"}

    @routes.api_route("/readyz", methods=["GET", "HEAD"])
    async def readyz() -> Mapping[str, Any]:
        if desk.stopping:
            raise BusyError("the server is stopping")
        described = await looking.run(qa.describe)
        return {"status": "ready", "generation": described["generation"]}

    @routes.get("/metrics")
    async def show_metrics(request: Request) -> Response:
        access.check_metrics(request)
        described = await looking.run(qa.describe)
        body = metrics.prometheus(described, waiting=desk.taken)
        return PlainTextResponse(body, media_type="text/plain; version=0.0.4")

    return routes


def _version() -> str:
    from newsqa import __version__

    return __version__
