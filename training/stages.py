"""The stages of a run: what each reads and writes.

data and negatives are not made again where they stand; train goes on from the last checkpoint; what
follows takes minutes and is made anew, as it depends on the checkpoint.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from training.data.records import Corpora, Question
from training.plan import ARCHIVE, MIX, ROOT, RUNS, VERSION, Plan

if TYPE_CHECKING:
    from training.network.model import ReaderNet

HELD = 120  # questions held aside of a set that negatives are found for


@dataclass(frozen=True, slots=True)
class Paths:
    """Where a run reads and writes. The prepared questions serve every run."""

    shared: Path
    run: Path
    prepared: Path

    @classmethod
    def of(cls, shared: Path | None, run: Path) -> Paths:
        """The shared folder as given, else NEWSQA_SHARED, else beside the project.

        Raises:
            FileNotFoundError: There is no data folder.
        """
        default = ROOT.parent.parent / "shared"
        root = shared or Path(os.environ.get("NEWSQA_SHARED", default))
        if not (root / "data" / "train").is_dir():
            raise FileNotFoundError(f"no data/train under {root}; set NEWSQA_SHARED or --shared")
        run.mkdir(parents=True, exist_ok=True)
        return cls(root / "data", run, RUNS / "prepared")


def prepare(plan: Plan, paths: Paths, start: Path | None) -> None:
    """data: documents and questions of every set, without what evaluation sets hold."""
    from training.data.leakage import drop_leaks, evaluation_sets
    from training.data.realtime import read_realtime
    from training.data.sources import read_all

    if (paths.prepared / "questions.jsonl").exists():
        return
    corpora = read_all(paths.shared / "train")
    print(f"{len(corpora.docs)} texts read", flush=True)
    read_realtime(corpora, paths.shared / "train" / "realtimeqa-2022-2023")
    before = counts_of(corpora)
    print(json.dumps(before), flush=True)
    leaks = drop_leaks(corpora, evaluation_sets(paths.shared))
    report = {"before": before, "dropped": leaks, "after": counts_of(corpora)}
    paths.prepared.mkdir(parents=True, exist_ok=True)
    (paths.prepared / "counts.json").write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1))
    corpora.save(paths.prepared)


def counts_of(corpora: Corpora) -> dict[str, dict[str, int]]:
    """Of each set: texts, questions, those with a right sentence, and those held aside."""
    table: dict[str, dict[str, int]] = {}
    for doc in corpora.docs.values():
        row = table.setdefault(doc.set, dict.fromkeys(("texts", "questions", "right", "held"), 0))
        row["texts"] += 1
    for question in corpora.questions:
        row = table[question.set]
        row["questions"] += 1
        row["right"] += bool(question.right)
        row["held"] += question.held
    return dict(sorted(table.items()))


def negatives(plan: Plan, paths: Paths, start: Path | None) -> None:
    """negatives: hard passages and swapped questions, for the questions that are used."""
    from training.data.archive import Archive
    from training.data.negatives import find_negatives

    target = paths.prepared / "negatives.jsonl"
    if target.exists():
        return
    corpora = Corpora.load(paths.prepared)
    with Archive(corpora, ARCHIVE, paths.prepared, plan.seed) as archive:
        find_negatives(corpora, wanted(corpora, plan), archive, target, plan.seed)


def wanted(corpora: Corpora, plan: Plan) -> list[Question]:
    """The questions a run may draw: of each set as many as MIX allows, and those held aside."""
    import random

    rng = random.Random(plan.seed)
    by_set: dict[str, list[Question]] = {}
    for question in corpora.questions:
        if question.set in MIX and not corpora.docs[question.doc].loose:
            by_set.setdefault(question.set, []).append(question)
    chosen: list[Question] = []
    for name, rows in by_set.items():
        limit = min(MIX[name][2], plan.questions)
        free = [q for q in rows if not q.held and q.right]
        held = [q for q in rows if q.held and q.right]
        chosen += rng.sample(free, min(limit, len(free))) + rng.sample(
            held, min(HELD, plan.questions, len(held))
        )
    return chosen


def train(plan: Plan, paths: Paths, start: Path | None) -> None:
    """train: until the planned minutes are used; goes on from the run's own checkpoint."""
    from training.data.encoding import Encoding
    from training.data.groups import Groups
    from training.data.records import load_negatives
    from training.network.loop import train as train_net
    from training.network.model import packaged_body
    from training.reports.held_aside import held_check

    corpora = Corpora.load(paths.prepared)
    encoding = Encoding(packaged_body() / "tokenizer.json")
    groups = Groups(corpora, load_negatives(paths.prepared / "negatives.jsonl"), encoding, plan)
    (paths.run / "plan.json").write_text(json.dumps(asdict(plan), indent=1))
    print(json.dumps(groups.counts()), flush=True)
    check = held_check(corpora, groups, encoding, plan.seed)
    train_net(groups, plan, paths.run, start, check)


