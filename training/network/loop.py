"""Trains for a given time, so that the rate has decayed to nothing when the time is over.

A checkpoint is written every few minutes and on SIGTERM or SIGINT; each can be exported as it is.
"""

from __future__ import annotations

import json
import math
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from training.data.groups import Groups, batches
from training.network.losses import forward, losses
from training.network.model import ReaderNet, load_body, packaged_body
from training.plan import Plan

WEIGHTS_FILE = "weights.safetensors"
STATE_FILE = "state.json"


@dataclass(slots=True)
class Progress:
    """What is kept beside the weights: time used, steps, groups and tokens seen."""

    seconds: float = 0.0
    steps: int = 0
    groups: int = 0
    sequences: int = 0
    tokens: int = 0


def fresh(plan: Plan, start: Path | None) -> ReaderNet:
    """The network: from a checkpoint folder where one is given, else from the packaged body."""
    torch.manual_seed(plan.seed)
    net = ReaderNet()
    if start is None:
        load_body(net, packaged_body())
    else:
        net.load_state_dict(load_file(start / WEIGHTS_FILE))
    net.freeze(plan.frozen_layers, plan.dropout)
    return net


def seconds_until(clock: str) -> float:
    """Seconds from now to HH:MM of today, at least one minute."""
    hour, minute = (int(part) for part in clock.split(":"))
    now = datetime.now()
    then = now.replace(hour=hour, minute=minute, second=0)
    return max(60.0, (then - now).total_seconds())


def rate_factor(elapsed: float, warm_up: float) -> float:
    """Of the highest rate: linear up, then linear down to 2% at the end."""
    if elapsed < warm_up:
        return 0.05 + 0.95 * elapsed / warm_up
    return max(0.02, 1.0 - (elapsed - warm_up) / (1.0 - warm_up))


def save(folder: Path, net: ReaderNet, optimiser: torch.optim.Optimizer, done: Progress) -> None:
    """Writes a checkpoint: weights last, each by rename."""
    folder.mkdir(parents=True, exist_ok=True)
    moments: dict[str, torch.Tensor] = {}
    for n, parameter in enumerate(p for g in optimiser.param_groups for p in g["params"]):
        for name, value in optimiser.state.get(parameter, {}).items():
            moments[f"{n}.{name}"] = value.detach().clone().contiguous()
    save_file(moments, folder / "optimiser.part")
    os.replace(folder / "optimiser.part", folder / "optimiser.safetensors")
    (folder / "state.part").write_text(json.dumps(asdict(done)))
    os.replace(folder / "state.part", folder / STATE_FILE)
    save_file({k: v.contiguous() for k, v in net.state_dict().items()}, folder / "weights.part")
    os.replace(folder / "weights.part", folder / WEIGHTS_FILE)


def _optimiser(net: ReaderNet, plan: Plan) -> torch.optim.Optimizer:
    heads: list[Tensor] = []
    body: list[Tensor] = []
    plain: list[Tensor] = []
    for name, parameter in net.named_parameters():
        if not parameter.requires_grad:
            continue
        if "head" in name:
            heads.append(parameter)
        else:
            (plain if parameter.ndim == 1 else body).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": body, "lr": plan.rate, "weight_decay": plan.decay, "top": plan.rate},
            {"params": plain, "lr": plan.rate, "weight_decay": 0.0, "top": plan.rate},
            {"params": heads, "lr": plan.head_rate, "weight_decay": 0.0, "top": plan.head_rate},
        ],
        betas=(0.9, 0.98),
        fused=True,
    )


def _resume(folder: Path, optimiser: torch.optim.Optimizer) -> Progress:
    moments = load_file(folder / "optimiser.safetensors")
    for n, parameter in enumerate(p for g in optimiser.param_groups for p in g["params"]):
        names = [k for k in moments if k.startswith(f"{n}.")]
        if names:
            # A fused step wants its moments, and its count of steps, where the weights are.
            kept = {k.split(".", 1)[1]: moments[k].to(parameter.device) for k in names}
            optimiser.state[parameter] = kept
    return Progress(**json.loads((folder / STATE_FILE).read_text()))


