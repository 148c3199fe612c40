"""Against a fresh build: an index that changed a thousand times, and a corpus that did not."""

from __future__ import annotations

import gzip
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.durability.children import forked
from benchmarks.durability.results import SEED, STAND_IN, Row, fresh
from benchmarks.lib import places
from benchmarks.speed.index_machinery import StandIn, processor_s
from newsqa.engine import NewsQA
from newsqa.index import Index
from newsqa.index import update as changing
from newsqa.protocols import Encoder
from newsqa.settings import Settings, load
from tests.fakes.engine_parts import FakeEncoder
from tests.indexes import SETTINGS, QuickIndex, quick_context, record, write_corpus

STORIES = places.SETS / "reuters21578" / "corpus.jsonl.gz"
HELD = 400  # articles in the index that changes
ROUNDING = 1e-4  # numbers of two replies that differ by less are the same


def stories(n: int) -> Iterator[dict[str, str]]:
    """Yield the first ``n`` stories of reuters21578."""
    with gzip.open(STORIES, "rt", encoding="utf-8") as lines:
        for _, line in zip(range(n), lines, strict=False):
            yield json.loads(line)


# -- a corpus that did not change --


def unchanged(root: Path, n: int, encoded: int) -> list[Row]:
    """Build from files, build again, and compare; with the stand-in, and with the real encoder."""
    rows = []
    for encoder, count in (("stand-in", n), ("the packaged encoder", encoded)):
        if not count:
            continue
        if not STORIES.exists():
            rows.append(_absent())
            continue
        rows.append(_unchanged_row(forked(_twice, fresh(root / encoder), count, encoder), encoder))
    return rows


def _absent() -> Row:
    return Row(
        name="unchanged",
        what="rebuild of an unchanged corpus (reuters21578)",
        n=0,
        must="at least 100 times faster",
        found="not measured: reuters21578 is absent (NEWSQA_SHARED)",
        held=False,
    )


def _unchanged_row(told: dict[str, Any], encoder: str) -> Row:
    faster = told["first_s"] / told["again_s"]
    used = told["first_processor_s"] / told["again_processor_s"]
    alone = encoder == "stand-in"
    return Row(
        name="unchanged",
        what=f"rebuild of {told['files']:,} unchanged files (reuters21578) against the first "
        "build, one after the other",
        n=told["files"],
        must="stated: the machinery alone" if alone else "at least 100 times faster",
        found=f"{told['first_s']:.1f} s, then {told['again_s']:.2f} s: {faster:.0f} times faster "
        f"({used:.0f} times less processor time)",
        held=alone or faster >= 100,
        figures=told,
        encoder=STAND_IN if alone else encoder,
    )


def _twice(root: Path, n: int, name: str) -> dict[str, Any]:
    corpus = root / "corpus"
    corpus.mkdir()
    for story in stories(n):
        words = f"{story['title']}\n\n{story['text']}"
        (corpus / f"{story['id']}.txt").write_text(words, encoding="utf-8")
    encoder = _encoder(name)
    settings = Settings.model_validate({})
    told: dict[str, Any] = {"files": n}
    for key in ("first", "again"):
        start, used = time.perf_counter(), processor_s()
        report = Index.build([corpus], root / "index", encoder=encoder, settings=settings)
        told[f"{key}_s"] = time.perf_counter() - start
        told[f"{key}_processor_s"] = processor_s() - used
        told[f"{key}_indexed"] = report.indexed
    with Index.open(root / "index", encoder=encoder, settings=settings) as index:
        told["passages"] = len(index.snapshot())
        told["state"] = index.verify().state
    if told["again_indexed"] or told["state"] != "sound":
        raise RuntimeError(f"the second build was not of an unchanged corpus: {told}")
    return told


def _encoder(name: str) -> Encoder:
    if name == "stand-in":
        return StandIn()
    from newsqa.models import open_encoder

    settings = load({})
    return open_encoder(settings.encoder, threads=2, cache_dir=settings.cache_dir)


# -- an index that changed a thousand times --


def grown(root: Path, changes: int, questions: int) -> list[Row]:
    """Change an index at random, compact it, and ask it and a fresh one the same questions."""
    told = forked(_grown, root, changes, questions)
    equal = told["questions"] - len(told["different"])
    asked = 2 * told["questions"]
    return [
        Row(
            name="grown",
            what=f"an index after {changes:,} random changes (add, update, remove, rollback) and "
            f"compaction against a fresh build of its {told['articles']} articles "
            f"({told['texts']}); search and ask",
            n=asked,
            must=f"the same replies to {questions} questions",
            found=f"{equal} of {told['questions']} questions get the same hits and the same "
            f"answer or refusal ({told['answered']} answered)",
            held=not told["different"],
            figures=told,
        )
    ]


