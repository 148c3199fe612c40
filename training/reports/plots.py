"""The loss curve of a run, as SVG."""

from __future__ import annotations

from pathlib import Path

from training.data.records import read_lines

CURVES = ("sentence", "sentence_yes", "passage", "no_answer", "span")


def draw_losses(log: Path, target: Path, smooth: float = 0.9) -> None:
    """Draws each loss over the steps of training, smoothed exponentially."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams["svg.hashsalt"] = "newsqa"
    rows = [row for row in read_lines(log) if "sentence" in row]
    figure, axes = pyplot.subplots(figsize=(8, 4.5))
    for name in CURVES:
        kept = [row for row in rows if name in row]
        values: list[float] = []
        for row in kept:
            values.append(smooth * values[-1] + (1 - smooth) * row[name] if values else row[name])
        axes.plot([row["steps"] for row in kept], values, label=name.replace("_", " "))
    axes.set_xlabel("steps")
    axes.set_ylabel("loss (smoothed)")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(target, metadata={"Date": None})
    pyplot.close(figure)
