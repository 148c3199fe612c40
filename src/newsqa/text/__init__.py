"""Text without an index: sentences, terms, near-duplicates."""
