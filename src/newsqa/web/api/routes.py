"""The HTTP API: search, ask, articles, sources, feedback and health."""

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

from newsqa import schemas
from newsqa.engine import NewsQA
from newsqa.errors import CorpusError
from newsqa.replies import Hits
from newsqa.settings import Settings
from newsqa.web.api import errors, events, openapi, uploads
from newsqa.web.api.auth import Access
from newsqa.web.api.etags import ETags
from newsqa.web.api.feedback import Feedback, FeedbackLog
from newsqa.web.api.requests import MAX_OFFSET, AskForm, AskQuery, SearchBody, SearchForm
from newsqa.web.chat.manage_routes import create_manage_routes
from newsqa.web.mcp import transports
from newsqa.web.middleware.metrics import Metrics
from newsqa.web.work_queue import BusyError, Deadline, WorkQueue

Id = Path(description="as it is, slashes included or as %2F", examples=["tunnel-1"])
TOKEN = "the admin token, NEWSQA_ADMIN_TOKEN of the server"
_CHANGE_MAX_WAIT_S = 600.0
_MIN_GZIP_BYTES = 1000


class Json(JSONResponse):
    """JSON in UTF-8; a body with a lone surrogate, which UTF-8 lacks, is escaped to ASCII."""

    def render(self, content: Any) -> bytes:
        """Return the body."""
        try:
            return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        except UnicodeEncodeError:
            return json.dumps(content, separators=(",", ":")).encode()


class _Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        return openapi.with_examples(super().openapi())


def create_api(
    qa: NewsQA,
    settings: Settings,
    *,
    queue: WorkQueue | None = None,
    metrics: Metrics | None = None,
) -> FastAPI:
    """Return the API as an application; the middleware belongs in front of it.

    Raises:
        SettingsError: The settings would let anybody change the index.
    """
    from newsqa import __version__

    app = _Api(
        title="newsqa",
        description="Questions of news articles, answered in the articles' own words.",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        default_response_class=Json,
    )
    queue, access = queue or WorkQueue(settings.threads), Access.of(settings)
    errors.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=_MIN_GZIP_BYTES)
    app.include_router(_reading_routes(qa, queue), prefix="/api/v1")
    # Changes run one by one, beside the questions: a long upload keeps no question waiting.
    changes = WorkQueue(1, max_wait_s=_CHANGE_MAX_WAIT_S)
    app.include_router(_changing_routes(qa, changes, access, settings.index), prefix="/api/v1")
    app.include_router(create_manage_routes(qa, changes, access, settings))
    app.include_router(_health_routes(qa, queue, access, metrics or Metrics()))
    app.router.routes.append(transports.route(qa, queue))
    return app


def _reading_routes(qa: NewsQA, queue: WorkQueue) -> APIRouter:
    routes = APIRouter(tags=["reading"])
    etags = ETags(qa, queue)
    _add_search(routes, qa, queue, etags)
    _add_ask(routes, qa, queue, etags)
    _add_articles(routes, qa, etags)
    return routes


def _add_search(routes: APIRouter, qa: NewsQA, queue: WorkQueue, etags: ETags) -> None:
    """Add search; the ``Link`` header of a GET names the next page of hits."""
    route: dict[str, Any] = {"summary": "Find passages", "response_model": schemas.HitsShape}
    responses = openapi.reading(cached=True, asked=True)

    @routes.get("/search", responses=responses, **route)
    async def search_by_address(request: Request, form: Annotated[SearchForm, Query()]) -> Response:
        work = partial(qa.search, form.question, check=Deadline(), **form.options())
        return await etags.answer(request, work, lambda hits: _page(request, form, hits))

    @routes.post("/search", responses=openapi.reading(asked=True), **route)
    async def search_by_body(form: SearchBody) -> Response:
        hits = await queue.run(qa.search, form.question, check=Deadline(), **form.options())
        return Json(hits.to_dict())


def _page(request: Request, form: SearchForm, hits: Hits) -> Response:
    offset = form.offset + form.k
    link = request.url.include_query_params(offset=offset)
    more = len(hits) == form.k and offset <= MAX_OFFSET
    headers = {"link": f'<{link.path}?{link.query}>; rel="next"'} if more else None
    return Json(hits.to_dict(), headers=headers)


