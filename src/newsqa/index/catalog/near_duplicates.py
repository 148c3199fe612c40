"""Find near-duplicate texts once, when a text first becomes current.

A sketch is kept for each text, and each pair of wordings that are copies. Whether two are is a
function of the two alone, and all pairs among the sketched texts are known; so the groups of any
set of current texts follow from that set, in whatever order it came together.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from newsqa.index.catalog.rows import check, spans_of
from newsqa.index.catalog.schema import insertion
from newsqa.text import near_duplicates as duplicates
from newsqa.text.near_duplicates import AGREEING, BANDS, HASHES, TextSignature

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from newsqa.index.catalog.publish import Change
    from newsqa.index.catalog.writer import CatalogWriter
    from newsqa.protocols import Keys

    Sketches: TypeAlias = NDArray[np.uint8]

RECIPE = "copies"  # the row of ``meta`` that says what sketches and pairs were made by
_STEP = 512  # bodies read at a time
_CHUNK = 2_048  # sketches compared with all others at a time
_FEW = 8  # up to so many are compared with all others one by one
_AT_ONCE = 65_536  # pairs of sketches in memory
_KEPT = 2_000  # wordings in memory while pairs are compared

Tell = Callable[[str, int, int | None, str], None]


def find_duplicates(writer: CatalogWriter, change: Change, tell: Tell) -> None:
    """Sketch each text that this change leaves current and that has no sketch; find its copies.

    All of it is stored in one transaction. Takes 0.3 ms for a new text of 150 words and 0.2 s for
    every 100,000 sketches that are there, of processor time (2026-11-24); no more than 2,000 texts
    are in memory. Copies are compared pair by pair: a text that is there in n edited forms costs
    n * n / 2 comparisons of 20 microseconds in all.
    """
    db = writer.db
    with writer.batch():
        _follow_recipe(db)
    unsketched = change.unsketched()
    if not unsketched:
        return
    known_codes, known = _stored(db)
    fresh: dict[int, bytes] = {}
    rows: list[tuple[int, int]] = []
    seen = set(known_codes.tolist())
    for revision_id, wording in _wordings(db, unsketched):
        rows.append((revision_id, wording.code))
        if wording.code not in seen and wording.code not in fresh:
            fresh[wording.code] = duplicates.sketch(wording)
        tell("comparing", len(rows), len(unsketched), "")
    new = _matrix(list(fresh.values()))
    codes = np.concatenate([known_codes, np.array(list(fresh), dtype=np.int64)])
    holders = {code: revision_id for revision_id, code in rows}
    likely = candidates(np.concatenate([known, new]), len(known))
    pairs = list(_confirmed(db, holders, codes, likely))
    with writer.batch():
        _store(db, rows, fresh, pairs)


def candidates(sketches: Sketches, known: int) -> Iterator[tuple[int, int]]:
    """Yield the pairs of rows worth comparing, one row of each at or after ``known``.

    These agree in a band and in at least ``AGREEING`` places. Each pair comes once, the earlier
    row first.

    Args:
        sketches: Shape (n, HASHES), unsigned bytes.
        known: Rows before this one were compared with one another already.
    """
    total = len(sketches)
    bands = sketches.view("<u4")
    few = total - known <= _FEW
    for start in range(known, total, 1 if few else _CHUNK):
        stop = min(start + (1 if few else _CHUNK), total)
        if few:
            first = np.flatnonzero(_equal(sketches[:start], sketches[start]))
            first = first[(bands[first] == bands[start]).any(axis=1)]
            pairs = start * total + first
        else:
            pairs = np.unique(
                np.concatenate([_sharing(sketches, bands[:, b], start, stop) for b in range(BANDS)])
            )
        for pair in pairs.tolist():
            yield pair % total, pair // total


def _sharing(sketches: Sketches, band: Sketches, start: int, stop: int) -> Keys:
    """Return the likely pairs of one chunk and all rows before it, as second * n + first."""
    order = np.argsort(band[start:stop], kind="stable")
    ranked = band[start:stop][order]
    left = np.searchsorted(ranked, band[:stop], side="left")
    counts = np.searchsorted(ranked, band[:stop], side="right") - left
    places = np.flatnonzero(counts)
    counts = counts[places]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    first = np.repeat(places, counts)
    second = start + order[np.repeat(left[places], counts) + within]
    kept = first < second
    first, second = first[kept], second[kept]
    likely = np.zeros(len(first), dtype=bool)
    for at in range(0, len(first), _AT_ONCE):
        part = slice(at, at + _AT_ONCE)
        likely[part] = _equal(sketches[first[part]], sketches[second[part]])
    pairs: Keys = second[likely] * len(sketches) + first[likely]
    return pairs


def _equal(some: Sketches, others: Sketches) -> NDArray[np.bool_]:
    enough: NDArray[np.bool_] = np.count_nonzero(some == others, axis=1) >= AGREEING
    return enough


def _follow_recipe(db: sqlite3.Connection) -> None:
    """Delete sketches and pairs made by other rules: they must not be mixed with new ones."""
    recipe = duplicates.recipe()
    row = db.execute("SELECT value FROM meta WHERE name = ?", (RECIPE,)).fetchone()
    if row is not None and row[0] == recipe:
        return
    db.execute("DELETE FROM likenesses")
    db.execute("DELETE FROM sketches")
    db.execute(insertion("meta", "INSERT OR REPLACE"), (RECIPE, recipe))


def _stored(db: sqlite3.Connection) -> tuple[Keys, Sketches]:
    """Return the wordings that have a sketch, and their sketches, row for row."""
    rows = db.execute("SELECT wording, sketch FROM sketches").fetchall()
    codes = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
    codes, first = np.unique(codes, return_index=True)
    return codes, _matrix([row[1] for row in rows])[first]


def _matrix(sketches: Sequence[bytes]) -> Sketches:
    return np.frombuffer(b"".join(sketches), dtype=np.uint8).reshape(-1, HASHES)


def _wordings(
    db: sqlite3.Connection, revision_ids: Sequence[int]
) -> Iterator[tuple[int, TextSignature]]:
    sql = """SELECT t.text_key, b.body, t.furniture FROM json_each(?) j
        CROSS JOIN texts t ON t.text_key = j.value JOIN bodies b USING (content_sha256)"""
    for at in range(0, len(revision_ids), _STEP):
        part = json.dumps(revision_ids[at : at + _STEP])
        for revision_id, body, furniture in db.execute(sql, (part,)).fetchall():
            yield revision_id, duplicates.text_signature(body, spans_of(furniture))


def _confirmed(
    db: sqlite3.Connection,
    holders: dict[int, int],
    codes: Keys,
    pairs: Iterator[tuple[int, int]],
) -> Iterator[tuple[int, int]]:
    """Yield the pairs of codes whose texts are copies, each ascending.

    Args:
        db: The catalog.
        holders: A text of each new wording; those of older ones are looked up.
        codes: The wording of each row that ``pairs`` name.
        pairs: Rows to compare.
    """

    @lru_cache(_KEPT)
    def wording(code: int) -> TextSignature:
        revision_id = holders.get(code)
        if revision_id is None:
            sql = "SELECT min(text_key) FROM sketches WHERE wording = ?"
            revision_id = int(db.execute(sql, (code,)).fetchone()[0])
        return next(_wordings(db, [revision_id]))[1]

    for first, second in pairs:
        one, other = sorted((int(codes[first]), int(codes[second])))
        if duplicates.is_near_duplicate(wording(one), wording(other)):
            yield one, other


def _store(
    db: sqlite3.Connection,
    rows: Sequence[tuple[int, int]],
    fresh: dict[int, bytes],
    pairs: Sequence[tuple[int, int]],
) -> None:
    sql = "SELECT sketch FROM sketches WHERE wording = ? LIMIT 1"
    for revision_id, code in rows:
        sketch = fresh.get(code) or db.execute(sql, (code,)).fetchone()[0]
        db.execute(insertion("sketches"), (revision_id, code, sketch))
    db.executemany(insertion("likenesses", "INSERT OR IGNORE"), pairs)


class GroupedText(NamedTuple):
    """A text with a near-copy, its article, and the number of its group."""

    article_id: str
    revision_id: int
    group: int


def grouped_texts(db: sqlite3.Connection, revision_ids: Collection[int]) -> list[GroupedText]:
    """Return those of the texts that have a near-copy among them."""
    pairs = [
        _checked("likenesses", row)
        for row in db.execute("SELECT one, other, row_hash FROM likenesses")
    ]
    linked = {code for pair in pairs for code in pair}
    repeated = db.execute("SELECT wording FROM sketches GROUP BY wording HAVING count(*) > 1")
    codes = json.dumps(sorted(linked.union(code for (code,) in repeated)))
    sql = """SELECT t.article_id, s.text_key, s.wording, s.sketch, s.row_hash FROM json_each(?) j
        CROSS JOIN sketches s ON s.wording = j.value CROSS JOIN texts t USING (text_key)"""
    texts = []
    for article_id, *row in db.execute(sql, (codes,)):
        if row[0] in revision_ids:
            revision_id, code, _ = _checked("sketches", row)
            texts.append((article_id, revision_id, code))
    present = {code for _, _, code in texts}
    kept = [(one, other) for one, other in pairs if one in present and other in present]
    kept += [(code, code) for code in present]
    group = {code: at for at, members in enumerate(duplicates.groups(kept)) for code in members}
    sizes = Counter(group[code] for _, _, code in texts)
    return [
        GroupedText(article_id, revision_id, group[code])
        for article_id, revision_id, code in texts
        if sizes[group[code]] > 1
    ]


def _checked(table: str, row: Sequence[Any]) -> Sequence[Any]:
    """Return the columns of a row that ends in its hash, if they are what was written."""
    check(table, row[:-1], row[-1])
    return row[:-1]
