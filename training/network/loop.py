"""Training in parts of a given time: the rate has decayed to nothing when a part is over.

So every part ends with weights that can be shipped. A checkpoint is written every few minutes and
on SIGTERM or SIGINT; each can be exported as it is.
"""

from __future__ import annotations

import json
import math
import random
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training.data.groups import Groups, batches
from training.network.checkpoint import (
    WEIGHTS_FILE,
    Progress,
    load_moments,
    load_progress,
    load_weights,
    save,
)
from training.network.losses import forward, losses
from training.network.model import ReaderNet, load_body, packaged_body
from training.plan import MAX_MINUTES, ROOT, Plan

SHIPPED = ROOT.parent / "src" / "newsqa" / "models" / "weights" / "reader.onnx"
BODY = Path("body")  # as a start: the packaged sentence encoder, the heads at random


def load_net(plan: Plan, start: Path) -> ReaderNet:
    """Return the network with the weights of a checkpoint, a file or (BODY) the packaged body."""
    torch.manual_seed(plan.seed)
    net = ReaderNet()
    if start == BODY:
        load_body(net, packaged_body())
    else:
        net.load_state_dict(load_weights(start))
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


def train(
    groups: Groups,
    plan: Plan,
    run: Path,
    start: Path | None,
    check: Callable[[ReaderNet], dict[str, float]],
) -> None:
    """Train one part: the unfinished one of the run, else the next, from the last checkpoint.

    Without a checkpoint in the run the weights are those of ``start``, else the shipped ones.
    """
    torch.set_num_threads(plan.threads)
    last = run / "checkpoint"
    resumed = (last / WEIGHTS_FILE).exists()
    net = load_net(plan, last if resumed else start or SHIPPED)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net.to(device).train()
    optimiser = _optimiser(net, plan)
    done = load_progress(last) if resumed else Progress()
    if resumed and done.finished:
        done = replace(done, part=done.part + 1, seconds=0.0, finished=False)
    elif resumed:
        load_moments(last, optimiser)
    if plan.until:
        plan = replace(plan, minutes=(done.seconds + seconds_until(plan.until)) / 60)
    plan = replace(plan, minutes=min(plan.minutes, MAX_MINUTES))
    _Part(net, optimiser, plan, run, done, check).run(groups)


@dataclass(slots=True)
class Average:
    """The mean of the weights at some moments (Izmailov et al. 2018, stochastic averaging)."""

    count: int = 0
    _sums: dict[str, Tensor] = field(default_factory=dict)

    def add(self, net: ReaderNet) -> None:
        """Count the weights as they are now."""
        self.count += 1
        for name, value in net.state_dict().items():
            total = self._sums.get(name)
            self._sums[name] = value.detach().clone() if total is None else total + value

    def weights(self) -> dict[str, Tensor]:
        """Return the mean."""
        return {name: total / self.count for name, total in self._sums.items()}


class _Part:
    """The loop of one part, its log and its clock."""

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
        self.average = Average()
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
                self._save()
            if self.done.seconds - checked > 60 * self.plan.evaluate_minutes:
                checked = self._check()
        if not self.stopped:
            self._finish()
        self._save()

    def _save(self) -> None:
        save(self.folder / "checkpoint", self.net, self.optimiser, self.done)
        if self._elapsed() >= 1.0 - self.plan.averaged:
            self.average.add(self.net)

    def _finish(self) -> None:
        """Keep the mean of the last checkpoints where the check finds it no worse."""
        self.done.finished = True
        last = self.check(self.net)
        self._log({f"held_{k}": v for k, v in last.items()})
        if self.average.count < 2:
            return
        weights = {k: v.clone() for k, v in self.net.state_dict().items()}
        self.net.load_state_dict(self.average.weights())
        mean = self.check(self.net)
        self._log({f"mean_{k}": v for k, v in mean.items()})
        if sum(mean.values()) < sum(last.values()):
            self.net.load_state_dict(weights)

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
