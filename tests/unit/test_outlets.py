"""Which outlets a question names, and what that does to the order of hits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsqa.outlets import SHARE, of_outlets, outlets_named
from newsqa.types import Copy, Hit, Passage, Span

OUTLETS = (
    *("Halvern Courier", "The Northern Lantern", "Lindle Gazette", "Daily Wire", "Selmark Wire"),
    *("cnn.com", "www.theweek.co.uk", "Time", "N.Y. Post"),
)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What did the Courier report?", {"Halvern Courier"}),
        ("what did the halvern courier report", {"Halvern Courier"}),
        ("Who, by the Northern Lantern's count, came?", {"The Northern Lantern"}),
        ("Did the Lantern and the Gazette agree?", {"The Northern Lantern", "Lindle Gazette"}),
        ("What did the Wire say?", set()),  # two end so
        ("What did the Selmark Wire say?", {"Selmark Wire"}),
        ("Who carried a lantern, or the lantern?", set()),
        ("Which Courier fell?", set()),
        ("What does CNN say?", {"cnn.com"}),
        ("At what time is it?", set()),
        ("Whom did Time choose?", {"Time"}),
        ("Is Timely a word?", set()),
        ("Was it in the N.Y. Post?", {"N.Y. Post"}),
        ("Who wrote in Theweek?", {"www.theweek.co.uk"}),
        ("", set()),
    ],
)
def test_outlets_that_a_question_names(question: str, named: set[str]) -> None:
    assert outlets_named(question, OUTLETS) == named


def hit(rank: int, score: float, source: str) -> Hit:
    passage = Passage(
        article_id=f"a{rank}",
        version=1,
        content_sha256="0" * 64,
        span=Span(0, 4),
        text="Text",
        title="Title",
        source=source,
    )
    return Hit(passage=passage, score=score, rank=rank, dense=None, lexical=None)


def test_what_they_printed_comes_forward_and_nothing_is_left_out() -> None:
    hits = [hit(1, 0.9, "A"), hit(2, 0.8, "B"), hit(3, 0.1, "B")]
    found = of_outlets(hits, frozenset({"B"}))
    assert [h.passage.article_id for h in found] == ["a2", "a1", "a3"]
    assert [h.rank for h in found] == [1, 2, 3]
    assert found[0].score == pytest.approx((1 - SHARE) * 0.8 + SHARE)


def test_a_near_copy_of_theirs_counts() -> None:
    copy = Copy(
        article_id="c",
        version=1,
        title="Title",
        source="B",
        published=None,
        url="",
        span=Span(0, 4),
    )
    hits = [hit(1, 0.9, "A"), replace(hit(2, 0.8, "A"), copies=(copy,))]
    assert of_outlets(hits, frozenset({"B"}))[0].passage.article_id == "a2"
