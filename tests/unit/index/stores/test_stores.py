"""The stores beyond their contract: the two against each other, on disk, and in parts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import run
from sys import executable
from typing import TYPE_CHECKING

import numpy as np
import pytest

from newsqa.index.stores import (
    ExactVectors,
    ExactWords,
    FaissStore,
    Statistics,
    TantivyStore,
    kind_for,
)
from newsqa.index.stores.bm25 import LENGTHS, rounded_lengths

if TYPE_CHECKING:
    from newsqa.protocols import Keys, Vectors


def random_texts(n: int, longest: int, seed: int = 0) -> list[list[str]]:
    random = np.random.default_rng(seed)
    words = [random.pareto(0.8, int(random.integers(longest))) * 2 for _ in range(n)]
    return [[f"w{min(int(word), 400)}" for word in text] for text in words]


def random_vectors(n: int, dim: int = 16) -> Vectors:
    rows = np.random.default_rng(n).standard_normal((n, dim)).astype(np.float32)
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def test_lengths_are_rounded_down_to_what_a_byte_can_say() -> None:
    assert len(LENGTHS) == 256
    given = np.array([0, 1, 39, 40, 41, 42, 55, 56, 57, 59, 60, 100, 1000])
    assert rounded_lengths(given).tolist() == [0, 1, 39, 40, 40, 42, 54, 56, 56, 56, 60, 96, 984]
    assert LENGTHS[-1] == 2_013_265_944


@pytest.mark.parametrize("longest", [40, 90, 700])
def test_tantivy_agrees_with_the_formula_to_1e_4(longest: int) -> None:
    """Also with texts long enough to have their lengths rounded."""
    documents = random_texts(300, longest)
    keys = np.sort(np.random.default_rng(1).choice(10**9, 300, replace=False))
    exact, fast = ExactWords(), TantivyStore()
    exact.add(keys, documents)
    fast.add(keys, documents)
    assert exact.total_terms == fast.total_terms == sum(map(len, documents))
    kept = [None, keys[:2], keys[100:], keys[::2]]
    for question in random_texts(8, 12, seed=2):
        for allowed in kept:
            wanted = exact.search(question, 300, allowed=allowed)
            found = fast.search(question, 300, allowed=allowed)
            assert dict(found) == pytest.approx(dict(wanted), abs=1.01e-4)
            assert len(found) == len(wanted)


def test_a_part_scores_with_the_statistics_of_the_whole() -> None:
    documents = random_texts(120, 60)
    whole, first, second = ExactWords(), ExactWords(), ExactWords()
    whole.add(np.arange(120), documents)
    first.add(np.arange(70), documents[:70])
    second.add(np.arange(70, 120), documents[70:])
    joint = Statistics(
        len(first) + len(second),
        first.total_terms + second.total_terms,
        lambda term: first.frequency(term) + second.frequency(term),
    )
    parts = first.search(["w0", "w3", "w9"], 120, statistics=joint)
    parts += second.search(["w0", "w3", "w9"], 120, statistics=joint)
    assert sorted(parts) == sorted(whole.search(["w0", "w3", "w9"], 120))


def test_tantivy_weighs_terms_by_the_statistics_given() -> None:
    """Its texts keep their own mean length, which is the same here."""
    documents = [["a", "b"], ["a", "c"], ["b", "c"], ["a", "a"]]
    exact, fast = ExactWords(), TantivyStore()
    exact.add(np.arange(4), documents)
    fast.add(np.arange(4), documents)
    joint = Statistics(1000, 2000, lambda term: {"a": 900, "b": 3}.get(term, 40))
    wanted = exact.search(["a", "b", "c"], 4, statistics=joint)
    found = fast.search(["a", "b", "c"], 4, statistics=joint)
    assert wanted != exact.search(["a", "b", "c"], 4)
    assert dict(found) == pytest.approx(dict(wanted), abs=1e-3)
    assert [key for key, _ in found] == [key for key, _ in wanted]


def test_words_written_after_a_removal_equal_a_fresh_build(tmp_path: Path) -> None:
    documents = random_texts(200, 80)
    changed, fresh = TantivyStore(), TantivyStore()
    changed.add(np.arange(200), documents)
    changed.search(["w1"], 1)  # indexed before the removal
    changed.remove(np.arange(0, 200, 3))
    changed.add(np.array([900]), [["w1", "new"]])
    changed.write(tmp_path / "changed")
    left = [i for i in range(200) if i % 3]
    fresh.add(np.array([*left, 900]), [*(documents[i] for i in left), ["w1", "new"]])
    fresh.write(tmp_path / "fresh")
    a, b = TantivyStore.read(tmp_path / "changed"), TantivyStore.read(tmp_path / "fresh")
    assert (len(a), a.total_terms) == (len(b), b.total_terms)
    assert (len(changed), changed.total_terms) == (len(b), b.total_terms)
    for question in random_texts(10, 12, seed=5):
        assert a.search(question, 200) == b.search(question, 200)
    assert a.phrase(["w1", "new"]).tolist() == [900]


def test_words_written_in_batches_equal_those_written_at_once(tmp_path: Path) -> None:
    documents = random_texts(90, 80)
    whole = TantivyStore()
    whole.add(np.arange(90), documents)
    parts = ((np.arange(i, i + 30), documents[i : i + 30]) for i in (0, 30, 60))
    TantivyStore.write_batches(tmp_path / "parts", parts)
    found = TantivyStore.read(tmp_path / "parts")
    assert (len(found), found.total_terms) == (90, whole.total_terms)
    for question in random_texts(5, 12, seed=5):
        assert found.search(question, 90) == whole.search(question, 90)
    assert found.phrase(documents[3][:2]).tolist() == whole.phrase(documents[3][:2]).tolist()


def test_vectors_written_after_a_removal_equal_a_fresh_build(tmp_path: Path) -> None:
    vectors = random_vectors(90)
    changed, fresh = FaissStore(16), FaissStore(16)
    changed.add(np.arange(90)[::-1].copy(), vectors)
    changed.remove(np.arange(0, 90, 4))
    changed.write(tmp_path / "changed")
    left = np.array([i for i in range(90) if i % 4])
    fresh.add(left, vectors[::-1][left])
    fresh.write(tmp_path / "fresh")
    files = [(tmp_path / name / "vectors.faiss").read_bytes() for name in ("changed", "fresh")]
    assert files[0] == files[1]
    assert FaissStore.read(tmp_path / "changed").keys.tolist() == left.tolist()


def test_vectors_come_back_by_key() -> None:
    vectors = random_vectors(10)
    store = FaissStore(16)
    store.add(np.arange(10) * 2, vectors)
    assert np.array_equal(store.vectors(np.array([8, 0, 4])), vectors[[4, 0, 2]])
    with pytest.raises(KeyError):
        store.vectors(np.array([1]))


@pytest.fixture
def shut() -> Iterator[Path]:
    """A folder that is emptied, written and then closed to writing by the test itself."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


