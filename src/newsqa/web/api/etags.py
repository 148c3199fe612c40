"""Entity tags: a caller that has the reply of this generation is told so, and no work is done.

A tag names the run of the server, the generation and the day: other settings, another state of
the articles and another today may each give another reply. Tags are weak, since timings differ.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fastapi import Request
from starlette.responses import Response

from newsqa.web.engine_protocol import Engine
from newsqa.web.work_queue import Desk

_TAG = re.compile(r'"[^"]*"')


@dataclass(frozen=True, slots=True)
class Fresh:
    """Answers GET requests with a tag, and those that name the newest tag with 304."""

    qa: Engine
    desk: Desk
    run: str = field(default_factory=lambda: secrets.token_hex(4))

    async def answer(
        self, request: Request, work: Callable[[], Any], shown: Callable[[Any], Response]
    ) -> Response:
        """Return what ``shown`` makes of the work's result, or 304 with nothing done."""
        named = set(_TAG.findall(request.headers.get("if-none-match", "")))

        def worked() -> tuple[str, Any]:
            tag = self.tag()  # before the work: a change in between makes the tag old, not wrong
            return tag, None if tag in named else work()

        tag, found = await self.desk.run(worked)
        response = Response(status_code=304) if tag in named else shown(found)
        response.headers["etag"] = f"W/{tag}"
        response.headers["cache-control"] = "private, no-cache"  # kept, but asked for again
        return response

    def tag(self) -> str:
        """Return the tag of replies given now."""
        return f'"{self.run}-{self.qa.generation}-{datetime.now(UTC).date():%y%m%d}"'
