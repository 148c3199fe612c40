"""`python -m training [STAGE...]`: run the stages that are not done yet, in order."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.plan import RUNS, Plan
from training.stages import STAGES, Paths, run_stages


def main() -> None:
    """Read the command line and run the stages."""
    usual = Plan()
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("stages", nargs="*", help=f"of {', '.join(STAGES)}; default: all")
    parser.add_argument("--run", default="main", help="name of the run's folder (default: main)")
    parser.add_argument("--shared", type=Path, default=None, help="folder that holds data/")
    parser.add_argument("--from", dest="start", type=Path, default=None, metavar="CHECKPOINT")
    parser.add_argument(
        "--minutes", type=float, default=usual.minutes, help="of a part, at most 100"
    )
    parser.add_argument("--until", metavar="HH:MM", help="train until then instead, today")
    parser.add_argument(
        "--questions", type=int, default=usual.questions, help="negatives: of a set at most"
    )
    parser.add_argument("--threads", type=int, default=usual.threads)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--fp32", action="store_true", help="no bfloat16 (older processors)")
    options = parser.parse_args()
    plan = Plan(
        minutes=options.minutes,
        questions=options.questions,
        until=options.until or "",
        threads=options.threads,
        seed=options.seed,
        bf16=not options.fp32,
    )
    unknown = set(options.stages) - set(STAGES)
    if unknown:
        parser.error(f"unknown stages: {', '.join(sorted(unknown))}; known: {', '.join(STAGES)}")
    paths = Paths.of(options.shared, RUNS / options.run)
    run_stages(options.stages or list(STAGES), plan, paths, options.start)


if __name__ == "__main__":
    main()
