"""Every sample file comes out as the table beside them says: three sound ones and one broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from newsqa.ingest import Limits, Parsed, parse, walk
from newsqa.types import Article, day

SAMPLES = Path(__file__).parent.parent / "data" / "ingest"
EXPECTED: dict[str, Any] = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def parsed() -> dict[str, list[Parsed]]:
    found: dict[str, list[Parsed]] = {}
    for item in parse(walk([SAMPLES]).files, limits=Limits()):
        found.setdefault(item.file.article_key, []).append(item)
    return found


def test_every_sample_is_in_the_table(parsed: dict[str, list[Parsed]]) -> None:
    assert set(parsed) == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_comes_out_as_expected(name: str, parsed: dict[str, list[Parsed]]) -> None:
    items = parsed[name]
    assert [item.last for item in items] == [False] * (len(items) - 1) + [True]
    articles = [article for item in items for article in item.articles]
    problems = [p for item in items for p in (*item.skipped, *item.failed)]
    expected = EXPECTED[name]
    if isinstance(expected, str):
        assert not articles
        assert len(problems) == 1
        assert problems[0].path.endswith(name)
        assert problems[0].reason.startswith(expected)
        return
    wanted = [row for row in expected if "line" not in row]
    assert [article.article_id for article in articles] == [row["id"] for row in wanted]
    for article, row in zip(articles, wanted, strict=True):
        check(article, row)
    reasons = {problem.path.rpartition("#")[2]: problem.reason for problem in problems}
    left_out = {str(row["line"]): row for row in expected if "line" in row}
    assert reasons.keys() == left_out.keys()
    for line, row in left_out.items():
        assert reasons[line].startswith(row.get("failed") or row["skipped"])


def check(article: Article, row: dict[str, Any]) -> None:
    said = {
        "title": article.title,
        "published": day(article.published),
        "updated": day(article.updated),
        "source": article.source,
        "byline": article.byline,
        "url": article.url,
        "language": article.language,
        "pages": list(article.pages),
        "furniture": [span.cut(article.body) for span in article.furniture],
    }
    assert {key: value for key, value in said.items() if value} == {
        key: value for key, value in row.items() if key not in ("id", "begins", "ends")
    }
    assert article.version == 1
    assert article.body.startswith(row["begins"])
    assert article.body.endswith(row["ends"])


def test_parsing_twice_gives_the_same(parsed: dict[str, list[Parsed]]) -> None:
    again = list(parse(walk([SAMPLES]).files, limits=Limits()))
    assert again == [item for items in parsed.values() for item in items]
