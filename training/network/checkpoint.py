"""Weights on disk: checkpoints of a run, and the shipped file read back into the network.

A checkpoint is a folder with the weights, the optimiser's moments and what was done so far; its
parts are renamed into place, the weights last.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor

from training.network.model import ReaderNet

WEIGHTS_FILE = "weights.safetensors"
MOMENTS_FILE = "optimiser.safetensors"
STATE_FILE = "state.json"
Array = NDArray[np.float32]


@dataclass(slots=True)
class Progress:
    """The part, its seconds, whether it is over; steps, groups, rows and tokens of all parts."""

    part: int = 1
    seconds: float = 0.0
    steps: int = 0
    groups: int = 0
    sequences: int = 0
    tokens: int = 0
    finished: bool = False


def save(folder: Path, net: ReaderNet, optimiser: torch.optim.Optimizer, done: Progress) -> None:
    """Write a checkpoint."""
    folder.mkdir(parents=True, exist_ok=True)
    moments: dict[str, Tensor] = {}
    for n, parameter in enumerate(p for g in optimiser.param_groups for p in g["params"]):
        for name, value in optimiser.state.get(parameter, {}).items():
            moments[f"{n}.{name}"] = value.detach().clone().contiguous()
    _save_tensors(moments, folder / MOMENTS_FILE)
    temp_path = folder / "state.part"
    temp_path.write_text(json.dumps(asdict(done)))
    os.replace(temp_path, folder / STATE_FILE)
    _save_tensors(net.state_dict(), folder / WEIGHTS_FILE)


def _save_tensors(tensors: Mapping[str, Tensor], path: Path) -> None:
    temp_path = path.with_suffix(".part")
    save_file({name: value.contiguous() for name, value in tensors.items()}, temp_path)
    os.replace(temp_path, path)


def load_progress(folder: Path) -> Progress:
    """Return what a checkpoint's run had done."""
    return Progress(**json.loads((folder / STATE_FILE).read_text()))


def load_moments(folder: Path, optimiser: torch.optim.Optimizer) -> None:
    """Put the moments of a checkpoint back into the optimiser."""
    moments = load_file(folder / MOMENTS_FILE)
    for n, parameter in enumerate(p for g in optimiser.param_groups for p in g["params"]):
        names = [k for k in moments if k.startswith(f"{n}.")]
        if names:
            # A fused step wants its moments, and its count of steps, where the weights are.
            state = {k.split(".", 1)[1]: moments[k].to(parameter.device) for k in names}
            optimiser.state[parameter] = state


def load_weights(path: Path) -> dict[str, Tensor]:
    """Return the weights of a checkpoint folder, or of a .safetensors, .pt or .onnx file.

    Raises:
        ValueError: The file is of another kind.
    """
    if path.is_dir():
        return load_file(path / WEIGHTS_FILE)
    if path.suffix == ".safetensors":
        return load_file(path)
    if path.suffix == ".pt":
        weights: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
        return weights
    if path.suffix == ".onnx":
        return shipped_weights(path)
    raise ValueError(f"{path}: a checkpoint folder, .safetensors, .pt or .onnx file is needed")


def shipped_weights(path: Path) -> dict[str, Tensor]:
    """Return the network's weights out of an exported graph: int8 values times their scales.

    The graph keeps names for the embeddings, norms and biases; the matrices are constants of its
    MatMul and Gemm nodes, in the order of the layers and then of the heads.

    Raises:
        ValueError: The graph is not of this network.
    """
    import onnx

    graph = onnx.load(str(path)).graph
    constants = _constants(graph)
    shapes = {name: tuple(value.shape) for name, value in ReaderNet().state_dict().items()}
    weights = {
        name: torch.from_numpy(constants[f"net.{name}"])
        for name, shape in shapes.items()
        if f"net.{name}" in constants and constants[f"net.{name}"].shape == shape
    }
    matrices = [
        constants[name]
        for node in graph.node
        if node.op_type in ("MatMul", "Gemm")
        for name in node.input
        if name in constants and constants[name].ndim == 2 and not name.startswith("net.")
    ]
    missing = [name for name in shapes if name not in weights]
    if len(missing) != len(matrices):
        raise ValueError(f"{path}: {len(missing)} weights are unnamed, {len(matrices)} are there")
    for name, matrix in zip(missing, matrices, strict=True):
        # A linear layer's weight is exported transposed.
        weights[name] = torch.from_numpy(matrix.T.copy())
        if tuple(weights[name].shape) != shapes[name]:
            raise ValueError(f"{path}: {name} has shape {matrix.T.shape}, not {shapes[name]}")
    return weights


def _constants(graph: Any) -> dict[str, Array]:
    """The graph's constants as float32, those behind a DequantizeLinear among them."""
    from onnx import numpy_helper

    found: dict[str, Any] = {c.name: numpy_helper.to_array(c) for c in graph.initializer}
    for node in graph.node:
        if node.op_type == "DequantizeLinear":
            values, scale = found[node.input[0]], found[node.input[1]]
            axis = next(a.i for a in node.attribute if a.name == "axis")
            spread = scale[:, None] if axis == 0 else scale[None, :]
            found[node.output[0]] = values.astype(np.float32) * spread
    return {name: np.array(value) for name, value in found.items()}
