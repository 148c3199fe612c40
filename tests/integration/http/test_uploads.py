"""JSON lines over HTTP into a real index: what is sound goes in, each bad line is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import newsqa
from newsqa.web.api import routes as api
from newsqa.web.middleware import allowlist
from newsqa.web.middleware.request_guard import RequestGuard
from tests.fakes import engine as fakes
from tests.fakes.engine_parts import FakeEncoder
from tests.indexes import record, write_corpus

LINES = "application/x-ndjson"
SOUND = [record("mill", "The mill at Corve burnt down."), record("weir", "The weir holds.")]
SENT = [
    json.dumps(SOUND[0]),
    '{"id": "cut", "text": "The line is cu',
    "",
    json.dumps(SOUND[1]),
    '["a list"]',
    '{"title": "Without a text"}',
    '{"id": "hollow", "text": "  "}',
]
FAILED = {2: "invalid JSON", 5: "not a JSON object", 6: "no text"}
SKIPPED = {7: "empty"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    first = write_corpus(tmp_path / "first.jsonl", [record("wall", "The wall was rebuilt.")])
    settings = fakes.settings(index=tmp_path / "index", reader="none", folder_roots=str(tmp_path))
    hosts = allowlist.Hosts.for_binding("127.0.0.1", ["testserver"])
    with newsqa.build(
        [first], index=settings.index, settings=settings, encoder=FakeEncoder()
    ) as qa:
        app = RequestGuard(api.create_api(qa, settings), hosts)
        with TestClient(app, raise_server_exceptions=False) as made:
            yield made


def lines_of(rows: list[dict[str, Any]], expected: dict[int, str]) -> dict[int, bool]:
    """The lines that rows name, each with whether its reason is the one expected."""
    return {row["line"]: row["reason"].startswith(expected[row["line"]]) for row in rows}


@pytest.mark.parametrize("as_file", [False, True], ids=["lines", "file"])
def test_the_report_names_each_bad_line_and_the_rest_goes_in(
    client: TestClient, as_file: bool
) -> None:
    content = "\n".join(SENT).encode()
    if as_file:
        files = [("files", ("wire.jsonl", content, LINES))]
        answer = client.post("/api/v1/articles", files=files)
    else:
        kind = {"Content-Type": LINES}
        answer = client.post("/api/v1/articles", content=content, headers=kind)
    report = answer.json()
    assert (answer.status_code, report["indexed"]) == (200, 2)
    assert lines_of(report["failed"], FAILED) == dict.fromkeys(FAILED, True)
    assert lines_of(report["skipped"], SKIPPED) == dict.fromkeys(SKIPPED, True)
    name = "wire.jsonl" if as_file else "articles.jsonl"
    assert [row["path"] for row in report["failed"]] == [f"{name}#{line}" for line in FAILED]
    for row in SOUND:
        assert client.get(f"/api/v1/articles/{row['id']}").json()["body"] == row["text"]
    assert client.get("/api/v1/articles/cut").status_code == 404


def test_where_no_line_is_sound_all_are_named_and_nothing_changes(client: TestClient) -> None:
    before = client.get("/api/v1/sources").headers["etag"]
    content = "\n".join(SENT[line - 1] for line in FAILED).encode()
    answer = client.post("/api/v1/articles", content=content, headers={"Content-Type": LINES})
    assert answer.status_code == 422
    assert [row["line"] for row in answer.json()["failed"]] == [1, 2, 3]
    assert client.get("/api/v1/sources").headers["etag"] == before


def test_a_file_whose_name_holds_a_colon_is_named_whole(client: TestClient, tmp_path: Path) -> None:
    """Problems come to the caller as data: a name is not told from a reason by its characters."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "Re: storm.txt").write_text("")
    answer = client.post("/page/manage/folder", json={"path": str(inbox)})
    assert answer.status_code == 422
    assert answer.json()["failed"] == [{"path": str(inbox / "Re: storm.txt"), "reason": "empty"}]
