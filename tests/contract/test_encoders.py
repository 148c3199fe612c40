"""What every Encoder promises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from newsqa.models import open_encoder
from newsqa.models.model_files import locate
from newsqa.models.torch_encoder import TorchEncoder
from newsqa.protocols import Encoder
from newsqa.settings import PACKAGED_ENCODER
from tests.fakes.engine_parts import FakeEncoder


def fake(cache: Path) -> Encoder:
    return FakeEncoder()


def packaged(cache: Path) -> Encoder:
    return open_encoder(PACKAGED_ENCODER, threads=1, cache_dir=cache)


def torch(cache: Path) -> Encoder:
    return TorchEncoder(locate(PACKAGED_ENCODER), "the same for every test", threads=1)


MAKERS = [fake, packaged, pytest.param(torch, marks=pytest.mark.slow)]


@pytest.fixture(scope="module", params=MAKERS, ids=lambda make: make.__name__)
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    make: Callable[[Path], Encoder] = request.param
    return make(tmp_path_factory.mktemp("models"))


TEXTS = [
    "The harbour bridge reopens on Monday.",
    "",
    "  \n\t ",
    "word " * 400,
    "naïve café – “quotes” 🙂",
    "北京市长说",
    "\x00 \ud800 \u202e",
    "a" * 3000,
    "Who wrote the letter to the mayor of Lindle, and when?",
]


def test_vectors_have_norm_1(encoder: Encoder) -> None:
    for rows in (encoder.encode_questions(TEXTS), encoder.encode_passages(TEXTS)):
        assert rows.shape == (len(TEXTS), encoder.dim)
        assert rows.dtype == np.float32
        assert rows.flags.c_contiguous
        assert np.linalg.norm(rows, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_no_texts_have_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode_questions([]).shape == (0, encoder.dim)
    assert encoder.encode_passages([]).shape == (0, encoder.dim)
    assert encoder.count_tokens([]) == []


def test_a_vector_depends_on_its_own_text_alone(encoder: Encoder) -> None:
    """Alone, in another order, among longer ones: the same vector."""
    texts = [f"{text} number {i}" for i, text in enumerate(TEXTS * 5)]
    together = encoder.encode_passages(texts)
    order = np.random.default_rng(0).permutation(len(texts))
    shuffled = encoder.encode_passages([texts[i] for i in order])
    assert np.abs(shuffled - together[order]).max() < 1e-5
    alone = np.concatenate([encoder.encode_passages([text]) for text in texts[:12]])
    assert np.abs(alone - together[:12]).max() < 1e-5


def test_what_says_the_same_is_closer(encoder: Encoder) -> None:
    rows = encoder.encode_passages(["The bridge over the harbour reopens on Monday.", "Fish soup."])
    question = encoder.encode_questions(["When does the harbour bridge reopen?"])[0]
    near, far = (rows @ question).tolist()
    assert near > far


def test_tokens_are_counted_without_a_limit(encoder: Encoder) -> None:
    one, many = encoder.count_tokens(["mayor", "mayor " * 2000])
    assert one == 1
    assert many == 2000
    assert encoder.count_tokens(TEXTS) == [encoder.count_tokens([text])[0] for text in TEXTS]
    assert encoder.count_tokens(["", " "]) == [0, 0]


def test_text_beyond_the_limit_is_ignored(encoder: Encoder) -> None:
    """A fake need not cut."""
    if isinstance(encoder, FakeEncoder):
        pytest.skip("the fake reads everything")
    start = "mayor " * (encoder.max_tokens - 2)
    rows = encoder.encode_passages([start, start + "fish soup " * 50])
    assert np.abs(rows[0] - rows[1]).max() < 1e-5


def test_it_says_what_it_is(encoder: Encoder) -> None:
    assert encoder.name
    assert len(encoder.fingerprint) > 16
    assert encoder.fingerprint == encoder.fingerprint
    assert encoder.max_tokens >= 64
