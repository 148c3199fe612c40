"""Measure question sets: `newsqa eval`, from sets to a table of metrics."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from newsqa.errors import QuestionSetError
from newsqa.evaluation.index_cache import cached_index
from newsqa.evaluation.metrics import Interval, paired_difference
from newsqa.evaluation.question_sets import QuestionSet, read_set
from newsqa.evaluation.run import Row, read_rows, run, write_rows
from newsqa.evaluation.scoring import per_question as values_of
from newsqa.evaluation.scoring import score
from newsqa.protocols import Progress
from newsqa.settings import Settings

Results: TypeAlias = dict[str, dict[str, float]]
SEED = 20240229  # of the bootstrap: the same rows give the same interval


def evaluate(
    folders: Sequence[Path],
    *,
    corpus: Path | None = None,
    settings: Settings,
    per_question: Path | None = None,
    against: Path | None = None,
    progress: Progress | None = None,
) -> Results:
    """Ask every question of every set and return ``{set: {metric: value}}``.

    A set whose questions have kinds also gets an entry ``set/kind`` for each. With ``against``,
    every metric that a set shares with the other run gets ``metric difference`` (ours less
    theirs) and, where the questions of that run are known, ``metric difference low`` and ``high``:
    the ends of the paired 95% bootstrap interval.

    Args:
        folders: Question sets of the common form.
        corpus: Where the articles are, for all sets; else each set has its own.
        settings: Encoder, reader and thresholds; the index goes under ``cache_dir``.
        per_question: Where to write the rows, as JSON lines.
        against: Rows of another run (``per_question``), or its results as JSON.

    Raises:
        QuestionSetError: A folder is not a question set, or ``against`` is no run.
    """
    sets = [read_set(folder, corpus=corpus) for folder in folders]
    other = read_run(against) if against else None
    results: Results = {}
    rows: list[Row] = []
    for questions in sets:
        with cached_index(questions.paths, settings, progress) as opened:
            asked = list(run(opened.qa, questions, progress, unbound=opened.unbound))
        rows += asked
        results |= scores_by_kind(questions, asked)
        if other is not None:
            results[questions.name] |= differences(questions, asked, other)
    if per_question:
        write_rows(rows, per_question)
    return results


def scores_by_kind(questions: QuestionSet, rows: Sequence[Row]) -> Results:
    """Return the scores of a set, then those of each kind of question apart."""
    results = {questions.name: score(questions, rows)}
    kinds = list(dict.fromkeys(q.kind for q in questions.questions if q.kind))
    for kind in kinds if len(kinds) > 1 else []:
        part = questions.narrowed([q for q in questions.questions if q.kind == kind])
        results[f"{questions.name}/{kind}"] = score(part, rows)
    return results


def read_run(path: Path) -> list[Row] | Results:
    """Read another run: rows, or the results that ``--json`` printed.

    Raises:
        QuestionSetError: The file is neither.
    """
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise QuestionSetError(f"{path}: {error.strerror}") from None
    except ValueError:  # several lines: rows
        return read_rows(path)
    if isinstance(whole, dict) and "reply" in whole:
        return read_rows(path)
    if not isinstance(whole, dict) or not all(isinstance(v, dict) for v in whole.values()):
        raise QuestionSetError(f"{path}: neither rows of --per-question nor results of --json")
    return whole


def differences(
    questions: QuestionSet, rows: Sequence[Row], other: list[Row] | Results
) -> dict[str, float]:
    """Return what ``rows`` gain over another run of the same set; see `evaluate`."""
    if isinstance(other, dict):
        theirs = other.get(questions.name, {})
        ours = score(questions, rows)
        shared = [name for name in ours if name in theirs and name != "questions"]
        return {f"{name} difference": ours[name] - theirs[name] for name in shared}
    flat: dict[str, float] = {}
    for name, gap in paired(questions, rows, other).items():
        flat[f"{name} difference"] = gap.value
        flat[f"{name} difference low"] = gap.low
        flat[f"{name} difference high"] = gap.high
    return flat


def paired(
    questions: QuestionSet, rows: Iterable[Row], other: Iterable[Row]
) -> dict[str, Interval]:
    """Return the difference of every metric that is a mean, over the questions both runs have."""
    ours = values_of(questions, list(rows))
    theirs = values_of(questions, [row for row in other if _of_set(row, questions.name)])
    random = np.random.default_rng(SEED)
    intervals: dict[str, Interval] = {}
    for name in ours:
        ids = [question for question in ours[name] if question in theirs.get(name, {})]
        if ids:
            intervals[name] = paired_difference(
                [ours[name][i] for i in ids], [theirs[name][i] for i in ids], random
            )
    return intervals


def _of_set(row: Mapping[str, object], name: str) -> bool:
    return row.get("set", name) == name
