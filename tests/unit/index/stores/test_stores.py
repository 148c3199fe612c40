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

from newsqa.index.stores import LOCAL_STORES, ExactVectors, ExactWords
from newsqa.index.stores.bm25 import LENGTHS, rounded_lengths
from newsqa.protocols import Statistics

if TYPE_CHECKING:
    from newsqa.protocols import Keys, Vectors


WORDS = LOCAL_STORES.words


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
    exact, fast = ExactWords(keys, documents), WORDS.build([(keys, documents)])
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
    whole = ExactWords(np.arange(120), documents)
    first = ExactWords(np.arange(70), documents[:70])
    second = ExactWords(np.arange(70, 120), documents[70:])
    joint = Statistics(
        len(first) + len(second),
        first.total_terms + second.total_terms,
        lambda term: first.frequency(term) + second.frequency(term),
    )
    parts = first.search(["w0", "w3", "w9"], 120, statistics=joint)
    parts += second.search(["w0", "w3", "w9"], 120, statistics=joint)
    assert sorted(parts) == sorted(whole.search(["w0", "w3", "w9"], 120))


@pytest.fixture
def shut() -> Iterator[Path]:
    """A folder that is emptied, written and then closed to writing by the test itself."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


def test_words_are_read_from_a_folder_that_cannot_be_written(shut: Path) -> None:
    batch = (np.arange(3), [["a", "b"], ["b"], ["c"]])
    store = WORDS.build([batch])
    WORDS.write([batch], shut / "words")
    (shut / "words" / ".tantivy-meta.lock").unlink(missing_ok=True)
    (shut / "words").chmod(0o555)
    was = os.geteuid()
    try:
        if was == 0:
            os.seteuid(65534)  # the superuser may write anywhere
        with pytest.raises(OSError, match="denied"):
            (shut / "words" / "probe").write_text("x")
        found = WORDS.open(shut / "words")
    finally:
        os.seteuid(was)
        (shut / "words").chmod(0o755)
    assert found.search(["b"], 5) == store.search(["b"], 5)
    assert found.phrase(["a", "b"]).tolist() == [0]


def test_reading_words_changes_no_file(tmp_path: Path) -> None:
    WORDS.write([(np.arange(3), [["a", "b"], ["b"], ["c"]])], tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    found = WORDS.open(tmp_path)
    found.search(["b"], 5)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_readers_may_search_at_the_same_time() -> None:
    documents, vectors = random_texts(500, 60), random_vectors(500)
    words = LOCAL_STORES.words.build([(np.arange(500), documents)])
    dense = LOCAL_STORES.vectors.build([(np.arange(500), vectors)])
    exact = ExactVectors(np.arange(500), vectors)
    kept: list[Keys] = [np.arange(i, 500, 1 + i % 7) for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda a: words.search(["w1", "w2"], 9, allowed=a), kept))
        near = list(pool.map(lambda a: dense.search(vectors[3], 9, allowed=a), kept))
    assert together == [words.search(["w1", "w2"], 9, allowed=a) for a in kept]
    wanted = [exact.search(vectors[3], 9, allowed=a) for a in kept]
    assert [[key for key, _ in found] for found in near] == [
        [key for key, _ in found] for found in wanted
    ]


def test_importing_the_stores_loads_no_engine() -> None:
    loaded = "[m for m in ('faiss', 'tantivy') if m in sys.modules]"
    code = f"import sys, newsqa.index.stores; print({loaded})"
    assert (
        run([executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
    )
