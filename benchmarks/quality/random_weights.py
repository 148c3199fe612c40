"""The shipped reader with its weights in random order: what the mere shape of a network gives."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np

from newsqa.models.onnx_reader import WEIGHTS, OnnxReader
from newsqa.protocols import Reader


def shuffled(random: np.random.Generator, *, threads: int, weights: Path = WEIGHTS) -> Reader:
    """Return the reader in ``weights`` with the numbers of each matrix shuffled.

    A shuffled matrix keeps its mean and spread, so that nothing overflows and nothing is learned.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name in ("reader.json", "tokenizer.json"):
            shutil.copy(weights / name, folder / name)
        (folder / "reader.onnx").write_bytes(_shuffled(weights / "reader.onnx", random))
        card = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
        network = (folder / "reader.onnx").read_bytes()
        card["files"]["reader.onnx"] = hashlib.sha256(network).hexdigest()
        (folder / "reader.json").write_text(json.dumps(card), encoding="utf-8")
        return OnnxReader.load(folder, threads=threads)


def _shuffled(path: Path, random: np.random.Generator) -> bytes:
    import onnx
    from onnx import numpy_helper

    model = onnx.load(str(path))
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.ndim == 2:  # biases, norms and shapes stay as they are
            mixed = random.permutation(values.ravel()).reshape(values.shape)
            tensor.CopyFrom(numpy_helper.from_array(mixed, tensor.name))
    found: bytes = model.SerializeToString()
    return found
