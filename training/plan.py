"""Numbers of a training run. Shares and limits are of questions; lengths are tokens."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

VERSION = "3"
ROOT = Path(__file__).resolve().parent
# Large and ignored by git; elsewhere where NEWSQA_RUNS says so.
RUNS = Path(os.environ.get("NEWSQA_RUNS", ROOT / "runs"))

# set -> (share of bundles at the start, at the end, questions used at most)
MIX: dict[str, tuple[float, float, int]] = {
    "authored-news": (0.34, 0.38, 10_000),
    "squad2-unanswerable": (0.14, 0.14, 10_000),
    "squad-train-part": (0.17, 0.15, 6_000),
    "newsqa-dev": (0.10, 0.10, 3_000),
    "realtimeqa-2022-2023": (0.06, 0.06, 2_000),
    "newsquiz-silver": (0.03, 0.03, 6_000),
    "timeqa-human": (0.04, 0.04, 6_000),
    "ace-whqa": (0.01, 0.01, 1_000),
    "condaqa-unknown": (0.01, 0.01, 1_000),
    "nq-gold": (0.03, 0.03, 1_500),
    "tydiqa-en": (0.02, 0.02, 1_500),
    "afriqa-en": (0.02, 0.01, 1_000),
    "wikiqa": (0.01, 0.01, 1_500),
    "selqa": (0.01, 0.01, 800),
    "multirc": (0.01, 0.01, 700),
}
# Sets whose questions without an answer were written, or judged, to look answerable.
NEAR_MISSES = {
    "authored-news",
    "squad2-unanswerable",
    "timeqa-human",
    "newsquiz-silver",
    "ace-whqa",
    "condaqa-unknown",
}
# The archive that hard passages are retrieved from: texts of a set at most.
ARCHIVE = {
    "authored-news": 2_300,
    "newsqa-dev": 100,
    "realtimeqa-2022-2023": 150,
    "squad-train-part": 600,
    "nq-gold": 250,
    "tydiqa-en": 150,
    "afriqa-en": 100,
    "wikiqa": 100,
    "selqa": 100,
}
MAX_MINUTES = 100.0  # of one part: its rate falls to nothing at its end


@dataclass(frozen=True, slots=True)
class Plan:
    """One part of a run: how long, how large the steps, what weighs how much."""

    minutes: float = 80.0
    questions: int = 10_000  # of a set at most, where MIX allows more
    until: str = ""  # HH:MM of today; replaces `minutes` when training begins
    seed: int = 20261130
    threads: int = 2
    step_tokens: int = 2_400
    bucket_rows: int = 8
    rate: float = 1e-4
    head_rate: float = 2e-4
    warm_up: float = 0.05
    decay: float = 0.01
    averaged: float = 0.3  # the last share of a part whose checkpoints are averaged
    frozen_layers: int = 2
    dropout: float = 0.1
    checkpoint_minutes: float = 5.0
    evaluate_minutes: float = 45.0
    bf16: bool = True
    losses: dict[str, float] = field(
        default_factory=lambda: {
            "sentence": 1.0,
            "sentence_yes": 1.0,
            "passage": 0.5,
            "relevance": 0.3,
            "no_answer": 1.5,
            "span": 1.0,
            "rank": 1.0,
            "rank_evidence": 0.5,
            "decoy": 0.3,
        }
    )


MAX_QUESTION = 40
MAX_HEADER = 28
MAX_SENTENCE = 110
MAX_TOKENS = 256
READ_QUESTION = 96  # the shipped reader keeps both ends of a longer question
