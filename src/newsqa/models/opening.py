"""From a model's name to an encoder. Cheap: weights are loaded when the first text comes."""

from __future__ import annotations

from pathlib import Path

from newsqa.models.bert_encoder import BertEncoder
from newsqa.models.model_files import Checksums, bert_recipe, locate
from newsqa.models.torch_encoder import TorchEncoder
from newsqa.protocols import Encoder


def open_encoder(name: str, *, threads: int, cache_dir: Path) -> Encoder:
    """Return the encoder of that name.

    Plain BERT models are served by onnxruntime, all others by sentence-transformers.

    Args:
        name: The packaged model's name, a folder, or a hub id.
        threads: How many processor threads it may use.
        cache_dir: Where converted models and checksums are kept.

    Raises:
        ModelNotFoundError: The weights are not on this machine, or their checksum is wrong.
    """
    folder = locate(name)
    checksums = Checksums(cache_dir)
    recipe = bert_recipe(folder, checksums)
    if recipe is None:
        return TorchEncoder(folder, checksums.of_all(folder)[:32], threads=threads)
    return BertEncoder(folder, recipe, threads=threads, cache_dir=cache_dir)
