"""What the OpenAPI file says of answers, errors and uploads, beyond what the types say."""

from __future__ import annotations

from typing import Any

from newsqa.schemas import ProblemShape, schema_of
from newsqa.web.api import errors as problems
from newsqa.web.api import events as streaming

Told = dict[int | str, dict[str, Any]]

_PLACE: dict[str, Any] = {
    "start": 210,
    "end": 280,
    "article_id": "tunnel-1",
    "version": 1,
    "content_sha256": "6d0f9a5c0a6f0c5b4c7e1d6f7e0e5cf8b0f5d1d6b2c9f5c3e4a1b0d9c8f7e6d5",
    "title": "Tunnel opens to long queues",
    "source": "Northport Courier",
    "published": "2026-10-09",
    "url": None,
    "page": None,
    "copies": [],
}
HITS: dict[str, Any] = {
    "question": "harbour tunnel",
    "hits": [
        {
            "rank": 1,
            "score": 0.83,
            "dense": 0.61,
            "lexical": 12.4,
            "passage": "The harbour tunnel opened on Friday morning, four months late.",
            **_PLACE,
        }
    ],
    "notes": [],
    "generation": 7,
    "timings_ms": {"total": 11.3},
}
REPLY: dict[str, Any] = {
    "question": "When did the harbour tunnel open?",
    "standalone_question": "When did the harbour tunnel open?",
    "resolution": None,
    "answered": True,
    "confidence": 0.91,
    "short_answer": "Friday morning",
    "quotes": [
        {
            "n": 1,
            "quote": "The harbour tunnel opened on Friday morning, four months late.",
            **_PLACE,
            "highlight": {"start": 239, "end": 253},
            "role": "answer",
        }
    ],
    "reason": None,
    "related": [],
    "notes": [],
    "generation": 7,
    "timings_ms": {"retrieve": 9.1, "read": 210.0, "total": 222.4},
}
ARTICLE: dict[str, Any] = {
    "article_id": "tunnel-1",
    "version": 1,
    "title": "Tunnel opens to long queues",
    "body": "The harbour tunnel opened on Friday morning, four months late.",
    "furniture": [],
    "source": "Northport Courier",
    "byline": "Ann Bell",
    "published": "2026-10-09",
    "updated": None,
    "url": None,
    "language": "en",
    "encoding": "utf-8",
    "unreadable": 0,
    "content_sha256": _PLACE["content_sha256"],
    "pages": [],
    "versions": [{"version": 1, "content_sha256": _PLACE["content_sha256"], "generation": 3}],
}
REPORT: dict[str, Any] = {
    "generation": 8,
    "indexed": 2,
    "unchanged": 0,
    "removed": 0,
    "skipped": [],
    "failed": [{"path": "articles.jsonl#3", "line": 3, "reason": "not JSON: no article"}],
}
SOURCES: dict[str, Any] = {"sources": {"Northport Courier": 2}}
_EXAMPLES = {
    "HitsShape": HITS,
    "ReplyShape": REPLY,
    "ArticleShape": ARTICLE,
    "SourcesShape": SOURCES,
    "ReportShape": REPORT,
    "KeptShape": {"kept": True},
}
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


def reading(*, cached: bool = False, asked: bool = False) -> Told:
    """Return the answers of a reading route."""
    told: Told = {200: {}, **_problems(set(_ERRORS) - _CHANGING - ({404} if asked else set()))}
    if cached:
        told[200]["headers"] = {"ETag": {"schema": {"type": "string"}}}
        told[304] = {"description": "Nothing changed since the reply with the tag you named."}
    if asked:
        told |= _problems({403, 408, 413})
    return told


def asking(*, cached: bool) -> Told:
    """Return the answers of `ask`: also as events."""
    told = reading(cached=cached, asked=True)
    events = streaming.event("hits", HITS) + streaming.event("answer", REPLY)
    shown = {"schema": {"type": "string"}, "example": events.decode()}
    told[200]["content"] = {streaming.MEDIA_TYPE: shown}
    return told


def changing() -> Told:
    """Return the answers of a changing route."""
    return _problems(set(_ERRORS))


def with_examples(document: dict[str, Any]) -> dict[str, Any]:
    """Give each route an example of its answer; FastAPI would leave out what is null in it."""
    for methods in document["paths"].values():
        for operation in methods.values():
            told = operation["responses"]["200"]["content"]["application/json"]
            told["example"] = _EXAMPLES[told["schema"]["$ref"].rpartition("/")[2]]
    return document


def _problems(statuses: set[int]) -> Told:
    content = {problems.MEDIA_TYPE: {"schema": schema_of(ProblemShape)}}
    # An address beyond all measure is refused before newsqa sees it.
    plain = {**content, "text/plain": {"schema": {"type": "string"}}}
    return {
        s: {"description": _ERRORS[s], "content": plain if s == 400 else content}
        for s in sorted(statuses)
    }
