"""What was printed shortly before the day of asking comes forward."""

from __future__ import annotations

from datetime import date

import pytest

from newsqa.times import day_meant, near_day
from newsqa.types import Article, Filters, Hit, Passage, Span

TODAY = date(2026, 5, 20)


def hit(rank: int, score: float, published: date | None) -> Hit:
    article = Article(article_id=str(rank), title="", body="Text.", published=published)
    return Hit(passage=Passage.of(article, Span(0, 5), (Span(0, 5),)), score=score, rank=rank)


HITS = [
    hit(1, 0.9, date(2022, 5, 18)),
    hit(2, 0.8, date(2026, 5, 18)),
    hit(3, 0.79, None),
    hit(4, 0.78, date(2026, 8, 1)),
]


def ids(hits: list[Hit]) -> list[str]:
    return [h.passage.article_id for h in hits]


def test_the_near_one_comes_first_and_the_others_keep_their_order() -> None:
    found = near_day(HITS, TODAY, 0.2)
    assert ids(found) == ["2", "1", "3", "4"]
    assert [h.rank for h in found] == [1, 2, 3, 4]
    assert all(0 <= h.score <= 1 for h in found)


@pytest.mark.parametrize(
    ("question", "filters", "meant"),
    [
        ("Who won the cup?", Filters(), TODAY),
        ("Who won the cup of 2026?", Filters(), TODAY),
        ("Who won the cup in 2022?", Filters(), None),
        ("Who won the cup?", Filters(until=date(2022, 1, 1)), None),
    ],
)
def test_another_time_named_is_the_one_meant(
    question: str, filters: Filters, meant: date | None
) -> None:
    assert day_meant(question, TODAY, filters) == meant
    assert day_meant(question, None, filters) is None
