"""A LangChain retriever: ``NewsQARetriever(index="index", k=4)``. Needs ``newsqa[langchain]``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from os import PathLike
from typing import Any

from newsqa.engine import NewsQA
from newsqa.integrations.source import Source, described, filters_of, merged

try:
    from langchain_core.callbacks import CallbackManagerForRetrieverRun
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever
    from pydantic import PrivateAttr
except ModuleNotFoundError as error:
    raise ImportError("LangChain is not installed: pip install 'newsqa[langchain]'") from error


class NewsQARetriever(BaseRetriever):
    """Finds passages of an index; each is a Document whose metadata say where it stands.

    ``k`` and the filters may also be given to ``invoke``, for one search. ``index`` is the folder
    of an index, or an open one. The metadata of a Document, with its text as ``quote``, are a
    citation that `NewsQA.prove` takes.
    """

    index: str | PathLike[str] | NewsQA
    k: int = 4
    since: date | None = None
    until: date | None = None
    sources: Sequence[str] = ()
    as_of: date | None = None
    rerank: bool = False
    _source: Source = PrivateAttr()

    def model_post_init(self, context: Any) -> None:
        """Remember the index; it is opened by the first search."""
        self._source = Source(self.index)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, **options: Any
    ) -> list[Document]:
        filters = filters_of(self.since, self.until, self.sources, self.as_of)
        chosen = {"k": self.k, "rerank": self.rerank, **merged(filters, **options)}
        return [
            Document(
                id=hit.passage.passage_id, page_content=hit.passage.text, metadata=described(hit)
            )
            for hit in self._source.qa.search(query, **chosen)
        ]
