"""CSV and TSV files: one article a row, its fields named by the first row.

The column of the text is found by its name, as in a JSONL record, else by its contents: it is the
one with the longest prose. Rows have the numbers that a spreadsheet shows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO

from newsqa.ingest.draft import MAX_BODY_CHARS, Batch, EmptyError, RefusedError
from newsqa.ingest.fields.encoding import decode
from newsqa.ingest.formats.records import (
    BODY,
    PUBLISHED,
    TEXTS,
    UPDATED,
    Row,
    in_batches,
    keys_in_words,
)

DELIMITERS = ",;\t|"
SAMPLE_ROWS = 50  # in which the column of the text is looked for
MIN_PROSE_CHARS = 60  # mean length of what may be the text of an article
_NAMED = {*BODY, *(n for names in TEXTS.values() for n in names), *PUBLISHED, *UPDATED, "id"}


def parse_csv(content: bytes) -> Iterator[Batch]:
    """Return the rows of a file in batches; the last one says so.

    Raises:
        EmptyError: There is no row in the file.
        RefusedError: No column holds texts, or its first row names no columns.
    """
    text = decode(content).text.removeprefix("\ufeff").replace("\0", "\ufffd")
    csv.field_size_limit(MAX_BODY_CHARS)
    delimiter, text = _delimiter(text)
    table = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    rows = _filled(table)
    header = next(rows, None)
    if header is None:
        raise EmptyError
    sample = [row for _, row in zip(range(SAMPLE_ROWS), rows, strict=False)]
    names = _columns(header[1], [cells for _, cells in sample])
    return in_batches(_records(names, sample, rows))


def _filled(table: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, numbered from 1."""
    for number, cells in enumerate(table, start=1):
        if any(cell.strip() for cell in cells):
            yield number, cells


def _delimiter(text: str) -> tuple[str, str]:
    """Return what parts the cells, and the table; Excel may say it in a line of its own."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        return first.strip()[4], rest
    header = first if first.strip() else text.lstrip()[:1000]
    return max(DELIMITERS, key=lambda d: len(next(csv.reader([header], delimiter=d), []))), text


def _columns(header: Sequence[str], sample: Sequence[Sequence[str]]) -> list[str]:
    """Return the field of each column, the text's as `BODY` calls it."""
    names = ["_".join(name.strip().lower().split()) for name in header]
    if not any(name in BODY for name in names):
        at = _prose(sample, names)
        named = any(name in _NAMED for name in names) or max(map(len, header)) < MIN_PROSE_CHARS
        if at is None or at >= len(names) or not named:
            raise RefusedError(
                f"no column of texts: {keys_in_words(header)}; expected one called "
                f"{', '.join(BODY)}, or one of sentences, under a row of names"
            )
        names[at] = BODY[0]
    return names


def _prose(sample: Sequence[Sequence[str]], names: Sequence[str]) -> int | None:
    """Return the column with the longest prose, or None if none has any."""
    taken = {at for at, name in enumerate(names) if name in _NAMED}
    lengths: dict[int, int] = {}
    for cells in sample:
        for at, cell in enumerate(cells):
            if at not in taken and " " in cell.strip():
                lengths[at] = lengths.get(at, 0) + len(cell)
    if not lengths:
        return None
    at = max(lengths, key=lambda column: lengths[column])
    return at if lengths[at] >= MIN_PROSE_CHARS * len(sample) else None


def _records(
    names: Sequence[str],
    sample: Sequence[tuple[int, list[str]]],
    rows: Iterator[tuple[int, list[str]]],
) -> Iterator[Row]:
    try:
        for part in (sample, rows):
            for number, cells in part:
                yield _record(number, names, cells)
    except csv.Error as error:
        yield None, RefusedError(f"damaged table: {str(error)[:80]}"), 0


def _record(number: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    # Of two columns of one name the first with something in it counts.
    record: dict[str, str] = {}
    for name, cell in zip(names, cells, strict=False):
        if name and not record.get(name, "").strip():
            record[name] = cell
    if not any(name in BODY for name in record):
        return number, RefusedError(f"a row of {len(cells)} cells, without a text"), 0
    return number, record, sum(map(len, cells))
