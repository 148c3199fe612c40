"""Which texts are copies of one another, on texts that say so themselves."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.index.catalog.near_duplicates import candidates
from newsqa.text.near_duplicates import (
    AGREEING,
    BANDS,
    HASHES,
    groups,
    is_near_duplicate,
    overlap,
    recipe,
    shingles,
    sketch,
    stands_in,
    text_signature,
)
from newsqa.types import Span

STORY = (
    "The harbour of Lindle stayed closed on Monday after a storm broke the northern pier. "
    "Ann Grey, who runs the port, said that boats may return on 12 March when a new pier opens. "
    "The town has paid 3.5 million crowns for the works, which took two years and gave work to "
    "40 people. Fishermen from Oster complained that nobody had asked them where the pier should "
    "stand."
)
FORM = (
    "The central bank bought bills for {} million crowns in the morning at {} per cent, dealers "
    "said. It had put the shortage of money in the market at {} million. In the afternoon it is "
    "expected to stay away, as it usually does at the end of a month when taxes are due."
)


def copied(one: str, other: str) -> bool:
    found = is_near_duplicate(text_signature(one), text_signature(other))
    assert found == is_near_duplicate(text_signature(other), text_signature(one))
    return found


@pytest.mark.parametrize(
    "other",
    [
        STORY,
        STORY.replace(" ", "\n "),
        STORY.upper(),
        STORY.replace("boats may return", "ships can come back").replace("town", "city"),
        STORY.replace("on Monday", "on Tuesday"),
        STORY[STORY.index("Ann Grey") : STORY.index(" Fishermen")],
        "LINDLE (Example Wire) " + STORY,
    ],
    ids=["same", "wrapped", "capitals", "edited", "another day", "cut", "datelined"],
)
def test_an_edited_or_cut_text_is_a_copy(other: str) -> None:
    assert copied(STORY, other)


def test_a_form_filled_in_anew_is_no_copy() -> None:
    assert not copied(FORM.format(168, "9-7/8", 900), FORM.format(152, "10-3/4", 700))
    assert copied(FORM.format(168, "9-7/8", 900), FORM.format(168, "9-7/8", 900) + " More later.")


def test_a_text_with_other_names_is_no_copy() -> None:
    names = [("Lindle", "Haven"), ("Ann Grey", "Bo Ash"), ("Oster", "Wester"), ("Monday", "Friday")]
    other = STORY.replace("March", "May")
    for old, new in names:
        other = other.replace(old, new)

    assert not copied(STORY, other)


def test_a_very_short_text_is_a_copy_only_of_the_same_words() -> None:
    assert copied("Rain in Lindle today.", "Rain in\nLindle  today.")
    assert not copied("Rain in Lindle today.", "Rain in Lindle today, she said.")


def test_furniture_makes_no_difference() -> None:
    body = f"Share this\n{STORY}\nRead more: Another tale of the sea"
    furniture = [Span(0, 10), Span(11 + len(STORY), len(body))]

    assert text_signature(body, furniture).code == text_signature(STORY).code
    assert text_signature(body).code != text_signature(STORY).code


@pytest.mark.parametrize("text", ["", " ", "!?", "one", "嵐の港", "a b"])
def test_any_text_has_a_wording_and_a_sketch(text: str) -> None:
    found = text_signature(text)

    assert found.shingles
    assert len(sketch(found)) == HASHES
    assert is_near_duplicate(found, found)


def test_a_sketch_depends_on_the_words_alone() -> None:
    assert sketch(text_signature(STORY)) == sketch(text_signature(STORY.replace(" ", "\t")))
    assert sketch(text_signature(STORY)) != sketch(text_signature(FORM))
    assert "rensa-2" in recipe()  # another way of hashing is another recipe


def test_containment_and_overlap() -> None:
    part, whole = shingles("a storm broke"), shingles("in May a storm broke the pier")

    assert stands_in(part, whole) == 1.0
    assert stands_in(whole, part) == pytest.approx(2 / 6)
    assert overlap(whole, part) == 1.0
    assert stands_in(frozenset(), whole) == 0.0


PAIRS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=20)


@given(PAIRS, st.randoms(use_true_random=False))
def test_groups_are_what_the_pairs_connect_in_any_order(
    pairs: list[tuple[int, int]], random: Any
) -> None:
    found = groups(pairs)
    mixed = [pair if random.random() < 0.5 else pair[::-1] for pair in pairs]
    random.shuffle(mixed)

    assert groups(mixed) == found
    assert sorted(m for group in found for m in group) == sorted({m for p in pairs for m in p})
    # The oracle: spread labels until nothing changes.
    label = {m: m for pair in pairs for m in pair}
    for _ in label:
        for one, other in pairs:
            label[one] = label[other] = min(label[one], label[other])
    assert all(len({label[m] for m in group}) == 1 for group in found)
    assert len(found) == len(set(label.values()))


@given(st.integers(0, 30), st.integers(0, 20), st.integers(0, 2**32 - 1))
def test_candidates_are_the_rows_that_agree_in_a_band_and_in_many_places(
    known: int, new: int, seed: int
) -> None:
    draw = np.random.default_rng(seed)
    sketches = draw.integers(0, 256, size=(known + new, HASHES), dtype=np.uint8)
    model = sketches[:1].repeat(known + new, axis=0)
    shares = draw.uniform(0, 1, size=(known + new, 1))
    sketches = np.where(draw.uniform(size=sketches.shape) < shares, model, sketches)

    found = list(candidates(sketches, known))

    likely = set()
    for one, other in combinations(range(known + new), 2):
        equal = (sketches[one] == sketches[other]).reshape(BANDS, -1)
        if other >= known and equal.all(axis=1).any() and equal.sum() >= AGREEING:
            likely.add((one, other))
    assert len(found) == len(set(found))
    assert set(found) == likely
