"""Weights on disk: the shipped file read back, checkpoints, the mean of weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from training.network.checkpoint import (  # noqa: E402
    Progress,
    load_moments,
    load_progress,
    load_weights,
    save,
)
from training.network.export import export_float, quantise_weights  # noqa: E402
from training.network.loop import Average  # noqa: E402
from training.network.model import ReaderNet, Shape  # noqa: E402
from training.network.scoring import onnx_forward, torch_forward  # noqa: E402


def test_an_exported_file_is_read_back_into_the_network(tmp_path: Path) -> None:
    torch.manual_seed(3)
    net = ReaderNet()
    for parameter in net.parameters():  # the exporter joins equal ones, such as untrained norms
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, std=0.1)
    export_float(net, tmp_path / "float.onnx")
    quantise_weights(tmp_path / "float.onnx", tmp_path / "reader.onnx")
    net = ReaderNet()
    net.load_state_dict(load_weights(tmp_path / "reader.onnx"))
    ids = np.random.default_rng(1).integers(1000, 2000, (2, 9)).astype(np.int64)
    mask, segments = np.ones_like(ids), np.zeros_like(ids)
    shipped = onnx_forward(str(tmp_path / "reader.onnx"))(ids, mask, segments)
    for mine, theirs in zip(torch_forward(net)(ids, mask, segments), shipped, strict=True):
        assert np.abs(mine - theirs).max() < 1e-3


def test_a_checkpoint_comes_back_whole_and_as_a_single_file(tmp_path: Path) -> None:
    net = ReaderNet(Shape(vocabulary=50, positions=16, width=12, inner=24, heads=2, layers=1))
    optimiser = torch.optim.AdamW(net.parameters())
    net.token_head.bias.grad = torch.ones(3)
    optimiser.step()
    save(tmp_path / "run", net, optimiser, Progress(part=2, tokens=7, finished=True))
    assert load_progress(tmp_path / "run") == Progress(part=2, tokens=7, finished=True)
    torch.save(net.state_dict(), tmp_path / "one.pt")
    for path in (tmp_path / "run", tmp_path / "run" / "weights.safetensors", tmp_path / "one.pt"):
        weights = load_weights(path)
        assert torch.equal(weights["token_head.bias"], net.token_head.bias)
    other = torch.optim.AdamW(net.parameters())
    load_moments(tmp_path / "run", other)
    assert torch.equal(
        other.state[net.token_head.bias]["exp_avg"],
        optimiser.state[net.token_head.bias]["exp_avg"],
    )


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"")
    with pytest.raises(ValueError, match=r"weights\.bin"):
        load_weights(tmp_path / "weights.bin")


def test_the_average_is_the_mean_of_what_was_added() -> None:
    net = ReaderNet(Shape(vocabulary=50, positions=16, width=12, inner=24, heads=2, layers=1))
    average = Average()
    for value in (1.0, 4.0):
        with torch.no_grad():
            net.token_head.bias.fill_(value)
        average.add(net)
    assert average.count == 2
    assert average.weights()["token_head.bias"].tolist() == [2.5, 2.5, 2.5]