def train(
    groups: Groups,
    plan: Plan,
    run: Path,
    start: Path | None,
    check: Callable[[ReaderNet], dict[str, float]],
) -> None:
    """Trains until the planned minutes are used, over as many starts as it takes."""
    torch.set_num_threads(plan.threads)
    last = run / "checkpoint"
    going_on = (last / WEIGHTS_FILE).exists()
    net = fresh(plan, last if going_on else start)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net.to(device).train()
    optimiser = _optimiser(net, plan)
    done = _resume(last, optimiser) if going_on else Progress()
    if plan.until:
        plan = replace(plan, minutes=(done.seconds + seconds_until(plan.until)) / 60)
    session = _Session(net, optimiser, plan, run, done, check)
    session.run(groups)


class _Session:
    """The loop, its log and its clock."""

    def __init__(
        self,
        net: ReaderNet,
        optimiser: torch.optim.Optimizer,
        plan: Plan,
        run: Path,
        done: Progress,
        check: Callable[[ReaderNet], dict[str, float]],
    ) -> None:
        self.net, self.optimiser, self.plan, self.folder = net, optimiser, plan, run
        self.done, self.check = done, check
        self.stopped = False
        self.sums: dict[str, float] = {}
        self.counts: dict[str, int] = {}

    def run(self, groups: Groups) -> None:
        """Steps until the time is over or somebody stops it; then a last checkpoint."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        rng = random.Random(self.plan.seed + self.done.steps)
        elapsed = [self._elapsed()]
        stream = batches(groups, self.plan, rng, elapsed)
        saved = checked = logged = self.done.seconds
        while self._elapsed() < 1.0 and not self.stopped:
            began = time.monotonic()
            elapsed[0] = self._elapsed()
            self._step(next(stream), elapsed[0])
            self.done.seconds += time.monotonic() - began
            if self.done.seconds - logged > 20:
                logged = self.done.seconds
                self._log({})
            if self.done.seconds - saved > 60 * self.plan.checkpoint_minutes:
                saved = self.done.seconds
                save(self.folder / "checkpoint", self.net, self.optimiser, self.done)
            if self.done.seconds - checked > 60 * self.plan.evaluate_minutes:
                checked = self._check()
        save(self.folder / "checkpoint", self.net, self.optimiser, self.done)
        self._log({})

    def _check(self) -> float:
        began = time.monotonic()
        figures = self.check(self.net)
        self.net.train()
        self.done.seconds += time.monotonic() - began
        self._log({f"held_{k}": v for k, v in figures.items()})
        return self.done.seconds

    def _stop(self, *_: Any) -> None:
        self.stopped = True

    def _elapsed(self) -> float:
        return self.done.seconds / (60 * self.plan.minutes)

    def _step(self, batch: list[Any], elapsed: float) -> None:
        rows = [row for group in batch for row in group]
        scores = forward(self.net, rows, self.plan.bucket_rows, self.plan.bf16)
        parts = losses(scores, batch)
        total = torch.stack([self.plan.losses[name] * value for name, value in parts.items()]).sum()
        total.backward()  # type: ignore[no-untyped-call]
        kept = [p for g in self.optimiser.param_groups for p in g["params"]]
        norm = torch.nn.utils.clip_grad_norm_(kept, 1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = group["top"] * rate_factor(elapsed, self.plan.warm_up)
        if math.isfinite(float(norm)):
            self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.done.steps += 1
        self.done.groups += len(batch)
        self.done.sequences += len(rows)
        self.done.tokens += sum(len(r.ids) for r in rows)
        for name, value in {**parts, "norm": norm}.items():
            self.sums[name] = self.sums.get(name, 0.0) + float(value.detach())
            self.counts[name] = self.counts.get(name, 0) + 1

    def _log(self, extra: dict[str, float]) -> None:
        row: dict[str, float] = {**asdict(self.done), "elapsed": round(self._elapsed(), 4)}
        row |= {k: round(v / self.counts[k], 4) for k, v in self.sums.items()}
        row |= {k: round(v, 4) for k, v in extra.items()}
        row["clock"] = round(time.time())
        self.sums, self.counts = {}, {}
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as out:
            out.write(json.dumps(row) + "\n")
        print(json.dumps(row), flush=True)
