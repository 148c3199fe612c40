"""Several captures of a page in a web archive are versions of one article."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsqa.index import Index
from tests.indexes import Place
from tests.integration.ingest.test_warc import TEXT, page, record

TEXTS = [TEXT, TEXT.replace("nine", "ten"), TEXT.replace("nine", "eleven")]


def archive(folder: Path, name: str, *texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(b"".join(record(page(text=text).encode()) for text in texts))
    return path


def first_lines(index: Index, numbers: tuple[int, ...]) -> list[str]:
    article_id = "https://post.example/light"
    bodies = [index.article(article_id, number).body for number in numbers]
    return [body.split("\n")[0] for body in bodies]


@pytest.mark.parametrize("files", [1, 3])
def test_captures_of_one_address_are_versions(files: int, tmp_path: Path) -> None:
    place, folder = Place(tmp_path), tmp_path / "in"
    for number in range(files):
        texts = TEXTS if files == 1 else [TEXTS[number]]
        archive(folder, f"{number}.warc", *texts)
    for _ in range(2):  # the second time nothing has changed
        report = place.rebuild([folder])
        assert (report.generation, report.failed, report.indexed + report.unchanged) == (1, (), 1)
    with place.opened() as index:
        assert first_lines(index, (1, 2, 3)) == TEXTS
        versions = index.versions("https://post.example/light")
        assert [version.version for version in versions] == [1, 2, 3]


def test_a_page_captured_again_as_it_was_is_no_version(tmp_path: Path) -> None:
    place, folder = Place(tmp_path), tmp_path / "in"
    archive(folder, "a.warc", TEXTS[0], TEXTS[0])
    report = place.rebuild([folder])
    assert [problem.reason.split(":")[0] for problem in report.skipped] == ["duplicate"]
    archive(folder, "b.warc", TEXTS[1], TEXTS[0])
    place.rebuild([folder])
    with place.opened() as index:
        assert len(index.versions("https://post.example/light")) == 1


def test_a_later_archive_adds_versions(tmp_path: Path) -> None:
    place, folder = Place(tmp_path), tmp_path / "in"
    archive(folder, "a.warc", TEXTS[0])
    place.rebuild([folder])
    archive(folder, "b.warc", TEXTS[1], TEXTS[2])
    report = place.rebuild([folder])
    assert (report.generation, report.failed) == (2, ())
    with place.opened() as index:
        assert first_lines(index, (1, 2, 3)) == TEXTS
