"""Question sets, the harness that runs them, and the metrics: see `docs/evaluation.md`."""
