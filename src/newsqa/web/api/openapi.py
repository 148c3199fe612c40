"""OpenAPI descriptions of answers, errors and uploads, beyond what the types say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from newsqa.schemas import ProblemShape, schema_of
from newsqa.web.api.events import MEDIA_TYPE, event
from newsqa.web.middleware.asgi import PROBLEM_TYPE

Responses = dict[int | str, dict[str, Any]]

_ERRORS = {
    400: "The address, the host or the length of the body makes no sense.",
    401: "The admin token is missing or wrong.",
    403: "Nothing may be changed here, or the request comes from another site.",
    404: "There is no such article, version or route.",
    405: "This method is not for this address.",
    408: "The body came too slowly.",
    409: "Another process is changing the index.",
    413: "The body, or a file in it, is too large.",
    415: "The body is of another kind than is taken here.",
    422: "What was sent makes no sense; `errors` or `failed` name what.",
    429: "This address asks too often; `Retry-After` says when to come again.",
    500: "This request failed; the server's log says why.",
    503: "Too much work waits, or the index cannot be read or written; see `Retry-After`.",
}
_CHANGING = {401, 403, 408, 409, 413, 415}
LINES = "application/x-ndjson"
UPLOADED = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}}
                    },
                    "required": ["files"],
                },
                "example": {"files": ["Bridge\n\nA bridge fell on Monday."]},
            },
            LINES: {
                "schema": {"type": "string", "description": "one article a line, as JSON"},
                "example": '{"id": "wire-1", "title": "Bridge", "text": "A bridge fell."}\n',
            },
        },
    }
}


@cache
def examples() -> Mapping[str, Any]:
    """Return an example of each answer, by the name of its schema."""
    text = (files("newsqa.web.api") / "openapi_examples.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def reading(*, cached: bool = False, asked: bool = False) -> Responses:
    """Return the responses of a reading route."""
    errors = set(_ERRORS) - _CHANGING - ({404} if asked else set())
    responses: Responses = {200: {}, **_problems(errors)}
    if cached:
        responses[200]["headers"] = {"ETag": {"schema": {"type": "string"}}}
        responses[304] = {"description": "Nothing changed since the reply with the tag you named."}
    if asked:
        responses |= _problems({403, 408, 413})
    return responses


def asking(*, cached: bool) -> Responses:
    """Return the responses of `ask`, which may also be events."""
    responses = reading(cached=cached, asked=True)
    hits, answer = event("hits", examples()["HitsShape"]), event("answer", examples()["ReplyShape"])
    content = {"schema": {"type": "string"}, "example": (hits + answer).decode()}
    responses[200]["content"] = {MEDIA_TYPE: content}
    return responses


def changing() -> Responses:
    """Return the responses of a changing route."""
    return _problems(set(_ERRORS))


def with_examples(document: dict[str, Any]) -> dict[str, Any]:
    """Add an example to each 200 response; FastAPI would leave out what is null in it."""
    for methods in document["paths"].values():
        for operation in methods.values():
            content = operation["responses"]["200"]["content"]["application/json"]
            content["example"] = examples()[content["schema"]["$ref"].rpartition("/")[2]]
    return document


def _problems(statuses: set[int]) -> Responses:
    content = {PROBLEM_TYPE: {"schema": schema_of(ProblemShape)}}
    # A path beyond all measure is refused before newsqa sees it.
    plain = {**content, "text/plain": {"schema": {"type": "string"}}}
    return {
        s: {"description": _ERRORS[s], "content": plain if s == 400 else content}
        for s in sorted(statuses)
    }
