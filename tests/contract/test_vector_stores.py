"""What every VectorStore promises, held against a product written out here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest

from newsqa.index.stores import LOCAL_STORES
from newsqa.protocols import Backend, VectorStore
from tests.fakes.exact_stores import EXACT_STORES

if TYPE_CHECKING:
    from newsqa.protocols import Keys, Vectors

DIM = 12
Made = Callable[..., VectorStore]
VectorBackend: TypeAlias = "Backend[Vectors, VectorStore]"


BACKENDS = (EXACT_STORES.vectors, LOCAL_STORES.vectors)


@pytest.fixture(params=BACKENDS, ids=lambda backend: backend.name)
def backend(request: pytest.FixtureRequest) -> VectorBackend:
    made: VectorBackend = request.param
    return made


@pytest.fixture(params=["built", "written"])
def made(request: pytest.FixtureRequest, backend: VectorBackend, tmp_path: Path) -> Made:
    def make(*batches: tuple[Keys, Vectors]) -> VectorStore:
        if request.param == "built":
            return backend.build(iter(batches))
        folder = Path(mkdtemp(dir=tmp_path))
        backend.write(iter(batches), folder)
        return backend.open(folder)

    return make


def unit(n: int, seed: int = 0) -> Vectors:
    rows = np.random.default_rng(seed).standard_normal((n, DIM)).astype(np.float32)
    unit_rows: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit_rows


def keys_of(*keys: int) -> Keys:
    return np.array(keys, dtype=np.int64)


def expected(
    keys: Keys, vectors: Vectors, query: Vectors, k: int, allowed: set[int] | None
) -> list[tuple[int, float]]:
    pairs = [
        (int(key), round(sum(float(a) * float(b) for a, b in zip(row, query, strict=True)), 6))
        for key, row in zip(keys, vectors, strict=True)
        if allowed is None or int(key) in allowed
    ]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k]


@pytest.mark.parametrize("k", [1, 7, 500])
@pytest.mark.parametrize("share", [None, 0.02, 0.5, 0.99])
def test_it_finds_what_multiplying_finds(made: Made, k: int, share: float | None) -> None:
    random = np.random.default_rng(3)
    keys = np.sort(random.choice(10**12, 300, replace=False))
    vectors = unit(300)
    store = made((keys, vectors))
    kept = None if share is None else np.sort(random.choice(keys, int(300 * share), replace=False))
    for query in unit(5, seed=1):
        found = store.search(query, k, allowed=kept)
        wanted = expected(keys, vectors, query, k, None if kept is None else set(kept.tolist()))
        assert [key for key, _ in found] == [key for key, _ in wanted]
        assert [score for _, score in found] == pytest.approx([s for _, s in wanted], abs=2e-6)


def test_a_vector_matches_itself_with_1(made: Made) -> None:
    vectors = unit(20)
    store = made((np.arange(20), vectors))
    ((key, score),) = store.search(vectors[7], 1)
    assert key == 7
    assert score == pytest.approx(1.0, abs=1e-6)


def test_equal_scores_go_by_key_also_at_the_cut(made: Made) -> None:
    vectors = np.repeat(unit(1), 200, axis=0)
    keys = np.arange(200) + 5
    store = made((keys, vectors))
    assert [key for key, _ in store.search(vectors[0], 3)] == [5, 6, 7]
    assert [key for key, _ in store.search(vectors[0], 2, allowed=keys_of(9, 100, 150))] == [9, 100]


def test_the_filter_comes_before_the_ranking(made: Made) -> None:
    vectors = unit(100)
    store = made((np.arange(100), vectors))
    worst = store.search(vectors[0], 100)[-1][0]
    assert [key for key, _ in store.search(vectors[0], 1, allowed=keys_of(worst))] == [worst]


def test_keys_that_are_not_stored_are_ignored(made: Made) -> None:
    store = made((keys_of(3, 4), unit(2)))
    found = store.search(unit(1)[0], 5, allowed=keys_of(-7, 0, 4, 10**15))
    assert [key for key, _ in found] == [4]
    assert store.search(unit(1)[0], 5, allowed=keys_of(99)) == []
    assert store.search(unit(1)[0], 5, allowed=keys_of()) == []


def test_an_empty_store_finds_nothing(made: Made) -> None:
    store = made((keys_of(), unit(0)))
    assert len(store) == 0
    assert store.search(unit(1)[0], 5) == []
    assert store.search(unit(1)[0], 5, allowed=keys_of(1)) == []


def test_batches_come_one_after_another(made: Made) -> None:
    vectors = unit(30)
    keys = np.arange(30) * 3
    parts = [slice(0, 10), slice(10, 10), slice(10, 30)]
    store = made(*((keys[part], vectors[part]) for part in parts))
    assert len(store) == 30
    for row in (0, 15, 29):
        assert store.search(vectors[row], 1)[0][0] == row * 3


def test_vectors_come_back_by_key(made: Made) -> None:
    vectors = unit(10)
    store = made((np.arange(10) * 2, vectors))
    assert np.array_equal(store.vectors(keys_of(8, 0, 4)), vectors[[4, 0, 2]])
    with pytest.raises(KeyError):
        store.vectors(keys_of(1))


@pytest.mark.parametrize(
    ("keys", "shape"),
    [
        ((1, 5), (2, DIM)),  # 1 is there
        ((7, 7), (2, DIM)),
        ((8, 7), (2, DIM)),
        ((7, 8), (1, DIM)),
        ((7,), (1, DIM + 1)),
        ((7,), (DIM,)),
    ],
)
def test_a_batch_that_does_not_fit_is_refused(
    backend: VectorBackend, keys: tuple[int, ...], shape: tuple[int, ...]
) -> None:
    batches = [(keys_of(0, 1), unit(2)), (keys_of(*keys), np.ones(shape, dtype=np.float32))]
    with pytest.raises(ValueError, match=r"key|vectors|items|dimension"):
        backend.build(iter(batches))


def test_a_query_of_another_shape_is_refused(made: Made) -> None:
    store = made((keys_of(0, 1), unit(2)))
    with pytest.raises(ValueError, match="shape"):
        store.search(unit(1), 1)
    with pytest.raises(ValueError, match="k must"):
        store.search(unit(1)[0], 0)
