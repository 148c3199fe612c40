"""What each setting is worth: the same questions under one change at a time.

    python -m benchmarks.quality.ablations [--set NAME] [--answers] [--most N] [--no-page] [CHANGE]

Choices are made on the half of the questions that is not reported, so that half is asked unless
``--reported`` says otherwise. Without ``--answers`` only the ranking is measured, which is quick.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.lib import places, reporting
from benchmarks.lib.baselines import ranking_scores
from benchmarks.quality import question_sets
from newsqa.evaluation.harness import paired
from newsqa.evaluation.index_cache import cached_index
from newsqa.evaluation.metrics import rank_articles
from newsqa.evaluation.question_sets import QuestionSet, halves, read_set
from newsqa.evaluation.run import Row, run
from newsqa.evaluation.scoring import score
from newsqa.settings import Settings, load

CHANGES = (
    *(f"dense_weight={weight / 10:g}" for weight in range(11)),
    *(f"article_weight={weight / 10:g}" for weight in (0, 2, 3, 5, 6)),
    "depth=30",
    "depth=300",
)
ANSWER_CHANGES = ("read_passages=4", "read_passages=8", "read_passages=20", "reader=none")
ONLY_TIME1963 = "nothing is chosen on time1963"


def main() -> int:
    """Measure each change and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("changes", nargs="*", metavar="SETTING=VALUE")
    parser.add_argument("--set", default="realtimeqa-2025", choices=[*question_sets.PLANS])
    parser.add_argument("--answers", action="store_true", help="ask as well as search: slow")
    parser.add_argument("--reported", action="store_true", help="the reported half instead")
    parser.add_argument("--most", type=int, help="ask only the first so many questions")
    parser.add_argument("--no-page", action="store_true", help="leave docs/evaluation.md alone")
    options = parser.parse_args()
    if options.set == "time1963" and not options.reported:
        parser.error(f"{ONLY_TIME1963}: --reported")
    plan = question_sets.PLANS[options.set]
    whole = read_set(plan.folder, corpus=plan.corpus)
    part = whole.narrowed(halves(whole.questions)[int(options.reported)][: options.most])
    default = ANSWER_CHANGES if options.answers else CHANGES
    changes = ["as shipped", *(options.changes or default)]
    table = _measured(part, changes, options.answers)
    name = "ablations-answers" if options.answers else "ablations"
    results = {
        "set": name,
        "reported": f"{options.set}, {len(part.questions)} questions of the half "
        f"{'reported' if options.reported else 'to choose on'}",
        "ablations": table,
    }
    command = " ".join(["python -m benchmarks.quality.ablations", *sys.argv[1:]])
    places.save(name, results, command)
    kept = places.saved(name)
    assert kept is not None
    print(reporting.text(kept))
    if not options.no_page:
        reporting.write(kept)
    return 0


def _measured(part: QuestionSet, changes: Sequence[str], answers: bool) -> dict[str, Any]:
    table: dict[str, Any] = {}
    shipped: list[Row] = []
    for change in changes:
        settings = _changed(load(), change)
        with cached_index(part.paths, settings, places.Lines()) as opened:
            if answers:
                rows = list(run(opened.qa, part, places.Lines(), unbound=opened.unbound))
                shipped = shipped or rows
                gaps = paired(part, rows, shipped) if rows is not shipped else {}
                table[change] = score(part, rows) | {
                    f"{name} difference": gap.value for name, gap in gaps.items()
                }
            else:
                judged = [q for q in part.questions if q.id in part.qrels]
                found = {q.id: opened.qa.search(q.text, k=100, today=q.asked) for q in judged}
                ranked = {
                    key: rank_articles([hit.passage.article_id for hit in hits])
                    for key, hits in found.items()
                }
                table[change] = ranking_scores(part, ranked)
        print(change, {k: round(float(np.round(v, 3)), 3) for k, v in table[change].items()},
              file=sys.stderr, flush=True)  # fmt: skip
    return table


def _changed(settings: Settings, change: str) -> Settings:
    """Return the settings with ``name=value`` in place, checked as any setting is."""
    if change == "as shipped":
        return settings
    name, _, value = change.partition("=")
    return Settings.model_validate(settings.model_dump() | {name: value})


if __name__ == "__main__":
    sys.exit(main())
