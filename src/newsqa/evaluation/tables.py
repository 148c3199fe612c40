"""Lay out results as plain tables, for terminal and Markdown. Values are rounded to 3 places."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

_COUNTS = {"questions", "quotes_median", "passages"}


def shown(name: str, value: float) -> str:
    """Return a value as it stands in a table: a share as .xxx, seconds, or a whole number."""
    if isnan(value):
        return "–"
    if name in _COUNTS:
        return f"{value:.0f}"
    if name.startswith("seconds"):
        return f"{value:.2f}"
    text = f"{value:+.3f}" if " difference" in name else f"{value:.3f}"
    return text.replace("0.", ".", 1) if abs(value) < 1 else text


def text_table(results: Mapping[str, Mapping[str, float]]) -> str:
    """Return one line a metric, one column a set, aligned."""
    names = list(dict.fromkeys(name for values in results.values() for name in values))
    rows = [["", *results]]
    for name in names:
        cells = [shown(name, of[name]) if name in of else "" for of in results.values()]
        rows.append([name, *cells])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
