"""What an ``explain`` says, as tables to be read: the passages that were read, and the decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """A title, what the columns are called, and the cells as text; the first column is a name."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def lines(self) -> Iterator[str]:
        """Return the table as lines of text, its columns aligned."""
        cells = [self.columns, *self.rows]
        widths = [max(len(row[at]) for row in cells) for at in range(len(self.columns))]
        yield self.title
        for row in cells:
            first, *others = (
                cell.ljust(width) if at == 0 else cell.rjust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            yield "  ".join(["", first, *others]).rstrip()


HALF = 16  # characters of a long id that are shown at each end

_PASSAGE = {
    "dense": "dense",
    "lexical": "lexical",
    "fused": "fused",
    "relevance": "relevance",
    "no_answer": "no answer",
    "best_sentence": "best sentence",
}


def tables(explain: Mapping[str, Any]) -> list[Table]:
    """Return the passages in the order they were read, and what the decision rests on."""
    passages: Sequence[Mapping[str, Any]] = explain["passages"]
    read = Table(
        title=f"Read by {explain['reader']!r}",
        columns=("passage", *_PASSAGE.values()),
        rows=tuple(
            (_place(passage), *(_number(passage[key]) for key in _PASSAGE)) for passage in passages
        ),
    )
    adds: Mapping[str, float] = explain["adds_to_log_odds"]
    features: Mapping[str, float] = explain["features"]
    decided = Table(
        title=f"Confidence {explain['confidence']:.2f}, from log-odds {sum(adds.values()):.2f}",
        columns=("feature", "value", "adds"),
        rows=tuple(
            (name.replace("_", " "), _number(features.get(name)), f"{add:+.2f}")
            for name, add in adds.items()
        ),
    )
    return [read, decided]


def _place(passage: Mapping[str, Any]) -> str:
    article = " ".join(str(passage["article_id"]).split())
    if len(article) > 2 * HALF:  # addresses: what tells them apart is at the end
        article = f"{article[: HALF - 1]}…{article[-HALF:]}"
    return f"{passage['rank']}. {article} {passage['start']}-{passage['end']}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