def _texts(n: int) -> tuple[list[dict[str, str]], str]:
    if STORIES.exists():
        return [{**story, "id": f"s{at}"} for at, story in enumerate(stories(n))], "reuters21578"
    draw = random.Random(SEED)
    words = [f"w{i}" for i in range(2_000)]
    made = []
    for at in range(n):
        lines = [f"The {' '.join(draw.choices(words, k=8))} was so." for _ in range(8)]
        made.append(record(f"s{at}", " ".join(lines)))
    return made, "random words"


def _grown(root: Path, changes: int, questions: int) -> dict[str, Any]:
    draw = random.Random(SEED)
    texts, source = _texts(HELD * 3)
    now = {f"a{n}": texts[n] for n in range(HELD)}
    encoder = FakeEncoder()
    more = root / "more.jsonl"
    changing.build(quick_context(root / "grown", encoder), [_corpus(root, now)], ())
    states = {1: dict(now)}
    with QuickIndex.open(root / "grown", encoder=encoder, settings=SETTINGS) as index:
        for _ in range(changes):
            kind = draw.choices(("change", "remove", "rollback"), (14, 5, 1))[0]
            if kind == "change":
                names = [f"a{draw.randrange(HELD * 2)}" for _ in range(draw.choice((1, 1, 2, 9)))]
                new = {name: draw.choice(texts) for name in names}
                now = {**now, **new}
                report = index.add([_write(more, new)])
            elif kind == "remove":
                gone = draw.sample(sorted(now), 2)
                now = {name: story for name, story in now.items() if name not in gone}
                report = index.remove(gone)
            else:
                generation = draw.choice(sorted(states)[-30:])
                now = dict(states[generation])
                report = index.rollback(generation)
            states[report.generation] = dict(now)
        index.compact()
    changing.build(quick_context(root / "fresh", encoder), [_corpus(root, now)], ())
    return _compared(root, encoder, now, questions, draw) | {"texts": source}


def _corpus(root: Path, now: dict[str, dict[str, str]]) -> Path:
    return _write(root / "corpus.jsonl", now)


def _write(path: Path, stories: dict[str, dict[str, str]]) -> Path:
    rows = [
        {"id": name, **{key: story[key] for key in ("title", "text", "date") if story.get(key)}}
        for name, story in sorted(stories.items())
    ]
    return write_corpus(path, rows)


def _compared(
    root: Path,
    encoder: Encoder,
    now: dict[str, dict[str, str]],
    questions: int,
    draw: random.Random,
) -> dict[str, Any]:
    settings = load({"reader": "none"})
    asked = [_question(now[name], draw) for name in draw.choices(sorted(now), k=questions)]
    different, answered = [], 0
    with (
        QuickIndex.open(root / "grown", encoder=encoder, settings=settings) as one,
        QuickIndex.open(root / "fresh", encoder=encoder, settings=settings) as other,
    ):
        pair = [NewsQA(index, encoder=encoder, settings=settings) for index in (one, other)]
        for question in asked:
            told = [_plain([qa.search(question), qa.ask(question)]) for qa in pair]
            answered += bool(told[0][1]["answered"])
            if where := _unlike(*told):
                different.append({"question": question[:60], "where": where})
        sound = one.verify(deep=True).state
    if sound != "sound":
        raise RuntimeError(f"the grown index is {sound}")
    return {
        "questions": questions,
        "articles": len(now),
        "different": different,
        "answered": answered,
    }


def _question(story: dict[str, str], draw: random.Random) -> str:
    """Ask with words of one place of the story: its title, or some words in a row."""
    words = story["text"].split()
    at = draw.randrange(max(1, len(words) - 8))
    return draw.choice((story["title"], f"What about {' '.join(words[at : at + 8])}?"))


def _plain(value: Any) -> Any:
    """Return a reply without what may differ: generation, version, times."""
    if hasattr(value, "to_dict"):
        value = value.to_dict()
    if isinstance(value, dict):
        left_out = ("generation", "version", "timings_ms")
        return {key: _plain(part) for key, part in value.items() if key not in left_out}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value


def _unlike(one: Any, other: Any, at: str = "") -> str | None:
    """Say where two replies first differ; numbers may, by what sums in another order differ by."""
    if isinstance(one, float) and isinstance(other, float):
        return None if abs(one - other) <= ROUNDING else f"{at}: {one!r}, {other!r}"
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(f"{at}.{key}", one[key], other[key]) for key in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(f"{at}[{n}]", *pair) for n, pair in enumerate(zip(one, other, strict=True))]
    else:
        return None if one == other else f"{at}: {str(one)[:200]}, {str(other)[:200]}"
    return next((where for at, a, b in pairs if (where := _unlike(a, b, at))), None)
