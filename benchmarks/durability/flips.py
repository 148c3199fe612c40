"""One flipped bit, or one file cut short: named by verify, or nothing that is read has changed."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.durability.children import ChildFailedError, forked
from benchmarks.durability.results import SEED, Row
from newsqa.errors import NewsQAError
from newsqa.index import Index
from newsqa.index.verify import verify
from tests.fakes.engine_parts import FakeEncoder
from tests.indexes import QUESTIONS, SETTINGS, Place, record, shown

NAMES = ("a0", "a5", "long")
Damage = tuple[str, int, str]  # file, bit or length, kind


def flips(root: Path, n: int, cut: int) -> list[Row]:
    """Flip ``n`` random bits, one at a time, and cut files short ``cut`` times."""
    forked(_make, root / "sound")
    sound = root / "sound" / "index"
    wanted = forked(everything, sound)
    stored = forked(_dump, sound / "newsqa.db")
    tally: Counter[str] = Counter()
    problems: list[str] = []
    for damage in _damages(sound, n, cut):
        folder = root / "damaged"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(sound, folder)
        _damage(folder, damage)
        try:
            outcome = forked(_outcome, folder, damage[0], wanted, stored)
        except ChildFailedError as error:
            outcome = "crashed"
            problems.append(f"{damage}: {error}")
        if outcome in ("missed", "wrong text"):
            problems.append(f"{damage}: {outcome}")
        tally[outcome] += 1
    return [_row(n, cut, tally, problems)]


def _row(n: int, cut: int, tally: Counter[str], problems: list[str]) -> Row:
    changing = tally["detected"] + tally["missed"] + tally["wrong text"] + tally["crashed"]
    return Row(
        name="flips",
        what=f"{n} random bit flips and {cut} truncations over every file",
        n=n + cut,
        must="detected where a row, the schema or a cache changes (100%), others harmless, "
        "wrong text 0",
        found=f"{changing} changed a row, the schema, `head` or a cache: {tally['detected']} "
        f"detected; {tally['beyond']} more named without any effect; {tally['harmless']} changed "
        f"nothing (dump and replies equal); wrong text served {tally['wrong text']}; crashes "
        f"{tally['crashed']}",
        held=tally["detected"] == changing,
        figures={"tally": dict(tally), "problems": problems[:20]},
    )


def _make(root: Path) -> None:
    place = Place(root)
    first = [record(f"a{n}", f"The {q} of {n}. It was {n}.") for n, q in enumerate(QUESTIONS * 4)]
    place.build([*first, record("long", "\n\n".join(f"Line {n} of many." for n in range(900)))])
    place.build([*first[3:], {**first[0], "text": "Another text."}])


def everything(folder: Path) -> dict[str, Any]:
    """Return what readers get."""
    with Index.open(folder, encoder=FakeEncoder(), settings=SETTINGS) as index:
        snapshot = index.snapshot()
        return {
            "found": shown(index),
            "passages": [repr(p) for p in snapshot.passages(snapshot.columns.keys.tolist())],
            "articles": [
                snapshot.article(name, version.version).to_dict()
                for name in NAMES
                for version in index.article(name, 1).versions
            ],
        }


def _dump(database: Path) -> list[str]:
    """Return all that is stored, as SQL, schema included."""
    with closing(sqlite3.connect(database)) as db:
        db.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        return [line.encode("utf-8", "surrogateescape").hex() for line in db.iterdump()]


def _damages(folder: Path, n: int, cut: int) -> list[Damage]:
    """Every file at least once, the rest by size."""
    draw = random.Random(SEED)
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.stat().st_size]
    sizes = [path.stat().st_size for path in files]
    chosen: list[Damage] = []
    for kind, count in (("flip", n), ("cut", cut)):
        more = max(0, count - len(files))
        # Half by size, half file by file: most files are small.
        some = files + draw.choices(files, sizes, k=more - more // 2)
        for path in (some + draw.choices(files, k=more // 2))[:count]:
            bits = draw.randrange(path.stat().st_size * 8)
            at = bits if kind == "flip" else bits // 8
            chosen.append((path.relative_to(folder).as_posix(), at, kind))
    return chosen


def _damage(folder: Path, damage: Damage) -> None:
    name, at, kind = damage
    path = folder / name
    raw = bytearray(path.read_bytes())
    if kind == "flip":
        raw[at // 8] ^= 1 << at % 8
    else:
        raw = raw[:at]
    path.write_bytes(raw)


def _outcome(folder: Path, name: str, wanted: Any, stored: Any) -> str:
    """Return what became of it: verify first and alone, since opening may mend a cache."""
    matters = name == "head" or name.startswith("cache/")
    if name == "newsqa.db":
        try:
            matters = _dump(folder / name) != stored
        except (sqlite3.Error, UnicodeError):  # a name in the schema may be no text any more
            matters = True
    try:
        detected = verify(folder, FakeEncoder()).state != "sound"
    except NewsQAError:  # no index any more, or one of a later release
        detected = True
    if not _honest(folder, wanted, detected=detected):
        return "wrong text"
    if matters:
        return "detected" if detected else "missed"
    return "beyond" if detected else "harmless"


def _honest(folder: Path, wanted: Any, *, detected: bool) -> bool:
    """Whether readers get what they should, or an error, or (where verify warns) less of it."""
    import json

    try:
        got = json.loads(json.dumps(everything(folder)))
    except NewsQAError:
        return detected
    if got == wanted:
        return True
    less = set(got["passages"]) <= set(wanted["passages"])
    return detected and less and all(a in wanted["articles"] for a in got["articles"])
