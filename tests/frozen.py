"""A small index as one release wrote it, kept so that later releases prove they can read it.

    python -m tests.frozen tests/data/index-format-N

makes one with the program as it is: two encoders, six generations, every kind of article and
change, and a build that was stopped. Beside the database, `expected.json` holds what its readers
were told. The index that is there is never made again; a new format gets a new folder.
"""

from __future__ import annotations

import json
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import Any

from newsqa.errors import UnknownArticleError
from newsqa.index import Index
from newsqa.types import Filters
from tests.fakes.engine_parts import FakeEncoder
from tests.indexes import SETTINGS, record, shown, write_corpus

ROOT = Path(__file__).parent.parent
WORKSHOP = Path("/tmp/newsqa-frozen")  # part of what is stored: the paths the articles came from
LEFT_OUT = ("*.lock", "writer.json", "caches.json", "*-wal", "*-shm")

FLOOD = """The river rose by two metres in the night. Lindle's lower town was cleared before dawn.

"We have room for everybody," said the school's head, Ida Brandt. Nobody was hurt."""
FILES = {
    "flood.md": f"""---
title: Flood clears the lower town
source: Lindle Post
byline: Mara Oke
date: 2026-02-03
updated: 2026-02-04
url: https://post.example/flood
---
{FLOOD}
""",
    "flood-wire.txt": f"Flood clears lower town\n\n{FLOOD} More rain is due.\n",
    "museum.html": """<html><head><title>Museum opens - Lindle Post</title>
<meta property="article:published_time" content="2026-03-01"></head><body><article>
<h1>Museum opens</h1><p>The museum of the harbour opened its doors on Sunday after four years.</p>
<p>Entry is free until May. The director, Tomé Açaí, thanked the 1,200 donors.</p>
<p>The storm of 2022 had broken its roof and two of its walls.</p></article></body></html>""",
    "naïve 𝔫ame.txt": "Ünïcode\n\nThe mayor’s café opens in 2031. 漁港は開いています。 It is so.\n",
}
RECORDS = (
    record("bridge", "The bridge opens in 2031. It was late.", date="2026-01-05", source="Post"),
    record("bridge-too", "The bridge opens in 2031. It was late.", source="Other Post"),
    record("mayor", "The mayor resigns. She leaves in May.", date="2026-04-01", source="Post"),
    record("harbour", "A storm broke the harbour wall.", date="2026-03-01"),
    record("water", "The water of the Lindle is clean again. People swim."),
    record("secret", "The xylophonist Quibbleworth hid. He was found."),
)


def make(target: Path) -> None:
    """Write the index and what its readers are told into ``target``, which must not be there."""
    folder, corpus = _workshop()
    encoder = FakeEncoder()
    options: dict[str, Any] = {"settings": SETTINGS, "encoder": encoder}
    old = {**options, "encoder": FakeEncoder("fake-before", dim=16)}
    Index.build([corpus], folder, **old)
    Index.build([corpus], folder, **options)
    with Index.open(folder, **options) as index:
        (corpus / "flood.md").write_text(
            FILES["flood.md"].replace("two metres", "three metres"), encoding="utf-8"
        )
        records = [{**RECORDS[2], "text": "The mayor stays after all. She said so."}, *RECORDS[3:]]
        write_corpus(corpus / "records.jsonl", records)
        index.sync(corpus)
        index.remove(["water"])
        index.purge(["secret"])
        index.rollback(2)
        _stop(folder, options)
        expected = told(index)
    shutil.copytree(folder, target, ignore=_left_out)
    text = json.dumps(expected, indent=1, ensure_ascii=False) + "\n"
    (target / "expected.json").write_text(text, encoding="utf-8")
    shutil.rmtree(WORKSHOP)


def _workshop() -> tuple[Path, Path]:
    shutil.rmtree(WORKSHOP, ignore_errors=True)
    corpus = WORKSHOP / "corpus"
    write_corpus(corpus / "records.jsonl", RECORDS)
    for name, content in FILES.items():
        (corpus / name).write_text(content, encoding="utf-8")
    shutil.copy(next(iter(sorted((ROOT / "corpus").rglob("*.pdf")))), corpus / "paper.pdf")
    return WORKSHOP / "index", corpus


def _stop(folder: Path, options: dict[str, Any]) -> None:
    """Leave behind what a stopped build leaves."""

    def stop(stage: str, done: int, total: int | None, detail: str = "") -> None:
        if stage == "embedding":
            raise KeyboardInterrupt

    more = write_corpus(WORKSHOP / "more.jsonl", [record("staged", "Nobody has seen this yet.")])
    try:
        Index.build([more], folder, progress=stop, **options)
    except KeyboardInterrupt:
        return
    raise AssertionError("the build was not stopped")


def _left_out(folder: str, names: list[str]) -> set[str]:
    if Path(folder).name != "index":  # in the caches every file counts
        return set()
    return shutil.ignore_patterns(*LEFT_OUT)(folder, names)


def told(index: Index) -> dict[str, Any]:
    """Return what readers of the index are told, as JSON."""
    snapshot = index.snapshot()
    passages = snapshot.passages(snapshot.columns.keys.tolist())
    names = sorted({p.article_id for p in passages})
    then = {"as_of": Filters(as_of=date(2026, 3, 20)), "source": Filters(sources=("post",))}
    answers: dict[str, Any] = {
        "generation": snapshot.generation,
        "articles": {name: _versions(index, name) for name in [*names, "water", "secret"]},
        "passages": [[p.article_id, p.version, p.span.start, p.text] for p in passages],
        "found": shown(index),
        "filtered": {name: shown(index, filters) for name, filters in then.items()},
    }
    plain: dict[str, Any] = json.loads(json.dumps(answers))
    return plain


def _versions(index: Index, article_id: str) -> list[dict[str, Any]]:
    versions = []
    for version in range(1, 9):
        try:
            versions.append(index.article(article_id, version).to_dict())
        except UnknownArticleError:
            break
    return versions


if __name__ == "__main__":
    make(Path(sys.argv[1]))
