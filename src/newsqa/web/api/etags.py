"""ETags: a caller that names the current tag gets 304, and no work is done.

A tag holds the run of the server, the generation and the day: other settings, another state of
the articles and another today may each give another reply. Tags are weak: timings differ.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from fastapi import Request
from starlette.responses import Response

from newsqa.engine import NewsQA
from newsqa.web.work_queue import WorkQueue

T = TypeVar("T")
_TAG = re.compile(r'"[^"]*"')


@dataclass(frozen=True, slots=True)
class ETags:
    """Answers GET requests with a tag, and with 304 those that name the current one."""

    qa: NewsQA
    queue: WorkQueue
    run: str = field(default_factory=lambda: secrets.token_hex(4))

    async def answer(
        self, request: Request, work: Callable[[], T], respond: Callable[[T], Response]
    ) -> Response:
        """Return ``respond(work())``, or 304 without any work."""
        sent_tags = set(_TAG.findall(request.headers.get("if-none-match", "")))

        def tagged_response() -> tuple[str, Response]:
            tag = self.current()  # before the work: a change meanwhile makes it old, not wrong
            return tag, Response(status_code=304) if tag in sent_tags else respond(work())

        tag, response = await self.queue.run(tagged_response)
        response.headers["etag"] = f"W/{tag}"
        response.headers["cache-control"] = "private, no-cache"  # kept, but revalidated
        return response

    def current(self) -> str:
        """Return the tag of a reply made now."""
        return f'"{self.run}-{self.qa.generation}-{datetime.now(UTC).date():%y%m%d}"'
