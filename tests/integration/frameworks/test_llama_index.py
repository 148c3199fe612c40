"""The LlamaIndex retriever and query engine: offsets, filters, quotes and no answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

import newsqa
from tests.harbours import QUESTION, harbours

pytest.importorskip("llama_index.core", reason="needs newsqa[frameworks]: no llama-index-core")
adapter: Any = pytest.importorskip("newsqa.integrations.llama_index")
ANSWERED = "When did the storm close the harbour of Port 7?"
UNANSWERED = "Who painted the portrait of Queen Ostrava?"


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[newsqa.NewsQA]:
    with harbours(tmp_path_factory.mktemp("llama")) as qa:
        yield qa


def test_nodes_carry_the_offsets_of_their_text(qa: newsqa.NewsQA) -> None:
    found = adapter.NewsQARetriever(index=str(qa.settings.index), k=4).retrieve(QUESTION)
    assert len(found) == 4
    for scored, hit in zip(found, qa.search(QUESTION, k=4), strict=True):
        node = scored.node
        article = qa.article(node.metadata["article_id"], version=node.metadata["version"])
        assert article.body[node.start_char_idx : node.end_char_idx] == node.text
        assert (node.node_id, scored.score) == (hit.passage.passage_id, hit.score)
        assert node.source_node.node_id == article.article_id
        assert qa.prove({**node.metadata, "quote": node.text}) == "exact"
        assert "sha256" not in node.get_content("llm")


def test_filters_are_part_of_the_search(qa: newsqa.NewsQA) -> None:
    for given in ({"until": date(2026, 1, 31)}, {"sources": ["post"]}, {"as_of": "2026-01-31"}):
        found = adapter.NewsQARetriever(index=qa, k=3, **given).retrieve(QUESTION)
        assert [scored.node.metadata["source"] for scored in found] == ["Post"] * 3


def test_the_engine_answers_with_quotes(qa: newsqa.NewsQA) -> None:
    engine = adapter.NewsQAQueryEngine(index=qa)
    response = engine.query(ANSWERED)
    reply = qa.ask(ANSWERED)
    assert reply.answered
    assert response.metadata["answered"] is True
    assert [n.node.text for n in response.source_nodes] == [q.text for q in reply.quotes]
    for scored in response.source_nodes:
        node = scored.node
        body = qa.article(node.metadata["article_id"]).body
        assert body[node.start_char_idx : node.end_char_idx] == node.text
        assert node.text in str(response)
    assert response.source_nodes[0].score == reply.confidence
    assert str(asyncio.run(engine.aquery(ANSWERED))) == str(response)


def test_the_engine_says_when_there_is_no_answer(qa: newsqa.NewsQA) -> None:
    response = adapter.NewsQAQueryEngine(index=qa).query(UNANSWERED)
    assert response.metadata["answered"] is False
    assert response.metadata["reason"]["code"] in {"nothing_found", "not_stated"}
    assert response.source_nodes == []
    assert "do not say" in str(response)
    outside = adapter.NewsQAQueryEngine(index=qa, since="2030-01-01").query(ANSWERED)
    assert outside.metadata["reason"]["code"] == "outside_dates"


def test_both_wait_for_nobody(qa: newsqa.NewsQA) -> None:
    retriever = adapter.NewsQARetriever(index=qa, k=2)
    found = asyncio.run(retriever.aretrieve(QUESTION))
    assert [s.node.node_id for s in found] == [s.node.node_id for s in retriever.retrieve(QUESTION)]
