"""Whatever was added, changed and removed: what is left is what a fresh build has."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsqa.index import update as changing
from tests.fakes.engine_parts import FakeEncoder
from tests.indexes import (
    QUESTIONS,
    SETTINGS,
    QuickIndex,
    quick_context,
    record,
    shown,
    write_corpus,
)

WORDS = [
    *(
        "harbour",
        "storm",
        "mayor",
        "resigns",
        "bridge",
        "2031",
        "lindle",
        "water",
        "museum",
        "boat",
    ),
    *("opens", "council", "votes", "police", "rain", "school", "price", "train", "night", "island"),
]
IDS = st.sampled_from(list("abcdefgh"))
BODY = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(
    lambda words: f"The {' '.join(words)}. It is so."
)
CONTENT = st.dictionaries(IDS, BODY, min_size=1, max_size=5)
STEP = st.one_of(
    st.tuples(st.just("add"), CONTENT),
    st.tuples(st.just("build"), CONTENT),
    st.tuples(st.just("remove"), st.sets(IDS, max_size=3)),
    st.tuples(st.just("rollback"), st.integers(1, 8)),
    st.tuples(st.just("compact"), st.none()),
    st.tuples(st.just("reopen"), st.none()),
)


class Walk:
    """One index, and beside it what should be in it after each generation."""

    def __init__(self, root: Path, content: dict[str, str]) -> None:
        self.root = root
        self.encoder = FakeEncoder()
        self.states: dict[int, dict[str, str]] = {}
        self.now: dict[str, str] = {}
        self.build(content)
        self.index = self.open()

    def open(self) -> QuickIndex:
        index = QuickIndex.open(self.root / "index", encoder=self.encoder, settings=SETTINGS)
        assert isinstance(index, QuickIndex)
        return index

    def corpus(self, content: dict[str, str]) -> Path:
        rows = [record(i, body, date="2026-01-01") for i, body in sorted(content.items())]
        return write_corpus(self.root / "corpus.jsonl", rows)

    def reached(self, generation: int, now: dict[str, str]) -> None:
        self.now = now
        assert self.states.setdefault(generation, now) == now

    def build(self, content: dict[str, str]) -> None:
        context = quick_context(self.root / "index", self.encoder)
        report = changing.build(context, [self.corpus(content)], ())
        self.reached(report.generation, content)

    def step(self, name: str, what: Any) -> None:
        if name == "add":
            report = self.index.add([self.corpus(what)])
            self.reached(report.generation, {**self.now, **what})
        elif name == "build":
            self.build(what)
        elif name == "remove":
            gone = sorted(what & self.now.keys())
            report = self.index.remove(gone)
            left = {i: body for i, body in self.now.items() if i not in gone}
            self.reached(report.generation, left)
        elif name == "rollback" and what in self.states:
            self.reached(self.index.rollback(what).generation, self.states[what])
        elif name == "compact":
            self.index.compact()
        elif name == "reopen":
            self.index.close()
            self.index = self.open()

    def found(self) -> dict[str, str]:
        snapshot = self.index.snapshot()
        passages = snapshot.passages(snapshot.columns.keys.tolist())
        assert len(passages) == snapshot.article_count
        return {p.article_id: snapshot.article(p.article_id, p.version).body for p in passages}


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(CONTENT, st.lists(STEP, min_size=1, max_size=8))
def test_any_history_ends_as_a_fresh_build(
    first: dict[str, str], steps: list[tuple[str, Any]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        walk = Walk(Path(folder) / "grown", first)
        for name, what in steps:
            walk.step(name, what)
            assert walk.found() == walk.now
        assert walk.index.verify(deep=True).damaged == ()
        if walk.now:
            fresh = Walk(Path(folder) / "fresh", walk.now)
            wanted = shown(fresh.index)
            # The tail scores vectors exactly; words may weigh a little differently.
            grown = shown(walk.index)
            for question in QUESTIONS:
                assert grown[question][0] == wanted[question][0]
                assert _articles(grown[question][1]) == _articles(wanted[question][1])
            walk.index.compact()
            assert shown(walk.index) == wanted
            fresh.index.close()
        walk.index.close()


def _articles(found: list[tuple[float, str, str]]) -> set[str]:
    return {article_id for _, article_id, _ in found}
