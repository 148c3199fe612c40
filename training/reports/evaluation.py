"""The reader on the given-text evaluation sets: figures as JSON and as a markdown table.

Evaluation only. The texts are cut as in an index; the reader is the exported file, loaded as the
product loads it. Nothing is chosen here: `chosen_share` comes with the reader, fitted on
held-aside training questions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.lib.reading_only import Given, ranked
from benchmarks.quality.given_texts import LOADERS
from newsqa import settings
from newsqa.index import chunking as passages
from newsqa.protocols import Reader
from newsqa.types import Candidate, Passage, Span
from training.data.wording import normal, span_f1
from training.reports.metrics import auroc, average_precision, reciprocal_rank

FLOORS: dict[str, dict[str, float]] = {
    "newsqa-a": {"sentence_first": 0.64},
    "newsqa-a-spans": {"span_f1": 0.45},
    "squad2-a": {"sentence_first": 0.91, "span_f1": 0.64, "no_answer_auroc": 0.68},
    "trecqa-a": {},
    "clapnq-a": {"selection_f1": 0.45, "no_answer_auroc": 0.80},
}

Values = dict[str, list[float]]


def evaluate(reader: Reader, count: Callable[[Sequence[str]], list[int]], share: float) -> Any:
    """Every set's figures; `share` of the best sentence's score makes a sentence chosen."""
    results: dict[str, dict[str, float]] = {}
    for name, load in LOADERS.items():
        items = load()
        values: Values = {}
        beliefs: dict[str, list[tuple[float, bool]]] = {}
        for item in items:
            found = reader.read(item.question, cut(item, count, loose=name.startswith("trecqa")))
            for key, value in measured(item, found, share).items():
                values.setdefault(key, []).append(value)
            for key, belief in believed(found).items():
                beliefs.setdefault(key, []).append((belief, item.answerable))
        results[name] = {"questions": float(len(items))}
        results[name] |= {k: sum(v) / len(v) for k, v in values.items()}
        if any(not item.answerable for item in items):
            results[name] |= {f"{k}_auroc": auroc(v) for k, v in beliefs.items()}
        print(json.dumps({name: {k: round(v, 4) for k, v in results[name].items()}}), flush=True)
    return results


def cut(item: Given, count: Callable[[Sequence[str]], list[int]], loose: bool) -> list[Passage]:
    """Passages as an index has them; sentences from many articles are read one by one."""
    if loose:
        return [Passage.of(item.article, span, (span,)) for span in item.sentences]
    usual = settings.load()
    return passages.split(
        item.article,
        item.sentences,
        count_tokens=count,
        max_tokens=usual.passage_tokens,
        overlap=usual.overlap_sentences,
    )


def believed(found: Sequence[Candidate]) -> dict[str, float]:
    """Ways to believe that the text answers, higher for yes."""
    return {
        "no_answer": max(-c.no_answer for c in found),
        "relevance": max(c.relevance for c in found),
        "best_sentence": max(score for c in found for _, score in c.sentences),
    }


def measured(item: Given, found: Sequence[Candidate], share: float) -> dict[str, float]:
    """What one question adds to the means."""
    values: dict[str, float] = {}
    right = frozenset().union(*item.right)
    if right:
        order = ranked(item, found)
        labels = [(float(-n), number in right) for n, number in enumerate(order)]
        values["sentence_first"] = float(labels[0][1])
        values["sentence_mrr"] = reciprocal_rank(labels)
        values["sentence_map"] = average_precision(labels)
        chosen = selected(item, found, share)
        values["selection_f1"] = max(set_f1(chosen, gold) for gold in item.right)
        values["selected"] = float(len(chosen))
    if item.answers:
        best = max(found, key=lambda c: max(score for _, score in c.sentences))
        words = best.answer.cut(item.article.body) if best.answer else ""
        values["span_em"] = max(float(normal(words) == normal(a)) for a in item.answers)
        values["span_f1"] = max(span_f1(words, a) for a in item.answers)
    return values


def selected(item: Given, found: Sequence[Candidate], share: float) -> frozenset[int]:
    """Sentences that score at least `share` of the best one."""
    best: dict[Span, float] = {}
    for candidate in found:
        for span, score in candidate.sentences:
            best[span] = max(score, best.get(span, 0.0))
    top = max(best.values())
    return frozenset(
        n for n, span in enumerate(item.sentences) if best.get(span, -1) >= share * top
    )


def set_f1(chosen: frozenset[int], gold: frozenset[int]) -> float:
    """F1 of two sets of sentences."""
    same = len(chosen & gold)
    return 2 * same / (len(chosen) + len(gold)) if same else 0.0


def write(results: dict[str, dict[str, float]], folder: Path) -> None:
    """figures.json, and figures.md beside the floors."""
    (folder / "figures.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    lines = ["| set | figure | value | floor |", "|---|---|--:|--:|"]
    for name, figures in results.items():
        for key, value in figures.items():
            floor = FLOORS[name].get(key)
            shown = f"{value:.0f}" if key == "questions" else f"{value:.3f}"
            lines.append(f"| {name} | {key} | {shown} | {floor if floor else ''} |")
    (folder / "figures.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
