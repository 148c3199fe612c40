"""What programs rely on beyond the replies: tags, pages, events, compression, the OpenAPI file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fastapi.testclient import TestClient

from newsqa.web.api import openapi as described
from newsqa.web.api import routes as api
from newsqa.web.middleware import allowlist
from newsqa.web.middleware.request_guard import RequestGuard
from tests.fakes import engine as fakes

ASK = "/api/v1/ask?question=When"


@pytest.fixture
def engine() -> fakes.FakeEngine:
    return fakes.FakeEngine()


@pytest.fixture
def client(engine: fakes.FakeEngine, tmp_path: Path) -> Iterator[TestClient]:
    app = api.create_api(engine, fakes.settings(index=tmp_path / "index"))
    hosts = allowlist.Hosts.for_binding("127.0.0.1", ["testserver"])
    with TestClient(RequestGuard(app, hosts), raise_server_exceptions=False) as made:
        yield made


# -- tags --


@pytest.mark.parametrize(
    "path", [ASK, "/api/v1/search?question=x", "/api/v1/articles/tunnel-1", "/api/v1/sources"]
)
def test_who_has_the_reply_of_this_generation_is_told_so(
    client: TestClient, engine: fakes.FakeEngine, path: str
) -> None:
    first = client.get(path)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    assert "no-cache" in first.headers["cache-control"]
    asked = len(engine.asked)
    again = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert len(engine.asked) == asked  # no work was done
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_change_makes_the_tag_old(client: TestClient) -> None:
    tag = client.get(ASK).headers["etag"]
    assert client.delete("/api/v1/articles/tunnel-2").status_code == 200
    again = client.get(ASK, headers={"If-None-Match": tag})
    assert again.status_code == 200
    assert again.headers["etag"] != tag


def test_another_run_of_the_server_has_other_tags(engine: fakes.FakeEngine, tmp_path: Path) -> None:
    tags = set()
    for _ in range(2):
        app = api.create_api(engine, fakes.settings(index=tmp_path))
        tags.add(TestClient(app).get(ASK).headers["etag"])
    assert len(tags) == 2


def test_errors_have_no_tag(client: TestClient) -> None:
    assert "etag" not in client.get("/api/v1/articles/nobody").headers


# -- pages of hits, compression --


def test_the_next_page_of_hits_is_named_until_there_is_none(
    client: TestClient, engine: fakes.FakeEngine
) -> None:
    answer = client.get("/api/v1/search", params={"question": "a & b", "k": 2, "sources": ["A"]})
    link = answer.headers["link"]
    assert link.endswith('>; rel="next"')
    further = client.get(link.removeprefix("<").split(">")[0])
    question, options = engine.asked[-1]
    assert (question, options["offset"], options["k"]) == ("a & b", 2, 2)
    assert options["sources"] == ["A"]
    assert further.status_code == 200
    assert "link" not in client.get("/api/v1/search?question=x&k=3").headers  # two are all
    assert "link" not in client.get("/api/v1/search?question=x&k=2&offset=999").headers


def test_long_answers_are_compressed_for_who_takes_that(client: TestClient) -> None:
    plain = client.get(ASK, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    packed = client.get(ASK, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in packed.headers["vary"].lower()
    assert packed.json() == plain.json()
    assert int(packed.headers["content-length"]) < len(plain.content)
    short = client.get("/api/v1/sources", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in short.headers


# -- events --


def events_of(body: str) -> list[tuple[str, dict[str, Any]]]:
    events = []
    for block in body.strip().split("\n\n"):
        kind, data = block.split("\n")
        events.append((kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return events


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_events_bring_the_hits_and_then_the_answer(
    client: TestClient, engine: fakes.FakeEngine, method: str
) -> None:
    sent = {"question": "When?\n\ndata: x", "k": 2, "sources": ["A"]}
    given: dict[str, Any] = {"params": sent} if method == "GET" else {"json": sent}
    headers = {"Accept": "text/event-stream", "Accept-Encoding": "gzip"}
    answer = client.request(method, "/api/v1/ask", headers=headers, **given)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert "content-encoding" not in answer.headers  # it would hold events back
    (first, hits), (second, reply) = events_of(answer.text)
    assert (first, second) == ("hits", "answer")
    assert hits["hits"]
    assert reply == client.post("/api/v1/ask", json=sent).json()
    assert engine.asked[0][1]["sources"] == ["A"]


def test_no_answer_is_an_answer_and_a_failure_an_event(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Accept": "text/event-stream"}
    told = events_of(client.get("/api/v1/ask?question=not_stated", headers=headers).text)
    assert told[1][1]["answered"] is False
    answer = client.get("/api/v1/ask?question=boom", headers=headers)
    assert answer.status_code == 500  # the search failed: nothing had been sent
    monkeypatch.setattr(fakes.FakeEngine, "search", lambda *_, **__: fakes.hits_of())
    (_, (kind, problem)) = events_of(client.get("/api/v1/ask?question=boom", headers=headers).text)
    assert (kind, problem["status"]) == ("error", 500)
    assert "secret" not in str(problem)


# -- what is sent --


@pytest.mark.parametrize(
    "sent",
    [{"k": "3"}, {"k": True}, {"explain": "yes"}, {"since": 0}, {"since": "2026-1-2"},
     {"since": "20260102"}, {"turns": [{"question": 1}]}],
)  # fmt: skip
def test_in_json_a_number_is_a_number_and_a_day_a_day(
    client: TestClient, sent: dict[str, Any]
) -> None:
    assert client.post("/api/v1/ask", json={"question": "x", **sent}).status_code == 422


@pytest.mark.parametrize("day", ["0", "86400", "2026-02-30", "2026-01-02T00:00:00"])
def test_in_an_address_a_day_is_written_as_one(client: TestClient, day: str) -> None:
    assert client.get(f"{ASK}&since={day}").status_code == 422


# -- what is told --


def test_every_route_has_an_example_and_its_errors(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()
    operations = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    assert len(operations) == 9
    for path, method, operation in operations:
        where = f"{method} {path}"
        told = operation["responses"]["200"]["content"]["application/json"]
        schema = {**told["schema"], "components": document["components"]}
        jsonschema.validate(told["example"], schema)
        assert "422" in operation["responses"], where
        for kind, sent in operation.get("requestBody", {"content": {}})["content"].items():
            assert_example(sent, document, f"{where}: {kind}")
        for status, answer in operation["responses"].items():
            if status not in {"200", "304"}:
                assert "application/problem+json" in answer["content"], where
    assert (
        "text/event-stream"
        in document["paths"]["/api/v1/ask"]["get"]["responses"]["200"]["content"]
    )


def assert_example(sent: dict[str, Any], document: dict[str, Any], where: str) -> None:
    """A body that can be sent has an example that fits it, or an example of each field it needs."""
    schema = {**sent["schema"], "components": document["components"]}
    if "example" in sent:
        jsonschema.validate(sent["example"], schema)
        return
    shape = document["components"]["schemas"][sent["schema"]["$ref"].rpartition("/")[2]]
    told = {name: field.get("examples") for name, field in shape["properties"].items()}
    shown = {name: examples[0] for name, examples in told.items() if examples}
    assert set(shape["required"]) <= shown.keys(), where
    jsonschema.validate(shown, schema)


def test_examples_are_what_the_engine_gives() -> None:
    engine, examples = fakes.FakeEngine(), described.examples()
    assert examples["ReplyShape"].keys() == engine.ask("When?").to_dict().keys()
    assert examples["HitsShape"].keys() == engine.search("x").to_dict().keys()
    assert examples["ArticleShape"].keys() == engine.article("tunnel-1").to_dict().keys()
    assert examples["ReportShape"].keys() == engine.remove(["tunnel-2"]).to_dict().keys()
    quote = examples["ReplyShape"]["quotes"][0]
    assert quote.keys() == engine.ask("When?").to_dict()["quotes"][0].keys()
    cut = quote["highlight"]["start"] - quote["start"], quote["highlight"]["end"] - quote["start"]
    assert quote["quote"][slice(*cut)] == examples["ReplyShape"]["short_answer"]


@pytest.mark.parametrize("token", ["", "sesame"])
def test_the_token_is_asked_for_where_there_is_one(tmp_path: Path, token: str) -> None:
    settings = fakes.settings(index=tmp_path, admin_token=token)
    document = (
        TestClient(api.create_api(fakes.FakeEngine(), settings)).get("/api/v1/openapi.json").json()
    )
    asked = {
        f"{method} {path}"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if operation.get("security")
    }
    changing = {"post /api/v1/articles", "delete /api/v1/articles/{article_id}"}
    assert asked == (changing if token else set())


def test_limits_are_in_the_openapi_file(client: TestClient) -> None:
    shown = json.dumps(client.get("/api/v1/openapi.json").json())
    assert '"maximum": 1000000' in shown
    assert '"ge":' not in shown
    assert '"le":' not in shown
