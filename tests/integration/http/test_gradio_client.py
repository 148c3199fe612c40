"""The official Gradio client on a running server: four endpoints, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from tests.browser.serving import served
from tests.fakes import engine as fakes

NAMES = {"/search", "/ask", "/article", "/sources"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("gradio-client")
    with served(["-m", "tests.browser.fake_server"], folder) as address:
        patient = {"timeout": 120}  # the first to ask waits for the import of Gradio
        options = {"verbose": False, "analytics_enabled": False, "download_files": False}
        made = Client(address, httpx_kwargs=patient, **options)
        yield made
        made.close()


def test_the_client_sees_four_endpoints(client: Any) -> None:
    seen = client.view_api(return_format="dict", print_info=False)
    assert set(seen["named_endpoints"]) == NAMES
    assert seen["unnamed_endpoints"] == {}
    asked = [p["parameter_name"] for p in seen["named_endpoints"]["/ask"]["parameters"]]
    assert asked == [
        "question", "k", "since", "until", "sources", "as_of", "today", "turns", "explain",
    ]  # fmt: skip


def test_each_gives_the_json_of_the_other_faces(client: Any) -> None:
    engine = fakes.FakeEngine()
    reply = client.predict("When?", api_name="/ask")
    assert reply == engine.ask("When?").to_dict()
    turns = [{"question": "Who?", "quotes": []}]
    reply = client.predict("not_stated", k=2, sources=["A"], turns=turns, api_name="/ask")
    assert reply["reason"]["code"] == "not_stated"
    hits = client.predict("tunnel", k=1, since="2026-01-01", api_name="/search")
    assert hits == engine.search("tunnel", k=1).to_dict()
    article = client.predict("tunnel-1", api_name="/article")
    quote = client.predict("When?", api_name="/ask")["quotes"][0]
    assert article["body"][quote["start"] : quote["end"]] == quote["quote"]
    assert client.predict(api_name="/sources") == {"sources": engine.sources()}


@pytest.mark.parametrize(
    ("endpoint", "given", "said"),
    [
        ("/ask", {"question": "x", "k": 51}, "k: "),
        ("/ask", {"question": "x" * 2001}, "question: "),
        ("/search", {"question": "x", "since": "yesterday"}, "2026-01-31"),
        ("/article", {"article_id": "nobody"}, "no article"),
        ("/ask", {"question": "boom"}, "log says why"),
    ],
)
def test_what_is_wrong_is_said(
    client: Any, endpoint: str, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(AppError) as caught:
        client.predict(**given, api_name=endpoint)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["/press", "/start_again", "/ask_1", "/remove"])
def test_nothing_else_can_be_called(client: Any, name: str) -> None:
    with pytest.raises(ValueError, match="Cannot find a function"):
        client.predict("x", api_name=name)
