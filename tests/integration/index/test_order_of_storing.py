"""Replies do not tell in which order articles came into the index."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import newsqa
from newsqa.settings import load
from tests.fakes.engine_parts import FakeEncoder

FEW = load({"passage_tokens": 64, "depth": 12})
# Eight that score differently by words, then eight that score the same: the cut at 12 is there.
UNLIKE = [f"The harbour opened{' again' * n}." for n in range(8)]
ALIKE = [f"A harbour closed while {word} came and went over there." for word in
         ("rain", "snow", "sleet", "hail", "frost", "mist", "fog", "dew")]  # fmt: skip
RECORDS = [
    {"id": f"a{n:02}", "title": "", "text": text} for n, text in enumerate([*UNLIKE, *ALIKE])
]


def hits_of(place: Path, records: Sequence[dict[str, str]]) -> list[Any]:
    """What is found in an index that took the records four by four."""
    place.mkdir()
    files = [place / f"{n}.jsonl" for n in range(len(records) // 4)]
    for n, file in enumerate(files):
        four = [json.dumps(record) + "\n" for record in records[4 * n : 4 * n + 4]]
        file.write_text("".join(four), encoding="utf-8")
    qa = newsqa.build([files[0]], index=place / "index", settings=FEW, encoder=FakeEncoder())
    with qa:
        for file in files[1:]:
            qa.add([file])
        found = qa.search("harbour", k=12).hits
    return [(hit.passage.article_id, hit.score, hit.dense, hit.lexical) for hit in found]


def test_equals_at_the_cut_of_a_leg_do_not_depend_on_it(tmp_path: Path) -> None:
    forth = hits_of(tmp_path / "forth", RECORDS)

    assert forth == hits_of(tmp_path / "back", RECORDS[::-1])
    assert len({lexical for _, _, _, lexical in forth}) > 2
