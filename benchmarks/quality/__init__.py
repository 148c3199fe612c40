"""Measure the answers: sets, tables, ablations."""
