"""Everything that can be measured of the answers, in one command.

    python -m benchmarks.quality.evaluate [--sets NAME...] [--reader NAME] [--no-page]

Runs each set that is on this machine, prints its tables, keeps the results under
`build/evaluation/` and puts them into `docs/evaluation.md`. Sets of their own are read from
``data/`` under NEWSQA_SHARED (default ``../shared``); those that are absent are named and skipped.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.lib import places, reporting
from benchmarks.quality import (
    extraction,
    floors,
    follow_ups,
    given_texts,
    near_misses,
    newsroom,
    question_sets,
)
from newsqa.protocols import Progress
from newsqa.settings import Settings, load

GIVEN = ("squad2-a", "newsqa-a", "trecqa-a", "clapnq-a")
NEWS: dict[str, Callable[[Settings, Progress], dict[str, Any]]] = {
    near_misses.NAME: near_misses.evaluate,
    newsroom.NAME: newsroom.evaluate,
}
# In this order: multihop-null-a is held against the answerable questions of realtimeqa-2025.
SETS = (*question_sets.PLANS, *GIVEN, *NEWS, *follow_ups.LOADERS, "article-extraction")


def main() -> int:
    """Run the sets that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS), metavar="NAME",
                        help=f"which sets: {', '.join(SETS)}")  # fmt: skip
    parser.add_argument("--reader", help="instead of the one in force; 'none' is model-free")
    parser.add_argument("--threads", type=int, help="processor threads")
    parser.add_argument("--half", action="store_true", help="ask only what is reported")
    parser.add_argument("--no-page", action="store_true", help="leave docs/evaluation.md alone")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    settings = load({"reader": options.reader, "threads": options.threads})
    command = " ".join(["python -m benchmarks.quality.evaluate", *sys.argv[1:]])
    progress = places.Lines()
    for name in options.sets:
        if missing := _missing(name):
            print(f"{name}: skipped, {missing} is not there", file=sys.stderr)
            continue
        began = time.monotonic()
        results = _results(name, settings, progress, half=options.half)
        places.save(name, results | {"took_s": round(time.monotonic() - began)}, command)
        kept = places.saved(name)
        assert kept is not None
        print(reporting.text(kept), end="\n\n", flush=True)
        if not options.no_page:
            reporting.write(kept)
    if not options.no_page:
        reporting.put("floors", floors.table())
    return 0


def _missing(name: str) -> object | None:
    if name in question_sets.PLANS:
        plan = question_sets.PLANS[name]
        wanted = [plan.folder / "questions.jsonl", *([plan.corpus] if plan.corpus else [])]
    else:
        wanted = [places.SETS / name]
    return next((path for path in wanted if not path.exists()), None)


def _results(
    name: str, settings: Settings, progress: places.Lines, *, half: bool
) -> dict[str, Any]:
    if name in question_sets.PLANS:
        return question_sets.evaluate(name, settings, progress, half=half)
    if name in follow_ups.LOADERS:
        return follow_ups.evaluate(name, settings, progress)
    if name in NEWS:
        return NEWS[name](settings, progress)
    if name in GIVEN:
        return given_texts.evaluate(name, settings, progress)
    measured = extraction.measure(extraction.pages_folder())
    measured.pop("worst")
    return {"set": name} | measured


if __name__ == "__main__":
    sys.exit(main())
