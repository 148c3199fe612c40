"""Changes that the Articles tab asks for beside uploads: a folder by its path, the index anew."""

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

from newsqa.errors import CorpusError
from newsqa.settings import Settings
from newsqa.web.api import errors as problems
from newsqa.web.api.auth import Access
from newsqa.web.engine_protocol import Changed, Engine
from newsqa.web.work_queue import Desk

_PATH_CHARS = 4096


class Folder(BaseModel):
    """Where the articles to add are."""

    model_config = ConfigDict(extra="forbid")

    path: Annotated[str, Field(min_length=1, max_length=_PATH_CHARS)]


class Roots:
    """The folders below which the operator lets articles be added by path."""

    def __init__(self, setting: str) -> None:
        """Read ``folder_roots``: paths with ``:`` between them (the system's own sign)."""
        given = [part.strip() for part in setting.split(os.pathsep)]
        self._roots = tuple(Path(part).expanduser().resolve() for part in given if part)

    def find(self, given: str) -> Path:
        """Return the file or folder that ``given`` names; a relative path stands below a root.

        Raises:
            HTTPException: 403; it is not below a root, links followed, or it is not there. Which
                of the two is not told.
        """
        for root in self._roots:
            try:
                path = (root / given).resolve(strict=True)
                plain = path.is_dir() or path.is_file()
            except (OSError, ValueError, RuntimeError):  # not there, a NUL, links in a circle
                continue
            if plain and any(path.is_relative_to(each) for each in self._roots):
                return path
        if not self._roots:
            raise HTTPException(403, "no folder may be added here: folder_roots is not set")
        places = ", ".join(str(root) for root in self._roots)
        raise HTTPException(403, f"nothing there may be added; it must lie in {places}")


class Doing:
    """How far the change under way has come; the index tells it, the page asks."""

    def __init__(self) -> None:
        self._now: dict[str, Any] = {"stage": None}

    def __call__(self, stage: str, done: int, total: int | None, detail: str = "") -> None:
        """Take note; see `newsqa.protocols.Progress`."""
        self._now = {"stage": stage, "done": done, "total": total, "detail": detail}

    def told(self, change: Callable[..., Changed]) -> dict[str, Any]:
        """Run a change that tells its progress here; return its report."""
        try:
            return change(progress=self).to_dict()
        finally:
            self._now = {"stage": None}

    def to_dict(self) -> dict[str, Any]:
        """Return it: ``stage`` is None while nothing is changed."""
        return self._now


def create_managing(qa: Engine, desk: Desk, access: Access, settings: Settings) -> APIRouter:
    """Return the routes below ``/page/manage``; ``desk`` runs one change at a time."""
    routes = APIRouter(prefix="/page/manage", include_in_schema=False)
    roots, doing = Roots(settings.folder_roots), Doing()

    @routes.post("/folder")
    async def add_folder(given: Folder, request: Request) -> Response:
        access.check_change(request)
        change = partial(qa.add, [roots.find(given.path)])
        try:
            return JSONResponse(await desk.run(doing.told, change))
        except CorpusError as error:
            rows = [{"path": p.path, "reason": p.reason} for p in error.problems]
            return problems.problem(422, error.message, failed=rows)

    @routes.post("/rebuild")
    async def rebuild(request: Request) -> Response:
        access.check_change(request)
        before = qa.generation
        report = await desk.run(doing.told, qa.index.rebuild)
        return JSONResponse({**report, "rebuilt": report["generation"] != before})

    @routes.get("/doing")
    async def show_doing(request: Request) -> Response:
        access.check_change(request)
        return JSONResponse(doing.to_dict())

    return routes
