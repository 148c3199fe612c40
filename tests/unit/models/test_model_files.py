"""Which files a model's name means, and what its vectors are known by."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from newsqa.errors import ModelNotFoundError
from newsqa.models import open_encoder
from newsqa.models.bert_encoder import BertEncoder
from newsqa.models.bert_onnx_graph import onnx_bytes
from newsqa.models.model_files import Checksums, Recipe, bert_recipe, locate
from newsqa.models.torch_encoder import TorchEncoder
from newsqa.settings import PACKAGED_ENCODER
from tests.tiny_bert import CONFIG, write_tiny_bert


def recipe_of(folder: Path) -> Recipe | None:
    return bert_recipe(locate(str(folder)), Checksums(folder / "cache"))


def change(path: Path, **settings: object) -> None:
    held = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(held | settings))


def test_the_packaged_weights_are_those_published() -> None:
    locate(PACKAGED_ENCODER).check("model.safetensors")
    locate(PACKAGED_ENCODER).check("tokenizer.json")


@pytest.mark.parametrize("name", ["/no/such/folder", "./nothing", "~/nothing", "nothing", "a/b/c"])
def test_a_name_that_means_nothing_is_refused_with_what_would_do(name: str) -> None:
    with pytest.raises(ModelNotFoundError, match="neither a folder nor a hub id"):
        locate(name)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"no config\.json"):
        locate(str(tmp_path))
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ModelNotFoundError, match="cannot be read"):
        open_encoder(str(tmp_path), threads=1, cache_dir=tmp_path)


def test_a_hub_model_that_is_not_here_is_refused_with_the_cure(tmp_path: Path) -> None:
    """In a process of its own: the hub library reads its switch when it is imported."""
    code = (
        "import sys; from newsqa.models.model_files import locate; locate('nobody/no-such-model')"
    )
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    message = told.stderr.splitlines()[-1]
    assert "ModelNotFoundError: model 'nobody/no-such-model' is not on this machine" in message
    assert "hf download nobody/no-such-model" in message


def test_a_recipe_changes_with_all_that_decides_a_vector(tmp_path: Path) -> None:
    prompting = "config_sentence_transformers.json"
    changes: list[tuple[str, dict[str, object]]] = [
        ("config.json", {}),
        ("sentence_bert_config.json", {"max_seq_length": 20}),
        (prompting, {"prompts": {"query": "query: "}}),
        (prompting, {"prompts": {"document": "passage: "}}),
    ]
    seen = set()
    for number, (file, settings) in enumerate(changes):
        folder = write_tiny_bert(tmp_path / f"settings {number}")
        change(folder / file, **settings)
        seen.add(recipe_of(folder))
    seen.add(recipe_of(write_tiny_bert(tmp_path / "weights", seed=1)))
    seen.add(recipe_of(write_tiny_bert(tmp_path / "pooling", pooling="cls")))
    again = recipe_of(write_tiny_bert(tmp_path / "again"))
    assert None not in seen
    assert len(seen) == len({recipe.fingerprint for recipe in seen if recipe}) == 6
    assert again in seen


def test_prompts_go_before_questions_and_passages(tmp_path: Path) -> None:
    plain = open_encoder(str(write_tiny_bert(tmp_path / "plain")), threads=1, cache_dir=tmp_path)
    folder = write_tiny_bert(tmp_path / "prompted")
    prompts = {"query": "alpha ", "document": "beta "}
    change(folder / "config_sentence_transformers.json", prompts=prompts)
    prompted = open_encoder(str(folder), threads=1, cache_dir=tmp_path)
    assert prompted.fingerprint != plain.fingerprint
    wanted = plain.encode_passages(["alpha mayor", "beta mayor"])
    found = [prompted.encode_questions(["mayor"])[0], prompted.encode_passages(["mayor"])[0]]
    assert np.array(found) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.slow
def test_plain_bert_folders_give_the_vectors_of_sentence_transformers(
    tmp_path: Path, pooling: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_tiny_bert(tmp_path / "model", pooling=pooling)
    fast = open_encoder(str(folder), threads=1, cache_dir=tmp_path)
    assert isinstance(fast, BertEncoder)
    texts = ["alpha beta gamma .", "bridge", "", "mayor " * 60, "unknown words"]
    slow = TorchEncoder(locate(str(folder)), "x", threads=1)
    assert np.abs(fast.encode_passages(texts) - slow.encode_passages(texts)).max() < 1e-5
    assert "could not be converted" not in caplog.text
    assert (fast.dim, fast.max_tokens) == (slow.dim, slow.max_tokens)


def test_what_is_not_plain_bert_goes_to_sentence_transformers(tmp_path: Path) -> None:
    """Chosen from the model's settings alone: nothing is loaded."""
    others = [
        write_tiny_bert(tmp_path / "max", pooling="max"),
        write_tiny_bert(tmp_path / "type", model_type="mpnet"),
        write_tiny_bert(tmp_path / "gelu", hidden_act="relu"),
        write_tiny_bert(tmp_path / "position", position_embedding_type="relative_key"),
    ]
    lowered = write_tiny_bert(tmp_path / "lower")
    change(lowered / "sentence_bert_config.json", do_lower_case=True)
    dense = write_tiny_bert(tmp_path / "dense")
    modules = json.loads((dense / "modules.json").read_text())
    modules.append(
        {"idx": 2, "name": "2", "path": "2", "type": "sentence_transformers.models.Dense"}
    )
    (dense / "modules.json").write_text(json.dumps(modules))
    names = set()
    for folder in [*others, lowered, dense]:
        encoder = open_encoder(str(folder), threads=1, cache_dir=tmp_path / "cache")
        assert isinstance(encoder, TorchEncoder), folder.name
        assert encoder.name == str(folder)
        names.add(encoder.fingerprint)
    assert len(names) == 6


