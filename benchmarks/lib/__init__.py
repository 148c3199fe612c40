"""What several benchmarks share: sets, plots, pages, a server."""
