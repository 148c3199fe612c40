"""Fits how logits become the probability that a sentence answers, on held-aside questions only.

Each question brings a passage that answers, some that do not, and its near misses; the logistic
model sees every sentence of them. The same rows give the plain figures printed with it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.data.encoding import Row
from training.data.groups import Groups
from training.data.records import Corpora
from training.data.sources import AUTHORED
from training.network.scoring import Forward, Read, read_rows
from training.reports.metrics import auroc

SETS = {
    "newsqa-dev": 230,
    "realtimeqa-2022-2023": 190,
    "squad-train-part": 250,
    "nq-gold": 150,
    "wikiqa": 120,
    "selqa": 100,
    "trecqa": 80,
    "squadshifts-new_wiki": 100,
    "multirc": 40,
    AUTHORED: 240,
    "squad2-unanswerable": 100,
}
FEATURES = ("evidence", "span", "relevance", "no_answer")


@dataclass(frozen=True, slots=True)
class Scored:
    """One held-aside group with what the reader said about its rows."""

    set: str
    rows: list[Row]
    reads: list[Read]


def held_groups(
    corpora: Corpora, groups: Groups, run: Forward, seed: int, share: float = 1.0
) -> list[Scored]:
    """Reads the held-aside questions of SETS, always the same ones for a seed."""
    rng = random.Random(seed)
    found: list[Scored] = []
    for name, limit in SETS.items():
        held = [q for q in corpora.questions if q.held and q.set == name and groups.knows(q)]
        for question in rng.sample(held, min(math.ceil(limit * share), len(held))):
            for rows in groups.bundle(question, rng):
                found.append(Scored(name, rows, read_rows(run, rows)))
    return found


def fit(scored: Sequence[Scored]) -> tuple[dict[str, float], dict[str, float]]:
    """The logistic model over all sentences, and how it does on the half not fitted.

    Returns:
        Weights (bias and FEATURES) fitted on all groups, and figures of a fit on the even groups
        measured on the odd ones.
    """
    half = _fitted([s for n, s in enumerate(scored) if n % 2 == 0])
    figures = measured([s for n, s in enumerate(scored) if n % 2 == 1], half)
    return _fitted(scored), figures


def _fitted(scored: Sequence[Scored]) -> dict[str, float]:
    from sklearn.linear_model import LogisticRegression

    features: list[tuple[float, ...]] = []
    labels: list[int] = []
    for group in scored:
        for row, read in zip(group.rows, group.reads, strict=True):
            for label, sentence in zip(row.labels, read.sentences, strict=True):
                if label >= 0:
                    features.append(_features(read, sentence))
                    labels.append(label)
    model = LogisticRegression(C=10.0, max_iter=2000)
    model.fit(np.array(features), np.array(labels))
    weights = dict(zip(FEATURES, (float(w) for w in model.coef_[0]), strict=True))
    return {"bias": float(model.intercept_[0]), **weights}


def _features(read: Read, sentence: tuple[int, float, float]) -> tuple[float, ...]:
    return sentence[1], sentence[2], read.relevance, read.no_answer


def probability(weights: dict[str, float], read: Read, sentence: tuple[int, float, float]) -> float:
    """The shipped reader's sentence score."""
    values = dict(zip(FEATURES, _features(read, sentence), strict=True))
    logit = weights["bias"] + sum(weights[name] * values[name] for name in FEATURES)
    return 1.0 / (1.0 + math.exp(-max(-13.0, min(13.0, logit))))


def measured(scored: Sequence[Scored], weights: dict[str, float]) -> dict[str, float]:
    """Sentence first (evidence alone, and weighed), refusal AUROC and calibration error."""
    first: list[tuple[bool, bool]] = []
    refusing: list[tuple[float, bool]] = []
    best: list[tuple[float, bool]] = []
    for group in scored:
        plain: list[tuple[float, int]] = []
        weighed: list[tuple[float, int]] = []
        for row, read in zip(group.rows, group.reads, strict=True):
            chances = [probability(weights, read, s) for s in read.sentences]
            known = [(c, n) for c, n in zip(chances, row.labels, strict=True) if n >= 0]
            if known:
                refusing.append((max(known)[0], row.answers))
                best.append((max(known)[0], max(known)[1] == 1))
            if not row.alone:
                plain += [(s[1], n) for s, n in zip(read.sentences, row.labels, strict=True)]
                weighed += list(zip(chances, row.labels, strict=True))
        if group.rows[0].answers:
            first.append((max(plain)[1] == 1, max(weighed)[1] == 1))
    return {
        "groups": len(scored),
        "first_by_evidence": float(np.mean([a for a, _ in first])),
        "first_weighed": float(np.mean([b for _, b in first])),
        "answers_auroc": auroc(refusing),
        "expected_calibration_error": expected_calibration_error(best),
    }


def choose_share(scored: Sequence[Scored], weights: dict[str, float]) -> float:
    """The share of the best score above which a sentence is chosen too: best F1 on multirc.

    Multirc's questions need two sentences or more, as those of a chosen set do.
    """
    best = (0.0, 1.0)
    for share in (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        values = [_chosen_f1(g, weights, share) for g in scored if g.set == "multirc"]
        if values and (mean := sum(values) / len(values)) > best[0]:
            best = (mean, share)
    return best[1]


def _chosen_f1(group: Scored, weights: dict[str, float], share: float) -> float:
    row, read = group.rows[0], group.reads[0]
    chances = [probability(weights, read, s) for s in read.sentences]
    chosen = [n for c, n in zip(chances, row.labels, strict=True) if c >= share * max(chances)]
    same = sum(n == 1 for n in chosen)
    return 2 * same / (len(chosen) + row.labels.count(1)) if same else 0.0


def expected_calibration_error(scored: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Mean gap between chance and share right over equally filled bins."""
    ranked = sorted(scored)
    parts = [p for p in np.array_split(np.array(ranked, dtype=float), bins) if len(p)]
    gaps = [abs(float(p[:, 0].mean() - p[:, 1].mean())) * len(p) for p in parts]
    return sum(gaps) / len(ranked)
