"""A Haystack component: ``NewsQARetriever(index="index", top_k=4)``. Needs ``newsqa[haystack]``."""

from __future__ import annotations

from typing import Any

from newsqa.integrations.source import Day, Place, Source, described, filters_of, merged
from newsqa.types import day

try:
    from haystack import Document, component, default_from_dict, default_to_dict
except ModuleNotFoundError as error:
    raise ImportError("Haystack is not installed: pip install 'newsqa[haystack]'") from error


@component
class NewsQARetriever:
    """Finds passages of an index; the meta of each Document say where it stands.

    ``top_k`` and the filters may also be given to ``run``, for one search. The meta of a Document,
    with its content as ``quote``, are a citation that `NewsQA.prove` takes.
    """

    def __init__(
        self,
        index: Place,
        top_k: int = 4,
        since: Day = None,
        until: Day = None,
        sources: list[str] | None = None,
        as_of: Day = None,
        rerank: bool = False,
    ) -> None:
        """Choose the folder of an index, or an open one, and what is searched of it."""
        self._source = Source(index)
        self._top_k = top_k
        self._rerank = rerank
        self._filters = filters_of(since, until, sources, as_of)

    def warm_up(self) -> None:
        """Open the index; the first search does it otherwise."""
        _ = self._source.qa

    @component.output_types(documents=list[Document])
    def run(
        self,
        query: str,
        top_k: int | None = None,
        since: Day = None,
        until: Day = None,
        sources: list[str] | None = None,
        as_of: Day = None,
    ) -> dict[str, list[Document]]:
        """Return the best passages, best first, as ``documents``."""
        options = merged(
            self._filters,
            k=self._top_k if top_k is None else top_k,
            rerank=self._rerank,
            since=since,
            until=until,
            sources=sources,
            as_of=as_of,
        )
        documents = [
            Document(
                id=hit.passage.passage_id,
                content=hit.passage.text,
                meta=described(hit),
                score=hit.score,
            )
            for hit in self._source.qa.search(query, **options)
        ]
        return {"documents": documents}

    def to_dict(self) -> dict[str, Any]:
        """Return what makes the component again; an open index becomes its folder."""
        made: dict[str, Any] = default_to_dict(
            self,
            index=self._source.folder,
            top_k=self._top_k,
            rerank=self._rerank,
            since=day(self._filters["since"]),
            until=day(self._filters["until"]),
            sources=list(self._filters["sources"]),
            as_of=day(self._filters["as_of"]),
        )
        return made

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> NewsQARetriever:
        """Make the component that `to_dict` described."""
        made: NewsQARetriever = default_from_dict(cls, record)
        return made
