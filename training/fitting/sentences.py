"""Fits the four weights of the model-free reader on training questions, by a small grid.

    python -m training.fitting.sentences [--rows 400]

The text is given; the measure is how often the best sentence is a right one. Half of the
questions choose, the other half is reported. Sets: newsqa-dev and squad-train-sentences.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
from collections import Counter
from math import log
from pathlib import Path
from typing import Any

import numpy as np

from newsqa.models import open_encoder
from newsqa.question.kinds import Kind, answers_of
from newsqa.question.query import Query
from newsqa.settings import load
from newsqa.text.analysis import content_terms

SETS = ("newsqa-dev", "squad-train-sentences")
OVERLAP = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
AROUND = (0.0, 0.2, 0.4, 0.8)
KIND = (0.0, 0.1, 0.2, 0.3)


def main() -> None:
    """Print the best weights of each set and of both together, with the held-out figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=400)
    options.add_argument("--shared", type=Path, default=Path("../shared"))
    given = options.parse_args()
    features = {name: _features(given.shared, name, given.rows) for name in SETS}
    scores: dict[tuple[float, ...], list[tuple[float, float]]] = {}
    for weights in itertools.product(OVERLAP, AROUND, KIND):
        scores[weights] = [_top1(features[name], (1.0, *weights)) for name in SETS]
    best = max(scores, key=lambda w: sum(chosen for chosen, _ in scores[w]))
    print("weights: overlap, around, kind; (chosen half, other half) of", SETS)
    for weights in sorted(scores, key=lambda w: -sum(c for c, _ in scores[w]))[:8]:
        print(weights, scores[weights])
    print("cosine alone", [_top1(features[name], (1.0, 0.0, 0.0, 0.0)) for name in SETS])
    print("overlap alone", [_top1(features[name], (0.0, 1.0, 0.0, 0.0)) for name in SETS])
    print("best", best, scores[best])


def _features(shared: Path, name: str, rows: int) -> list[tuple[Any, Any]]:
    path = shared / "data" / "train" / name / "sentences.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    counts = Counter(t for r in records for s in set(r["sentences"]) for t in set(content_terms(s)))
    total = sum(len(r["sentences"]) for r in records)
    sample = random.Random(7).sample([r for r in records if any(r["labels"])], rows)
    settings = load()
    encoder = open_encoder(settings.encoder, threads=2, cache_dir=settings.cache_dir)
    made = []
    for record in sample:
        vectors = encoder.encode_passages(record["sentences"])
        cosine = vectors @ encoder.encode_questions([record["question"]])[0]
        weights = {t: log(1 + total / (0.5 + counts[t])) for t in content_terms(record["question"])}
        made.append((_rows(record, weights, cosine), np.array(record["labels"], dtype=bool)))
    return made


def _rows(record: dict[str, Any], weights: dict[str, float], cosine: Any) -> Any:
    sentences, query = record["sentences"], Query.of(record["question"])
    own = [set(content_terms(s)) for s in sentences]
    whole = sum(weights.values()) or 1.0
    rows = []
    for at, sentence in enumerate(sentences):
        around = set().union(*own[max(0, at - 1) : at + 2])
        rows.append(
            (
                max(0.0, float(cosine[at])),
                sum(w for t, w in weights.items() if t in own[at]) / whole,
                sum(w for t, w in weights.items() if t in around) / whole,
                float(
                    query.kind is Kind.OTHER or bool(answers_of(query.kind, sentence, query.words))
                ),
            )
        )
    return np.array(rows)


def _top1(features: list[tuple[Any, Any]], weights: tuple[float, ...]) -> tuple[float, float]:
    right = [bool(labels[int(np.argmax(rows @ np.array(weights)))]) for rows, labels in features]
    return float(np.mean(right[::2])), float(np.mean(right[1::2]))


if __name__ == "__main__":
    main()
