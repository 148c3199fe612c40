"""Ask with server-sent events: first the passages found, then the reply.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from newsqa.engine import NewsQA
from newsqa.web.api.errors import status_and_detail
from newsqa.web.api.requests import AskQuery
from newsqa.web.middleware.asgi import problem
from newsqa.web.work_queue import RETRY_AFTER_S, Deadline, WorkQueue

MEDIA_TYPE = "text/event-stream"


def accepts_events(request: Request) -> bool:
    """Return whether the caller accepts events, as a browser's EventSource does."""
    accepted = request.headers.get("accept", "").split(",")
    return MEDIA_TYPE in {kind.split(";")[0].strip().lower() for kind in accepted}


async def ask(qa: NewsQA, queue: WorkQueue, form: AskQuery) -> Response:
    """Return the events "hits" and "answer", or "error" (a problem) in place of the second.

    An error before the first event is an error of the request, as without events.
    """
    deadline = Deadline()
    hits = await queue.run(qa.search, form.question, check=deadline, **form.shared_options())
    deadline.pause()

    async def events() -> AsyncIterator[bytes]:
        yield event("hits", hits.to_dict())
        try:
            reply = await queue.run(qa.ask, form.question, check=deadline, **form.options())
        except Exception as error:
            status, detail = status_and_detail(error, "asking with events")
            # The headers are gone already: what Retry-After says stands in the event.
            retry = {"retry_after_s": RETRY_AFTER_S} if status == 503 else {}
            yield event("error", {**problem(status, detail), **retry})
        else:
            yield event("answer", reply.to_dict())

    # A proxy that buffered the stream would hold the hits back until the answer is there.
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(events(), media_type=MEDIA_TYPE, headers=headers)


def event(name: str, body: Mapping[str, Any]) -> bytes:
    """Return one event; its data is JSON on one line."""
    return f"event: {name}\ndata: {json.dumps(body)}\n\n".encode()
