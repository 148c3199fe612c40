"""What was printed shortly before the day of asking comes forward."""

from __future__ import annotations

from datetime import date

import pytest

from newsqa.question.dates import DatePattern, anchor_day, dates_mentioned
from newsqa.retrieval.boosts import DATE_SHARE as SHARE
from newsqa.retrieval.boosts import boost_dates, boost_recent
from newsqa.types import Article, Hit, Passage, Span

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
    found = boost_recent(HITS, TODAY, 0.2)
    assert ids(found) == ["2", "1", "3", "4"]
    assert [h.rank for h in found] == [1, 2, 3, 4]
    assert all(0 <= h.score <= 1 for h in found)


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("Who won the cup?", TODAY),
        ("Who won the cup of 2026?", TODAY),
        ("Who won the cup in 2022?", None),
        ("Who won the cup on 3 May 2022 and in 2026?", None),
    ],
)
def test_another_time_named_is_the_one_meant(question: str, meant: date | None) -> None:
    assert anchor_day(dates_mentioned(question), TODAY) == meant
    assert anchor_day(dates_mentioned(question), None) is None


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Who won the cup?", []),
        ("What fell in November?", [DatePattern(month=11)]),
        ("what fell in november 2025?", [DatePattern(2025, 11)]),
        ("What did May and the march do, if one may ask?", [DatePattern(month=5)]),
        (
            "What happened on 12 March 2026 and on March 4th?",
            [DatePattern(2026, 3, 12), DatePattern(None, 3, 4)],
        ),
        ("Who sailed on the 3rd of July, 1998?", [DatePattern(1998, 7, 3)]),
        ("Was 2024 wetter than June 1966?", [DatePattern(2024), DatePattern(1966, 6)]),
        ("Was it 20245 or 45 June?", [DatePattern(None, 6, 45)]),  # no day is one of these
        ("Who marched in Mayfield?", []),
        ("May I ask who won in April?", [DatePattern(month=4)]),
        ("May 2024: who won?", [DatePattern(2024, 5)]),
        ("Who sailed on 12\n March  2026?", [DatePattern(2026, 3, 12)]),
    ],
)
def test_days_that_a_question_names(question: str, named: list[DatePattern]) -> None:
    assert list(dates_mentioned(question)) == named


def test_what_was_printed_on_the_days_named_or_just_after_comes_forward() -> None:
    days = [date(2026, 4, 2), date(2026, 4, 4), date(2025, 3, 9), None]
    hits = [hit(rank, 0.9, published) for rank, published in enumerate(days, 1)]
    found = boost_dates(hits, dates_mentioned("What fell in March?"))
    assert ids(found) == ["1", "3", "2", "4"]  # 2 April: three days after the last of March
    assert [h.score for h in found] == pytest.approx([0.9 + 0.1 * SHARE] * 2 + [0.9 * 0.9] * 2)
    assert boost_dates([hit(1, 0.5, date(1, 1, 1))], [DatePattern(month=12)])[0].score == 0.45


def test_days_without_end_are_no_mistake() -> None:
    assert boost_dates(HITS, [DatePattern(None, 6, 45)])[0].score == pytest.approx(0.81)
