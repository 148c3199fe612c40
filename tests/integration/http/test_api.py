"""The HTTP API over a stand-in engine: the contract, the errors, the token, uploads."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from newsqa.errors import SettingsError
from newsqa.web.api import routes as api
from newsqa.web.api import uploads
from newsqa.web.middleware import allowlist
from newsqa.web.middleware.access_log import AccessLog
from newsqa.web.middleware.metrics import Metrics
from newsqa.web.middleware.request_guard import RequestGuard
from newsqa.web.work_queue import WorkQueue
from tests.fakes import engine as fakes

PROBLEM = "application/problem+json"
TOKEN = "sesame"


@pytest.fixture
def engine() -> fakes.FakeEngine:
    return fakes.FakeEngine()


def client_of(engine: fakes.FakeEngine, tmp_path: Path, **settings: Any) -> TestClient:
    chosen = fakes.settings(index=tmp_path / "index", **settings)
    metrics = Metrics()
    app = api.create_api(engine, chosen, metrics=metrics)
    hosts = allowlist.Hosts.for_binding(chosen.host, ["testserver"])
    logged = AccessLog(RequestGuard(app, hosts), level="off", proxied=False, metrics=metrics)
    return TestClient(logged, raise_server_exceptions=False, client=("127.0.0.1", 5))


@pytest.fixture
def client(engine: fakes.FakeEngine, tmp_path: Path) -> Iterator[TestClient]:
    with client_of(engine, tmp_path) as made:
        yield made


def check_problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["detail"]
    return body


# -- reading --


def test_search_and_ask_answer_the_same_by_address_and_by_body(client: TestClient) -> None:
    for route in ("search", "ask"):
        by_address = client.get(f"/api/v1/{route}", params={"question": "When?", "k": 2})
        by_body = client.post(f"/api/v1/{route}", json={"question": "When?", "k": 2})
        assert by_address.status_code == by_body.status_code == 200
        assert by_address.json() == by_body.json()
    assert by_body.json()["answered"] is True


def test_every_argument_reaches_the_engine(client: TestClient, engine: fakes.FakeEngine) -> None:
    sent = {
        "question": "When?", "k": 5, "since": "2026-01-01", "until": "2026-02-01",
        "sources": ["A", "B"], "as_of": "2026-03-01", "today": "2026-04-01", "explain": True,
        "turns": [{"question": "Who?", "quotes": ["Ann."]}], "reader": "none",
    }  # fmt: skip
    assert client.post("/api/v1/ask", json=sent).status_code == 200
    options = engine.asked[-1][1]
    assert options["k"] == 5
    assert str(options["since"]) == "2026-01-01"
    assert options["sources"] == ["A", "B"]
    assert options["turns"][0].quotes == ("Ann.",)
    assert options["reader"] == "none"
    query = "question=x&sources=A&sources=B&offset=3"
    assert client.get(f"/api/v1/search?{query}").status_code == 200
    assert engine.asked[-1][1]["sources"] == ["A", "B"]
    assert engine.asked[-1][1]["offset"] == 3


def test_no_answer_is_no_error(client: TestClient) -> None:
    answer = client.get("/api/v1/ask", params={"question": "not_stated anywhere"})
    assert answer.status_code == 200
    assert answer.json()["answered"] is False
    assert answer.json()["reason"]["code"] == "not_stated"
    assert client.get("/api/v1/ask", params={"question": ""}).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"question": "x" * 2001},
        {"question": "x", "k": 51},
        {"question": "x", "k": 0},
        {"question": "x", "since": "yesterday"},
        {"question": "x", "since": "2026-02-01", "until": "2026-01-01"},
        {"question": "x", "colour": "red"},
        {"question": "x", "reader": "some/model"},
    ],
)
def test_what_cannot_be_asked_is_422(client: TestClient, sent: dict[str, Any]) -> None:
    assert check_problem(client.post("/api/v1/ask", json=sent), 422)["errors"]
    check_problem(client.get("/api/v1/ask", params=sent), 422)


def test_the_longest_question_passes(client: TestClient) -> None:
    assert client.get("/api/v1/ask", params={"question": "x" * 2000}).status_code == 200
    assert client.get("/api/v1/search", params={"question": "ж" * 2000}).status_code == 200


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff", b"[" * 50_000, b'"x"'])
def test_a_body_that_is_no_question_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/v1/ask", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == PROBLEM


def test_an_article_comes_by_its_id_however_it_is_spelt(
    client: TestClient, engine: fakes.FakeEngine
) -> None:
    for article_id in ("a/b.txt", "https://a.example/x?y=1&z", "ünï cødé", "100%"):
        engine.articles_held[article_id] = fakes.article(article_id)
        for path in (quote(article_id, safe="/:"), quote(article_id, safe="")):
            answer = client.get(f"/api/v1/articles/{path}")
            assert answer.status_code == 200, path
            assert answer.json()["article_id"] == article_id


def test_versions_are_asked_for_by_number(client: TestClient) -> None:
    assert client.get("/api/v1/articles/tunnel-1?version=1").status_code == 200
    check_problem(client.get("/api/v1/articles/tunnel-1?version=7"), 404)
    check_problem(client.get("/api/v1/articles/nobody"), 404)
    check_problem(client.get("/api/v1/articles/tunnel-1?version=x"), 422)


def test_sources_health_and_metrics(client: TestClient) -> None:
    assert client.get("/api/v1/sources").json() == {"sources": {"Northport Courier": 2}}
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready", "generation": 1}
    client.get("/api/v1/search", params={"question": "a secret"})
    client.get("/api/v1/search", params={"question": "a secret"}, headers={"Host": "evil.example"})
    shown = client.get("/metrics").text
    assert 'newsqa_requests_total{route="/api/v1/search",method="GET",status="200"} 1' in shown
    assert 'newsqa_requests_total{route="/api/v1/search",method="GET",status="400"} 1' in shown
    assert "newsqa_articles 2" in shown
    assert "secret" not in shown


def test_the_description_of_the_api_names_its_routes(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert set(paths) == {
        "/api/v1/search", "/api/v1/ask", "/api/v1/articles", "/api/v1/articles/{article_id}",
        "/api/v1/sources", "/api/v1/feedback",
    }  # fmt: skip


def test_what_fails_inside_stays_inside(client: TestClient) -> None:
    problem = check_problem(client.get("/api/v1/ask", params={"question": "boom"}), 500)
    assert "secret" not in str(problem)


def test_unknown_routes_and_methods_are_problems_too(client: TestClient) -> None:
    check_problem(client.get("/api/v2/ask"), 404)
    check_problem(client.delete("/api/v1/ask"), 405)


def test_a_full_queue_is_503_with_the_time_to_come_again(
    engine: fakes.FakeEngine, tmp_path: Path
) -> None:
    queue, gate = WorkQueue(1, max_waiting=0), threading.Event()
    app = api.create_api(engine, fakes.settings(index=tmp_path), queue=queue)
    held = queue.submit(gate.wait)
    with TestClient(app) as client:
        answer = client.get("/api/v1/ask", params={"question": "When?"})
        check_problem(answer, 503)
        assert int(answer.headers["retry-after"]) >= 1
        assert client.get("/healthz").status_code == 200
        gate.set()
        assert held.result(5)
        assert client.get("/api/v1/ask", params={"question": "When?"}).status_code == 200


# -- changing --


def test_files_are_added_and_seen_by_the_next_question(
    client: TestClient, engine: fakes.FakeEngine, tmp_path: Path
) -> None:
    files = [
        ("files", ("one.txt", b"One\n\nThe first.", "text/plain")),
        ("files", ("../../evil.txt", b"Two\n\nThe second.", "text/plain")),
        ("files", ("scan.pdf", b"%PDF", "application/pdf")),
    ]
    report = client.post("/api/v1/articles", files=files).json()
    assert report["indexed"] == 2
    assert report["failed"] == [{"path": "scan.pdf", "reason": "cannot be read"}]
    assert {"one.txt", "evil.txt"} <= set(engine.articles_held)
    kept = sorted(p.name for p in (tmp_path / "index" / "uploads").rglob("*") if p.is_file())
    assert kept == ["evil.txt", "one.txt", "scan.pdf"]
    assert client.get("/readyz").json()["generation"] == 2


def test_json_lines_are_added(client: TestClient, engine: fakes.FakeEngine) -> None:
    lines = b'{"id": "wire-1", "text": "A bridge fell."}\n'
    headers = {"content-type": "application/x-ndjson"}
    assert client.post("/api/v1/articles", content=lines, headers=headers).json()["indexed"] == 1
    assert "wire-1" in engine.articles_held


def test_nothing_readable_is_422_and_nothing_is_kept(client: TestClient, tmp_path: Path) -> None:
    files = [("files", ("scan.pdf", b"%PDF", "application/pdf"))]
    problem = check_problem(client.post("/api/v1/articles", files=files), 422)
    assert problem["failed"] == [{"path": "scan.pdf", "reason": "cannot be read"}]
    assert str(tmp_path) not in str(problem)
    assert list((tmp_path / "index" / "uploads").iterdir()) == []


def test_a_file_that_is_too_large_is_refused_and_others_are_taken(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "FILE_BYTES", 1000)
    large = ("files", ("large.txt", b"x" * 1001, "text/plain"))
    small = ("files", ("small.txt", b"T\n\nBody.", "text/plain"))
    check_problem(client.post("/api/v1/articles", files=[large]), 413)
    report = client.post("/api/v1/articles", files=[large, small]).json()
    assert report["indexed"] == 1
    assert report["failed"] == [{"path": "large.txt", "reason": uploads.TOO_LARGE}]
    headers = {"content-type": "application/x-ndjson"}
    check_problem(client.post("/api/v1/articles", content=b"x" * 1001, headers=headers), 413)


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "multipart/form-data; boundary=x", 422),
        (b"junk", "multipart/form-data; boundary=x", 422),
        (b"junk", "multipart/form-data", 422),
        (b"x", "text/plain", 415),
        (b"x", "", 415),
    ],
)
def test_what_is_no_upload_is_refused(
    client: TestClient, tmp_path: Path, content: bytes, kind: str, status: int
) -> None:
    answer = client.post("/api/v1/articles", content=content, headers={"content-type": kind})
    check_problem(answer, status)
    assert list((tmp_path / "index" / "uploads").iterdir()) == []


def test_removing_hides_an_article(client: TestClient) -> None:
    assert client.delete("/api/v1/articles/tunnel-1").json()["removed"] == 1
    check_problem(client.get("/api/v1/articles/tunnel-1"), 404)
    check_problem(client.delete("/api/v1/articles/tunnel-1"), 404)


def changes(client: TestClient, **headers: str) -> list[int]:
    files = [("files", ("a.txt", b"T\n\nBody.", "text/plain"))]
    return [
        client.post("/api/v1/articles", files=files, headers=headers).status_code,
        client.delete("/api/v1/articles/tunnel-1", headers=headers).status_code,
    ]


def test_read_only_means_no_change_by_any_route(engine: fakes.FakeEngine, tmp_path: Path) -> None:
    with client_of(engine, tmp_path, read_only=True, admin_token=TOKEN) as client:
        assert changes(client, Authorization=f"Bearer {TOKEN}") == [403, 403]
    assert engine.generation == 1
    assert not (tmp_path / "index").exists()


@pytest.mark.parametrize(
    "given",
    ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer ж"],
)
def test_changes_need_the_token_where_there_is_one(
    engine: fakes.FakeEngine, tmp_path: Path, given: str
) -> None:
    with client_of(engine, tmp_path, admin_token=TOKEN) as client:
        headers = {b"Authorization": given.encode()} if given else {}
        answer = client.delete("/api/v1/articles/tunnel-1", headers=headers)
        check_problem(answer, 401)
        assert "Bearer" in answer.headers["www-authenticate"]
        assert client.get("/api/v1/ask", params={"question": "When?"}).status_code == 200
    assert engine.generation == 1


def test_the_token_opens(engine: fakes.FakeEngine, tmp_path: Path) -> None:
    with client_of(engine, tmp_path, admin_token=TOKEN) as client:
        assert changes(client, Authorization=f"Bearer {TOKEN}") == [200, 200]


def test_another_site_changes_nothing(engine: fakes.FakeEngine, client: TestClient) -> None:
    assert changes(client, Origin="http://evil.example") == [403, 403]
    assert engine.generation == 1


def test_beyond_loopback_a_token_or_read_only_is_needed(
    engine: fakes.FakeEngine, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="NEWSQA_ADMIN_TOKEN"):
        client_of(engine, tmp_path, host="0.0.0.0")
    with pytest.raises(SettingsError, match=r"news\.example"):
        client_of(engine, tmp_path, allowed_hosts="news.example")
    with client_of(engine, tmp_path, host="0.0.0.0", read_only=True) as client:
        assert client.get("/api/v1/ask", params={"question": "When?"}).status_code == 200
        check_problem(client.get("/metrics"), 401)
    with client_of(engine, tmp_path, host="0.0.0.0", admin_token=TOKEN) as client:
        check_problem(client.get("/metrics"), 401)
        shown = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert shown.status_code == 200


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("storm.html", "storm.html"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/", "article.txt"),
        ("..", "article.txt"),
        ("", "article.txt"),
        (".hidden", "hidden"),
        ("a\0b\n.txt", "a_b_.txt"),
        ("naïve 中.txt", "naïve 中.txt"),
        ("x" * 300 + ".jsonl", "x" * 130 + ".jsonl"),
    ],
)
def test_names_of_files_are_made_safe(given: str, name: str) -> None:
    assert uploads.safe_name(given) == name


def test_two_files_of_one_name_are_both_kept(client: TestClient) -> None:
    files = [("files", ("a.txt", text, "text/plain")) for text in (b"T\n\nOne.", b"T\n\nTwo.")]
    assert client.post("/api/v1/articles", files=files).json()["indexed"] == 2


def test_verdicts_are_kept_beside_the_index(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    quote = {"article_id": "tunnel-1", "version": 1, "start": 0, "end": 9}
    sent = {"question": "When?", "verdict": "down", "reason": "out of date", "answered": True}
    for _ in range(2):
        answer = client.post("/api/v1/feedback", json={**sent, "quotes": [quote]})
        assert answer.json() == {"kept": True}
    lines = (tmp_path / "index" / "feedback.jsonl").read_text().splitlines()
    assert len(lines) == 2
    kept = json.loads(lines[0])
    assert kept["verdict"] == "down"
    assert kept["quotes"] == [quote]
    check_problem(client.post("/api/v1/feedback", json={**sent, "verdict": "maybe"}), 422)
    check_problem(client.post("/api/v1/feedback", json={**sent, "reason": "x" * 1001}), 422)


def test_verdicts_are_not_kept_where_nothing_may_be_written(
    engine: fakes.FakeEngine, tmp_path: Path
) -> None:
    sent = {"question": "When?", "verdict": "up", "answered": True}
    with client_of(engine, tmp_path, read_only=True) as client:
        check_problem(client.post("/api/v1/feedback", json=sent), 403)


def test_names_that_some_file_systems_take_for_one_are_kept_apart(tmp_path: Path) -> None:
    batch = uploads.Batch(tmp_path)
    for given in ("A.txt", "a.txt", "caf\u00e9.txt", "CAFE\u0301.txt"):
        batch.place(given)
    assert batch.names == ["A.txt", "a-2.txt", "caf\u00e9.txt", "CAFE\u0301-2.txt"]


def test_an_upload_that_is_not_begun_leaves_nothing(
    engine: fakes.FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "_CHANGE_MAX_WAIT_S", -1.0)  # every change comes too late
    files = [("files", ("one.txt", b"One\n\nThe first.", "text/plain"))]
    with client_of(engine, tmp_path) as client:
        problem = check_problem(client.post("/api/v1/articles", files=files), 503)
    assert "not begun" in problem["detail"]
    assert "one.txt" not in engine.articles_held
    assert list((tmp_path / "index" / "uploads").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file where the folder should be")
    files = [("files", ("one.txt", b"One\n\nThe first.", "text/plain"))]
    verdict = {"question": "When?", "verdict": "up", "answered": True}
    for answer in (
        client.post("/api/v1/articles", files=files),
        client.post("/api/v1/feedback", json=verdict),
    ):
        problem = check_problem(answer, 503)
        assert "Not a directory" in problem["detail"]
        assert "the right to write" in problem["detail"]
        assert str(tmp_path) not in problem["detail"]
