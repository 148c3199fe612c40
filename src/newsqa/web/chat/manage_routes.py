"""Routes of the Articles tab beside uploads: add a folder by its path, rebuild the index."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from newsqa.engine import NewsQA
from newsqa.errors import CorpusError
from newsqa.index import Report
from newsqa.schemas import ReportShape
from newsqa.settings import Settings
from newsqa.web.api.auth import Access
from newsqa.web.api.errors import problem_response
from newsqa.web.work_queue import WorkQueue

_MAX_PATH_CHARS = 4096


class Folder(BaseModel):
    """Where the articles to add are."""

    model_config = ConfigDict(extra="forbid")

    path: Annotated[str, Field(min_length=1, max_length=_MAX_PATH_CHARS)]


class FolderRoots:
    """The folders below which the operator lets articles be added by path."""

    def __init__(self, setting: str) -> None:
        """Parse the setting ``folder_roots``: paths joined by the system's path separator."""
        parts = [part.strip() for part in setting.split(os.pathsep)]
        self._roots = tuple(Path(part).expanduser().resolve() for part in parts if part)

    def find(self, sent_path: str) -> Path:
        """Return the file or folder at ``sent_path``; a relative path starts at a root.

        Raises:
            HTTPException: 403; it is not below a root, links followed, or it is not there. Which
                of the two is not told.
        """
        for root in self._roots:
            try:
                path = (root / sent_path).resolve(strict=True)
                exists = path.is_dir() or path.is_file()
            except (OSError, ValueError, RuntimeError):  # not there, a NUL, links in a circle
                continue
            if exists and any(path.is_relative_to(each) for each in self._roots):
                return path
        if not self._roots:
            raise HTTPException(403, "no folder may be added here: folder_roots is not set")
        places = ", ".join(str(root) for root in self._roots)
        raise HTTPException(403, f"nothing there may be added; it must lie in {places}")


class ChangeProgress:
    """The progress of the running change; the index reports it, the page polls it."""

    def __init__(self) -> None:
        self._state: dict[str, Any] = {"stage": None}

    def __call__(self, stage: str, done: int, total: int | None, detail: str = "") -> None:
        """Take note; see `newsqa.protocols.Progress`."""
        self._state = {"stage": stage, "done": done, "total": total, "detail": detail}

    def run(self, change: Callable[..., Report]) -> ReportShape:
        """Run a change that reports its progress here; return its report."""
        try:
            return change(progress=self).to_dict()
        finally:
            self._state = {"stage": None}

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form: ``stage`` is None while nothing changes."""
        return self._state


def create_manage_routes(
    qa: NewsQA, queue: WorkQueue, access: Access, settings: Settings
) -> APIRouter:
    """Return the routes below ``/page/manage``; ``queue`` runs one change at a time."""
    routes = APIRouter(prefix="/page/manage", include_in_schema=False)
    roots, progress = FolderRoots(settings.folder_roots), ChangeProgress()

    @routes.post("/folder")
    async def add_folder(folder: Folder, request: Request) -> Response:
        access.check_change(request)
        change = partial(qa.add, [roots.find(folder.path)])
        try:
            return JSONResponse(await queue.run(progress.run, change))
        except CorpusError as error:
            rows = [{"path": p.path, "reason": p.reason} for p in error.problems]
            return problem_response(422, error.message, failed=rows)

    @routes.post("/rebuild")
    async def rebuild(request: Request) -> Response:
        access.check_change(request)
        before = qa.generation
        report = await queue.run(progress.run, qa.index.rebuild)
        return JSONResponse({**report, "rebuilt": report["generation"] != before})

    @routes.get("/doing")
    async def show_progress(request: Request) -> Response:
        access.check_change(request)
        return JSONResponse(progress.to_dict())

    return routes
