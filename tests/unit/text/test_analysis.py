"""Sentences are exact, terms are folded, and no input is slow or fatal."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.text.analysis import MAX_RUN_CHARS, clean, content_terms, sentences, terms, words
from newsqa.types import Span


def cut(body: str) -> list[str]:
    return [span.cut(body) for span in sentences(body)]


def test_clean_changes_only_what_the_contract_names() -> None:
    assert clean("\ufeffa\r\nb\rc\x00d\ud800e \u00a0ﬁ") == "a\nb\nc\ufffdd\ufffde \u00a0ﬁ"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("One. Two!", ["One.", "Two!"]),
        (
            "The U.S. Senate met at 9 a.m. on Monday. Mr. Lee left.",
            ["The U.S. Senate met at 9 a.m. on Monday.", "Mr. Lee left."],
        ),
        (
            "Prices rose 3.5%. “It is over,” she said.",
            ["Prices rose 3.5%.", "“It is over,” she said."],
        ),
        ("A heading\n\nA sentence.", ["A heading", "A sentence."]),
        ("  padded  \n \n\n end ", ["padded", "end"]),
        ("他来了。她走了。", ["他来了。", "她走了。"]),
        ("", []),
        (" \n\t ", []),
    ],
)
def test_sentences_of_news(body: str, expected: list[str]) -> None:
    assert cut(body) == expected


@given(st.text(max_size=400))
def test_sentences_are_ordered_disjoint_and_lose_no_visible_character(body: str) -> None:
    found = sentences(body)

    assert all(a.end <= b.start for a, b in pairwise(found))
    kept = {at for span in found for at in range(span.start, span.end)}
    assert all(at in kept or char.isspace() for at, char in enumerate(body))


def test_furniture_is_in_no_sentence() -> None:
    body = "News here. More news.\n\nShare this\n\nThe end."
    start = body.index("Share")

    found = sentences(body, [Span(start, start + len("Share this"))])

    assert [span.cut(body) for span in found] == ["News here.", "More news.", "The end."]


def test_a_long_run_is_split_and_takes_linear_time() -> None:
    def seconds(n: int) -> float:
        began = time.perf_counter()
        sentences("Mr. " * (n // 4))
        return time.perf_counter() - began

    seconds(20_000)
    short, long = min(seconds(100_000) for _ in range(3)), seconds(400_000)

    assert all(len(span) <= MAX_RUN_CHARS for span in sentences("x" * 50_000))
    assert long < 12 * short + 0.5  # 4 times the text; a quadratic splitter would take 16 times


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The café’s İstanbul", ["the", "cafe", "istanbul"]),
        ("U.S. troops", ["usa", "troops"]),
        ("3.5% of 1,000", ["3.5", "of", "1000"]),
        ("ﬁne", ["fine"]),
        ("東京", ["東", "京"]),
        ("***", []),
    ],
)
def test_words_are_folded(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_terms_are_stemmed_and_stop_words_left_out_where_asked() -> None:
    assert terms("The invitations") == ["the", "invit"]
    assert content_terms("What are the invitations?") == ["invit"]


@given(st.text())
def test_terms_never_raise_and_are_never_empty(text: str) -> None:
    assert all(0 < len(term) <= 64 for term in terms(text))
