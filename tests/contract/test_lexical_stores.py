"""What every LexicalStore promises, held against the formula written out here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsqa.index.stores import LOCAL_STORES
from newsqa.protocols import Backend, LexicalStore, Statistics
from tests.fakes.exact_stores import EXACT_STORES

if TYPE_CHECKING:
    from newsqa.protocols import Keys

Documents = Sequence[Sequence[str]]
Made = Callable[..., LexicalStore]
WordBackend = Backend[Documents, LexicalStore]


BACKENDS = (EXACT_STORES.words, LOCAL_STORES.words)


@pytest.fixture(params=BACKENDS, ids=lambda backend: backend.name)
def backend(request: pytest.FixtureRequest) -> WordBackend:
    made: WordBackend = request.param
    return made


@pytest.fixture(params=["built", "written"])
def made(request: pytest.FixtureRequest, backend: WordBackend, tmp_path: Path) -> Made:
    def make(*batches: tuple[Keys, Documents]) -> LexicalStore:
        if request.param == "built":
            return backend.build(iter(batches))
        folder = Path(mkdtemp(dir=tmp_path))
        backend.write(iter(batches), folder)
        return backend.open(folder)

    return make


def keys_of(*keys: int) -> Keys:
    return np.array(keys, dtype=np.int64)


def found_by(store: LexicalStore, terms: Sequence[str], k: int = 10) -> list[int]:
    return [key for key, _ in store.search(terms, k)]


def formula(terms: Sequence[str], document: Sequence[str], documents: Documents) -> float:
    """BM25 of texts of at most 40 terms, whose lengths are not rounded."""
    average = sum(map(len, documents)) / len(documents) or 1.0
    total = 0.0
    for term in set(terms):
        n = sum(term in other for other in documents)
        tf = document.count(term)
        norm = 1.2 * (1 - 0.75 + 0.75 * len(document) / average)
        total += log(1 + (len(documents) - n + 0.5) / (n + 0.5)) * 2.2 * tf / (tf + norm)
    return total


THREE = ["red red fish".split(), "blue fish".split(), "one two three four five six red".split()]


def test_the_worked_example(made: Made) -> None:
    """idf(red) = ln(1 + 1.5/2.5) = 0.4700; average length 4; first text: tf 2, norm 0.975."""
    found = made((keys_of(1, 2, 3), THREE)).search(["red"], 10)
    assert [key for key, _ in found] == [1, 3]
    assert found[0][1] == pytest.approx(0.4700 * 2.2 * 2 / (2 + 0.975), abs=1e-3)
    assert found[1][1] == pytest.approx(0.4700 * 2.2 * 1 / (1 + 1.875), abs=1e-3)


texts = st.lists(st.sampled_from("abcdefg"), max_size=40)


@settings(max_examples=40, deadline=None)
@given(documents=st.lists(texts, min_size=1, max_size=12), terms=st.lists(st.sampled_from("abcz")))
def test_scores_are_those_of_the_formula(documents: list[list[str]], terms: list[str]) -> None:
    for backend in BACKENDS:
        store = backend.build([(np.arange(len(documents)), documents)])
        found = dict(store.search(terms, 100))
        wanted = {key: formula(terms, text, documents) for key, text in enumerate(documents)}
        wanted = {key: score for key, score in wanted.items() if score > 0}
        assert found.keys() == wanted.keys()
        for key, score in wanted.items():
            assert found[key] == pytest.approx(score, abs=1e-4)


def test_a_term_that_stands_twice_in_the_question_counts_once(made: Made) -> None:
    store = made((keys_of(1, 2, 3), THREE))
    assert store.search(["fish", "red", "fish"], 5) == store.search(["fish", "red"], 5)


def test_the_filter_comes_before_the_ranking(made: Made) -> None:
    documents = [["word"] * (1 + i % 7) + ["other"] * (i % 5) for i in range(200)]
    store = made((np.arange(200), documents))
    everything = store.search(["word"], 200)
    worst = everything[-1][0]
    assert store.search(["word"], 1, allowed=keys_of(worst)) == everything[-1:]
    for n in (1, 3, 20, 100, 199):
        kept = np.sort(np.random.default_rng(n).choice(200, n, replace=False))
        wanted = [pair for pair in everything if pair[0] in kept]
        assert store.search(["word"], 10, allowed=kept) == wanted[:10]
    assert store.search(["word"], 5, allowed=keys_of(-1, 10**15)) == []
    assert store.search(["word"], 5, allowed=keys_of()) == []


def test_equal_scores_go_by_key_also_at_the_cut(made: Made) -> None:
    keys = np.arange(300) + 9
    store = made((keys, [["same", "text"]] * 300))
    assert found_by(store, ["text"], 3) == [9, 10, 11]


def test_only_texts_with_a_term_are_found(made: Made) -> None:
    store = made((keys_of(1, 2, 3), THREE))
    assert sorted(found_by(store, ["blue", "six", "absent"])) == [2, 3]
    assert found_by(store, ["absent"]) == []
    assert found_by(store, []) == []


def test_phrases_are_terms_one_after_another(made: Made) -> None:
    documents = ["a b a b c".split(), "b a c".split(), "a b".split(), "c".split(), []]
    store = made((keys_of(5, 6, 7, 8, 9), documents))
    assert store.phrase(["a", "b"]).tolist() == [5, 7]
    assert store.phrase(["a", "b", "c"]).tolist() == [5]
    assert store.phrase(["b", "a", "b"]).tolist() == [5]
    assert store.phrase(["c"]).tolist() == [5, 6, 8]
    assert store.phrase(["b", "b"]).tolist() == []
    assert store.phrase(["absent", "b"]).tolist() == []
    assert store.phrase([]).tolist() == []
    assert store.phrase(["c"]).dtype == np.int64


def test_frequency_counts_texts_not_occurrences(made: Made) -> None:
    store = made((keys_of(1, 2, 3), THREE))
    assert [store.frequency(term) for term in ("red", "fish", "six", "absent", "")] == [
        2,
        2,
        1,
        0,
        0,
    ]


def test_batches_come_one_after_another(made: Made) -> None:
    keys = keys_of(1, 2, 3)
    whole = made((keys, THREE))
    parts = [slice(0, 1), slice(1, 1), slice(1, 3)]
    store = made(*((keys[part], THREE[part]) for part in parts))
    assert (len(store), store.total_terms) == (3, whole.total_terms) == (3, 12)
    assert store.search(["red", "fish"], 5) == whole.search(["red", "fish"], 5)


def test_terms_are_weighed_by_the_statistics_of_a_larger_collection(made: Made) -> None:
    """The texts keep their own mean length, which is the same in both."""
    documents = [["a", "b"], ["a", "c"], ["b", "c"], ["a", "a"]]
    frequency = {"a": 900, "b": 3, "c": 40}
    joint = Statistics(1000, 2000, lambda term: frequency[term])
    weights = {term: log(1 + (1000 - n + 0.5) / (n + 0.5)) for term, n in frequency.items()}
    scores = dict(made((np.arange(4), documents)).search(["a", "b", "c"], 4, statistics=joint))
    once = 2.2 / (1 + 1.2)
    assert scores[1] == pytest.approx((weights["a"] + weights["c"]) * once, abs=1e-3)
    assert scores[2] == pytest.approx((weights["b"] + weights["c"]) * once, abs=1e-3)


def test_an_empty_store_finds_nothing(made: Made) -> None:
    store = made((keys_of(), []))
    assert len(store) == 0
    assert store.search(["a"], 5) == []
    assert store.search(["a"], 5, allowed=keys_of(1)) == []
    assert store.phrase(["a", "b"]).tolist() == []
    assert store.frequency("a") == 0


ODD = [
    '"',
    "body:red",
    "AND",
    "*",
    "(",
    "re?",
    "a b",
    "",
    "\ud800",
    "\x00",
    "x" * 70_000,
    "Ⅷ",
    "🙂",
]


def test_any_string_may_be_asked_for(made: Made) -> None:
    """No string is a query language, and none breaks the engine."""
    store = made((keys_of(1, 2, 3), THREE))
    assert found_by(store, ODD) == []
    assert sorted(found_by(store, [*ODD, "red"])) == [1, 3]
    assert store.phrase(ODD).tolist() == []
    for odd in ODD:
        assert store.frequency(odd) == 0
        assert store.phrase([odd]).tolist() == []


def test_any_term_without_white_space_may_be_stored(made: Made) -> None:
    odd = [term for term in ODD if term.strip() and " " not in term]
    store = made((keys_of(1, 2), [odd, ["plain"]]))
    for term in odd:
        assert found_by(store, [term]) == [1]
        assert store.frequency(term) == 1
    assert store.phrase(odd[2:5]).tolist() == [1]


@pytest.mark.parametrize("term", ["", " ", "a b", "a\u00a0b", "tab\t", "\n"])
def test_a_term_with_white_space_is_refused(backend: WordBackend, term: str) -> None:
    with pytest.raises(ValueError, match="white space"):
        backend.build([(keys_of(4), [["fine", term]])])


@pytest.mark.parametrize(
    ("keys", "documents"),
    [((3,), [["a"]]), ((7, 7), [["a"], ["b"]]), ((8, 7), [["a"], ["b"]]), ((7,), [["a"], ["b"]])],
)
def test_a_batch_that_does_not_fit_is_refused(
    backend: WordBackend, keys: tuple[int, ...], documents: Documents
) -> None:
    with pytest.raises(ValueError, match=r"key|items"):
        backend.build([(keys_of(1, 2, 3), THREE), (keys_of(*keys), documents)])


def test_fewer_than_one_result_cannot_be_asked_for(made: Made) -> None:
    with pytest.raises(ValueError, match="k must"):
        made((keys_of(1, 2, 3), THREE)).search(["red"], 0)


def test_near_counts_edits_as_a_writer_makes_them(made: Made) -> None:
    words = ["harbour", "harbor", "harbuor", "harbours", "arbour", "labour", "harpoon"]
    store = made((np.arange(1, len(words) + 1), [[word] for word in words]))
    assert store.near("harbour", 1).tolist() == [1, 2, 3, 4, 5]
    assert store.near("harbour", 2).tolist() == [1, 2, 3, 4, 5, 6]
    assert store.near("zebra", 2).tolist() == []
    for odd in ODD:
        assert store.near(odd, 1).tolist() == []


@given(st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=12), st.data())
@settings(max_examples=60, deadline=None)
def test_both_stores_find_the_same_near_words(words: list[str], data: st.DataObject) -> None:
    asked = data.draw(st.text("abc", min_size=1, max_size=5))
    keys = np.arange(1, len(words) + 1)
    documents = [[word] for word in words]
    for edits in (1, 2):
        stores = [backend.build([(keys, documents)]) for backend in BACKENDS]
        assert len({tuple(store.near(asked, edits)) for store in stores}) == 1
