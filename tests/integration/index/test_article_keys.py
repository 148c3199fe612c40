"""Two different files are never one article; the same file again is an update."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from newsqa.index import Report
from tests.indexes import Place, ids

TOLL = "Toll rises\n\nThe toll on the chain ferry rose to two marks. Carters complained."
FAIR = "Fair opens\n\nThe goose fair opened on the green. Nine geese were sold."
MILL = "Mill sold\n\nThe wind mill of Arden was sold to a baker. She will mend the sails."


@pytest.fixture
def place(tmp_path: Path) -> Place:
    for name, text in {"mon/lead.txt": TOLL, "tue/lead.txt": FAIR, "wed/lead.txt": MILL}.items():
        write(tmp_path / name, text)
    return Place(tmp_path)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def add(place: Place, *paths: Path) -> tuple[Report, list[str]]:
    with place.opened() as index:
        return index.add(paths), ids(index)


def test_files_of_one_name_from_two_folders_are_two_articles(place: Place) -> None:
    place.rebuild([place.root / "mon"])
    report, names = add(place, place.root / "tue")
    assert (report.indexed, report.failed) == (1, ())
    assert names == ["lead.txt", "tue/lead.txt"]
    place.rebuild([place.root / "mon", place.root / "tue"])
    with place.opened() as index:
        assert ids(index) == ["mon/lead.txt", "tue/lead.txt"]


def test_a_file_beside_the_folder_is_named_after_both(place: Place) -> None:
    extra = write(place.root / "extra.txt", TOLL)
    for paths in ([extra, place.root / "mon"], [place.root / "mon", extra]):
        place.rebuild(paths)
        with place.opened() as index:
            assert ids(index) == sorted(["lead.txt", f"{place.root.name}/extra.txt"])
            assert index.add([extra]).unchanged == 1
    place.rebuild([extra, place.root / "mon" / "lead.txt"])
    with place.opened() as index:
        assert ids(index) == ["extra.txt", "mon/lead.txt"]


@pytest.mark.parametrize("order", list(permutations(["tue", "wed", "extra.txt"])))
def test_ids_do_not_depend_on_the_order_of_adding(place: Place, order: list[str]) -> None:
    write(place.root / "extra.txt", TOLL)
    place.rebuild([place.root / "mon"])
    for name in order:
        add(place, place.root / name)
    with place.opened() as index:
        extra = f"{place.root.name}/extra.txt"
        assert ids(index) == sorted(["lead.txt", "tue/lead.txt", "wed/lead.txt", extra])


def test_a_file_below_a_folder_that_is_in_is_the_same_article(place: Place) -> None:
    place.rebuild([place.root])
    report, names = add(place, place.root / "tue" / "lead.txt")
    assert (report.indexed, report.unchanged) == (0, 1)
    write(place.root / "tue" / "lead.txt", FAIR.replace("Nine", "Ten"))
    report, changed = add(place, place.root / "tue" / "lead.txt")
    assert (report.indexed, report.unchanged) == (1, 0)
    assert names == changed == ["mon/lead.txt", "tue/lead.txt", "wed/lead.txt"]
    with place.opened() as index:
        assert index.article("tue/lead.txt").version == 2
        assert index.sync(place.root / "tue").unchanged == 1


def test_another_file_whose_id_is_taken_is_refused_by_name(place: Place) -> None:
    write(place.root / "mon" / "tue" / "lead.txt", MILL)
    place.rebuild([place.root / "mon"])
    with place.opened() as index:
        report = index.add([place.root / "tue", place.root / "wed"])
        [problem] = report.failed
        assert problem.path == str(place.root / "tue" / "lead.txt")
        assert "'tue/lead.txt' is that of another file" in problem.reason
        assert str(place.root / "mon" / "tue" / "lead.txt") in problem.reason
        assert "sold to a baker" in index.article("tue/lead.txt").body
        assert ids(index) == ["lead.txt", "tue/lead.txt", "wed/lead.txt"]


def test_a_file_that_is_sent_again_under_its_name_is_an_update(place: Place) -> None:
    inbox = place.folder / "uploads"
    write(inbox / "a" / "note.txt", TOLL)
    write(inbox / "b" / "note.txt", FAIR)
    place.rebuild([place.root / "mon"])
    _, names = add(place, inbox / "a")
    assert names == ["lead.txt", "note.txt"]
    report, names = add(place, inbox / "b")
    assert (report.indexed, report.failed, names) == (1, (), ["lead.txt", "note.txt"])
    with place.opened() as index:
        assert index.article("note.txt", None).version == 2


def test_a_record_with_an_id_of_its_own_is_updated_from_any_file(place: Place) -> None:
    row = '{"id": "fair-1", "text": "The fair has %s geese."}\n'
    write(place.root / "mon" / "rows.jsonl", row % "nine")
    write(place.root / "tue" / "rows.jsonl", row % "ten")
    place.rebuild([place.root / "mon"])
    report, names = add(place, place.root / "tue" / "rows.jsonl")
    assert (report.indexed, report.failed) == (1, ())
    assert names == ["fair-1", "lead.txt"]
