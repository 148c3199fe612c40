"""Quick figures on questions held aside, for the log of a run. Not an evaluation set."""

from __future__ import annotations

import random
from collections.abc import Callable

from training.data.encoding import Encoding, Row
from training.data.groups import Groups
from training.data.records import Corpora, Question
from training.network.model import ReaderNet
from training.network.scoring import read_rows, torch_forward
from training.reports.metrics import auroc

CHECK_SETS = ("newsqa-dev", "realtimeqa-2022-2023", "squad-train-part", "nq-gold", "wikiqa")
EACH = 16


def held_check(
    corpora: Corpora, groups: Groups, encoding: Encoding, seed: int
) -> Callable[[ReaderNet], dict[str, float]]:
    """A function that scores the same few hundred groups every time."""
    rng = random.Random(seed)
    chosen: list[list[Row]] = []
    for name in CHECK_SETS:
        rows: list[Question] = [
            q for q in corpora.questions if q.held and q.set == name and groups.knows(q)
        ]
        for question in rng.sample(rows, min(EACH, len(rows))):
            group = groups.build(question, rng)
            if group:
                chosen.append(group)

    def check(net: ReaderNet) -> dict[str, float]:
        run = torch_forward(net)
        reads = iter(read_rows(run, [row for group in chosen for row in group]))
        first = asked = 0
        refused: list[tuple[float, bool]] = []
        for group in chosen:
            scored: list[tuple[float, int]] = []
            for row, read in zip(group, reads, strict=False):
                refused.append((-read.no_answer, row.answers))
                if not row.alone:
                    evidence = [score for _, score, _ in read.sentences]
                    scored += zip(evidence, row.labels, strict=True)
            if group[0].answers:
                asked += 1
                first += max(scored)[1] == 1
        return {"sentence_first": first / max(asked, 1), "answer_auroc": auroc(refused)}

    return check
