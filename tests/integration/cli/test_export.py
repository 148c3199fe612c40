"""What is exported builds the same index: same articles, same passages, same replies."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsqa.cli import run
from newsqa.index import Index
from newsqa.ingest import parse, walk
from newsqa.ingest.formats.jsonl import parse_jsonl
from newsqa.ingest.formats.jsonl_schema import record_of
from newsqa.types import Article, Span
from tests.indexes import Place, shown
from tests.samples import LIMITS

Captured = pytest.CaptureFixture[str]
SAMPLES = Path(__file__).parents[2] / "data" / "ingest"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with an index of every kind of file this project has samples of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NEWSQA_INDEX", raising=False)
    monkeypatch.setenv("NEWSQA_THREADS", "1")
    return tmp_path


def typed(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))


def bare(article: Article) -> Article:
    """An article without its number, which a fresh build counts anew."""
    return replace(article, version=1)


def test_an_export_builds_the_same_index(tmp_path: Path) -> None:
    old, new = Place(tmp_path / "old"), Place(tmp_path / "new")
    old.rebuild([SAMPLES])
    with old.opened() as first:
        records = [record_of(article) for article in first.current()]
        new.build(records)
        with new.opened() as second:
            assert list(map(bare, second.current())) == list(map(bare, first.current()))
            assert shown(second) == shown(first)
            assert second.snapshot().sources() == first.snapshot().sources()
            articles = list(second.current())
    assert any(article.pages for article in articles)
    assert any(article.furniture for article in articles)
    assert any(article.updated for article in articles)
    assert any(article.byline for article in articles)


def test_what_is_gone_is_not_exported_and_what_changed_is_exported_as_it_is(
    tmp_path: Path,
) -> None:
    place = Place(tmp_path)
    place.build([{"id": name, "title": "T", "text": f"The {name} one."} for name in "abc"])
    with place.opened() as index:
        place.add(index, {"id": "b", "title": "T", "text": "Another b."})
        index.remove(["c"])
        reading = index.current()
        first = next(reading)
        index.remove(["b"])  # after the export has begun: it goes on as of its generation
        assert [first.article_id, *(a.article_id for a in reading)] == ["a", "b"]
        assert [article.article_id for article in index.current()] == ["a"]


def test_the_command_line_makes_a_copy_through_a_pipe(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(["index", "build", str(SAMPLES), "--index", "old", "-q"])
    capsys.readouterr()
    assert run(["export", "--index", "old"]) == 0
    out = capsys.readouterr().out
    typed(monkeypatch, out.encode())
    assert run(["index", "build", "-", "--index", "new", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["indexed"] == len(out.splitlines())
    assert (report["failed"], report["skipped"]) == ([], [])
    assert run(["export", "--index", "new"]) == 0
    assert capsys.readouterr().out == out
    question = ["search", "council ferry storm", "--json", "--index"]
    pages = []
    for name in ("old", "new"):
        run([*question, name])
        found = json.loads(capsys.readouterr().out)
        pages.append([{**hit, "version": 1} for hit in found["hits"]])
    assert pages[0] == pages[1]
    assert pages[0]


@pytest.mark.parametrize("name", ["corpus.jsonl", "corpus.jsonl.gz"])
def test_an_output_file_is_whole_or_not_there(
    name: str, folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(["index", "build", str(SAMPLES / "curly.txt"), "-q"])
    capsys.readouterr()
    assert run(["export", "--output", name]) == 0
    assert "1 articles written" in capsys.readouterr().err
    raw = (folder / name).read_bytes()
    line = gzip.decompress(raw) if name.endswith("gz") else raw
    assert json.loads(line)["id"] == "curly.txt"
    assert sorted(p.name for p in folder.iterdir() if p.is_file()) == [name]

    def fail(self: Index) -> Any:
        raise OSError(28, "No space left on device")
        yield

    monkeypatch.setattr(Index, "current", fail)
    assert run(["export", "--output", name]) == 3
    assert (folder / name).read_bytes() == raw
    assert sorted(p.name for p in folder.iterdir() if p.is_file()) == [name]


def test_two_pipes_do_not_take_each_others_names(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, b'{"text": "The first one came."}\n')
    assert run(["index", "build", "-", "-q"]) == 0
    typed(monkeypatch, gzip.compress(b'{"text": "The second one came."}\n'))
    assert run(["index", "add", "-", "-q"]) == 0
    typed(monkeypatch, b'{"text": "The first one came."}\n')
    capsys.readouterr()
    assert run(["index", "add", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unchanged"] == 1
    run(["export"])
    texts = [json.loads(line)["text"] for line in capsys.readouterr().out.splitlines()]
    assert sorted(texts) == ["The first one came.", "The second one came."]


def test_a_pipe_with_nothing_in_it_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, b"")
    assert run(["index", "build", "-", "-q"]) == 4


def test_no_index_ends_with_three(folder: Path) -> None:
    assert run(["export"]) == 3


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufeff"))
LINE = st.text(st.characters(categories=("L", "N", "P", "S")), max_size=20)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    body = draw(TEXT.filter(lambda text: bool(text.strip())))
    cuts = sorted(draw(st.sets(st.integers(0, len(body)), max_size=6)))
    spans = tuple(Span(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False))
    days = st.dates(date(1500, 1, 1), date(2099, 12, 31))  # those that the parsers read
    published = draw(st.none() | days)
    later = draw(st.none() | days)
    return Article(
        article_id=draw(LINE.filter(bool)),
        title=draw(LINE),
        body=body,
        published=published,
        updated=later if later and published and later > published else None,
        source=draw(LINE),
        byline=draw(LINE),
        language=draw(LINE),
        furniture=spans,
        pages=tuple(cuts),
    )


@given(article=articles())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_article_comes_back_from_its_record(article: Article) -> None:
    line = json.dumps(record_of(article), ensure_ascii=False).encode()
    [batch] = parse_jsonl(line, gzipped=False)
    assert not batch.failed
    back = batch.drafts[0].article("x.jsonl")
    if article.published is None and back.published is not None:
        back = replace(back, published=None)  # a body that opens with a dateline
    assert back == article


def test_the_worker_carries_furniture_and_pages(tmp_path: Path) -> None:
    record = {"text": "Share this. The bridge opens.", "furniture": [[0, 11]], "page_offsets": [0]}
    bare_one = {"text": "Share this\n\nThe bridge opens.", "furniture": []}
    path = tmp_path / "a.jsonl"
    path.write_text(f"{json.dumps(record)}\n{json.dumps(bare_one)}\n")
    [parsed] = parse(walk([path]).files, limits=LIMITS)
    first, second = parsed.articles
    assert (first.furniture, first.pages) == ((Span(0, 11),), (0,))
    assert second.furniture == ()
