"""For LlamaIndex: a retriever and a query engine that quotes. Needs ``newsqa[llama-index]``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from newsqa.integrations.source import Day, Place, Source, described, filters_of, flat, merged
from newsqa.replies import Answer, Reply

try:
    from llama_index.core.base.base_query_engine import BaseQueryEngine
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.base.response.schema import Response
    from llama_index.core.callbacks import CallbackManager
    from llama_index.core.schema import (
        NodeRelationship,
        NodeWithScore,
        QueryBundle,
        RelatedNodeInfo,
        TextNode,
    )
except ModuleNotFoundError as error:
    raise ImportError("LlamaIndex is not installed: pip install 'newsqa[llama-index]'") from error

# What a model reads beside the text; the rest of the metadata are for programs.
_READ = ("title", "source", "published")


class NewsQARetriever(BaseRetriever):
    """Finds passages of an index.

    Each node carries the offsets of its text in the article's body (``start_char_idx``,
    ``end_char_idx``), and names the article as its source.
    """

    def __init__(
        self,
        index: Place,
        k: int = 4,
        *,
        since: Day = None,
        until: Day = None,
        sources: Sequence[str] = (),
        as_of: Day = None,
        rerank: bool = False,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        """Choose the folder of an index, or an open one, and what is searched of it."""
        self._source = Source(index)
        filters = filters_of(since, until, sources, as_of)
        self._options = merged(filters, k=k, rerank=rerank)
        super().__init__(callback_manager=callback_manager)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self._source.qa.search(query_bundle.query_str, **self._options)
        return [
            _node(hit.passage.passage_id, hit.passage.text, described(hit), hit.score)
            for hit in hits
        ]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        import asyncio

        return await asyncio.to_thread(self._retrieve, query_bundle)


class NewsQAQueryEngine(BaseQueryEngine):
    """Answers with quotes, or says that the articles do not answer; no language model is used.

    The response's ``source_nodes`` are the quotes, none where there is no answer, and its
    ``metadata`` is the whole reply as JSON: ``metadata["answered"]`` says which it is.
    """

    def __init__(
        self,
        index: Place,
        k: int = 3,
        *,
        since: Day = None,
        until: Day = None,
        sources: Sequence[str] = (),
        as_of: Day = None,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        """Choose the folder of an index, or an open one, and what is asked of it."""
        self._source = Source(index)
        self._options = merged(filters_of(since, until, sources, as_of), k=k)
        super().__init__(callback_manager=callback_manager)

    def _query(self, query_bundle: QueryBundle) -> Response:
        return _response(self._source.qa.ask(query_bundle.query_str, **self._options))

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return _response(await self._source.qa.aask(query_bundle.query_str, **self._options))

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}


def _response(reply: Reply) -> Response:
    nodes = []
    for quote in reply.quotes if isinstance(reply, Answer) else ():
        c = quote.citation
        name = f"{c.article_id}@{c.version}:{c.span.start}-{c.span.end}"
        score = reply.confidence if quote.n == 1 else None
        nodes.append(_node(name, quote.text, quote.to_dict(), score))
    return Response(response=str(reply), source_nodes=nodes, metadata=dict(reply.to_dict()))


def _node(name: str, text: str, record: Mapping[str, Any], score: float | None) -> NodeWithScore:
    metadata = flat(record)
    hidden = [key for key in metadata if key not in _READ]
    node = TextNode(
        id_=name,
        text=text,
        start_char_idx=record["start"],
        end_char_idx=record["end"],
        metadata=metadata,
        excluded_llm_metadata_keys=hidden,
        excluded_embed_metadata_keys=hidden,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=record["article_id"])},
    )
    return NodeWithScore(node=node, score=score)
