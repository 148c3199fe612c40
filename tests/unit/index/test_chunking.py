"""Passages are exact slices, cover every sentence, and fit the encoder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.index.chunking import MAX_CHARS_PER_TOKEN, SPECIAL_TOKENS, embedded_text, split
from newsqa.text.analysis import sentences
from newsqa.types import Article


def count(texts: Sequence[str]) -> list[int]:
    """A stand-in tokenizer: every word and every other visible character is a token."""
    return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]


def article(body: str, title: str = "Title") -> Article:
    return Article(
        article_id="a", title=title, body=body, source="Vale Post", published=date(2026, 1, 2)
    )


BODIES = st.lists(
    st.text(alphabet="ab ,;.\n", min_size=1, max_size=300), min_size=1, max_size=8
).map(". ".join)


@given(BODIES, st.integers(64, 120), st.integers(0, 3), st.text(max_size=80))
def test_passages_are_slices_cover_all_sentences_and_fit(
    body: str, max_tokens: int, overlap: int, title: str
) -> None:
    source = article(body, title)
    found = sentences(body)

    passages = split(source, found, count_tokens=count, max_tokens=max_tokens, overlap=overlap)

    assert all(p.text == body[p.span.start : p.span.end] for p in passages)
    covered = {at for p in passages for at in range(p.span.start, p.span.end)}
    assert all(at in covered or body[at].isspace() for s in found for at in range(s.start, s.end))
    assert all(
        any(s.start < p.span.end and p.span.start < s.end for s in p.sentences) for p in passages
    )
    assert len({p.passage_id for p in passages}) == len(passages)
    for p in passages:
        text = embedded_text(p, count_tokens=count, max_tokens=max_tokens)
        assert count([text])[0] + SPECIAL_TOKENS <= max_tokens
        assert text.endswith(p.text)


def test_neighbours_share_one_sentence() -> None:
    body = " ".join(f"Sentence number {n} is here." for n in range(30))
    found = sentences(body)

    passages = split(article(body), found, count_tokens=count, max_tokens=64, overlap=1)

    assert len(passages) > 1
    for before, after in pairwise(passages):
        assert before.sentences[-1] == after.sentences[0]


def test_an_overlong_sentence_is_cut_at_a_clause_and_keeps_its_whole() -> None:
    body = "it went on and on, " * 20 + "and stopped."
    (whole,) = sentences(body)

    passages = split(article(body), [whole], count_tokens=count, max_tokens=64, overlap=1)

    assert len(passages) > 1
    assert all(p.text.endswith((",", ".")) for p in passages)
    assert all(p.sentences == (whole,) for p in passages)


def test_a_word_without_end_has_bounded_passages() -> None:
    body = "x" * 9_000  # one token to a tokenizer that does not know it

    passages = split(article(body), sentences(body), count_tokens=count, max_tokens=64, overlap=1)

    assert all(len(p.text) <= 64 * MAX_CHARS_PER_TOKEN for p in passages)
    assert "".join(p.text for p in passages) == body


def test_a_long_title_is_shortened_and_source_and_date_stay() -> None:
    (passage,) = split(
        article("Short body.", "word " * 300), sentences("Short body."),
        count_tokens=count, max_tokens=64, overlap=1,
    )  # fmt: skip

    text = embedded_text(passage, count_tokens=count, max_tokens=64)

    assert "| Vale Post | 2026-01-02\nShort body." in text
    assert count([text])[0] <= 64


@pytest.mark.parametrize(("max_tokens", "overlap"), [(63, 0), (64, -1)])
def test_impossible_sizes_are_refused(max_tokens: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="need max_tokens"):
        split(article("A."), [], count_tokens=count, max_tokens=max_tokens, overlap=overlap)
