"""One flipped bit anywhere: verify names it, or what readers get is the same to the letter."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from newsqa.errors import NewsQAError
from newsqa.index import Index
from tests.fakes.engine_parts import FakeEncoder
from tests.indexes import QUESTIONS, SETTINGS, Place, record, shown

SEED = 20261124


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("sound"))
    first = [record(f"a{n}", f"The {q} of {n}. It was {n}.") for n, q in enumerate(QUESTIONS * 4)]
    place.build([*first, record("long", "\n\n".join(f"Line {n} of many." for n in range(900)))])
    place.build([*first[3:], {**first[0], "text": "Another text."}])
    return place


def everything(folder: Path) -> dict[str, Any]:
    """What readers get, or the error they get instead."""
    told: dict[str, Any] = {}
    with Index.open(folder, encoder=FakeEncoder(), settings=SETTINGS) as index:
        told["found"] = shown(index)
        snapshot = index.snapshot()
        told["passages"] = [repr(p) for p in snapshot.passages(snapshot.columns.keys.tolist())]
        told["articles"] = [
            snapshot.article(article_id, version.version).to_dict()
            for article_id in ("a0", "a5", "long")
            for version in index.article(article_id, 1).versions
        ]
    return told


def flips(folder: Path, n: int) -> list[tuple[Path, int]]:
    """``n`` random bits, spread over the files by their size, each file at least once."""
    draw = random.Random(SEED)
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.stat().st_size]
    files = [p for p in files if p.suffix not in {".lock"}]
    weights = [path.stat().st_size for path in files]
    chosen = files + draw.choices(files, weights, k=max(0, n - len(files)))
    return [(p.relative_to(folder), draw.randrange(p.stat().st_size * 8)) for p in chosen]


def examine(sound: Place, tmp_path: Path, n: int) -> dict[str, int]:
    wanted = everything(sound.folder)
    counts = {"detected": 0, "harmless": 0}
    for at, (name, bit) in enumerate(flips(sound.folder, n)):
        folder = tmp_path / str(at)
        shutil.copytree(sound.folder, folder)
        path = folder / name
        raw = bytearray(path.read_bytes())
        raw[bit // 8] ^= 1 << bit % 8
        path.write_bytes(raw)
        try:
            with Index.open(folder, encoder=FakeEncoder(), settings=SETTINGS) as index:
                state = index.verify().state
        except NewsQAError:
            state = "damaged"
        try:
            got = everything(folder)
        except NewsQAError:
            got = {}
            assert state != "sound", (name, bit)
        # Before anybody verifies, something may be missing; nothing may be wrong.
        if got != wanted:
            assert state != "sound", (name, bit)
            assert set(got.get("passages", ())) <= set(wanted["passages"]), (name, bit)
            assert all(a in wanted["articles"] for a in got.get("articles", ())), (name, bit)
        counts["harmless" if state == "sound" else "detected"] += 1
        shutil.rmtree(folder)
    return counts


def test_flips(sound: Place, tmp_path: Path) -> None:
    counts = examine(sound, tmp_path, 60)
    assert counts["detected"] > 30


@pytest.mark.slow
def test_many_flips(sound: Place, tmp_path: Path) -> None:
    print(json.dumps(examine(sound, tmp_path, 1_000)))


@pytest.mark.parametrize("name", ["newsqa.db", "vectors.faiss", "meta.json", "keys.npy", "head"])
def test_truncations(sound: Place, tmp_path: Path, name: str) -> None:
    wanted = everything(sound.folder)
    target = next(path for path in sorted(sound.folder.rglob(name)))
    for share in (0.0, 0.5, 0.99):
        folder = tmp_path / str(share)
        shutil.copytree(sound.folder, folder)
        path = folder / target.relative_to(sound.folder)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
        try:
            with Index.open(folder, encoder=FakeEncoder(), settings=SETTINGS) as index:
                assert index.verify().state != "sound"
            assert everything(folder) == wanted
        except NewsQAError:
            assert name == "newsqa.db"
