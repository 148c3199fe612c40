"""BM25 over training passages, in numpy: exact, deterministic, no index on disk."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence

import numpy as np

from training.data.wording import content_words


class Bm25:
    """Okapi BM25, k1 .9 and b .4, over texts numbered from 0."""

    def __init__(self, texts: Sequence[str], k1: float = 0.9, b: float = 0.4) -> None:
        ids: dict[str, array[int]] = {}
        counts: dict[str, array[float]] = {}
        lengths = np.zeros(len(texts), dtype=np.float32)
        for n, text in enumerate(texts):
            found = Counter(content_words(text))
            lengths[n] = sum(found.values())
            for word, times in found.items():
                ids.setdefault(word, array("i")).append(n)
                counts.setdefault(word, array("f")).append(times)
        self._ids, self._counts, self._size = ids, counts, len(texts)
        self._norm = k1 * (1 - b + b * lengths / max(float(lengths.mean()), 1.0))

    def best(self, question: str, depth: int, common: int = 60_000) -> list[tuple[int, float]]:
        """The `depth` best texts, best first; words in more than `common` texts do not count."""
        scores = np.zeros(self._size, dtype=np.float32)
        for word in sorted(set(content_words(question))):
            if word not in self._ids or len(self._ids[word]) > common:
                continue
            rows = np.frombuffer(self._ids[word], dtype=np.int32)
            times = np.frombuffer(self._counts[word], dtype=np.float32)
            weight = np.log(1 + (self._size - len(rows) + 0.5) / (len(rows) + 0.5))
            scores[rows] += weight * times / (times + self._norm[rows])
        depth = min(depth, self._size)
        top = np.argpartition(-scores, depth - 1)[:depth]
        ranked = sorted((int(n) for n in top), key=lambda n: (-float(scores[n]), n))
        return [(n, float(scores[n])) for n in ranked if scores[n] > 0]
