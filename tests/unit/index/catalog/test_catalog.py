"""The catalog by itself: hashes, tables, and what a transaction leaves behind."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.errors import IndexDamagedError, IndexNotFoundError, UnknownArticleError
from newsqa.index.catalog import CatalogReader, CatalogWriter, Change, audit
from newsqa.index.catalog.rows import (
    SetDigest,
    combined,
    content_hash,
    row_hash,
    spans_of,
)
from newsqa.index.catalog.schema import COLUMNS, TABLES, insertion
from newsqa.text.near_duplicates import text_code
from newsqa.types import Article, Passage, Span

VALUE = st.none() | st.integers(-(2**62), 2**62) | st.text(max_size=8) | st.binary(max_size=8)


@given(st.lists(VALUE, max_size=4), st.lists(VALUE, max_size=4))
def test_rows_that_differ_have_different_hashes(a: list[object], b: list[object]) -> None:
    same = [(type(x), x) for x in a] == [(type(x), x) for x in b]
    assert (row_hash(*a) == row_hash(*b)) == same  # type: ignore[arg-type]


def test_columns_do_not_run_into_each_other() -> None:
    assert row_hash("ab", "c") != row_hash("a", "bc")
    assert row_hash("1") != row_hash(1) != row_hash(b"1")
    assert row_hash(None) != row_hash("")


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 9)), unique=True, max_size=6))
def test_a_digest_is_of_the_set(rows: list[tuple[str, int]]) -> None:
    def digest(of: list[tuple[str, int]]) -> bytes:
        aggregate = SetDigest()
        for row in of:
            aggregate.step(*row)
        return aggregate.finalize()

    assert digest(rows) == digest(rows[::-1])
    assert combined([digest(rows[:2]), digest(rows[2:])]) == digest(rows)
    assert digest(rows + rows) == bytes(16)


def test_every_table_ends_in_the_hash_of_its_other_columns() -> None:
    db = sqlite3.connect(":memory:")
    db.executescript(TABLES)
    names = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    names -= {"sqlite_sequence", "bodies"}
    assert names == COLUMNS.keys()
    for table, columns in COLUMNS.items():
        found = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        assert found == [*columns, "row_hash"]
    db.close()


def test_codes_set_white_space_aside() -> None:
    assert text_code("a  b\n c") == text_code(" a b c ")
    assert text_code("a b") != text_code("ab")


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=8, unique=True).map(sorted))
def test_spans_come_back(bounds: list[int]) -> None:
    spans = tuple(Span(a, b) for a, b in zip(bounds[::2], bounds[1::2], strict=False))
    assert spans_of(" ".join(f"{s.start} {s.end}" for s in spans)) == spans


@pytest.fixture
def writer(tmp_path: Path) -> CatalogWriter:
    return CatalogWriter(tmp_path / "newsqa.db")


ARTICLE = Article(article_id="a", title="Title", body="One. Two.", published=date(2026, 1, 2))


def stage(writer: CatalogWriter, article: Article) -> int:
    with writer.batch():
        return writer.find_text(article) or writer.stage_text(article)


def publish(writer: CatalogWriter, *articles: Article) -> int:
    recipe = writer.recipe("fake", "f" * 8, 2, "{}")
    change = Change(writer)
    for article in articles:
        key = stage(writer, article)
        if not writer.is_cut(key, recipe.recipe):
            passage = Passage.of(article, Span(0, len(article.body)))
            with writer.batch():
                writer.stage_passages(key, recipe.recipe, [(passage, b"e" * 32)])
        change.admit(article.article_id, key, None, "here")
    change.plan_arrivals(exactly=True)
    return change.publish("build", recipe.recipe, f"{writer.next_generation():016}").generation


def test_what_is_staged_is_not_published(writer: CatalogWriter) -> None:
    stage(writer, ARTICLE)
    reader = CatalogReader(writer.path)
    assert reader.newest() is None
    assert reader.texts(1) == []
    reader.close()
    writer.close()


def test_intervals_tell_what_was_current_when(writer: CatalogWriter) -> None:
    other = Article(article_id="b", title="", body="Three.")
    changed = Article(article_id="a", title="Title", body="One. Three.")
    assert [publish(writer, ARTICLE), publish(writer, changed, other), publish(writer, other)] == [
        1,
        2,
        3,
    ]
    reader = CatalogReader(writer.path)
    assert [len(reader.texts(g)) for g in (1, 2, 3)] == [1, 2, 1]
    assert reader.article("a", None, 1).body == "One. Two."
    assert reader.article("a", None, 2).body == "One. Three."
    with pytest.raises(UnknownArticleError):
        reader.article("a", None, 3)
    assert [v.generation for v in reader.article("a", 2, 3).versions] == [1, 2]
    assert reader.article("a", 1, 1).versions == (reader.article("a", 1, 3).versions[0],)
    stored = reader.passages([1, 2], 2)
    assert [(s.key, s.passage.text) for s in stored] == [(1, "One. Two."), (2, "One. Three.")]
    reader.close()
    writer.close()


def test_equal_bodies_are_stored_once(writer: CatalogWriter) -> None:
    publish(writer, ARTICLE, Article(article_id="b", title="Other", body=ARTICLE.body))
    assert writer.db.execute("SELECT count(*) FROM bodies").fetchone()[0] == 1
    writer.close()


def test_content_hash_covers_everything_but_id_and_version() -> None:
    def changed(**fields: object) -> bytes:
        kept = {"article_id": "a", "title": "Title", "body": "One. Two.", **fields}
        return content_hash(Article(**kept))  # type: ignore[arg-type]

    hashes = [
        changed(),
        changed(title="T"),
        changed(body="One."),
        changed(published=date(2026, 1, 1)),
        changed(updated=date(2026, 1, 1)),
        changed(source="S"),
        changed(byline="B"),
        changed(url="U"),
        changed(language="de"),
        changed(furniture=(Span(0, 4),)),
        changed(pages=(0,)),
    ]
    assert len(set(hashes)) == len(hashes)
    assert changed(article_id="b", version=3) == hashes[0]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("DELETE FROM versions WHERE article_id = 'a'", "version 1 is missing"),
        ("DELETE FROM current WHERE article_id = 'a'", "0 articles are recorded"),
        ("UPDATE texts SET title = 'Other'", "texts row"),
        ("UPDATE bodies SET body = 'Other'", "its body"),
        ("DELETE FROM passages", "0 passages of 1"),
        ("DELETE FROM cuts", "1 passages"),
        ("UPDATE passages SET start = 1", "passages row"),
        ("UPDATE generations SET articles = 7", "generations row"),
        ("CREATE TABLE more (x)", "schema of more"),
        ("DROP INDEX passages_text", "schema of passages_text"),
        ("UPDATE sqlite_sequence SET seq = 0 WHERE name = 'generations'", "sequence of gen"),
    ],
)
def test_audit_names_what_was_tampered_with(
    writer: CatalogWriter, statement: str, named: str
) -> None:
    publish(writer, ARTICLE)
    missing_vector = {("passage 1", "its vector is missing")}
    assert set(audit(writer.path)) == missing_vector  # no vectors are stored in this test
    writer.db.execute("PRAGMA foreign_keys = OFF")
    writer.db.execute(statement)
    found = set(audit(writer.path)) - missing_vector
    assert any(named in f"{what}: {reason}" for what, reason in found), found
    writer.close()


def test_a_row_of_another_hash_is_not_served(writer: CatalogWriter) -> None:
    publish(writer, ARTICLE)
    writer.db.execute("UPDATE texts SET source = 'Forged'")
    reader = CatalogReader(writer.path)
    with pytest.raises(IndexDamagedError):
        reader.article("a", None, 1)
    with pytest.raises(IndexDamagedError):
        reader.passages([1], 1)
    reader.close()
    writer.close()


def test_a_failed_transaction_leaves_nothing(writer: CatalogWriter) -> None:
    publish(writer, ARTICLE)
    row = ("x", "now")
    with pytest.raises(sqlite3.IntegrityError), writer.batch():
        writer.db.executemany(insertion("purged"), [row, row])
    assert writer.db.execute("SELECT count(*) FROM purged").fetchone()[0] == 0
    writer.close()


def test_no_file_is_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError):
        CatalogReader(tmp_path / "newsqa.db")
