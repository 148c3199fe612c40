"""Sets of the common form: ours and the baselines beside it, on the half that is reported."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.lib import baselines, places
from newsqa.evaluation.harness import Results, paired, scores_by_kind
from newsqa.evaluation.index_cache import Opened, cached_index
from newsqa.evaluation.metrics import (
    RANKING,
    auroc,
    calibration_bins,
    rank_articles,
    rejected_at,
    risk_coverage,
)
from newsqa.evaluation.question_sets import Question, QuestionSet, halves, read_set
from newsqa.evaluation.run import Row, read_rows, run, write_rows
from newsqa.evaluation.scoring import judged, score
from newsqa.models import open_encoder, open_reader
from newsqa.protocols import Progress
from newsqa.settings import Settings

SEED = 1963
OURS, MODEL_FREE = "newsqa", "model-free reader"
APART = {"followup", "time", "said"}  # kinds of the sample's questions that are counted apart


@dataclass(frozen=True)
class Plan:
    """One set: where it is, where its articles are, and whether all of it is reported."""

    folder: Path
    corpus: Path | None = None
    whole: bool = False


SAMPLE = places.PROJECT / "tests" / "data" / "sample"
PLANS = {
    "seed": Plan(places.SETS / "seed", whole=True),
    "time1963": Plan(places.SETS / "time1963", whole=True),
    "realtimeqa-2025": Plan(places.SETS / "realtimeqa-2025"),
    "multihop-null-a": Plan(places.SETS / "multihop-null-a", places.SETS / "realtimeqa-2025"),
    "sample": Plan(SAMPLE, places.PROJECT / "corpus", whole=True),
}


def evaluate(
    name: str, settings: Settings, progress: Progress, *, half: bool = False
) -> dict[str, Any]:
    """Run every system on one set and return the results by system, with what the plots need.

    With ``half`` only the questions that are reported are asked.
    """
    plan = PLANS[name]
    questions = read_set(plan.folder, corpus=plan.corpus)
    questions = QuestionSet(name, questions.questions, questions.paths, questions.qrels)
    part = questions if plan.whole else questions.narrowed(halves(questions.questions)[1])
    questions = part if half else questions
    began = time.monotonic()
    with cached_index(questions.paths, settings, progress) as opened:
        building = time.monotonic() - began
        found = _run(opened, questions, settings, progress)
        rankings = _rankings(opened, part, progress)
        rows = found[OURS]
        answered = _baselines(opened, rows)
        passages = len(opened.qa.index.snapshot())
    for system, of in found.items():
        _keep(name, system, of)
    ranked = {s: baselines.ranking_scores(part, of) for s, of in rankings.items()}
    systems = {s: scores_by_kind(part, of) for s, of in (found | answered).items()}
    return {
        "set": name,
        "reported": "all questions" if plan.whole else "the half not used for choosing",
        "reader": reader_name(settings),
        "index": {"passages": passages, "opened_or_built_s": round(building, 1)},
        "systems": {s: of[name] for s, of in systems.items()},
        "kinds": {s: _kinds(of, name) for s, of in systems.items() if s in found},
        "right": {s: _right(part, of) for s, of in found.items()} if plan.whole else {},
        "rankings": {s: of for s, of in ranked.items() if of},
        "all_questions": score(questions, rows),
        "gains": _gains(part, rows, found | answered),
        "plots": _plots(part.questions, rows),
    } | _off_corpus(name, part, found | answered)


def _kinds(of: Results, name: str) -> Results:
    return {key.partition("/")[2]: values for key, values in of.items() if key != name}


def _right(questions: QuestionSet, rows: Sequence[Row]) -> tuple[int, int]:
    """How many are right, of those that are counted: an answer in a quote, none where none is."""
    counted = [q for q in questions.questions if q.kind not in APART]
    counted = [q for q in counted if q.answers or not q.answerable]
    each = judged(counted, rows)
    return sum(j.in_quote if j.question.answerable else not j.answered for j in each), len(each)


def reader_name(settings: Settings) -> str:
    """Return the name of the reader in force; "none" is the model-free one."""
    encoder = open_encoder(settings.encoder, threads=settings.threads, cache_dir=settings.cache_dir)
    reader = open_reader(
        settings.reader, threads=settings.threads, encoder=encoder, idf=lambda term: 1.0
    )
    return reader.name


def _run(
    opened: Opened, questions: QuestionSet, settings: Settings, progress: Progress
) -> dict[str, list[Row]]:
    found = {OURS: list(run(opened.qa, questions, progress, unbound=opened.unbound))}
    if reader_name(settings) != "none":
        plain = settings.model_copy(update={"reader": "none"})
        with cached_index(questions.paths, plain) as free:
            found[MODEL_FREE] = list(run(free.qa, questions, progress, unbound=free.unbound))
    return found


def _rankings(
    opened: Opened, questions: QuestionSet, progress: Progress
) -> dict[str, dict[str, list[str]]]:
    """Article rankings of the legs, their fusion, the fusion reread, and chance."""
    if not questions.qrels:
        return {}
    qa = opened.qa
    judged_ones = [question for question in questions.questions if question.id in questions.qrels]
    plain = {"article_weight": 0.0, "day_weight": 0.0}
    legs: dict[str, dict[str, float]] = {
        "BM25 alone": plain | {"dense_weight": 0.0},
        "dense alone": plain | {"dense_weight": 1.0},
        "the two fused": plain,
        "fusion alone": {},
    }
    found: dict[str, dict[str, list[str]]] = {}
    for name, change in legs.items():
        with cached_index(questions.paths, qa.settings.model_copy(update=change)) as leg:
            found[name] = _searched(leg.qa.search, judged_ones, progress, name)
    reread = lambda text, **of: qa.search(text, rerank=True, **of)  # noqa: E731
    reader = f"fusion, first {qa.settings.read_passages} reread"
    found[reader] = _searched(reread, judged_ones, progress, reader)
    articles = {a for of in found["fusion alone"].values() for a in of}
    articles |= {a for grades in questions.qrels.values() for a in grades}
    random = np.random.default_rng(SEED)
    found["random"] = baselines.random_rankings(questions, sorted(articles), random)
    return found


def _searched(
    search: Callable[..., Any], questions: Sequence[Question], progress: Progress, name: str
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for done, question in enumerate(questions):
        progress("asking", done, len(questions), name)
        hits = search(question.text, k=100, today=question.asked)
        found[question.id] = rank_articles([hit.passage.article_id for hit in hits])
    return found


def _baselines(opened: Opened, rows: Sequence[Row]) -> dict[str, list[Row]]:
    body_of = lambda article: opened.qa.article(article).body  # noqa: E731
    random = np.random.default_rng(SEED)
    return {
        "top passage": baselines.answered_by(baselines.top_passage, rows),
        "first sentence": baselines.answered_by(baselines.first_sentence(body_of), rows),
        "random sentence": baselines.answered_by(baselines.random_sentence(random), rows),
    }


def _gains(
    part: QuestionSet, ours: Sequence[Row], others: dict[str, list[Row]]
) -> dict[str, dict[str, list[float]]]:
    """Ours less each other system, with the paired interval, on what a reader changes."""
    shown = {"answer_in_quote", "answer_in_first_quote", "rejection", "span_f1"}
    return {
        system: {
            name: [gap.value, gap.low, gap.high]
            for name, gap in paired(part, ours, rows).items()
            if name in shown
        }
        for system, rows in others.items()
        if rows is not ours
    }


def _plots(questions: Sequence[Question], rows: Sequence[Row]) -> dict[str, Any]:
    scored = [item for item in judged(questions, rows) if item.question.scored]
    if not any(item.question.answerable for item in scored):
        return {}
    said = [item.confidence for item in scored]
    right = [item.forced_first for item in scored]
    known = [item for item in scored if item.question.answerable]
    return {
        "reliability": calibration_bins(said, right),
        "risk_coverage": risk_coverage(said, right),
        "risk_coverage_answerable": risk_coverage(
            [item.confidence for item in known], [item.forced_any for item in known]
        ),
    }


def _off_corpus(name: str, part: QuestionSet, systems: dict[str, list[Row]]) -> dict[str, Any]:
    """A set of unanswerable questions alone: answerable ones come from the set of its corpus."""
    corpus = PLANS[name].corpus
    if any(q.answerable for q in part.questions) or corpus is None or corpus.name not in PLANS:
        return {}
    beside = read_set(corpus)
    asked = [q for q in beside.questions if q.reported and q.answerable and q.answers]
    found: Results = {}
    for system, rows in systems.items():
        kept = kept_rows(corpus.name, system)
        yes = [item.confidence for item in judged(asked, kept)]
        no = [item.confidence for item in judged(part.questions, rows)]
        values = {"auroc": auroc(yes, no), "rejection_at_5": rejected_at(0.05, yes, no)}
        found[system] = {key: value for key, value in values.items() if not isnan(value)}
    return {"against_answerable_of": corpus.name, "off_corpus": found}


def _keep(name: str, system: str, rows: Iterable[Row]) -> None:
    """Keep the rows beside the results, the hits without their text."""
    folder = places.RESULTS / "rows"
    folder.mkdir(parents=True, exist_ok=True)
    small = [
        row | {"hits": [{k: v for k, v in hit.items() if k != "passage"} for hit in row["hits"]]}
        for row in rows
    ]
    write_rows(small, folder / f"{name}.{system.replace(' ', '-')}.jsonl")


def kept_rows(name: str, system: str) -> list[Row]:
    """Return the rows of an earlier run of a set, or none."""
    path = places.RESULTS / "rows" / f"{name}.{system.replace(' ', '-')}.jsonl"
    return read_rows(path) if path.exists() else []


__all__ = ["MODEL_FREE", "OURS", "PLANS", "RANKING", "evaluate"]
