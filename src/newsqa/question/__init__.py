"""What a question says, worked out from its text alone: kind, names, dates, sources, follow-ups."""