def test_words_are_read_from_a_folder_that_cannot_be_written(shut: Path) -> None:
    store = TantivyStore()
    store.add(np.arange(3), [["a", "b"], ["b"], ["c"]])
    store.write(shut / "words")
    (shut / "words" / ".tantivy-meta.lock").unlink(missing_ok=True)
    (shut / "words").chmod(0o555)
    was = os.geteuid()
    try:
        if was == 0:
            os.seteuid(65534)  # the superuser may write anywhere
        with pytest.raises(OSError, match="denied"):
            (shut / "words" / "probe").write_text("x")
        found = TantivyStore.read(shut / "words")
    finally:
        os.seteuid(was)
        (shut / "words").chmod(0o755)
    assert found.search(["b"], 5) == store.search(["b"], 5)
    assert found.phrase(["a", "b"]).tolist() == [0]


def test_reading_words_changes_no_file(tmp_path: Path) -> None:
    store = TantivyStore()
    store.add(np.arange(3), [["a", "b"], ["b"], ["c"]])
    store.write(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    found = TantivyStore.read(tmp_path)
    found.search(["b"], 5)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_readers_may_search_at_the_same_time(tmp_path: Path) -> None:
    """The first search of a store in memory also indexes it."""
    documents, vectors = random_texts(500, 60), random_vectors(500)
    words, dense = TantivyStore(), FaissStore(16)
    words.add(np.arange(500), documents)
    dense.add(np.arange(500), vectors)
    exact = ExactVectors(16)
    exact.add(np.arange(500), vectors)
    kept: list[Keys] = [np.arange(i, 500, 1 + i % 7) for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda a: words.search(["w1", "w2"], 9, allowed=a), kept))
        near = list(pool.map(lambda a: dense.search(vectors[3], 9, allowed=a), kept))
    assert together == [words.search(["w1", "w2"], 9, allowed=a) for a in kept]
    wanted = [exact.search(vectors[3], 9, allowed=a) for a in kept]
    assert [[key for key, _ in found] for found in near] == [
        [key for key, _ in found] for found in wanted
    ]


def test_every_size_has_a_kind() -> None:
    assert {kind_for(n) for n in (0, 1, 10**5, 10**9)} == {"Flat"}


def test_importing_the_stores_loads_no_engine() -> None:
    loaded = "[m for m in ('faiss', 'tantivy') if m in sys.modules]"
    code = f"import sys, newsqa.index.stores; print({loaded})"
    assert (
        run([executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
    )
