"""Folders by path and rebuilding over HTTP: what is done, and above all what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from newsqa.index import Report
from newsqa.web.api import routes as api
from newsqa.web.chat.manage_routes import ChangeProgress, FolderRoots
from newsqa.web.middleware import allowlist
from newsqa.web.middleware.request_guard import RequestGuard
from tests.fakes import engine as fakes

TOKEN = "sesame"
FOLDER, REBUILD, DOING = (f"/page/manage/{name}" for name in ("folder", "rebuild", "doing"))


@pytest.fixture
def engine() -> fakes.FakeEngine:
    return fakes.FakeEngine()


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    folder = tmp_path / "shelf"
    (folder / "storms").mkdir(parents=True)
    (folder / "storms" / "roofs.txt").write_text("Roofs gone\n\nNine roofs.")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.txt").write_text("Key\n\nA secret.")
    return folder


def client_of(engine: fakes.FakeEngine, tmp_path: Path, **settings: Any) -> TestClient:
    chosen = fakes.settings(index=tmp_path / "index", **settings)
    hosts = allowlist.Hosts.for_binding(chosen.host, ["testserver"])
    app = RequestGuard(api.create_api(engine, chosen), hosts)
    return TestClient(app, raise_server_exceptions=False)


def test_a_folder_below_a_root_is_added(
    engine: fakes.FakeEngine, shelf: Path, tmp_path: Path
) -> None:
    with client_of(engine, tmp_path, folder_roots=f"{tmp_path / 'none'}:{shelf}") as client:
        for path in ("storms", str(shelf / "storms"), "./storms/../storms"):
            report = client.post(FOLDER, json={"path": path}).json()
            assert report["indexed"] == 1, path
        assert client.get(DOING).json() == {"stage": None}
    assert "roofs.txt" in engine.articles_held


def test_nothing_else_is_added(engine: fakes.FakeEngine, shelf: Path, tmp_path: Path) -> None:
    (shelf / "way-out").symlink_to(tmp_path / "secret")
    (shelf / "round").symlink_to(shelf / "round")
    outside = [
        str(tmp_path), str(tmp_path / "secret"), "../secret", "storms/../../secret", "way-out",
        "round", "/", "/etc", "nowhere", "storms\0", "~", "x" * 300, f"{shelf}-other",
    ]  # fmt: skip
    with client_of(engine, tmp_path, folder_roots=str(shelf)) as client:
        answers = [client.post(FOLDER, json={"path": path}) for path in outside]
    assert {answer.status_code for answer in answers} == {403}
    # Whether something is there is not told: every refusal says the same.
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert engine.generation == 1


def test_without_the_setting_no_folder_is_added(
    engine: fakes.FakeEngine, shelf: Path, tmp_path: Path
) -> None:
    with client_of(engine, tmp_path) as client:
        answer = client.post(FOLDER, json={"path": str(shelf)})
    assert answer.status_code == 403
    assert "folder_roots" in answer.json()["detail"]
    assert engine.generation == 1


def test_a_folder_without_articles_is_422_and_names_its_files(
    engine: fakes.FakeEngine, shelf: Path, tmp_path: Path
) -> None:
    (shelf / "scans").mkdir()
    (shelf / "scans" / "Re: storm.pdf").write_bytes(b"%PDF")
    with client_of(engine, tmp_path, folder_roots=str(shelf)) as client:
        answer = client.post(FOLDER, json={"path": "scans"})
    assert answer.status_code == 422
    path = str(shelf / "scans" / "Re: storm.pdf")
    assert answer.json()["failed"] == [{"path": path, "reason": "cannot be read"}]


@pytest.mark.parametrize(
    "sent", [{}, {"path": ""}, {"path": 5}, {"path": "x" * 5000}, {"path": "x", "allow": ["y"]}, []]
)
def test_what_names_no_folder_is_422(engine: fakes.FakeEngine, tmp_path: Path, sent: Any) -> None:
    with client_of(engine, tmp_path, folder_roots="/") as client:
        assert client.post(FOLDER, json=sent).status_code == 422
        large = client.post(FOLDER, content=b" " * (allowlist.BODY_BYTES + 1))
        assert large.status_code == 413


def test_rebuilding_says_whether_anything_was_done(
    engine: fakes.FakeEngine, tmp_path: Path
) -> None:
    with client_of(engine, tmp_path) as client:
        report = client.post(REBUILD).json()
    assert report["rebuilt"] is True
    assert report["generation"] == 2


@pytest.mark.parametrize(
    ("settings", "headers", "status"),
    [
        ({"read_only": True}, {}, 403),
        ({"read_only": True, "admin_token": TOKEN}, {"Authorization": f"Bearer {TOKEN}"}, 403),
        ({"admin_token": TOKEN}, {}, 401),
        ({"admin_token": TOKEN}, {"Authorization": "Bearer wrong"}, 401),
        ({}, {"Origin": "http://evil.example"}, 403),
        ({}, {"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_changes_are_refused_as_uploads_are(
    engine: fakes.FakeEngine,
    shelf: Path,
    tmp_path: Path,
    settings: dict[str, Any],
    headers: dict[str, str],
    status: int,
) -> None:
    with client_of(engine, tmp_path, folder_roots=str(shelf), **settings) as client:
        answers = [
            client.post(FOLDER, json={"path": "storms"}, headers=headers),
            client.post(REBUILD, headers=headers),
        ]
        watched = client.get(DOING, headers=headers)
    assert [answer.status_code for answer in answers] == [status, status]
    assert watched.status_code == (status if settings else 200)
    assert engine.generation == 1


def test_with_the_token_they_are_done(
    engine: fakes.FakeEngine, shelf: Path, tmp_path: Path
) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with client_of(engine, tmp_path, folder_roots=str(shelf), admin_token=TOKEN) as client:
        assert client.post(FOLDER, json={"path": "storms"}, headers=headers).status_code == 200
        assert client.post(REBUILD, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", FOLDER), ("DELETE", REBUILD), ("POST", DOING), ("POST", "/page/manage/other")],
)
def test_no_other_way_leads_there(
    engine: fakes.FakeEngine, tmp_path: Path, method: str, path: str
) -> None:
    with client_of(engine, tmp_path, folder_roots=str(tmp_path)) as client:
        assert client.request(method, path).status_code in {404, 405}
    assert engine.generation == 1


def test_progress_is_told_while_it_lasts_and_gone_afterwards() -> None:
    progress, seen = ChangeProgress(), []

    def change(*, progress: ChangeProgress) -> Report:
        progress("reading", 3, None, "storm.html")
        seen.append(progress.to_dict())
        return Report(generation=2, indexed=1)

    assert progress.run(change) == Report(generation=2, indexed=1).to_dict()
    assert seen == [{"stage": "reading", "done": 3, "total": None, "detail": "storm.html"}]
    assert progress.to_dict() == {"stage": None}


def test_a_file_may_be_named_and_a_pipe_may_not(tmp_path: Path) -> None:
    import os

    (tmp_path / "one.txt").write_text("x")
    os.mkfifo(tmp_path / "pipe")
    roots = FolderRoots(str(tmp_path))
    assert roots.find("one.txt") == tmp_path / "one.txt"
    with pytest.raises(HTTPException):
        roots.find("pipe")
