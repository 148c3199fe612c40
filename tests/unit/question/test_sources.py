"""Which outlets a question names, and what that does to the order of hits."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import pytest

from newsqa.question.sources import sources_mentioned, unknown_sources
from newsqa.retrieval.boosts import SOURCE_SHARE as SHARE
from newsqa.retrieval.boosts import boost_sources
from newsqa.types import Copy, Hit, Passage, Span

OUTLETS = (
    *("Halvern Courier", "The Northern Lantern", "Lindle Gazette", "Daily Wire", "Selmark Wire"),
    *("cnn.com", "www.theweek.co.uk", "Time", "N.Y. Post"),
)
KINDS = (("The Daily ", " News"), ("Gazette", ""), ("site", ".com"), ("Wire ", " of Halvern"))


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
    assert sources_mentioned(question, OUTLETS) == named


@pytest.mark.parametrize(
    ("outlets", "question", "named"),
    [
        # A word that every other question begins with is a name in capitals only.
        (["WHO", "i", "IT"], "Who did what I did not, and was IT done?", ["IT"]),
        (["www.who.int"], "Who is ill?", []),
        (["www.who.int"], "Who is ill, says the WHO?", ["www.who.int"]),
        # A number after "the" is no outlet, nor is a name without a letter.
        (["France 24", "163.com", "?", "..."], "Who of the 24 (or 163) left?", []),
        (["France 24"], "What did France 24 say?", ["France 24"]),
        # An outlet stands inside the name of another.
        (["The Times", "New York Times"], "Was it in the New York Times?", ["New York Times"]),
        (["The Times", "New York Times"], "The Times or the New York Times?", None),
        (["The Post", "Post", "post.com"], "What is in the Post?", None),
        (["Halvern Courier", "The Halvern Courier"], "What says the Courier?", None),
        # Addresses: the name is before what every site has, and an address names its outlet.
        (["edition.cnn.com", "uk.reuters.com"], "Which UK edition, or Edition, sold?", []),
        (["edition.cnn.com", "uk.reuters.com"], "Do CNN and Reuters agree?", None),
        (["cnn.com"], "Was it on cnn.com?", ["cnn.com"]),
        (["U.S.News"], "What does S do?", []),
        # Signs and scripts.
        (["People's Daily"], "What did the People’s Daily write?", ["People's Daily"]),
        (["C++ (Weekly", "a|b", "[x"], "What did c++ (weekly write on a and b?", ["C++ (Weekly"]),
        (["İstanbul Postası"], "What did İstanbul Postası say?", ["İstanbul Postası"]),
        (["Știri", "Дело"], "Was it in Știri or in Дело?", None),
        (["Дело"], "В чем дело?", []),
        (["Cafe\u0301 News"], "Who reads Café News?", ["Cafe\u0301 News"]),
    ],
)
def test_outlets_with_odd_names(outlets: list[str], question: str, named: list[str] | None) -> None:
    """None: all of them."""
    assert sources_mentioned(question, outlets) == set(outlets if named is None else named)


def test_thousands_of_outlets_and_a_long_question_take_no_time() -> None:
    outlets = [f"{kind}{n}{end}" for n in range(1250) for kind, end in KINDS]
    question = ("What did the Daily 7 News say of Gazette9 on the Wire, by site3.com? " * 30)[:2000]
    named = {"The Daily 7 News", "Gazette9", "site3.com"}
    assert sources_mentioned(question, outlets) == named
    began = process_time()
    for _ in range(10):
        sources_mentioned(question, outlets)
    assert process_time() - began < 0.2  # 20 ms each, for a busy machine; 1 ms on a quiet one


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
    found = boost_sources(hits, frozenset({"B"}))
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
    assert boost_sources(hits, frozenset({"B"}))[0].passage.article_id == "a2"


@pytest.mark.parametrize(
    ("sources", "notes"),
    [
        ([], []),
        (["EXAMPLE times", "Lindle Courier"], []),
        (["Example Tmes"], ["“Example Tmes”; did you mean “Example Times”?"]),
        (["Nobody", "lindle"], ["source “Nobody”", "“lindle”; did you mean “Lindle Courier”?"]),
    ],
)
def test_an_unknown_source_is_noted_with_the_nearest(sources: list[str], notes: list[str]) -> None:
    found = unknown_sources(sources, ["Example Times", "Lindle Courier"])
    assert len(found) == len(notes)
    assert all(note.endswith(end) for note, end in zip(found, notes, strict=True))
