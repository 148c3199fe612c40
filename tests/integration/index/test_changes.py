"""Build, add and remove: what becomes current, what is kept, what is not done twice."""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from newsqa.errors import (
    CorpusError,
    IndexMismatchError,
    IndexNotFoundError,
    UnknownArticleError,
)
from newsqa.index import Index, locking
from newsqa.index import maintenance as keeping
from newsqa.index.head import read_head
from newsqa.index.update import WriteContext
from newsqa.ingest import Parsed
from newsqa.settings import Settings
from newsqa.text import analysis as text
from newsqa.types import Filters
from tests.fakes.engine_parts import FakeEncoder
from tests.indexes import (
    MAYOR,
    MUSEUM,
    SETTINGS,
    STORM,
    Place,
    ids,
    quick_parse,
    record,
    shown,
    write_corpus,
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_build_makes_exactly_these_articles_current(place: Place) -> None:
    first = place.build([STORM, MAYOR])
    assert (first.generation, first.indexed, first.removed) == (1, 2, 0)
    second = place.build([MAYOR, MUSEUM])
    assert (second.indexed, second.unchanged, second.removed) == (1, 1, 1)
    with place.opened() as index:
        assert ids(index) == ["mayor", "museum"]
        assert index.snapshot().article_count == 2
        with pytest.raises(UnknownArticleError, match="storm"):
            index.article("storm")
        assert index.article("storm", 1).body == STORM["text"]  # history is kept


def test_the_same_build_again_changes_nothing_and_encodes_nothing(place: Place) -> None:
    place.build([STORM, MAYOR])
    encoded = place.encoder.encoded
    again = place.build([STORM, MAYOR])
    assert (again.generation, again.indexed, again.unchanged) == (1, 0, 2)
    assert place.encoder.encoded == encoded


def test_the_same_text_under_another_path_encodes_nothing(place: Place, tmp_path: Path) -> None:
    place.build([STORM])
    encoded = place.encoder.encoded
    moved = write_corpus(tmp_path / "elsewhere.jsonl", [STORM])
    report = place.rebuild([moved])
    assert (report.generation, report.unchanged, place.encoder.encoded) == (1, 1, encoded)


@pytest.mark.parametrize(
    "changed",
    [
        {"text": "A storm broke the harbour wall. One was hurt."},
        {"title": "Another title"},
        {"source": "Another paper"},
        {"date": "2026-03-02"},
        {"url": "https://example.org/storm"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_any_change_makes_a_new_version(place: Place, changed: dict[str, str]) -> None:
    place.build([STORM, MAYOR])
    report = place.build([{**STORM, **changed}, MAYOR])
    assert (report.indexed, report.unchanged) == (1, 1)
    with place.opened() as index:
        now = index.article("storm")
        assert [v.version for v in now.versions] == [1, 2]
        assert now.version == 2
        assert index.article("storm", 1).body == STORM["text"]


def test_an_old_text_that_returns_is_a_new_version(place: Place) -> None:
    place.build([STORM])
    place.build([{**STORM, "text": "Corrected."}])
    place.build([STORM])
    with place.opened() as index:
        assert index.article("storm").version == 3
        passage = index.snapshot().passages(index.snapshot().columns.keys.tolist())[0]
        assert (passage.version, passage.text) == (3, STORM["text"])


def test_a_removed_article_that_returns_unchanged_is_the_same_version(place: Place) -> None:
    place.build([STORM, MAYOR])
    with place.opened() as index:
        before = shown(index)
        assert index.remove(["storm"]).removed == 1
        assert ids(index) == ["mayor"]
        assert place.add(index, STORM).indexed == 1
        assert index.article("storm").version == 1
        assert shown(index) == before


def test_remove_names_an_unknown_article_and_changes_nothing(place: Place) -> None:
    place.build([STORM, MAYOR])
    with place.opened() as index:
        with pytest.raises(UnknownArticleError, match="'nobody'"):
            index.remove(["storm", "nobody"])
        assert ids(index) == ["mayor", "storm"]
        assert index.snapshot().generation == 1


def test_add_leaves_the_others(place: Place) -> None:
    place.build([STORM])
    with place.opened() as index:
        report = place.add(index, MUSEUM, {**STORM, "text": "New words."})
        assert (report.indexed, report.removed) == (2, 0)
        assert ids(index) == ["museum", "storm"]


def test_an_id_met_twice(place: Place) -> None:
    """The same content is skipped; another fails, with both places named."""
    report = place.build([STORM, STORM, {**STORM, "text": "Something else."}, MAYOR])
    assert (report.indexed, len(report.skipped), len(report.failed)) == (2, 1, 1)
    assert "duplicate" in report.skipped[0].reason
    assert report.failed[0].reason.count("corpus.jsonl") == 2
    again = place.rebuild([place.corpus])
    assert (again.unchanged, len(again.skipped), len(again.failed)) == (2, 1, 1)


def test_a_conflict_stays_one_whatever_its_file_is_called(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = [Path("=first.jsonl"), Path("second.jsonl")]
    write_corpus(paths[0], [STORM])
    write_corpus(paths[1], [{**STORM, "text": "Something else."}])
    report = place.rebuild(paths)
    assert (report.indexed, report.skipped, len(report.failed)) == (1, (), 1)
    assert report.failed[0].reason.endswith("with another content, at =first.jsonl (storm)")


def test_an_article_whose_file_failed_keeps_its_version(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    write_corpus(folder / "a.jsonl", [STORM])
    write_corpus(folder / "b.jsonl", [MAYOR])
    place.rebuild([folder])
    (folder / "a.jsonl").write_text("{not json\n", encoding="utf-8")
    report = place.rebuild([folder])
    assert (report.unchanged, report.removed, len(report.failed)) == (1, 0, 1)
    with place.opened() as index:
        assert ids(index) == ["mayor", "storm"]


def test_nothing_readable_changes_nothing(place: Place, tmp_path: Path) -> None:
    place.build([STORM])
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"bad\.jsonl"):
        place.rebuild([bad])
    with place.opened() as index:
        assert (ids(index), index.snapshot().generation) == (["storm"], 1)


def test_a_first_build_of_nothing_leaves_no_index(place: Place, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusError):
        place.rebuild([tmp_path / "empty"])
    with pytest.raises(IndexNotFoundError):
        Index.open(place.folder, encoder=place.encoder, settings=SETTINGS)


def test_a_path_that_does_not_exist_opens_nothing(place: Place, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        place.rebuild([tmp_path / "nowhere"])
    assert not place.folder.exists()


def test_one_word_is_an_article_and_none_is_not(place: Place) -> None:
    report = place.build([record("one", "Word."), record("none", ""), record("space", " \n ")])
    assert report.indexed == 1
    assert len(report.skipped) == 2
    assert report.indexed + report.unchanged + len(report.skipped) + len(report.failed) == 3


def test_passages_are_slices_with_their_sentences(place: Place) -> None:
    place.build([record("long", "\n\n".join(f"This is sentence number {n}." for n in range(300)))])
    with place.opened() as index:
        snapshot = index.snapshot()
        article = snapshot.article("long", 1)
        passages = snapshot.passages(snapshot.columns.keys.tolist())
        assert len(passages) > 3
        for passage in passages:
            assert passage.text == passage.span.cut(article.body)
            assert passage.sentences[0].start <= passage.span.start
            assert all(sentence.cut(article.body).endswith(".") for sentence in passage.sentences)


def test_filters(place: Place) -> None:
    place.build([STORM, MAYOR, MUSEUM])
    with place.opened() as index:
        snapshot = index.snapshot()

        def found(**filters: object) -> set[str]:
            keys = snapshot.allowed(Filters(**filters))  # type: ignore[arg-type]
            assert keys is not None
            return {p.article_id for p in snapshot.passages(keys.tolist())}

        assert snapshot.allowed(Filters()) is None
        assert found(since=date(2026, 3, 1)) == {"storm", "mayor"}  # undated is left out
        assert found(since=date(2026, 3, 2)) == {"mayor"}
        assert found(until=date(2026, 3, 1)) == {"storm"}
        assert found(sources=("POST",)) == {"mayor"}
        assert found(sources=("pos",)) == set()
        assert snapshot.sources() == {"Post": 1}
        assert snapshot.dates() == (date(2026, 3, 1), date(2026, 4, 1))


def test_as_of_reads_the_version_of_that_day(place: Place) -> None:
    place.build([STORM, MAYOR, MUSEUM])
    updated = {**STORM, "text": "The harbour wall holds. Two were hurt.", "updated": "2026-03-10"}
    place.build([updated, MAYOR, MUSEUM])
    with place.opened() as index:
        snapshot = index.snapshot()
        for day, version in (
            (date(2026, 2, 28), None),
            (date(2026, 3, 5), 1),
            (date(2026, 5, 1), 2),
        ):
            keys = snapshot.allowed(Filters(as_of=day))
            assert keys is not None
            passages = snapshot.passages(keys.tolist())
            storms = {p.version for p in passages if p.article_id == "storm"}
            assert storms == ({version} if version else set())
            assert "museum" not in {p.article_id for p in passages}
        old = snapshot.allowed(Filters(as_of=date(2026, 3, 5)))
        terms = text.terms("broke the harbour wall")
        assert old is not None
        assert [key for key, _ in snapshot.lexical(terms, 5, allowed=old)] == old.tolist()
        vector = place.encoder.encode_questions(["storm broke"])[0]
        assert [key for key, _ in snapshot.dense(vector, 5, allowed=old)] == old.tolist()


def test_copies_are_the_same_words_in_other_articles(place: Place) -> None:
    body = "The wire says this. And this."
    place.build([record("a", body), record("b", body.replace(" ", "  ")), MUSEUM])
    with place.opened() as index:
        snapshot = index.snapshot()
        a, b, museum = snapshot.columns.keys.tolist()
        assert snapshot.view().copies(a) == (b,)
        assert snapshot.view().copies(b) == (a,)
        assert snapshot.view().copies(museum) == ()


def test_a_phrase_in_the_title_alone_is_not_a_phrase(place: Place) -> None:
    place.build([record("a", "Nothing here."), record("b", "Read about a boat.")])
    with place.opened() as index:
        snapshot = index.snapshot()
        keys = snapshot.phrase(text.terms("about a"))
        assert [p.article_id for p in snapshot.passages(keys.tolist())] == ["b"]


def test_changed_paths_names_what_differs(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    for name in ("a", "b", "c"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / f"{name}.txt").write_text(f"Title {name}\n\nSome words.", encoding="utf-8")
    place.rebuild([folder])
    with place.opened() as index:
        assert index.changed_paths() == []
        os.utime(folder / "b.txt")  # touched, not changed
        assert index.changed_paths() == []
        (folder / "a.txt").write_text("Title\n\nOther words.", encoding="utf-8")
        (folder / "c.txt").unlink()
        (folder / "d.txt").write_text("Title\n\nNew words.", encoding="utf-8")
        names = [Path(name).name for name in index.changed_paths()]
        assert names == ["a.txt", "c.txt", "d.txt"]


def test_a_file_that_changed_while_it_was_read_is_seen_to_have_changed(place: Place) -> None:
    place.build([STORM])
    more = write_corpus(place.root / "more" / "a.jsonl", [MAYOR])

    def parse(*args: Any, **options: Any) -> Iterator[Parsed]:
        for parsed in quick_parse(*args, **options):
            write_corpus(more, [{**MAYOR, "text": "The mayor stays."}])
            yield parsed

    context = WriteContext(place.folder, place.encoder, SETTINGS, parse=parse)
    assert keeping.sync(context, more.parent).indexed == 1
    with place.opened() as index:
        assert index.changed_paths(under=more.parent) == [str(more)]
        assert index.sync(more.parent).indexed == 1
        assert index.changed_paths(under=more.parent) == []
        assert index.article("mayor").body == "The mayor stays."


def test_another_encoder_is_refused_until_it_has_built(place: Place) -> None:
    place.build([STORM, MAYOR])
    place.build([{**STORM, "text": "Corrected words."}, MAYOR])
    other = FakeEncoder("other", dim=16)
    with pytest.raises(IndexMismatchError, match="rebuild it"):
        Index.open(place.folder, encoder=other, settings=SETTINGS)
    with place.opened() as index:
        before = index.snapshot()
        then = shown(index)
        place.encoder, old = other, place.encoder
        meanwhile: dict[str, Any] = {}

        def look(stage: str, done: int, total: int | None, detail: str = "") -> None:
            meanwhile.setdefault(stage, shown(index))

        report = place.rebuild([], progress=look)
        assert meanwhile == dict.fromkeys(("reading", "embedding", "writing"), then)
        assert (report.generation, report.indexed) == (3, 0)
        assert len(before.dense(old.encode_questions(["storm"])[0], 3)) == 2  # still answers
        with pytest.raises(IndexMismatchError):
            index.snapshot()
    with place.opened() as index:
        assert ids(index) == ["mayor", "storm"]
        keys = index.snapshot().allowed(Filters(as_of=date(2026, 3, 1)))
        assert keys is not None
        assert index.snapshot().vectors(keys).shape == (len(keys), 16)  # history came along


def test_other_sizes_of_passages_cut_anew_on_build_only(place: Place) -> None:
    body = " ".join(f"Sentence {n} has a few words." for n in range(60))
    place.build([record("long", body)])
    small = Settings.model_validate({"passage_tokens": 64})
    with Index.open(place.folder, encoder=place.encoder, settings=small) as index:
        count = len(index.snapshot())
        place.add(index, MUSEUM)  # cut as the index is
        Index.build([], place.folder, encoder=place.encoder, settings=small)
        assert len(index.snapshot()) > count + 1


def test_gzipped_corpus_and_describe(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(json.dumps(MAYOR))
    place.rebuild([path])
    with place.opened() as index:
        told = index.describe()
        assert {key: told[key] for key in ("articles", "versions", "passages", "first")} == {
            "articles": 1,
            "versions": 1,
            "passages": 1,
            "first": "2026-04-01",
        }
        assert told["paths"] == [str(path)]
        json.dumps(told)


def test_questions_go_on_while_a_long_tail_is_folded(place: Place) -> None:
    place.build([STORM, MAYOR])
    with place.opened() as index:
        index.snapshot()
        with locking.held(place.folder, locking.CACHES):  # so the folding takes its time
            adding = Thread(target=place.add, args=(index, MUSEUM))
            adding.start()
            until = time.monotonic() + 120
            while (read_head(place.folder) or (0, ""))[0] < 2 and time.monotonic() < until:
                time.sleep(0.01)
            for _ in range(10):
                asking = Thread(target=index.snapshot, daemon=True)
                asking.start()
                asking.join(20)
                assert not asking.is_alive()
                time.sleep(0.1)
            assert len(index.snapshot().delta.added) == 1
            assert adding.is_alive()
        adding.join()
        assert len(index.snapshot().delta.added) == 0
        assert ids(index) == ["mayor", "museum", "storm"]
