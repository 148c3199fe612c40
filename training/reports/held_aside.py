"""Figures on questions held aside: a few for the log of a run, all of them for its report.

These are training questions that no run is trained on, not an evaluation set: what is chosen, is
chosen by them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from training.data.encoding import Encoding, Row, header_of
from training.data.groups import Groups
from training.data.records import Corpora, Doc, Question, Span
from training.data.sources import AUTHORED
from training.data.wording import span_f1
from training.network.model import ReaderNet
from training.network.scoring import Forward, Read, read_rows, torch_forward
from training.reports.metrics import auroc, rejected_at

CHECK_SETS = ("newsqa-dev", "realtimeqa-2022-2023", "squad-train-part", "nq-gold", "wikiqa")
EACH = 10
PASSAGES = 20  # of authored questions, four rows each
REPORT_SETS = {AUTHORED: 1000, "squad-train-part": 240, "newsqa-dev": 120, "nq-gold": 120,
               "squad2-unanswerable": 300}  # fmt: skip
ROW_TOKENS = 190  # of a passage, as in an index


def held_check(
    corpora: Corpora, groups: Groups, encoding: Encoding, seed: int
) -> Callable[[ReaderNet], dict[str, float]]:
    """Return a function that scores the same few hundred rows every time."""
    rng = random.Random(seed)
    chosen: list[list[Row]] = []
    for name in CHECK_SETS:
        rows = [q for q in corpora.questions if q.held and q.set == name and groups.knows(q)]
        for question in rng.sample(rows, min(EACH, len(rows))):
            chosen += [group for group in [groups.build(question, rng)] if group]
    near = _one_of_each_text(q for q in corpora.questions if q.held and q.set == AUTHORED)
    bundles = [groups.bundle(q, rng) for q in rng.sample(near, min(PASSAGES, len(near)))]
    misses = [row for bundle in bundles for group in bundle for row in group if row.twins]

    def check(net: ReaderNet) -> dict[str, float]:
        run = torch_forward(net)
        refusing: list[tuple[float, bool]] = []
        first = [_first(group, run, refusing) for group in chosen]
        reads = read_rows(run, misses)
        twins = [(-read.no_answer, row.answers) for row, read in zip(misses, reads, strict=True)]
        known = [right for right in first if right is not None]
        return {
            "sentence_first": sum(known) / max(len(known), 1),
            "answer_auroc": auroc(refusing),
            "near_miss_auroc": auroc(twins),
        }

    return check


def _one_of_each_text(questions: Iterable[Question]) -> list[Question]:
    return list({question.doc: question for question in questions}.values())


def _first(group: list[Row], run: Forward, refusing: list[tuple[float, bool]]) -> bool | None:
    """Whether the best sentence is right; None where no passage answers."""
    scored: list[tuple[float, int]] = []
    for row, read in zip(group, read_rows(run, group), strict=True):
        refusing.append((-read.no_answer, row.answers))
        if not row.alone:
            evidence = [score for _, score, _ in read.sentences]
            scored += zip(evidence, row.labels, strict=True)
    return max(scored)[1] == 1 if group[0].answers else None


@dataclass(frozen=True, slots=True)
class Judged:
    """One question with its text as the reader saw it."""

    question: Question
    believed: float  # minus the lowest no-answer logit of its passages
    evidence: float
    first_right: bool
    f1: float


def judged(
    corpora: Corpora, encoding: Encoding, run: Forward, questions: Sequence[Question]
) -> list[Judged]:
    """Read the whole text of each question, in rows as long as those of an index."""
    found = []
    for question in questions:
        doc = corpora.docs[question.doc]
        rows = [
            encoding.row(
                question.text, doc, window, header_of(doc.title, doc.date), question.right, (),
                question.answers,
            )
            for window in windows(encoding, doc)
        ]  # fmt: skip
        found.append(_judged(question, doc, rows, read_rows(run, rows)))
    return found


def _judged(question: Question, doc: Doc, rows: list[Row], reads: list[Read]) -> Judged:
    best = max(
        ((score, label, n) for n, (row, read) in enumerate(zip(rows, reads, strict=True))
         for label, (_, score, _) in zip(row.labels, read.sentences, strict=True)),
        default=(0.0, 0, 0),
    )  # fmt: skip
    span = reads[best[2]].span
    words = doc.text[span[0] : span[1]]
    answers = [doc.text[s:e] for s, e in question.answers]
    return Judged(
        question,
        believed=max(-read.no_answer for read in reads),
        evidence=best[0],
        first_right=best[1] == 1,
        f1=max((span_f1(words, answer) for answer in answers), default=0.0),
    )


def windows(encoding: Encoding, doc: Doc, budget: int = ROW_TOKENS) -> list[Span]:
    """Runs of whole sentences of at most `budget` tokens, one after the other."""
    found: list[Span] = []
    first = total = 0
    for n, (ids, _) in enumerate(encoding.sentences(doc)):
        if total and total + len(ids) > budget:
            found.append((first, n))
            first, total = n, 0
        total += len(ids)
    return [*found, (first, len(doc.spans))]


def report(
    corpora: Corpora,
    encoding: Encoding,
    run: Forward,
    seed: int,
    skip: frozenset[str] = frozenset(),
) -> dict[str, dict[str, float]]:
    """Return figures by set, and of the authored near misses by kind; not of texts in ``skip``."""
    rng = random.Random(seed)
    table: dict[str, dict[str, float]] = {}
    for name, limit in REPORT_SETS.items():
        rows = [q for q in corpora.questions if q.held and q.set == name and q.doc not in skip]
        chosen = rows if len(rows) <= limit else rng.sample(rows, limit)
        results = judged(corpora, encoding, run, chosen)
        table[name] = figures(results)
        if name == AUTHORED:
            yes = [one for one in results if one.question.right]
            for kind in sorted({one.question.kind for one in results} - {""}):
                no = [one for one in results if one.question.kind == kind]
                table[f"{name}/{kind}"] = figures([*yes, *no])
    return table


def figures(results: Sequence[Judged]) -> dict[str, float]:
    """Return what can be counted of some questions."""
    yes = [one for one in results if one.question.right]
    table = {"questions": float(len(results))}
    if yes:
        table["sentence_first"] = sum(one.first_right for one in yes) / len(yes)
        table["span_f1"] = sum(one.f1 for one in yes) / len(yes)
    if 0 < len(yes) < len(results):
        scored = [(one.believed, bool(one.question.right)) for one in results]
        table["auroc_no_answer"] = auroc(scored)
        table["auroc_evidence"] = auroc([(o.evidence, bool(o.question.right)) for o in results])
        table["rejected_at_5"] = rejected_at(0.05, scored)
    return {name: round(value, 4) for name, value in table.items()}
