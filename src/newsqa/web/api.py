"""The HTTP API: search, ask, articles and health, as the contract of the four faces has it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, Response

from newsqa.errors import CorpusError
from newsqa.settings import Settings
from newsqa.web import mcp_doors, problems, uploads
from newsqa.web.access import Access
from newsqa.web.desk import Deadline, Desk
from newsqa.web.engine import Engine
from newsqa.web.feedback import Feedback, FeedbackBook
from newsqa.web.forms import AskForm, AskQuery, SearchForm
from newsqa.web.metrics import Metrics, Timed

_CHANGE_PATIENCE_S = 600.0


class Json(JSONResponse):
    """JSON with every character as it is; a lone surrogate, which UTF-8 lacks, is escaped."""

    def render(self, content: Any) -> bytes:
        """Return the body."""
        try:
            return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        except UnicodeEncodeError:
            return json.dumps(content, separators=(",", ":")).encode()


def create_api(qa: Engine, settings: Settings, *, desk: Desk | None = None) -> FastAPI:
    """Return the API as an application; the guard belongs in front of it.

    Raises:
        SettingsError: The settings would let anybody change the index.
    """
    app = FastAPI(
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
    metrics = Metrics()
    app.state.desk = desk
    problems.install(app)
    app.add_middleware(Timed, metrics=metrics)
    app.include_router(_reading(qa, desk), prefix="/api/v1")
    # Changes go one by one, beside the questions: a long upload keeps nobody waiting.
    changes = Desk(1, patience_s=_CHANGE_PATIENCE_S)
    app.include_router(_changing(qa, changes, access, settings.index), prefix="/api/v1")
    app.include_router(_health(qa, desk, access, metrics))
    app.router.routes.append(mcp_doors.route(qa, desk))
    return app


def _reading(qa: Engine, desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["reading"])

    async def search(form: SearchForm) -> Response:
        hits = await desk.run(qa.search, form.question, check=Deadline(), **form.arguments())
        return Json(hits.to_dict())

    async def ask(form: AskQuery) -> Response:
        reply = await desk.run(qa.ask, form.question, check=Deadline(), **form.arguments())
        return Json(reply.to_dict())

    @routes.get("/search", summary="Find passages")
    async def search_by_address(form: Annotated[SearchForm, Query()]) -> Response:
        return await search(form)

    @routes.post("/search", summary="Find passages")
    async def search_by_body(form: SearchForm) -> Response:
        return await search(form)

    @routes.get("/ask", summary="Answer with quotes, or say why not")
    async def ask_by_address(form: Annotated[AskQuery, Query()]) -> Response:
        return await ask(form)

    @routes.post("/ask", summary="Answer with quotes, or say why not")
    async def ask_by_body(form: AskForm) -> Response:
        return await ask(form)

    @routes.get("/articles/{article_id:path}", summary="One article, any stored version")
    async def article(
        article_id: str, version: Annotated[int | None, Query(ge=1, le=2**31)] = None
    ) -> Response:
        found = await desk.run(qa.article, article_id, version=version)
        return Json(found.to_dict())

    @routes.get("/sources", summary="Outlets and how many articles each has")
    async def sources() -> Response:
        return Json({"sources": dict(await desk.run(qa.sources))})

    return routes


def _changing(qa: Engine, desk: Desk, access: Access, index: Path) -> APIRouter:
    routes = APIRouter(tags=["changing"])
    book = FeedbackBook(index)

    @routes.post("/articles", summary="Add articles: files as a form, or JSON lines")
    async def add(request: Request) -> Response:
        access.check_change(request)
        batch = await uploads.receive(request, index)
        try:
            return Json(await desk.run(batch.add, qa))
        except CorpusError as error:
            detail = str(error).splitlines()[0].split(" from ")[0]
            return problems.problem(422, detail, failed=batch.reasons(error))

    @routes.delete("/articles/{article_id:path}", summary="Hide an article from now on")
    async def remove(article_id: str, request: Request) -> Response:
        access.check_change(request)
        return Json((await desk.run(qa.remove, [article_id])).to_dict())

    @routes.post("/feedback", summary="Keep a verdict on an answer, on this machine")
    async def feedback(given: Feedback, request: Request) -> Response:
        access.check_feedback()
        await run_in_threadpool(book.write, given)
        return Json({"kept": True})

    return routes


def _health(qa: Engine, desk: Desk, access: Access, metrics: Metrics) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/healthz", methods=["GET", "HEAD"])
    async def healthz() -> Mapping[str, Any]:
        return {"status": "ok"}

    @routes.api_route("/readyz", methods=["GET", "HEAD"])
    async def readyz() -> Mapping[str, Any]:
        described = await desk.run(qa.describe)
        return {"status": "ready", "generation": described["generation"]}

    @routes.get("/metrics")
    async def show_metrics(request: Request) -> Response:
        access.check_metrics(request)
        described = await desk.run(qa.describe)
        body = metrics.prometheus(described, waiting=desk.taken)
        return PlainTextResponse(body, media_type="text/plain; version=0.0.4")

    return routes


def _version() -> str:
    from newsqa import __version__

    return __version__
