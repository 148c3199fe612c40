"""Every sample file comes out as the table beside them says: three sound ones and one broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from newsqa.ingest import Parsed, parse, walk
from tests.samples import LIMITS, compare

SAMPLES = Path(__file__).parents[2] / "data" / "ingest"
EXPECTED: dict[str, Any] = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def parsed() -> dict[str, list[Parsed]]:
    found: dict[str, list[Parsed]] = {}
    for item in parse(walk([SAMPLES]).files, limits=LIMITS):
        found.setdefault(item.file.article_key, []).append(item)
    return found


def test_every_sample_is_in_the_table(parsed: dict[str, list[Parsed]]) -> None:
    assert set(parsed) == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_comes_out_as_expected(name: str, parsed: dict[str, list[Parsed]]) -> None:
    compare(parsed[name], EXPECTED[name], name)


def test_parsing_twice_gives_the_same(parsed: dict[str, list[Parsed]]) -> None:
    again = list(parse(walk([SAMPLES]).files, limits=LIMITS))
    assert again == [item for items in parsed.values() for item in items]
