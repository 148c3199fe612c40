"""The MCP tools: arguments, result and work of each. They read; none changes anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from newsqa import schemas
from newsqa.answering.quotes import citation_from
from newsqa.engine import NewsQA
from newsqa.web.api.requests import AskForm, SearchBody
from newsqa.web.work_queue import Deadline

Json = Mapping[str, Any]


class _ArgumentForm(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ArticleForm(_ArgumentForm):
    """Which article, and which version of it."""

    article_id: Annotated[str, Field(max_length=4000, description="the id that quotes carry")]
    version: Annotated[
        int | None, Field(ge=1, le=2**31, description="a stored version; the current one if absent")
    ] = None


class CitationForm(BaseModel):
    """A quote as `ask` gives it; of its fields these are looked at."""

    model_config = ConfigDict(extra="allow")

    article_id: str
    version: int
    content_sha256: str
    start: int
    end: int
    quote: str


class ProofForm(_ArgumentForm):
    """The citation to check against the stored articles."""

    citation: CitationForm


class NothingForm(_ArgumentForm):
    """No arguments."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: its texts, its schemas, and its work.

    ``work`` turns checked arguments into a call without arguments, which returns the JSON.
    """

    name: str
    title: str
    description: str
    form: type[BaseModel]
    shape: type
    work: Callable[[Any], Callable[[], Json]]


def tools_of(qa: NewsQA, *, deadline_s: float) -> Mapping[str, Tool]:
    """Return the tools over ``qa``, by name; a question may take ``deadline_s`` seconds."""

    def search(form: SearchBody) -> Json:
        check = Deadline(deadline_s)
        return qa.search(form.question, check=check, **form.options()).to_dict()

    def ask(form: AskForm) -> Json:
        check = Deadline(deadline_s)
        return qa.ask(form.question, check=check, **form.options()).to_dict()

    def article(form: ArticleForm) -> Json:
        return qa.article(form.article_id, version=form.version).to_dict()

    def sources(_: NothingForm) -> Json:
        return {"sources": dict(qa.sources())}

    def prove(form: ProofForm) -> Json:
        citation = form.citation.model_dump()
        citation_from(citation)  # raises ValueError with what is wrong
        state = qa.prove(citation)
        quote = {"article_id": citation["article_id"], "n": citation.get("n"), "state": state}
        return {"state": state, "quotes": [quote]}

    works: tuple[Callable[[Any], Json], ...] = (search, ask, article, sources, prove)
    tools = (Tool(*texts, work=_deferred(work)) for texts, work in zip(_TOOLS, works, strict=True))
    return {tool.name: tool for tool in tools}


def _deferred(work: Callable[[Any], Json]) -> Callable[[Any], Callable[[], Json]]:
    return lambda form: partial(work, form)


_FILTERS = (
    "since, until and as_of are days (YYYY-MM-DD); sources are names as list_sources gives them. "
    "as_of searches what had been published by that day."
)
_OFFSETS = "start and end are character offsets into the body that get_article gives."
_TOOLS: tuple[tuple[str, str, str, type[BaseModel], type], ...] = (
    (
        "search",
        "Search the articles",
        f"Find passages of the news articles, best first. {_FILTERS} {_OFFSETS}",
        SearchBody,
        schemas.HitsShape,
    ),
    (
        "ask",
        "Ask the articles",
        "Answer a question with exact quotes from the news articles, each with its citation, or "
        "say that they do not answer it (answered: false, with the reason). Quote what comes back "
        f"word for word. {_FILTERS} {_OFFSETS}",
        AskForm,
        schemas.ReplyShape,
    ),
    (
        "get_article",
        "Read an article",
        "Return an article as it is stored, with all its versions; old versions stay readable.",
        ArticleForm,
        schemas.ArticleShape,
    ),
    (
        "list_sources",
        "List the sources",
        "Return the outlets and how many current articles each has.",
        NothingForm,
        schemas.SourcesShape,
    ),
    (
        "prove_citation",
        "Prove a citation",
        "Hold a quote of ask against the stored articles, letter for letter. exact: the current "
        "text says so there. changed: an earlier version did. unknown: the articles never said so.",
        ProofForm,
        schemas.ProofShape,
    ),
)
