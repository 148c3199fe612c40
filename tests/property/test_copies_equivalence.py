"""Whatever was added, changed and removed, in whatever order: the groups of a fresh build."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsqa.index import update as changing
from tests.fakes.engine_parts import FakeEncoder
from tests.indexes import SETTINGS, QuickIndex, groups, quick_context, record, write_corpus

SENTENCES = [
    "The council of Lindle voted on Monday to close the old bridge for 12 weeks.",
    "Mayor Ida Moor said that 40 lorries a day had cracked its northern arch.",
    "A ferry with room for 9 cars will carry people across until the autumn.",
    "Farmers from Oster must drive 31 kilometres further to reach the mill.",
    "The work is paid by the province, which had put aside 2.5 million crowns.",
    "An engineer from Haven found that the stones had moved by 7 millimetres.",
    "Nobody was hurt when a piece of the wall fell into the river in March.",
    "The school bus takes another way, past the chapel and the water tower.",
    "Traders in the market fear for the weeks before Christmas, their best.",
    "The bridge was built in 1874 by masons who came over from the island.",
]
IDS = st.sampled_from(list("abcdefg"))
# Runs of the same ten sentences: copies, cut ones, copies of copies, and texts apart.
BODY = st.tuples(st.integers(0, 7), st.integers(3, 6), st.sampled_from(["", " more", " sources"]))
CONTENT = st.dictionaries(IDS, BODY, min_size=1, max_size=5)
STEP = st.one_of(
    st.tuples(st.just("add"), CONTENT),
    st.tuples(st.just("build"), CONTENT),
    st.tuples(st.just("remove"), st.sets(IDS, max_size=3)),
    st.tuples(st.just("rollback"), st.integers(1, 6)),
    st.tuples(st.just("purge"), IDS),
    st.tuples(st.just("compact"), st.none()),
)


def body_of(content: tuple[int, int, str]) -> str:
    start, length, extra = content
    return " ".join(SENTENCES[start : start + length]).replace(" people", f"{extra} people")


class Walk:
    """An index and what should be current in it."""

    def __init__(self, root: Path, content: dict[str, Any]) -> None:
        self.root = root
        self.encoder = FakeEncoder()
        self.states: dict[int, dict[str, Any]] = {}
        self.purged: set[str] = set()
        self.now: dict[str, Any] = {}
        self.build(content)
        index = QuickIndex.open(root / "index", encoder=self.encoder, settings=SETTINGS)
        assert isinstance(index, QuickIndex)
        self.index = index

    def corpus(self, content: dict[str, Any], order: Sequence[str] = ()) -> Path:
        rows = [record(i, body_of(content[i])) for i in order or sorted(content)]
        return write_corpus(self.root / "corpus.jsonl", rows)

    def build(self, content: dict[str, Any], order: Sequence[str] = ()) -> None:
        context = quick_context(self.root / "index", self.encoder)
        report = changing.build(context, [self.corpus(content, order)], ())
        self.now = self.states[report.generation] = content

    def step(self, name: str, what: Any) -> None:
        if name in ("add", "build"):
            what = {i: body for i, body in what.items() if i not in self.purged}
            if what and name == "build":
                self.build(what)
            elif what:
                report = self.index.add([self.corpus(what)])
                self.now = self.states[report.generation] = {**self.now, **what}
        elif name == "remove":
            report = self.index.remove(sorted(what & self.now.keys()))
            left = {i: body for i, body in self.now.items() if i not in what}
            self.now = self.states[report.generation] = left
        elif name == "rollback" and what in self.states:
            then = {i: body for i, body in self.states[what].items() if i not in self.purged}
            self.now = self.states[self.index.rollback(what).generation] = then
        elif name == "purge" and what in self.now:
            self.purged.add(what)
            self.now = {i: body for i, body in self.now.items() if i != what}
            self.states[self.index.purge([what]).generation] = self.now
        elif name == "compact":
            self.index.compact(keep=2)
            newest = max(self.states)
            self.states = {g: s for g, s in self.states.items() if g >= newest - 1}

    def groups(self) -> list[tuple[str, ...]]:
        return groups(self.index)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(CONTENT, st.lists(STEP, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_any_history_groups_as_a_fresh_build_in_any_order(
    first: dict[str, Any], steps: list[tuple[str, Any]], random: Any
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        walk = Walk(Path(folder) / "grown", first)
        for at, (name, what) in enumerate(steps):
            walk.step(name, what)
            if walk.now and (at == len(steps) - 1 or random.random() < 0.3):
                order = sorted(walk.now)
                random.shuffle(order)
                fresh = Walk(Path(folder) / f"fresh-{at}", walk.now)
                fresh.build(walk.now, order)
                assert walk.groups() == fresh.groups()
                fresh.index.close()
        assert walk.index.verify(deep=True).damaged == ()
        walk.index.close()


def test_the_histories_hold_copies_and_copies_of_copies() -> None:
    """The property above would hold if nothing were ever found."""
    content = {
        "a": (0, 6, ""),
        "b": (1, 6, ""),
        "c": (3, 6, ""),
        "d": (7, 3, ""),
        "e": (0, 6, " x"),
    }
    with tempfile.TemporaryDirectory() as folder:
        walk = Walk(Path(folder), content)
        assert walk.groups() == [("a", "b", "c", "e")]
        walk.step("remove", {"b"})
        assert walk.groups() == [("a", "e")]
        walk.index.close()