@pytest.mark.slow
def test_a_model_without_safetensors_is_refused(tmp_path: Path) -> None:
    """Its other form is a pickle, which can run code when it is read."""
    folder = write_tiny_bert(tmp_path / "model")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    encoder = open_encoder(str(folder), threads=1, cache_dir=tmp_path)
    with pytest.raises(ModelNotFoundError, match="safetensors"):
        encoder.encode_questions(["alpha"])


def test_checksums_are_remembered_until_the_file_changes(tmp_path: Path) -> None:
    model = locate(str(write_tiny_bert(tmp_path / "model")))
    first = Checksums(tmp_path / "cache").of(model, "config.json")
    held = tmp_path / "cache" / "checksums.json"
    known = json.loads(held.read_text())
    (entry,) = known.values()
    entry[2] = "as remembered"
    held.write_text(json.dumps(known))
    assert Checksums(tmp_path / "cache").of(model, "config.json") == "as remembered"
    (model.path / "config.json").write_text("{}")
    assert Checksums(tmp_path / "cache").of(model, "config.json") not in ("as remembered", first)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"x": 1}'])
def test_a_damaged_memory_of_checksums_is_done_without(tmp_path: Path, content: str) -> None:
    model = locate(str(write_tiny_bert(tmp_path / "model")))
    wanted = Checksums(tmp_path / "one").of(model, "config.json")
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "checksums.json").write_text(content)
    assert Checksums(tmp_path / "two").of(model, "config.json") == wanted
    assert Checksums(tmp_path / "one" / "checksums.json").of(model, "config.json") == wanted


def test_the_same_weights_give_the_same_graph(tmp_path: Path) -> None:
    folder = write_tiny_bert(tmp_path / "model")
    made = {onnx_bytes(folder / "model.safetensors", CONFIG, "mean") for _ in range(2)}
    assert len(made) == 1
    with pytest.raises(ValueError, match="pooling"):
        onnx_bytes(folder / "model.safetensors", CONFIG, "max")
    with pytest.raises(KeyError):
        onnx_bytes(folder / "model.safetensors", CONFIG | {"num_hidden_layers": 3}, "mean")
