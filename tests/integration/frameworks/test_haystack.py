"""The Haystack component: documents, filters, and a pipeline written to YAML and read back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

import newsqa
from tests.harbours import QUESTION, harbours

os.environ.setdefault("HAYSTACK_TELEMETRY_ENABLED", "False")  # it would report over the network
haystack: Any = pytest.importorskip(
    "haystack", reason="needs newsqa[frameworks]: no haystack-ai", exc_type=ImportError
)
component: Any = pytest.importorskip("newsqa.integrations.haystack").NewsQARetriever


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[newsqa.NewsQA]:
    with harbours(tmp_path_factory.mktemp("haystack")) as qa:
        yield qa


def test_documents_say_where_they_stand(qa: newsqa.NewsQA) -> None:
    documents = component(index=str(qa.settings.index), top_k=4).run(QUESTION)["documents"]
    assert len(documents) == 4
    for document, hit in zip(documents, qa.search(QUESTION, k=4), strict=True):
        place = document.meta
        body = qa.article(place["article_id"], version=place["version"]).body
        assert body[place["start"] : place["end"]] == document.content
        assert (document.id, document.score) == (hit.passage.passage_id, hit.score)
        assert qa.prove({**place, "quote": document.content}) == "exact"


def test_filters_are_part_of_the_search(qa: newsqa.NewsQA) -> None:
    for given in ({"until": date(2026, 1, 31)}, {"sources": ["post"]}, {"as_of": "2026-01-31"}):
        for documents in (
            component(index=qa, top_k=3, **given).run(QUESTION)["documents"],
            component(index=qa).run(QUESTION, top_k=3, **given)["documents"],
        ):
            assert [document.meta["source"] for document in documents] == ["Post"] * 3
    with pytest.raises(ValueError, match="k >= 1"):
        component(index=qa).run(QUESTION, top_k=0)


def test_a_pipeline_survives_yaml(qa: newsqa.NewsQA) -> None:
    made = component(
        index=qa.settings.index, top_k=3, since=date(2026, 1, 2), sources=["Post"], as_of=None
    )
    pipeline = haystack.Pipeline()
    pipeline.add_component("retriever", made)
    text = pipeline.dumps()
    # Haystack takes components of other packages from a file only if their module is named.
    again = haystack.Pipeline.loads(text, allowed_modules=["newsqa.integrations.haystack"])
    assert again.dumps() == text
    assert "2026-01-02" in text
    asked = {"retriever": {"query": QUESTION}}
    first, second = pipeline.run(asked), again.run(asked)
    assert first == second
    assert [d.meta["source"] for d in first["retriever"]["documents"]] == ["Post"] * 3


def test_the_component_is_made_again_from_its_description(qa: newsqa.NewsQA) -> None:
    made = component(index=qa, top_k=2, until="2026-05-03", rerank=True)
    record = made.to_dict()
    assert record["init_parameters"]["index"] == str(qa.settings.index)
    assert component.from_dict(record).to_dict() == record
    with pytest.raises(ValueError, match="isoformat"):
        component(index=qa, since="last week")
