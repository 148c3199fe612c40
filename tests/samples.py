"""Holds what was parsed of a sample file to the table beside the samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from newsqa.ingest import Limits, Parsed
from newsqa.types import Article, day

LIMITS = Limits(memory_mb=1024, cpu_s=10, wall_s=20, max_file_mb=200)


def compare(items: Sequence[Parsed], expected: Any, name: str) -> None:
    """Raise unless a sample holds these articles and leaves these lines out, or fails so.

    Args:
        expected: The reason for which it fails; or a row for each article, with "id", "begins",
            "ends" and each field that is not empty, and one for each line that is left out.
    """
    assert [item.last for item in items] == [False] * (len(items) - 1) + [True]
    articles = [article for item in items for article in item.articles]
    problems = [p for item in items for p in (*item.skipped, *item.failed)]
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
