"""Scores of whole passages by a network or an exported graph, for evaluation and calibration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.data.encoding import Row
from training.data.records import Span

Array = NDArray[np.float32]
# token numbers, mask, segments -> token logits [b, t, 3], passage logits [b, 2]
Forward = Callable[[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]], tuple[Array, Array]]

MAX_SPAN_TOKENS = 24


@dataclass(frozen=True, slots=True)
class Read:
    """What the reader says about one row: logits.

    `sentences`: (index in the document, mean evidence, best span score within it). `span` are
    characters of the document, `span_score` its start plus end logit.
    """

    relevance: float
    no_answer: float
    sentences: tuple[tuple[int, float, float], ...]
    span: Span
    span_score: float


def torch_forward(net: object) -> Forward:
    """A network as a numpy function."""
    import torch

    from training.network.model import ReaderNet

    assert isinstance(net, ReaderNet)
    device = next(net.parameters()).device

    def call(
        ids: NDArray[np.int64], mask: NDArray[np.int64], segments: NDArray[np.int64]
    ) -> tuple[Array, Array]:
        net.eval()
        with torch.no_grad():
            tokens, passages = net(*(torch.from_numpy(x).to(device) for x in (ids, mask, segments)))
        return tokens.cpu().numpy(), passages.cpu().numpy()

    return call


def onnx_forward(path: str, threads: int = 2) -> Forward:
    """An exported graph as a numpy function."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def call(
        ids: NDArray[np.int64], mask: NDArray[np.int64], segments: NDArray[np.int64]
    ) -> tuple[Array, Array]:
        fed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": segments}
        tokens, passages = session.run(["token_logits", "passage_logits"], fed)
        return tokens, passages

    return call


def read_rows(run: Forward, rows: Sequence[Row], batch: int = 8) -> list[Read]:
    """What the reader says about each row, in order."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
    found: dict[int, Read] = {}
    for at in range(0, len(order), batch):
        part = order[at : at + batch]
        width = max(len(rows[i].ids) for i in part)
        ids = np.zeros((len(part), width), dtype=np.int64)
        mask, segments = np.zeros_like(ids), np.zeros_like(ids)
        for n, i in enumerate(part):
            size = len(rows[i].ids)
            ids[n, :size] = rows[i].ids
            mask[n, :size] = 1
            segments[n, rows[i].segment : size] = 1
        tokens, passages = run(ids, mask, segments)
        for n, i in enumerate(part):
            found[i] = read_of(rows[i], tokens[n], passages[n])
    return [found[i] for i in range(len(rows))]


def read_of(row: Row, tokens: Array, passage: Array) -> Read:
    """Turns the logits of one row into sentence and span scores."""
    sentences = []
    best = (-np.inf, (0, 0))
    for index, a, b in row.sentences:
        score, place = best_span(tokens[a:b, 1], tokens[a:b, 2])
        sentences.append((index, float(tokens[a:b, 0].mean()), score))
        if score > best[0]:
            best = (score, (a + place[0], a + place[1]))
    first, last = best[1]
    offsets = row.offsets
    span = (
        (offsets[first - row.body[0]][0], offsets[last - row.body[0]][1]) if sentences else (0, 0)
    )
    return Read(float(passage[0]), float(passage[1]), tuple(sentences), span, float(best[0]))


def best_span(starts: Array, ends: Array) -> tuple[float, Span]:
    """The highest start plus end, at most MAX_SPAN_TOKENS long; the first one wins."""
    n = len(starts)
    total = starts[:, None] + ends[None, :]
    legal = np.triu(np.ones((n, n), dtype=bool)) & ~np.triu(
        np.ones((n, n), dtype=bool), MAX_SPAN_TOKENS
    )
    total = np.where(legal, total, -np.inf)
    at = int(total.argmax())
    return float(total.flat[at]), (at // n, at % n)
