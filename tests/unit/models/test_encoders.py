"""The packaged encoder: its numbers, its converted file, and what it loads."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from newsqa.errors import ModelNotFoundError
from newsqa.models import open_encoder
from newsqa.models.bert_encoder import BertEncoder
from newsqa.models.model_files import Checksums, Recipe, bert_recipe, locate
from newsqa.models.torch_encoder import TorchEncoder
from newsqa.settings import PACKAGED_ENCODER
from tests.tiny_bert import write_tiny_bert

SENTENCES = [
    "The harbour bridge reopens on Monday.",
    "The crossing over the port is open again from next week.",
    "Fish soup is best served hot.",
]
# The inner products of these three, as sentence-transformers 6.2.0 computes them.
PRODUCTS = (0.544457, 0.124570, 0.023079)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


def packaged(cache: Path) -> BertEncoder:
    encoder = open_encoder(PACKAGED_ENCODER, threads=1, cache_dir=cache)
    assert isinstance(encoder, BertEncoder)
    return encoder


def test_vectors_are_those_of_sentence_transformers(cache: Path) -> None:
    encoder = packaged(cache)
    rows = encoder.encode_passages(SENTENCES)
    products = (rows @ rows.T)[np.triu_indices(3, 1)]
    assert products == pytest.approx(PRODUCTS, abs=1e-4)
    assert (encoder.dim, encoder.max_tokens) == (384, 256)


@pytest.mark.slow
def test_both_runtimes_give_the_same_vectors_and_counts(cache: Path) -> None:
    fast = packaged(cache)
    slow = TorchEncoder(locate(PACKAGED_ENCODER), fast.fingerprint, threads=1)
    texts = [*SENTENCES, "", "naïve “café” 🙂 北京", "a" * 900, " ".join(SENTENCES * 40)]
    assert np.abs(fast.encode_passages(texts) - slow.encode_passages(texts)).max() < 1e-5
    assert fast.count_tokens(texts) == slow.count_tokens(texts)
    assert (slow.dim, slow.max_tokens) == (fast.dim, fast.max_tokens)


def test_the_fingerprint_is_known_without_loading_anything(cache: Path) -> None:
    """It is stored in every index: this one must never change for these weights."""
    assert packaged(cache).fingerprint == "ce2313f36b2c85b0c149023a6b123c0f"


def test_it_is_converted_once(tmp_path: Path) -> None:
    first = packaged(tmp_path).encode_questions(SENTENCES)
    (kept,) = (tmp_path / "encoders").iterdir()
    was = kept.stat().st_mtime_ns
    assert np.array_equal(packaged(tmp_path).encode_questions(SENTENCES), first)
    assert [path.stat().st_mtime_ns for path in (tmp_path / "encoders").iterdir()] == [was]


def test_a_damaged_converted_file_is_made_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    packaged(tmp_path).encode_questions(["a"])
    (kept,) = (tmp_path / "encoders").iterdir()
    sound = kept.read_bytes()
    damaged = bytearray(sound)
    damaged[len(damaged) // 2] ^= 1
    kept.write_bytes(damaged)
    packaged(tmp_path).encode_questions(["a"])
    assert "is damaged" in caplog.text
    assert kept.read_bytes() == sound


def test_a_cache_that_cannot_be_written_costs_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = write_tiny_bert(tmp_path / "model")
    blocked = tmp_path / "a file"
    blocked.write_text("not a folder")
    encoder = open_encoder(str(model), threads=1, cache_dir=blocked)
    assert np.linalg.norm(encoder.encode_questions(["alpha"])) == pytest.approx(1.0, abs=1e-5)
    assert "not kept" in caplog.text


def test_processes_may_convert_at_the_same_time(tmp_path: Path) -> None:
    model = write_tiny_bert(tmp_path / "model")
    code = (
        "import sys; from pathlib import Path; from newsqa.models import open_encoder;"
        "e = open_encoder(sys.argv[1], threads=1, cache_dir=Path(sys.argv[2]));"
        "print(e.encode_questions(['alpha beta'])[0].tobytes().hex())"
    )
    words = [sys.executable, "-c", code, str(model), str(tmp_path / "cache")]
    running = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = {process.communicate(timeout=120)[0] for process in running}
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(told) == 1
    assert len(list((tmp_path / "cache" / "encoders").iterdir())) == 1


def test_a_question_loads_neither_torch_nor_transformers(cache: Path) -> None:
    packaged(cache).encode_questions(["a"])
    code = (
        "import sys; from pathlib import Path; from newsqa.models import open_encoder\n"
        "early = [m for m in ('onnxruntime', 'tokenizers', 'onnx') if m in sys.modules]\n"
        "e = open_encoder(sys.argv[1], threads=1, cache_dir=Path(sys.argv[2]))\n"
        "e.encode_questions(['Who is the mayor?']); e.count_tokens(['a'])\n"
        "heavy = ('torch', 'transformers', 'sentence_transformers', 'onnx', 'huggingface_hub')\n"
        "print(early, [m for m in heavy if m in sys.modules])"
    )
    words = [sys.executable, "-c", code, PACKAGED_ENCODER, str(cache)]
    told = subprocess.run(words, capture_output=True, text=True, check=True)
    assert (told.stdout, told.stderr) == ("[] []\n", "")


@pytest.mark.slow
def test_what_cannot_be_converted_is_served_by_sentence_transformers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = locate(PACKAGED_ENCODER)
    recipe = bert_recipe(folder, Checksums(tmp_path))
    assert recipe is not None
    unknown = Recipe(
        weights_sha256=recipe.weights_sha256,
        tokenizer_sha256=recipe.tokenizer_sha256,
        pooling="of another kind",
        max_tokens=recipe.max_tokens,
    )
    encoder = BertEncoder(folder, unknown, threads=1, cache_dir=tmp_path)
    rows = encoder.encode_passages(SENTENCES)
    assert "sentence-transformers serves it" in caplog.text
    assert (rows @ rows.T)[np.triu_indices(3, 1)] == pytest.approx(PRODUCTS, abs=1e-4)


def test_weights_that_are_not_the_known_ones_are_refused(tmp_path: Path) -> None:
    """They are looked at when they are converted; nothing unchecked is ever run."""
    model = write_tiny_bert(tmp_path / "model")
    folder = locate(str(model))
    forged = type(folder)(
        name=folder.name, path=folder.path, known=(("model.safetensors", "0" * 64),)
    )
    recipe = bert_recipe(forged, Checksums(tmp_path))
    assert recipe is not None
    for encoder in (
        BertEncoder(forged, recipe, threads=1, cache_dir=tmp_path / "cache"),
        TorchEncoder(forged, "x", threads=1),
    ):
        with pytest.raises(ModelNotFoundError, match="SHA-256"):
            encoder.encode_questions(["a"])
    assert not (tmp_path / "cache").exists()


def test_threads_do_not_change_the_vectors(cache: Path) -> None:
    two = open_encoder(PACKAGED_ENCODER, threads=2, cache_dir=cache)
    assert two.encode_passages(SENTENCES) == pytest.approx(
        packaged(cache).encode_passages(SENTENCES), abs=1e-5
    )


def test_nothing_is_logged_when_all_is_well(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        packaged(cache).encode_questions(["a"])
    assert caplog.records == []
