"""Errors over HTTP: ``application/problem+json``, in our own words, without a trace."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from newsqa.errors import (
    CorpusError,
    IndexFileError,
    IndexLockedError,
    NewsQAError,
    UnknownArticleError,
)
from newsqa.web.middleware.request_guard import RefusedError
from newsqa.web.work_queue import RETRY_AFTER_S, BusyError

MEDIA_TYPE = "application/problem+json"
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


def problem(
    status: int, detail: str, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    """Return an error as RFC 9457 has it."""
    body = {**as_json(status, detail), **more}
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def as_json(status: int, detail: str) -> dict[str, Any]:
    """Return the JSON of an error."""
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


def install(app: FastAPI) -> None:
    """Make every error of ``app`` a problem."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind, _ in _STATUS:
        app.add_exception_handler(kind, _raised)
    app.add_exception_handler(Exception, _raised)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = [
        {"where": ".".join(map(str, e["loc"])), "message": str(e["msg"])} for e in error.errors()
    ]
    detail = "; ".join(f"{item['where']}: {item['message']}" for item in wrong[:3])
    return problem(422, detail, errors=wrong)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), dict(error.headers or {}))


def told(error: Exception, doing: str) -> tuple[int, str]:
    """Return the status and the words for an error; the log gets one that nobody foresaw."""
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return status, str(error)
    if isinstance(error, RefusedError):
        return error.status, error.detail
    _LOG.error("%s failed", doing, exc_info=error)
    return 500, "this request failed; the server's log says why"


async def _raised(request: Request, error: Exception) -> Response:
    status, detail = told(error, f"{request.method} {request.url.path}")
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else None
    return problem(status, detail, headers)
