"""What was asked for and what was reached, in one table, from the results of the sets.

    python -m benchmarks.quality.floors

reads what `python -m benchmarks.quality.evaluate` left, and writes the table at the top.
Figures are of the half not used for choosing; the command, day and machine stand at each set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.lib import places, reporting
from benchmarks.quality import near_misses

Found = dict[str, Any]
REREAD = "fusion, first 12 reread"
QUIZZES = "realtimeqa-2025"


@dataclass(frozen=True, slots=True)
class Row:
    """One measure: its name, its set, how it is found there, the least asked, the goal."""

    measure: str
    place: str
    value: Callable[[Found], float]
    floor: float
    goal: float
    less: bool = False  # less is better


def _ranked(name: str, measure: str) -> Callable[[Found], float]:
    return lambda found: float(found["rankings"][name][measure])


def _ours(measure: str, part: str = "") -> Callable[[Found], float]:
    return lambda found: float((found[part] if part else found)["systems"]["newsqa"][measure])


def _off_corpus(measure: str) -> Callable[[Found], float]:
    return lambda found: float(found["off_corpus"]["newsqa"][measure])


def _near_miss(measure: str) -> Callable[[Found], float]:
    return lambda found: float(found["tables"][near_misses.INDEX]["all"][measure])


def _right(found: Found) -> float:
    right, of = found["right"]["newsqa"]
    return float(right / of)


ROWS = (
    Row("nDCG@10, reread", "time1963", _ranked(REREAD, "ndcg@10"), 0.69, 0.76),
    Row("MRR@10, fusion alone", QUIZZES, _ranked("fusion alone", "mrr@10"), 0.71, 0.76),
    Row("success@1, fusion alone", QUIZZES, _ranked("fusion alone", "success@1"), 0.61, 0.67),
    Row("MRR@10, first 12 reread", QUIZZES, _ranked(REREAD, "mrr@10"), 0.74, 0.83),
    Row("success@1, first 12 reread", QUIZZES, _ranked(REREAD, "success@1"), 0.65, 0.76),
    Row("answer in a quote", QUIZZES, _ours("answer_in_quote"), 0.60, 0.75),
    Row("answer in the first quote", QUIZZES, _ours("answer_in_first_quote"), 0.42, 0.62),
    Row("right sentence first", "newsqa-a", _ours("sentence_top1", "newsqa-a"), 0.64, 0.76),
    Row("span F1", "newsqa-a", _ours("span_f1", "newsqa-a-spans"), 0.45, 0.62),
    Row("right sentence first", "squad2-a", _ours("sentence_top1", "squad2-a"), 0.91, 0.95),
    Row("span F1", "squad2-a", _ours("span_f1", "squad2-a"), 0.64, 0.78),
    Row("AUROC, reader alone", "squad2-a", _ours("reader_auroc", "squad2-a"), 0.68, 0.82),
    Row("AUROC of the confidence", "squad2-a", _ours("auroc", "squad2-a"), 0.68, 0.82),
    Row("selection F1", "clapnq-a", _ours("selection_f1", "clapnq-a"), 0.45, 0.62),
    Row("AUROC of the confidence", "clapnq-a", _ours("auroc", "clapnq-a"), 0.80, 0.92),
    Row("rejected at 5%", QUIZZES, _ours("rejection_at_5"), 0.60, 0.90),
    Row("rejected at 5%", "multihop-null-a", _off_corpus("rejection_at_5"), 0.60, 0.90),
    Row("AUROC of the confidence", QUIZZES, _ours("auroc"), 0.85, 0.96),
    Row("AUROC of the confidence", "multihop-null-a", _off_corpus("auroc"), 0.85, 0.96),
    Row("precision at 80%", QUIZZES, _ours("precision_at_80"), 0.75, 0.92),
    Row("ECE", QUIZZES, _ours("ece"), 0.08, 0.03, less=True),
    Row("first quote right, an index", "nearmiss-a", _near_miss("first_right"), 0.80, 0.88),
    Row("AUROC of the confidence, an index", "nearmiss-a", _near_miss("auroc"), 0.84, 0.92),
    Row("rejected at 5%, an index", "nearmiss-a", _near_miss("rejection_at_5"), 0.50, 0.70),
    Row("right, of its ten questions", "seed", _right, 0.90, 1.00),
    Row("right, without follow-ups, time, who said what", "sample", _right, 0.85, 0.95),
    *(
        Row("exact citations", name, _ours("citation_exactness"), 1.00, 1.00)
        for name in (QUIZZES, "time1963", "sample", "seed")
    ),
    Row("seconds of `ask`, p50", QUIZZES, _ours("seconds_p50"), 0.5, 0.3, less=True),
    Row("seconds of `ask`, p95", QUIZZES, _ours("seconds_p95"), 1.2, 0.7, less=True),
)


def table(saved: Callable[[str], Found | None] = places.saved) -> str:
    """Return the table in Markdown; a set that was not measured has no row."""
    lines = ["| measure | set | floor | goal | reached | |", "|---|---|--:|--:|--:|---|"]
    for row in ROWS:
        found = saved(row.place)
        if found is None:
            continue
        value = row.value(found)
        met = value <= row.floor if row.less else value >= row.floor
        cells = [row.measure, row.place, *(_shown(row, n) for n in (row.floor, row.goal, value))]
        lines.append(f"| {' | '.join(cells)} | {'' if met else 'missed'} |")
    return "\n".join(lines)


def _shown(row: Row, value: float) -> str:
    if row.measure.startswith("seconds"):
        return f"{value:.2f}"
    return f"{value:.3f}".removeprefix("0")


def main() -> None:
    """Print the table and put it on the page."""
    found = table()
    print(found)
    reporting.put("floors", found)


if __name__ == "__main__":
    main()
