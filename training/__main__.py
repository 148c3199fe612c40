"""`python -m training [STAGE...]`: runs the stages that are not done yet, in order."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.plan import RUNS, Plan
from training.stages import STAGES, Paths, run_stages


def main() -> None:
    """Reads the command line and runs the stages."""
    usual = Plan()
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("stages", nargs="*", help=f"of {', '.join(STAGES)}; default: all")
    parser.add_argument("--run", default="main", help="name of the run's folder (default: main)")
    parser.add_argument("--shared", type=Path, default=None, help="folder that holds data/")
    parser.add_argument("--from", dest="start", type=Path, default=None, metavar="CHECKPOINT")
    parser.add_argument("--minutes", type=float, default=usual.minutes, help="training time")
    parser.add_argument("--until", metavar="HH:MM", help="train until then instead, today")
    parser.add_argument("--threads", type=int, default=usual.threads)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--fp32", action="store_true", help="no bfloat16 (older processors)")
    given = parser.parse_args()
    plan = Plan(
        minutes=given.minutes,
        until=given.until or "",
        threads=given.threads,
        seed=given.seed,
        bf16=not given.fp32,
    )
    unknown = set(given.stages) - set(STAGES)
    if unknown:
        parser.error(f"unknown stages: {', '.join(sorted(unknown))}; known: {', '.join(STAGES)}")
    paths = Paths.of(given.shared, RUNS / given.run)
    run_stages(given.stages or list(STAGES), plan, paths, given.start)


if __name__ == "__main__":
    main()
