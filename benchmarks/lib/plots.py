"""Plots of confidence as SVG: the same results give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

COLOURS = ("#1b6ca8", "#b5541c")


def reliability(bins: Sequence[Sequence[float]], path: Path, *, title: str) -> None:
    """Draw confidence against share right, a point a bin, its area the number of questions."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "newsqa"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(4.6, 4.2))
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--", label="calibrated")
    total = sum(count for _, _, count in bins)
    axes.plot([b[0] for b in bins], [b[1] for b in bins], color=COLOURS[0], linewidth=1)
    axes.scatter(
        [b[0] for b in bins],
        [b[1] for b in bins],
        s=[20 + 800 * b[2] / total for b in bins],
        color=COLOURS[0],
        alpha=0.6,
        label=f"newsqa, {total} questions",
    )
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share right", title=title)
    axes.legend(loc="upper left", frameon=False, markerscale=0.4)
    _finish(figure, path)


def risk_coverage(curves: dict[str, Sequence[Sequence[float]]], path: Path, *, title: str) -> None:
    """Draw the share wrong among the surest answers, as more and more are given."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "newsqa"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(5.2, 4.2))
    for (name, points), colour in zip(curves.items(), COLOURS, strict=False):
        axes.plot([p[0] for p in points], [p[1] for p in points], color=colour, label=name)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="coverage", ylabel="share wrong", title=title)
    axes.legend(loc="lower right", frameon=False)
    _finish(figure, path)


def _finish(figure: object, path: Path) -> None:
    from matplotlib import pyplot as plt
    from matplotlib.figure import Figure

    assert isinstance(figure, Figure)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
