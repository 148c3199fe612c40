"""A BERT of a few thousand random weights: a real model folder that costs nothing to load."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WORDS = ["alpha", "beta", "gamma", "bridge", "mayor", "."]
CONFIG = {
    "architectures": ["BertModel"],
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": 16,
    "intermediate_size": 32,
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 40,
    "num_attention_heads": 2,
    "num_hidden_layers": 2,
    "type_vocab_size": 2,
    "vocab_size": 10,
    "pad_token_id": 0,
}


def write_tiny_bert(
    folder: Path, *, pooling: str = "mean", seed: int = 0, **config: object
) -> Path:
    """Write a sentence-transformers model and return its folder."""
    from safetensors.numpy import save_file

    (folder / "1_Pooling").mkdir(parents=True)
    save_file(_weights(seed), folder / "model.safetensors", metadata={"format": "pt"})
    kinds = {"Transformer": "", "Pooling": "1_Pooling"}
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (kind, path) in enumerate(kinds.items())
    ]
    modes = {"mean": "mean_tokens", "cls": "cls_token", "max": "max_tokens"}
    pool = {f"pooling_mode_{mode}": mode == modes[pooling] for mode in modes.values()}
    tokens = {"tokenizer_class": "BertTokenizer", "model_max_length": 40}
    files: dict[str, object] = {
        "config.json": CONFIG | config,
        "modules.json": modules,
        "1_Pooling/config.json": {"word_embedding_dimension": 16} | pool,
        "sentence_bert_config.json": {"max_seq_length": 24, "do_lower_case": False},
        "tokenizer_config.json": tokens,
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    _tokenizer(folder / "tokenizer.json")
    return folder


def _weights(seed: int) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(seed)
    shapes = {
        "embeddings.word_embeddings.weight": (10, 16),
        "embeddings.position_embeddings.weight": (40, 16),
        "embeddings.token_type_embeddings.weight": (2, 16),
        "embeddings.LayerNorm.weight": (16,),
        "embeddings.LayerNorm.bias": (16,),
    }
    for n in range(2):
        at = f"encoder.layer.{n}."
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            shapes[f"{at}attention.{part}.weight"] = (16, 16)
            shapes[f"{at}attention.{part}.bias"] = (16,)
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[f"{at}{part}.weight"] = shapes[f"{at}{part}.bias"] = (16,)
        shapes[f"{at}intermediate.dense.weight"] = (32, 16)
        shapes[f"{at}intermediate.dense.bias"] = (32,)
        shapes[f"{at}output.dense.weight"] = (16, 32)
        shapes[f"{at}output.dense.bias"] = (16,)
    return {
        name: (random.standard_normal(shape) * 0.3).astype(np.float32)
        for name, shape in shapes.items()
    }


def _tokenizer(path: Path) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS]
    vocabulary = {name: i for i, name in enumerate(names)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(path))
