"""What a question says, from its text alone: kind, names, dates, sources, follow-ups."""