def _add_ask(routes: APIRouter, qa: NewsQA, queue: WorkQueue, etags: ETags) -> None:
    route: dict[str, Any] = {
        "summary": "Answer with quotes, or say why not",
        "response_model": schemas.ReplyShape,
    }

    @routes.get("/ask", responses=openapi.asking(cached=True), **route)
    async def ask_by_address(request: Request, form: Annotated[AskQuery, Query()]) -> Response:
        if events.accepts_events(request):
            return await events.ask(qa, queue, form)
        work = partial(qa.ask, form.question, check=Deadline(), **form.options())
        return await etags.answer(request, work, lambda reply: Json(reply.to_dict()))

    @routes.post("/ask", responses=openapi.asking(cached=False), **route)
    async def ask_by_body(request: Request, form: AskForm) -> Response:
        if events.accepts_events(request):
            return await events.ask(qa, queue, form)
        reply = await queue.run(qa.ask, form.question, check=Deadline(), **form.options())
        return Json(reply.to_dict())


def _add_articles(routes: APIRouter, qa: NewsQA, etags: ETags) -> None:
    responses = openapi.reading(cached=True)

    @routes.get(
        "/articles/{article_id:path}",
        summary="One article, any stored version",
        responses=responses,
        response_model=schemas.ArticleShape,
    )
    async def article(
        request: Request,
        article_id: Annotated[str, Id],
        version: Annotated[int | None, Query(ge=1, le=2**31)] = None,
    ) -> Response:
        work = partial(qa.article, article_id, version=version)
        return await etags.answer(request, work, lambda article: Json(article.to_dict()))

    @routes.get(
        "/sources",
        summary="Outlets and how many articles each has",
        responses=responses,
        response_model=schemas.SourcesShape,
    )
    async def sources(request: Request) -> Response:
        return await etags.answer(request, qa.sources, lambda counts: Json({"sources": counts}))


def _changing_routes(qa: NewsQA, queue: WorkQueue, access: Access, index: FilePath) -> APIRouter:
    # For the OpenAPI file only: `access` checks. Where no token is set, none is described.
    token = Depends(HTTPBearer(scheme_name="token", description=TOKEN, auto_error=False))
    routes = APIRouter(tags=["changing"])
    route: dict[str, Any] = {
        "responses": openapi.changing(),
        "response_model": schemas.ReportShape,
        "dependencies": [token] if access.token else [],
    }

    @routes.post(
        "/articles",
        summary="Add articles: files as a form, or JSON lines",
        openapi_extra=openapi.UPLOADED,
        **route,
    )
    async def add(request: Request) -> Response:
        access.check_change(request)
        batch = await uploads.receive(request, index)
        try:
            return Json(await queue.run(batch.add, qa))
        except BusyError:  # it was not started, and the files will not be read
            await run_in_threadpool(batch.drop)
            raise
        except CorpusError as error:
            failed = batch.rows([*batch.refused, *error.problems])
            return errors.problem_response(422, uploads.NOTHING_READ, failed=failed)

    @routes.delete("/articles/{article_id:path}", summary="Hide an article from now on", **route)
    async def remove(article_id: Annotated[str, Id], request: Request) -> Response:
        access.check_change(request)
        return Json((await queue.run(qa.remove, [article_id])).to_dict())

    _add_feedback(routes, access, FeedbackLog(index))
    return routes


def _add_feedback(routes: APIRouter, access: Access, log: FeedbackLog) -> None:
    @routes.post(
        "/feedback",
        summary="Keep a verdict on an answer, on this machine",
        responses=openapi.changing(),
        response_model=schemas.KeptShape,
    )
    async def feedback(feedback: Feedback, request: Request) -> Response:
        access.check_feedback()
        await run_in_threadpool(log.write, feedback)
        return Json({"kept": True})


def _health_routes(qa: NewsQA, queue: WorkQueue, access: Access, metrics: Metrics) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    own_queue = WorkQueue(1)  # health is asked for most when the queue of questions is full

    @routes.api_route("/healthz", methods=["GET", "HEAD"])
    async def healthz() -> Mapping[str, Any]:
        return {"status": "ok"}

    @routes.api_route("/readyz", methods=["GET", "HEAD"])
    async def readyz() -> Mapping[str, Any]:
        if queue.stopping:
            raise BusyError("the server is stopping")
        index_info = await own_queue.run(qa.describe)
        return {"status": "ready", "generation": index_info["generation"]}

    @routes.get("/metrics")
    async def show_metrics(request: Request) -> Response:
        access.check_metrics(request)
        index_info = await own_queue.run(qa.describe)
        body = metrics.prometheus(index_info, pending=queue.pending)
        return PlainTextResponse(body, media_type="text/plain; version=0.0.4")

    return routes
