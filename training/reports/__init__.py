"""Figures, model card and plots of a run."""
