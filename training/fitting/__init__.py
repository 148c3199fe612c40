"""Fits the few numbers around the network: calibration, decision, choice of sentences."""
