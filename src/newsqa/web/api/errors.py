"""Errors over HTTP as ``application/problem+json``, without a traceback."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from newsqa.errors import (
    CorpusError,
    IndexFileError,
    IndexLockedError,
    NewsQAError,
    UnknownArticleError,
)
from newsqa.web.middleware.asgi import PROBLEM_TYPE, RefusedError, problem
from newsqa.web.work_queue import RETRY_AFTER_S, BusyError

_LOG = logging.getLogger(__name__)
_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (UnknownArticleError, 404),
    (CorpusError, 422),
    (IndexLockedError, 409),
    (IndexFileError, 503),
    (BusyError, 503),
    (NewsQAError, 500),
    (ValueError, 422),
)


def problem_response(
    status: int, detail: str, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    """Return a problem, with ``more`` members, as a response."""
    body = {**problem(status, detail), **more}
    return JSONResponse(body, status, headers, media_type=PROBLEM_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of ``app`` with a problem."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind, _ in _STATUS:
        app.add_exception_handler(kind, _raised)
    app.add_exception_handler(Exception, _raised)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"where": ".".join(map(str, e["loc"])), "message": str(e["msg"])} for e in error.errors()
    ]
    detail = "; ".join(f"{item['where']}: {item['message']}" for item in errors[:3])
    return problem_response(422, detail, errors=errors)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem_response(error.status_code, str(error.detail), dict(error.headers or {}))


def validation_detail(error: ValidationError) -> str:
    """Return what is wrong with the arguments of a tool or an endpoint, in one line."""
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5])


def status_and_detail(error: Exception, task: str) -> tuple[int, str]:
    """Return the status and the text for an error; an unforeseen one is logged with ``task``."""
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return status, str(error)
    if isinstance(error, RefusedError):
        return error.status, error.detail
    _LOG.error("%s failed", task, exc_info=error)
    return 500, "this request failed; the server's log says why"


async def _raised(request: Request, error: Exception) -> Response:
    status, detail = status_and_detail(error, f"{request.method} {request.url.path}")
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else None
    return problem_response(status, detail, headers)
