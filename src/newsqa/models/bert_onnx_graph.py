"""Write a BERT encoder as an ONNX graph, straight from its weights.

Inputs ``input_ids`` and ``attention_mask``, int64, shape (texts, tokens); output ``vectors``,
float32, shape (texts, dim), pooled and of L2 norm 1. The same weights give the same bytes, no
matter which versions of other libraries are installed, and torch is not needed for it.

Source: Devlin et al. 2019, BERT; ONNX operator set 20.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Weights = Mapping[str, NDArray[np.float32]]

OPSET = 20
# Names this module's graphs: raise it when the graph changes.
GRAPH_RECIPE = "bert-1"
# Added to the score of a padding token; exp(-10,000) is 0 in float32.
_PADDING = -10_000.0


def supported(config: Mapping[str, Any]) -> bool:
    """Whether a model with this ``config.json`` is a plain BERT."""
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and not config.get("is_decoder")
        and int(config["hidden_size"]) % int(config["num_attention_heads"]) == 0
    )


def onnx_bytes(weights_path: Path, config: Mapping[str, Any], pooling: str) -> bytes:
    """Return the model as an ONNX file.

    Args:
        weights_path: A safetensors file.
        config: The model's ``config.json``, which must be `supported`.
        pooling: "mean" over the tokens that are not padding, or "cls", the first token.

    Raises:
        KeyError: A weight is missing: the file is not such a model.
        ValueError: Unknown pooling.
    """
    import onnx
    from safetensors.numpy import load_file

    raw = load_file(str(weights_path))
    weights = {
        name.removeprefix("bert."): np.asarray(value, dtype=np.float32)
        for name, value in raw.items()
    }
    net = _Net(weights, config)
    hidden = net.embedded()
    for layer in range(int(config["num_hidden_layers"])):
        hidden = net.layer(hidden, layer)
    net.pooled(hidden, pooling)
    graph = onnx.helper.make_graph(
        net.nodes, "bert", net.inputs, net.outputs, initializer=net.constants
    )
    opset = onnx.helper.make_opsetid("", OPSET)
    model = onnx.helper.make_model(graph, opset_imports=[opset], producer_name="newsqa")
    model.ir_version = 9  # the oldest that knows this operator set
    return bytes(model.SerializeToString(deterministic=True))


class _Net:
    """Nodes and constants of one graph, in order."""

    def __init__(self, weights: Weights, config: Mapping[str, Any]) -> None:
        from onnx import TensorProto, helper

        self._weights = weights
        self._dim = int(config["hidden_size"])
        self._heads = int(config["num_attention_heads"])
        self._epsilon = float(config.get("layer_norm_eps", 1e-12))
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._named: set[str] = set()
        self.inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
            for name in ("input_ids", "attention_mask")
        ]
        self.outputs = [
            helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", self._dim])
        ]

    def embedded(self) -> str:
        """Add the sum of word, position and type embeddings; all text is of type 0."""
        w = self._weights
        position = (
            w["embeddings.position_embeddings.weight"]
            + w["embeddings.token_type_embeddings.weight"][0]
        )
        words = self._constant("words", w["embeddings.word_embeddings.weight"])
        positions = self._constant("positions", position)
        shape = self._node("Shape", ["input_ids"], start=1, end=2)
        at = self._node("Slice", [positions, self._ints([0]), shape, self._ints([0])])
        gathered = self._node("Gather", [words, "input_ids"])
        self._mask = self._node("Cast", ["attention_mask"], to=1)
        away = self._node("Sub", [self._number(1.0), self._mask])
        away = self._node("Mul", [away, self._number(_PADDING)])
        self._bias = self._node("Unsqueeze", [away, self._ints([1, 2])])
        return self._norm(self._node("Add", [gathered, at]), "embeddings.LayerNorm")

    def layer(self, hidden: str, number: int) -> str:
        """Add one layer: attention, then two dense layers, each with its shortcut."""
        at = f"encoder.layer.{number}."
        mixed = self._attention(hidden, at + "attention.self.")
        mixed = self._dense(mixed, at + "attention.output.dense")
        mixed = self._node("Add", [mixed, hidden])
        mixed = self._norm(mixed, at + "attention.output.LayerNorm")
        wide = self._node("Gelu", [self._dense(mixed, at + "intermediate.dense")])
        out = self._node("Add", [self._dense(wide, at + "output.dense"), mixed])
        return self._norm(out, at + "output.LayerNorm")

    def pooled(self, hidden: str, pooling: str) -> None:
        """Add pooling and the division by the L2 norm; this is the output."""
        if pooling == "cls":
            vector = self._node("Gather", [hidden, self._constant_int(0)], axis=1)
        elif pooling == "mean":
            mask = self._node("Unsqueeze", [self._mask, self._ints([2])])
            kept = self._node("Mul", [hidden, mask])
            summed = self._node("ReduceSum", [kept, self._ints([1])], keepdims=0)
            count = self._node("ReduceSum", [self._mask, self._ints([1])], keepdims=1)
            vector = self._node("Div", [summed, count])
        else:
            raise ValueError(f"unknown pooling {pooling!r}")
        norm = self._node("ReduceL2", [vector, self._ints([1])], keepdims=1)
        self._node("Div", [vector, norm], output="vectors")

    def _attention(self, hidden: str, at: str) -> str:
        """Add self-attention; the scale of the scores is folded into the query's weights."""
        size = self._dim // self._heads
        w = self._weights
        scale = np.float32(size**-0.5)
        parts = ("query", "key", "value")
        scales = (scale, np.float32(1), np.float32(1))
        matrix = [w[f"{at}{part}.weight"].T * s for part, s in zip(parts, scales, strict=True)]
        shift = [w[f"{at}{part}.bias"] * s for part, s in zip(parts, scales, strict=True)]
        wide = self._node(
            "MatMul", [hidden, self._constant(at + "weight", np.concatenate(matrix, axis=1))]
        )
        wide = self._node("Add", [wide, self._constant(at + "bias", np.concatenate(shift))])
        wide = self._node("Reshape", [wide, self._ints([0, 0, 3, self._heads, size])])
        wide = self._node("Transpose", [wide], perm=[2, 0, 3, 1, 4])
        query, key, value = (
            self._node("Gather", [wide, self._constant_int(i)], axis=0) for i in range(3)
        )
        key = self._node("Transpose", [key], perm=[0, 1, 3, 2])
        scores = self._node("Add", [self._node("MatMul", [query, key]), self._bias])
        shares = self._node("Softmax", [scores], axis=-1)
        mixed = self._node("MatMul", [shares, value])
        mixed = self._node("Transpose", [mixed], perm=[0, 2, 1, 3])
        return self._node("Reshape", [mixed, self._ints([0, 0, self._dim])])

    def _dense(self, hidden: str, at: str) -> str:
        matrix = self._constant(at + ".weight", self._weights[at + ".weight"].T)
        out = self._node("MatMul", [hidden, matrix])
        return self._node("Add", [out, self._constant(at + ".bias", self._weights[at + ".bias"])])

    def _norm(self, hidden: str, at: str) -> str:
        scale = self._constant(at + ".weight", self._weights[at + ".weight"])
        shift = self._constant(at + ".bias", self._weights[at + ".bias"])
        return self._node(
            "LayerNormalization", [hidden, scale, shift], axis=-1, epsilon=self._epsilon
        )

    def _node(self, kind: str, inputs: list[str], *, output: str = "", **settings: Any) -> str:
        from onnx import helper

        name = output or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **settings))
        return name

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        if name not in self._named:
            self._named.add(name)
            self.constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def _ints(self, values: list[int]) -> str:
        name = "ints_" + "_".join(map(str, values))
        return self._constant(name, np.array(values, dtype=np.int64))

    def _constant_int(self, value: int) -> str:
        return self._constant(f"int_{value}", np.array(value, dtype=np.int64))

    def _number(self, value: float) -> str:
        return self._constant(f"number_{value}", np.array(value, dtype=np.float32))
