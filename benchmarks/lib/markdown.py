"""Lay out results as a Markdown table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from newsqa.evaluation.tables import shown


def markdown_table(
    results: Mapping[str, Mapping[str, float]],
    columns: Sequence[str],
    *,
    first: str = "",
    headings: Mapping[str, str] | None = None,
) -> str:
    """Return one row a system, one column a metric; the best share of a column is not marked."""
    names = headings or {}
    lines = [f"| {first} | " + " | ".join(names.get(column, column) for column in columns) + " |"]
    lines.append("|---|" + "--:|" * len(columns))
    for system, values in results.items():
        cells = [shown(c, values[c]) if c in values else "" for c in columns]
        lines.append(f"| {system} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
