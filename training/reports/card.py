"""Writes the model card, MODEL.md, from what the stages of a run left behind."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from training.data.records import read_lines
from training.plan import Plan
from training.reports.evaluation import FLOORS

LIMITS = """\
## Limits

- English news and encyclopaedia text; questions by crowd workers and quiz editors. Others may do
  worse.
- It learned from some ten thousand questions on a CPU; published readers of this size saw
  hundreds of thousands.
- It reads one passage at a time: an answer that takes two passages is out of its sight.
- A near miss (another time, entity, number; reversed, negated, a false premise) is still taken for
  an answer now and then; see the figures held aside.
- It says where an answer stands, not whether it is true.
- Several training sets carry no licence or belong to publishers (`training/DATA.md`); none of
  their text is shipped.
"""


def write_card(plan: Plan, run: Path, target: Path) -> None:
    """Reads the run's logs and figures; every number in the card comes from them."""
    figures = json.loads((run / "figures.json").read_text())
    fitted = json.loads((run / "calibration.json").read_text())
    exported = json.loads((run / "export.json").read_text())
    shipped = json.loads((run / "export" / "reader.json").read_text())
    rows = list(read_lines(run / "log.jsonl"))
    parts = [
        "# The shipped reader\n",
        f"Version {shipped['version']}, SHA-256 `{shipped['files']['reader.onnx']}`, "
        f"{exported['bytes'] / 1e6:.1f} MB. Made by `make train`; "
        "see `training/README.md` of the project.\n",
        "Body: all-MiniLM-L6-v2 (Apache-2.0). Input: question, title and date, passage. Output: "
        "the probability that each sentence answers, the answering words, and logits of "
        "relevance and no answer.\n",
        _training(rows, plan),
        _held_aside(json.loads((run / "held.json").read_text())),
        _figures(figures),
        _calibration(fitted),
        _export(exported),
        LIMITS,
    ]
    target.write_text("\n".join(parts), encoding="utf-8")


def _training(rows: list[dict[str, Any]], plan: Plan) -> str:
    busy = sum(
        gap
        for before, after in pairwise(rows)
        if 0 < (gap := after["clock"] - before["clock"]) < 900
    )
    last = rows[-1]
    return (
        "## Training\n\n"
        f"Begun from the version before; part {last['part']} of its run has ended "
        "(`training/README.md` has the log of all parts). "
        f"{last['steps']:,} steps, {last['groups']:,} groups ({last['sequences']:,} passages, "
        f"{last['tokens']:,} tokens) in {busy / 3600:.1f} hours of wall time on two shared cores: "
        f"{last['sequences'] / max(busy, 1):.1f} passages and {last['tokens'] / max(busy, 1):.0f} "
        f"tokens a second. Rate {plan.rate}, {plan.frozen_layers} of 6 layers and the embeddings "
        "frozen. Data: `training/DATA.md`. Loss curve: `training/loss.svg`.\n"
    )


def _held_aside(table: dict[str, dict[str, float]]) -> str:
    columns = list(dict.fromkeys(name for row in table.values() for name in row))
    lines = [
        "## Figures held aside\n",
        "Training questions that were kept aside, the passage given (`python -m training held`); "
        "a kind of near miss is held against all answerable questions of its set.\n",
        "| set | " + " | ".join(name.replace("_", " ") for name in columns) + " |",
        "|---|" + "--:|" * len(columns),
    ]
    for name, row in table.items():
        cells = [f"{row[c]:.0f}" if c == "questions" else f"{row[c]:.3f}" if c in row else ""
                 for c in columns]  # fmt: skip
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _figures(figures: dict[str, dict[str, float]]) -> str:
    lines = [
        "## Figures\n",
        "The exported file on sets it never saw, the text given, cut as in an index "
        "(`python -m training evaluate`). Floor: what the project asks for.\n",
        "| set | figure | value | floor |",
        "|---|---|--:|--:|",
    ]
    for name, values in figures.items():
        for key, value in values.items():
            shown = f"{value:.0f}" if key == "questions" else f"{value:.3f}"
            floor = FLOORS.get(name, {}).get(key)
            lines.append(f"| {name} | {key} | {shown} | {f'{floor:.2f}' if floor else ''} |")
    lines.append(
        "\nBeside it, without training: answer sentence first on newsqa-a .348 (cosine), .450 "
        "(word overlap); squad2-a .763, .817; trecqa-a .833, .718.\n"
    )
    return "\n".join(lines)


def _calibration(fitted: dict[str, Any]) -> str:
    lines = [
        "## Calibration\n",
        "A sentence's score is the logistic of `bias` + weights x (mean evidence, best span score "
        "in the sentence, relevance, no answer). Fitted on held-aside training questions:\n",
        "| weight | value |",
        "|---|--:|",
    ]
    lines += [f"| {name} | {value} |" for name, value in fitted["weighing"].items()]
    lines.append("\nA fit on one half of them, measured on the other:\n")
    lines += ["| figure | value |", "|---|--:|"]
    lines += [f"| {name} | {value} |" for name, value in fitted["held"].items()]
    return "\n".join(lines) + "\n"


def _export(exported: dict[str, float]) -> str:
    return (
        "## Export\n\n"
        "Weights are int8 with one scale for each output channel and become float32 when the "
        "session starts; nothing else is quantised, so a score does not depend on its batch. "
        f"Largest difference to float32 {exported['token_difference']:.3f} (token logits) and "
        f"{exported['passage_difference']:.3f} (passage logits); between a batch of one and of "
        f"eight {exported['shipped_batch_difference']:.1e}. "
        f"A passage of 150 tokens takes {exported['shipped_ms']:.0f} ms (float32 file "
        f"{exported['float32_ms']:.0f} ms) on two threads of a busy machine.\n"
    )
