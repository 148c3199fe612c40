"""The sample corpus and its questions hold together: what is listed exists, what is asked is there.

The articles are read here without the project's own ingestion, so that a fault in it cannot hide
one in the corpus.
"""

from __future__ import annotations

import gzip
import html
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from newsqa.evaluation.metrics.words import contains_answer

PROJECT = Path(__file__).resolve().parents[2]
CORPUS = PROJECT / "corpus"
SAMPLE = PROJECT / "tests" / "data" / "sample"
FORMATS = {".txt", ".md", ".html", ".pdf", ".jsonl", ".jsonl.gz"}


def _jsonl(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _format(path: str) -> str:
    name = path.partition("#")[0]
    return ".jsonl.gz" if name.endswith(".jsonl.gz") else Path(name).suffix


def _pdf(path: Path) -> str:
    from pypdf import PdfReader

    pages = [page.extract_text() for page in PdfReader(path).pages]
    lines = [line for page in pages for line in page.splitlines()[1:-1]]
    return re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", "\n".join(lines))


def _html(page: str) -> str:
    main = re.search(r'(?s)<article.*</article>|<div id="content".*<div class="share">', page)
    assert main is not None
    return html.unescape(re.sub(r"<[^>]+>", " ", main.group()))


def _raw(path: Path) -> str:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes()).decode("utf-8")
    return path.read_text(encoding="utf-8")


@cache
def articles() -> dict[str, str]:
    """The text of every article, by path below the corpus (`path#id` for a record)."""
    found = {}
    for path in sorted(CORPUS.rglob("*")):
        name = path.relative_to(CORPUS).as_posix()
        if path.is_dir() or name == "SOURCES.md":
            continue
        if _format(name) in {".jsonl", ".jsonl.gz"}:
            found.update({f"{name}#{r['id']}": r["text"] for r in _jsonl(_raw(path))})
        elif path.suffix == ".pdf":
            found[name] = _pdf(path)
        else:
            found[name] = _html(_raw(path)) if path.suffix == ".html" else _raw(path)
    return found


def _url(name: str) -> str | None:
    """The address a page, front matter or heading line gives, where there is one."""
    if _format(name) == ".pdf":
        return None
    patterns = r'rel="canonical" href="([^"]+)"|^url: (\S+)$|^URL: (\S+)$'
    match = re.search(patterns, _raw(CORPUS / name), re.MULTILINE)
    return next(group for group in match.groups() if group) if match else None


def _article_id(name: str) -> str:
    path, _, record = name.partition("#")
    return record or _url(path) or path


@cache
def questions() -> tuple[dict[str, Any], ...]:
    return tuple(_jsonl((SAMPLE / "questions.jsonl").read_text(encoding="utf-8")))


@cache
def sources() -> str:
    return (CORPUS / "SOURCES.md").read_text(encoding="utf-8")


def test_there_are_enough_articles_in_every_format() -> None:
    formats = Counter(_format(name) for name in articles())
    assert formats.keys() == FORMATS
    assert len(articles()) >= 62
    assert min(formats.values()) >= 5


def test_the_list_of_sources_names_every_article_and_nothing_else() -> None:
    listed = re.findall(r"(?m)^\| `([^`]+)` \|", sources())
    assert sorted(listed) == sorted(articles())
    assert "CC0 1.0" in sources()


def test_articles_are_as_long_as_news_is_but_for_the_one_of_a_single_word() -> None:
    short = {name for name, text in articles().items() if len(text.split()) < 150}
    assert short == {"lantern/notices.jsonl#nl-0919-ferry"}
    assert max(len(text.split()) for text in articles().values()) < 950


def test_no_two_articles_share_an_id() -> None:
    assert not [i for i, n in Counter(map(_article_id, articles())).items() if n > 1]


def test_the_updated_report_was_updated_after_it_was_published() -> None:
    page = _raw(CORPUS / "courier/2026-06-30-interim-report.html")
    times = re.findall(r'property="article:(?:published|modified)_time" content="([^"]+)"', page)
    assert [time[:10] for time in times] == ["2026-06-30", "2026-07-02"]
    assert '"dateModified": "2026-07-02' in page


