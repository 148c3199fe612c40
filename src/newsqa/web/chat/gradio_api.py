"""What the official Gradio client may call: `search`, `ask`, `article`, `sources`, and no more.

The functions are found by their names and types, which Gradio reads when the page is built: so
annotations are real here, not text. They take what HTTP takes and give the JSON of HTTP.
"""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from newsqa.web.api import errors as problems
from newsqa.web.engine_protocol import Engine
from newsqa.web.mcp import tools as mcp_tools
from newsqa.web.work_queue import DEADLINE_S, Desk

Given = dict[str, Any]
Turns = list[dict[str, Any]]


class EndpointError(Exception):
    """There is no result; the message may be shown to the caller."""


def endpoints(qa: Engine, desk: Desk) -> dict[str, Callable[..., Given]]:
    """Return the functions by the names under which they are called."""
    work = _Work(qa, desk)
    return {
        "search": _search(work),
        "ask": _ask(work),
        "article": _article(work),
        "sources": _sources(work),
    }


def _search(work: "_Work") -> Callable[..., Given]:
    def search(
        question: str,
        k: int = 10,
        offset: int = 0,
        since: str | None = None,
        until: str | None = None,
        sources: list[str] | None = None,
        as_of: str | None = None,
        today: str | None = None,
        rerank: bool = False,
        max_tokens: int | None = None,
    ) -> Given:
        """Find passages, best first. Days are written as 2026-01-31."""
        return work.done("search", locals())

    return search


def _ask(work: "_Work") -> Callable[..., Given]:
    def ask(
        question: str,
        k: int = 3,
        since: str | None = None,
        until: str | None = None,
        sources: list[str] | None = None,
        as_of: str | None = None,
        today: str | None = None,
        turns: Turns | None = None,
        explain: bool = False,
    ) -> Given:
        """Answer with exact quotes, each with its citation, or say why not."""
        return work.done("ask", locals())

    return ask


def _article(work: "_Work") -> Callable[..., Given]:
    def article(article_id: str, version: int | None = None) -> Given:
        """Return an article as it is stored; the current version if none is named."""
        return work.done("get_article", locals())

    return article


def _sources(work: "_Work") -> Callable[..., Given]:
    def sources() -> Given:
        """Return the outlets and how many current articles each has."""
        return work.done("list_sources", {})

    return sources


class _Work:
    """Checks arguments and does the work at the desk, as the MCP tools of the same names do."""

    def __init__(self, qa: Engine, desk: Desk) -> None:
        self._tools = mcp_tools.tools_of(qa, deadline_s=DEADLINE_S)
        self._desk = desk

    def done(self, name: str, given: Given) -> Given:
        """Return the result.

        Raises:
            EndpointError: The arguments make no sense, or the work failed.
        """
        tool = self._tools[name]
        fields = tool.form.model_fields
        sent = {key: v for key, v in given.items() if key in fields and v is not None}
        try:
            return self._desk.submit(tool.work(tool.form.model_validate(sent))).result()
        except ValidationError as error:
            wrong = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
            raise EndpointError("; ".join(wrong[:5])) from None
        except Exception as error:
            _, detail = problems.told(error, f"the endpoint {name}")
            raise EndpointError(detail) from None
