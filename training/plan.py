"""Numbers of a training run. Shares and limits are of questions; lengths are tokens."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

VERSION = "2"
ROOT = Path(__file__).resolve().parent
# Large and ignored by git; elsewhere where NEWSQA_RUNS says so.
RUNS = Path(os.environ.get("NEWSQA_RUNS", ROOT / "runs"))

# set -> (share of groups at the start, at the end, questions used at most)
MIX: dict[str, tuple[float, float, int]] = {
    "newsqa-dev": (0.24, 0.24, 10_000),
    "realtimeqa-2022-2023": (0.13, 0.16, 10_000),
    "squad-train-part": (0.28, 0.26, 20_000),
    "squadshifts-new_wiki": (0.09, 0.09, 8_000),
    "nq-gold": (0.07, 0.07, 4_000),
    "qed": (0.01, 0.01, 2_000),
    "qamr": (0.02, 0.01, 5_000),
    "wikiqa": (0.04, 0.04, 4_000),
    "selqa": (0.03, 0.03, 3_000),
    "multirc": (0.02, 0.03, 1_000),
    "trecqa": (0.02, 0.02, 2_000),
    "trecqa-negex": (0.02, 0.02, 6_000),
    "squad-train-sentences": (0.02, 0.01, 10_000),
    "squadshifts-reddit": (0.005, 0.0, 2_000),
    "squadshifts-amazon_reviews": (0.005, 0.0, 1_500),
    "tweetqa": (0.005, 0.0, 1_500),
    "ester": (0.005, 0.005, 1_000),
    "qadiscourse": (0.005, 0.005, 1_500),
    "fairytaleqa": (0.005, 0.0, 1_500),
    "mrqa-small": (0.005, 0.005, 1_000),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One run: how long, how large the steps, what weighs how much."""

    minutes: float = 80.0
    until: str = ""  # HH:MM of today; replaces `minutes` when training begins
    seed: int = 20240501
    threads: int = 2
    step_tokens: int = 1_600
    bucket_rows: int = 8
    rate: float = 1e-4
    head_rate: float = 3e-4
    warm_up: float = 0.06
    decay: float = 0.01
    frozen_layers: int = 1
    dropout: float = 0.1
    checkpoint_minutes: float = 5.0
    evaluate_minutes: float = 25.0
    bf16: bool = True
    losses: dict[str, float] = field(
        default_factory=lambda: {
            "sentence": 1.0,
            "sentence_yes": 1.0,
            "passage": 0.5,
            "relevance": 0.3,
            "no_answer": 1.0,
            "span": 1.0,
        }
    )


MAX_QUESTION = 40
MAX_HEADER = 28
MAX_SENTENCE = 110
MAX_TOKENS = 256
READ_QUESTION = 96  # the shipped reader keeps both ends of a longer question
