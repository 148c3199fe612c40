"""What a file was read in is kept beside its article, and what could not be read is counted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from newsqa.cli.commands.show import article_text
from newsqa.errors import IndexDamagedError
from newsqa.index import Index
from newsqa.index.catalog import audit
from newsqa.web.html.article import render_article
from tests.indexes import SETTINGS, STORM, Place, write_corpus

TEXT = "Élection à Lindle\n\nLe maire Honoré Pérouse a été réélu dimanche à Lindle.\n"
RUSSIAN = "<p>Мэр города Линдле ушёл в отставку в понедельник вечером.</p>" * 4
PAGE = (
    '<html><head><meta charset="windows-1251"><title>Отставка мэра</title></head><body><article>'
    f"<h1>Отставка мэра</h1>{RUSSIAN}</article></body></html>"
)
MAIL = (
    b"From: Ann Bell <ann@post.example>\nSubject: Wall\nMessage-ID: <wall@post.example>\n"
    b"MIME-Version: 1.0\nContent-Type: text/plain; charset=iso-8859-15\n"
    b"Content-Transfer-Encoding: 8bit\n\nThe wall cost 12 million \xa4. Nobody was hurt.\n"
)
FILES = {
    "latin.txt": TEXT.encode("cp1252"),
    "wide.txt": ("\ufeff" + TEXT).encode("utf-16-le"),
    "plain.md": b"# Caf\xc3\xa9\n\nThe caf\xc3\xa9 opens in May. It was late.\n",
    "page.html": PAGE.encode("cp1251"),
    "mail.eml": MAIL,
    "cut.txt": TEXT.encode() + b"Il a remerci\xc3\xa9 les \xe2\x82",
}
READ_AS = {
    "latin.txt": "cp1252",
    "wide.txt": "utf-16",
    "plain.md": "utf-8",
    "page.html": "cp1251",
    "wall@post.example": "iso8859-15",
    "cut.txt": "utf-8",
    "storm": "",
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    news = tmp_path / "news"
    news.mkdir()
    for name, content in FILES.items():
        (news / name).write_bytes(content)
    place.rebuild([news, write_corpus(place.corpus, [STORM])])
    return place


def read_as(index: Index, article_id: str) -> str:
    return index.article(article_id).encoding


def test_articles_say_what_their_files_were_read_in(place: Place) -> None:
    with place.opened() as index:
        assert {name: read_as(index, name) for name in READ_AS} == READ_AS
        assert index.article("wall@post.example").body.startswith("The wall cost 12 million €.")
        assert index.article("page.html").to_dict()["encoding"] == "cp1251"
        assert index.article("storm").to_dict()["encoding"] is None


def test_what_could_not_be_read_is_counted(place: Place) -> None:
    with place.opened() as index:
        counts = {name: index.article(name).to_dict()["unreadable"] for name in READ_AS}
    assert counts == {name: int(name == "cut.txt") for name in READ_AS}


def test_the_same_text_in_another_encoding_is_no_new_version(place: Place) -> None:
    (place.root / "news" / "latin.txt").write_bytes(TEXT.encode())
    with place.opened() as index:
        report = index.add([place.root / "news"])
        assert (report.indexed, report.unchanged) == (0, 6)
        article = index.article("latin.txt")
        assert (article.version, article.encoding) == (1, "utf-8")


def test_an_older_version_keeps_what_its_own_file_was_read_in(place: Place) -> None:
    (place.root / "news" / "latin.txt").write_bytes(TEXT.encode() + b"Il a 61 ans.\n")
    with place.opened() as index:
        index.add([place.root / "news"])
        kept = [index.article("latin.txt", version).encoding for version in (1, 2)]
    assert kept == ["cp1252", "utf-8"]


def test_purging_an_article_leaves_nothing_of_its_encoding(place: Place) -> None:
    with place.opened() as index:
        index.purge(["latin.txt"])
    with closing(sqlite3.connect(place.folder / "newsqa.db")) as db:
        names = {row[0] for row in db.execute("SELECT encoding FROM encodings")}
    assert names == {*READ_AS.values()} - {"cp1252", ""}


def test_an_encoding_that_was_tampered_with_is_found(place: Place) -> None:
    with closing(sqlite3.connect(place.folder / "newsqa.db")) as db:
        db.execute("UPDATE encodings SET encoding = 'utf-8' WHERE encoding = 'cp1252'")
        db.commit()
    assert any("encodings" in what for what, _ in audit(place.folder / "newsqa.db"))
    with (
        Index.open(place.folder, encoder=place.encoder, settings=SETTINGS) as index,
        pytest.raises(IndexDamagedError),
    ):
        index.article("latin.txt")


def test_show_and_the_page_say_it(place: Place) -> None:
    with place.opened() as index:
        cut, whole = index.article("cut.txt"), index.article("latin.txt")
    assert "\nencoding:  utf-8\nlost:      1 (U+FFFD in their place)\n" in article_text(cut)
    assert "\nencoding:  cp1252\n\n" in article_text(whole)
    assert "each shown as \ufffd: 1." in render_article(cut)
    assert "each shown as" not in render_article(whole)