def test_the_hard_cases_are_there() -> None:
    texts = articles()
    assert texts["lantern/notices.jsonl#nl-0919-ferry"] == "Cancelled."
    assert texts["packet/2026-06-17-bench.txt"].count("The motion was lost.") > 3
    assert "U.S." in texts["courier/2026-04-17-data-centre.txt"]
    assert "\u0301" in texts["review/2026-03-11-bog-butter.md"]
    assert "🧈" in texts["review/2026-03-11-bog-butter.md"]
    assert "Published" not in texts["lantern/reading-the-sky.txt"]
    assert "You may also like" in texts["lantern/2026-01-18-storm-ottar.txt"]
    titles = [record["title"] for record in _jsonl(_raw(CORPUS / "lantern/notices.jsonl"))]
    assert any("<b>" in title and "&" in title for title in titles)


def test_the_wire_story_stands_twice_under_other_titles() -> None:
    packet = articles()["packet/2026-03-31-earthquake.md"]
    gazette = articles()["gazette/2026-03-31-lorry-in-the-cellar.txt"]
    story = packet[packet.index("SARNFELL") :].strip()
    assert len(story) > 1000
    assert story in gazette
    assert "Earthquake of magnitude 4.1" not in gazette


def test_the_packed_records_carry_no_time_of_packing() -> None:
    assert (CORPUS / "archive/courier-2026.jsonl.gz").read_bytes()[4:8] == bytes(4)


def test_the_pdf_articles_are_those_their_texts_make(tmp_path: Path) -> None:
    from tools.make_corpus_pdfs import make_all

    made = make_all(tmp_path)
    assert sorted(path.as_posix() for path in made) == sorted(
        name for name in articles() if name.endswith(".pdf")
    )
    for path in made:
        assert (tmp_path / path).read_bytes() == (CORPUS / path).read_bytes(), path


def test_the_questions_are_many_and_of_every_kind() -> None:
    rows = questions()
    kinds = Counter(row["kind"] for row in rows)
    assert kinds.keys() == {"plain", "followup", "time", "said", "unanswerable"}
    assert len(rows) >= 124
    assert 3 * kinds["unanswerable"] >= len(rows)
    assert kinds["followup"] >= 20
    assert kinds["time"] >= 20
    assert kinds["said"] >= 10
    assert len({row["id"] for row in rows}) == len(rows)
    assert len({(row["question"], *row.get("turns", ())) for row in rows}) == len(rows)


def test_a_question_has_answers_and_articles_or_neither() -> None:
    for row in questions():
        answerable = row["kind"] != "unanswerable"
        assert row["answerable"] == bool(row["answers"]) == bool(row["articles"]) == answerable
        assert bool(row.get("turns")) or row["kind"] != "followup"
        assert set(row["articles"]) <= articles().keys()


@pytest.mark.parametrize("row", [r for r in questions() if r["answerable"]], ids=lambda r: r["id"])
def test_every_answer_stands_in_a_listed_article(row: dict[str, Any]) -> None:
    texts = [articles()[name] for name in row["articles"]]
    for answer in row["answers"]:
        assert any(contains_answer(text, [answer]) for text in texts), answer
    for name, text in zip(row["articles"], texts, strict=True):
        assert contains_answer(text, row["answers"]), name


def test_the_judged_articles_are_those_the_questions_name() -> None:
    lines = (SAMPLE / "qrels.tsv").read_text(encoding="utf-8").splitlines()
    judged = [line.split("\t") for line in lines]
    expected = [[row["id"], _article_id(a), "1"] for row in questions() for a in row["articles"]]
    assert judged == expected


def test_six_questions_are_examples_and_one_of_them_has_no_answer() -> None:
    examples = [row for row in questions() if row.get("example")]
    assert len(examples) == 6
    assert sum(not row["answerable"] for row in examples) == 1
    assert sum(row["kind"] == "time" for row in examples) == 1