def calibrate(plan: Plan, paths: Paths, start: Path | None) -> None:
    """calibrate: how logits become probabilities, on questions held aside; also the loss curve."""
    from training.data.encoding import Encoding
    from training.data.groups import Groups
    from training.data.records import load_negatives
    from training.fitting.calibration import choose_share, fit, held_groups
    from training.network.model import packaged_body
    from training.network.scoring import torch_forward
    from training.reports.plots import draw_losses

    if (paths.run / "log.jsonl").exists():  # not so where --from names a single file
        draw_losses(paths.run / "log.jsonl", paths.run / "loss.svg")
    corpora = Corpora.load(paths.prepared)
    encoding = Encoding(packaged_body() / "tokenizer.json")
    groups = Groups(corpora, load_negatives(paths.prepared / "negatives.jsonl"), encoding, plan)
    scored = held_groups(
        corpora, groups, torch_forward(trained(plan, paths, start)), plan.seed, 0.5
    )
    weighing, figures = fit(scored)
    report = {
        "weighing": {name: round(value, 5) for name, value in weighing.items()},
        "chosen_share": choose_share(scored, weighing),
        "held": {name: round(value, 4) for name, value in figures.items()},
    }
    (paths.run / "calibration.json").write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1), flush=True)


def held(plan: Plan, paths: Paths, start: Path | None) -> None:
    """held: figures on all questions held aside, near misses by kind."""
    from training.data.encoding import Encoding
    from training.network.model import packaged_body
    from training.network.scoring import torch_forward
    from training.reports.held_aside import report

    corpora = Corpora.load(paths.prepared)
    encoding = Encoding(packaged_body() / "tokenizer.json")
    run = torch_forward(trained(plan, paths, start))
    table = report(corpora, encoding, run, plan.seed)
    (paths.run / "held.json").write_text(json.dumps(table, indent=1))
    print(json.dumps(table, indent=1), flush=True)


def trained(plan: Plan, paths: Paths, start: Path | None) -> ReaderNet:
    """The network of the checkpoint given, else of the run's own."""
    import torch

    from training.network.loop import load_net

    torch.set_num_threads(plan.threads)
    return load_net(plan, start or paths.run / "checkpoint").eval()


def export(plan: Plan, paths: Paths, start: Path | None) -> None:
    """export: float32 and shipped graphs, with tokenizer and reader.json, in the run's folder."""
    from training.network.export import compared, export_float, quantise_weights, ship
    from training.network.model import packaged_body

    folder = paths.run / "export"
    folder.mkdir(exist_ok=True)
    export_float(trained(plan, paths, start), paths.run / "float.onnx")
    quantise_weights(paths.run / "float.onnx", paths.run / "reader.onnx")
    fitted = json.loads((paths.run / "calibration.json").read_text())
    extra = {key: fitted[key] for key in ("weighing", "chosen_share")}
    tokenizer = packaged_body() / "tokenizer.json"
    ship(paths.run / "reader.onnx", tokenizer, folder, VERSION, extra)
    report = compared(paths.run / "float.onnx", folder / "reader.onnx", plan.threads, plan.seed)
    (paths.run / "export.json").write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1), flush=True)


def evaluate(plan: Plan, paths: Paths, start: Path | None) -> None:
    """evaluate: the exported file on the sets that give the text."""
    from tokenizers import Tokenizer

    from newsqa.models.onnx_reader import OnnxReader
    from training.reports.evaluation import evaluate as evaluate_reader
    from training.reports.evaluation import write

    folder = paths.run / "export"
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(texts: Sequence[str]) -> list[int]:
        return [len(c.ids) for c in tokenizer.encode_batch(texts, add_special_tokens=False)]

    share = json.loads((folder / "reader.json").read_text())["chosen_share"]
    write(evaluate_reader(OnnxReader.load(folder, threads=plan.threads), count, share), paths.run)


def card(plan: Plan, paths: Paths, start: Path | None) -> None:
    """card: MODEL.md and the loss curve, from the run's figures."""
    import shutil

    from newsqa.models.onnx_reader import WEIGHTS
    from training.reports.card import write_card

    write_card(plan, paths.run, WEIGHTS / "MODEL.md")
    shutil.copyfile(paths.run / "loss.svg", ROOT / "loss.svg")


Stage = Callable[[Plan, Paths, Path | None], None]
STAGES: dict[str, Stage] = {
    "data": prepare,
    "negatives": negatives,
    "train": train,
    "held": held,
    "calibrate": calibrate,
    "export": export,
    "evaluate": evaluate,
    "card": card,
}


def run_stages(names: list[str], plan: Plan, paths: Paths, start: Path | None) -> None:
    """Runs the named stages in their fixed order."""
    for name, stage in STAGES.items():
        if name in names:
            began = time.monotonic()
            print(f"stage {name}", flush=True)
            stage(plan, paths, start)
            print(f"stage {name} done in {time.monotonic() - began:.0f} s", flush=True)
