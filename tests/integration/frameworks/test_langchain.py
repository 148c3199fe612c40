"""The LangChain retriever: LangChain's own standard tests, places, filters."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import newsqa
from tests.harbours import QUESTION, harbours

pytest.importorskip("langchain_core", reason="needs newsqa[frameworks]: no langchain-core")
standard = pytest.importorskip(
    "langchain_tests.integration_tests", reason="needs newsqa[frameworks]: no langchain-tests"
)
retriever_of: Any = pytest.importorskip("newsqa.integrations.langchain").NewsQARetriever


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[newsqa.NewsQA]:
    with harbours(tmp_path_factory.mktemp("langchain")) as qa:
        yield qa


@pytest.mark.anyio  # one of them is to be awaited
class TestStandard(standard.RetrieversIntegrationTests):  # type: ignore[name-defined]
    """The tests that LangChain asks every retriever to pass."""

    folder: Path

    @pytest.fixture(autouse=True)
    def _index(self, qa: newsqa.NewsQA) -> None:
        type(self).folder = qa.settings.index

    @property
    def retriever_constructor(self) -> Any:
        return retriever_of

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"index": str(self.folder), "k": 4}

    @property
    def retriever_query_example(self) -> str:
        return QUESTION

    @pytest.fixture
    def retriever(self, qa: newsqa.NewsQA) -> Any:
        return retriever_of(**{**self.retriever_constructor_params, "index": str(self.folder)})

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"


def test_a_document_says_where_it_stands(qa: newsqa.NewsQA) -> None:
    documents = retriever_of(index=qa, k=4).invoke(QUESTION)
    assert len(documents) == 4
    for document, hit in zip(documents, qa.search(QUESTION, k=4), strict=True):
        place = document.metadata
        body = qa.article(place["article_id"], version=place["version"]).body
        assert body[place["start"] : place["end"]] == document.page_content
        assert (document.id, place["score"]) == (hit.passage.passage_id, hit.score)
        assert qa.prove({**place, "quote": document.page_content}) == "exact"


def test_filters_are_part_of_the_search(qa: newsqa.NewsQA) -> None:
    plain = retriever_of(index=qa, k=3)
    assert {d.metadata["source"] for d in plain.invoke(QUESTION)} == {"Gazette"}
    for given in (
        {"until": date(2026, 1, 31)},
        {"sources": ["post"]},
        {"as_of": "2026-01-31"},
    ):
        for found in (
            retriever_of(index=qa, k=3, **given).invoke(QUESTION),
            plain.invoke(QUESTION, **given),
        ):
            assert [d.metadata["source"] for d in found] == ["Post"] * 3
    assert plain.invoke(QUESTION, since="2026-01-02", until="2026-01-03", k=9)[0].id
    assert len(plain.invoke(QUESTION, since="2026-01-02", until="2026-01-03", k=9)) == 2


def test_waiting_gives_the_same(qa: newsqa.NewsQA) -> None:
    retriever = retriever_of(index=qa, k=2)
    assert asyncio.run(retriever.ainvoke(QUESTION)) == retriever.invoke(QUESTION)


def test_a_chain_takes_it(qa: newsqa.NewsQA) -> None:
    chain = retriever_of(index=qa, k=2) | (lambda found: [d.page_content for d in found])
    assert len(chain.invoke(QUESTION)) == 2
