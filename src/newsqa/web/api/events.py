"""Asking with server-sent events: first the passages that were found, then the reply.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from newsqa.web.api import errors as problems
from newsqa.web.api.requests import AskQuery
from newsqa.web.engine_protocol import Engine
from newsqa.web.work_queue import RETRY_AFTER_S, Deadline, Desk

MEDIA_TYPE = "text/event-stream"


def wanted(request: Request) -> bool:
    """Whether the caller takes events, as a browser's EventSource says it does."""
    accepted = request.headers.get("accept", "").split(",")
    return MEDIA_TYPE in {kind.split(";")[0].strip().lower() for kind in accepted}


async def ask(qa: Engine, desk: Desk, form: AskQuery) -> Response:
    """Return the events "hits" and "answer"; "error", a problem, where there is no reply.

    What is wrong before the first event is an error of the request, as without events.
    """
    given, deadline = form.arguments(), Deadline()
    searched = form.filters() | {"today": form.today, "turns": given.get("turns", ())}
    hits = await desk.run(qa.search, form.question, check=deadline, **searched)
    deadline.pause()

    async def events() -> AsyncIterator[bytes]:
        yield event("hits", hits.to_dict())
        try:
            reply = await desk.run(qa.ask, form.question, check=deadline, **given)
        except Exception as error:
            status, detail = problems.told(error, "asking with events")
            # The headers are gone already: what Retry-After says stands in the event.
            later = {"retry_after_s": RETRY_AFTER_S} if status == 503 else {}
            yield event("error", {**problems.as_json(status, detail), **later})
        else:
            yield event("answer", reply.to_dict())

    # A proxy that gathered the stream would hold the hits back until the answer is there.
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(events(), media_type=MEDIA_TYPE, headers=headers)


def event(name: str, body: Mapping[str, Any]) -> bytes:
    """Return one event; its data is JSON in one line."""
    return f"event: {name}\ndata: {json.dumps(body)}\n\n".encode()
