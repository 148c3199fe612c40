"""Writes the network as ONNX: float32 for reference, and the shipped form with int8 weights.

Only weights are quantised (symmetric, one scale for each output channel or vocabulary row) and
they are turned back into float32 when the session starts, so a score cannot depend on its batch.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from training.network.model import PASSAGE_SCORES, TOKEN_SCORES, ReaderNet
from training.plan import MAX_HEADER, MAX_TOKENS, READ_QUESTION

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUTS = ("token_logits", "passage_logits")
SMALLEST = 100_000  # values; smaller tensors stay float32


class _Named(nn.Module):
    """Gives the exported graph its input names."""

    def __init__(self, net: ReaderNet) -> None:
        super().__init__()
        self.net = net

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Tensor, Tensor]:
        scores: tuple[Tensor, Tensor] = self.net(input_ids, attention_mask, token_type_ids)
        return scores


def export_float(net: ReaderNet, target: Path) -> None:
    """Writes the float32 graph, opset 17."""
    net.cpu().eval()
    ids = torch.randint(1000, 2000, (2, 12))
    mask, segments = torch.ones_like(ids), torch.zeros_like(ids)
    mask[1, 9:] = 0
    torch.onnx.export(
        _Named(net),
        (ids, mask, segments),
        str(target),
        input_names=list(INPUTS),
        output_names=list(OUTPUTS),
        dynamic_axes={name: {0: "b", 1: "t"} for name in INPUTS}
        | {OUTPUTS[0]: {0: "b", 1: "t"}, OUTPUTS[1]: {0: "b"}},
        opset_version=17,
        dynamo=False,
    )


def quantise_weights(source: Path, target: Path) -> None:
    """Rewrites large float32 constants as int8 and a DequantizeLinear before their use."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(str(source))
    graph = model.graph
    added: list[Any] = []
    for constant in list(graph.initializer):
        values = numpy_helper.to_array(constant)
        if values.dtype != np.float32 or values.ndim != 2 or values.size < SMALLEST:
            continue
        axis = 0 if _is_table(graph, constant.name) else 1
        whole, scale = quantised(values, axis)
        name = constant.name
        graph.initializer.remove(constant)
        zero = np.zeros(len(scale), dtype=np.int8)
        for suffix, array in (("int8", whole), ("scale", scale), ("zero", zero)):
            graph.initializer.append(numpy_helper.from_array(array, f"{name}.{suffix}"))
        inputs = [f"{name}.{suffix}" for suffix in ("int8", "scale", "zero")]
        added.append(helper.make_node("DequantizeLinear", inputs, [name], axis=axis))
    nodes = [*added, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def _is_table(graph: Any, name: str) -> bool:
    return any(node.op_type == "Gather" and node.input[0] == name for node in graph.node)


def quantised(
    values: np.ndarray[Any, np.dtype[np.float32]], axis: int
) -> tuple[np.ndarray[Any, np.dtype[np.int8]], np.ndarray[Any, np.dtype[np.float32]]]:
    """Symmetric int8 with one scale for each slice along `axis`: value = int8 * scale."""
    top = np.abs(values).max(axis=1 - axis)
    scale = np.maximum(top / 127.0, 1e-12).astype(np.float32)
    spread = scale[:, None] if axis == 0 else scale[None, :]
    return np.clip(np.rint(values / spread), -127, 127).astype(np.int8), scale


def ship(graph: Path, tokenizer: Path, folder: Path, version: str, extra: dict[str, Any]) -> None:
    """Puts the graph, its tokenizer and reader.json into the package's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(graph, folder / "reader.onnx")
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    card = {
        "version": version,
        "files": {name: _sha256(folder / name) for name in ("reader.onnx", "tokenizer.json")},
        "inputs": list(INPUTS),
        "outputs": list(OUTPUTS),
        "token_scores": list(TOKEN_SCORES),
        "passage_scores": list(PASSAGE_SCORES),
        "max_tokens": MAX_TOKENS,
        "max_question_tokens": READ_QUESTION,
        "max_header_tokens": MAX_HEADER,
        **extra,
    }
    (folder / "reader.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def compared(reference: Path, shipped: Path, threads: int, seed: int) -> dict[str, float]:
    """Largest differences to float32, between batches of 1 and 8, and time a passage.

    The passages are 150 random tokens long; times are of one passage a run, as the product reads.
    """
    import time

    from training.network.scoring import onnx_forward

    rng = np.random.default_rng(seed)
    ids = rng.integers(1000, 20000, (8, 150)).astype(np.int64)
    mask, segments = np.ones_like(ids), np.zeros_like(ids)
    report = {"bytes": float(shipped.stat().st_size)}
    outputs = []
    for name, path in (("float32", reference), ("shipped", shipped)):
        run = onnx_forward(str(path), threads)
        alone = [run(ids[n : n + 1], mask[:1], segments[:1]) for n in range(8)]
        began = time.perf_counter()
        for n in range(8):
            run(ids[n : n + 1], mask[:1], segments[:1])
        report[f"{name}_ms"] = (time.perf_counter() - began) / 8 * 1000
        tokens, passages = run(ids, mask, segments)
        report[f"{name}_batch_difference"] = float(
            max(np.abs(tokens[n] - alone[n][0][0]).max() for n in range(8))
        )
        outputs.append((tokens, passages))
    for name, at in (("token", 0), ("passage", 1)):
        report[f"{name}_difference"] = float(np.abs(outputs[0][at] - outputs[1][at]).max())
    return report


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
