"""Small indexes whose every state is known: what a reader must find in one, article by article."""

from __future__ import annotations

import json
import random
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from newsqa.errors import IndexMismatchError
from newsqa.index import Index
from newsqa.index import update as changing
from newsqa.index.update import WriteContext
from newsqa.text import analysis as text
from tests.fakes.engine_parts import FakeEncoder
from tests.indexes import SETTINGS, QuickIndex, quick_parse, record, write_corpus

State = dict[str, str]
ENCODERS = ("fake", "fake-next")  # stand-ins: a swap goes from one to the other
ARTICLES = 24
SUBJECTS = (
    "harbour storm mayor bridge museum council water ferry school island train police rain "
    "price night boat market tower lantern garden"
).split()


class BrokenError(Exception):
    """A reader found something that no state of the index explains."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change and the state it leads to."""

    kind: str
    after: State
    touched: tuple[str, ...] = ()


def mark(name: str, edition: int) -> str:
    """Return the word that only this edition of this article holds."""
    return f"mark{edition}of{name}end"


def body(draw: random.Random, name: str, edition: int) -> str:
    """Return an article of one to four passages that says whose and which it is."""
    lines = [f"Edition {edition} of {name} is number {mark(name, edition)}."]
    for _ in range(draw.choice((1, 3, 40))):
        lines.append(f"The {' '.join(draw.choices(SUBJECTS, k=9))} was so.")
    return " ".join(lines)


def first_state(draw: random.Random) -> State:
    """Return what an index holds before anything happens to it."""
    return {f"a{n}": body(draw, f"a{n}", 0) for n in range(ARTICLES)}


class Shelf:
    """A template index, copies of it to maltreat, and the files its articles came from."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.corpus = root / "corpus"
        self.template = root / "template"
        self.copy = root / "copy" / "index"
        self.first = first_state(random.Random(seed))

    def prepare(self) -> None:
        """Make the template: one generation, its caches, and a backup of it."""
        self.write(self.first)
        changing.build(self.context(self.template), [self.corpus], ())
        with self.opened(self.template) as index:
            index.snapshot()
            index.backup(self.root / "backup.db")

    def renew(self) -> Path:
        """Put a fresh copy of the template in place and the corpus as it was."""
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.template, self.copy)
        self.write(self.first)
        return self.copy

    def write(self, state: State) -> None:
        """Make the corpus folder hold exactly this state, a file for each article."""
        self.corpus.mkdir(parents=True, exist_ok=True)
        for path in self.corpus.iterdir():
            if path.stem not in state:
                path.unlink()
        for name, words in state.items():
            line = json.dumps(record(name, words)) + "\n"
            path = self.corpus / f"{name}.jsonl"
            if not path.exists() or path.read_text(encoding="utf-8") != line:
                path.write_text(line, encoding="utf-8")

    def context(self, folder: Path, encoder: str = ENCODERS[0]) -> WriteContext:
        """Return what changes work with."""
        return WriteContext(folder, FakeEncoder(encoder), SETTINGS, parse=quick_parse)

    def opened(self, folder: Path) -> Index:
        """Open with the encoder that the index holds."""
        try:
            return QuickIndex.open(folder, encoder=FakeEncoder(ENCODERS[0]), settings=SETTINGS)
        except IndexMismatchError:
            return QuickIndex.open(folder, encoder=FakeEncoder(ENCODERS[1]), settings=SETTINGS)

    # -- plans --

    def plan(self, kind: str, draw: random.Random, n: int = 3) -> list[Step]:
        """Return ``n`` changes of one kind, each with the state it leads to."""
        now, steps = self.first, []
        for edition in range(1, n + 1):
            step = self._step(kind, now, draw, edition)
            steps.append(step)
            now = step.after
        return steps

    def _step(self, kind: str, now: State, draw: random.Random, edition: int) -> Step:
        some = tuple(sorted(draw.sample(sorted(now), 3)))
        new = tuple(f"n{edition}{n}" for n in range(3))
        if kind == "add":
            texts = {name: body(draw, name, edition) for name in (*new, some[0])}
            return Step(kind, {**now, **texts}, tuple(texts))
        if kind == "update":
            texts = {name: body(draw, name, edition) for name in some}
            return Step(kind, {**now, **texts}, some)
        if kind in ("remove", "purge"):
            return Step(kind, {n: words for n, words in now.items() if n not in some}, some)
        if kind in ("build", "sync"):
            texts = {name: body(draw, name, edition) for name in (*some[:2], *new[:2])}
            left = {name: words for name, words in now.items() if name != some[2]}
            return Step(kind, {**left, **texts})
        if kind in ("rollback", "restore"):
            if edition % 2:  # something to go back from
                return self._step("update", now, draw, edition)
            return Step(kind, self.first)
        return Step(kind, now)  # swap, repair, compact: the articles stay

    def do(self, step: Step, folder: Path) -> None:
        """Make one change, as the command line would."""
        if step.kind in ("add", "update"):
            more = [record(name, step.after[name]) for name in step.touched]
            path = write_corpus(self.root / "more.jsonl", more)
            with self.opened(folder) as index:
                index.add([path])
        elif step.kind == "build":
            self.write(step.after)
            changing.build(self._own_tools(folder), [self.corpus], ())
        elif step.kind == "swap":
            names = {FakeEncoder(name).fingerprint: name for name in ENCODERS}
            with self.opened(folder) as index:
                held = names[index.encoder.fingerprint]
            other = ENCODERS[1 - ENCODERS.index(held)]
            changing.build(self.context(folder, other), [], ())
        elif step.kind == "restore":
            Index.restore(folder, self.root / "backup.db")
        else:
            self._keep(step, folder)

    def _keep(self, step: Step, folder: Path) -> None:
        if step.kind == "repair":
            for path in (folder / "cache").rglob("*.faiss"):
                path.write_bytes(b"damaged")
        if step.kind == "sync":
            self.write(step.after)
        with self.opened(folder) as index:
            if step.kind == "remove":
                index.remove(step.touched)
            elif step.kind == "purge":
                index.purge(step.touched)
            elif step.kind == "sync":
                index.sync(self.corpus)
            elif step.kind == "rollback":
                index.rollback(1)
            elif step.kind == "repair":
                index.repair()
            elif step.kind == "compact":
                index.compact(keep=2)
            else:
                raise ValueError(step.kind)

    def _own_tools(self, folder: Path) -> WriteContext:
        with self.opened(folder) as index:
            return self.context(folder, index.encoder.name)


def first_answer(index: Index) -> float:
    """Return how long an open index takes to its first answer, snapshot included, in seconds."""
    start = time.perf_counter()
    snapshot = index.snapshot()
    vector = index.encoder.encode_questions(["harbour storm"])[0]
    keys = [key for key, _ in snapshot.dense(vector, 5)]
    keys += [key for key, _ in snapshot.lexical(text.terms("harbour storm"), 5)]
    snapshot.passages(keys)
    return time.perf_counter() - start


def contents(index: Index) -> State:
    """Return every current article with its body, each found by its words and by its meaning.

    Raises:
        BrokenError: One is not found, or something is found that is not current.
    """
    snapshot = index.snapshot()
    keys = snapshot.columns.keys.tolist()
    passages = snapshot.passages(keys)
    found = {p.article_id: snapshot.article(p.article_id, p.version).body for p in passages}
    if len(found) != snapshot.article_count:
        raise BrokenError(f"{len(found)} of {snapshot.article_count} articles have passages")
    name_of = {key: p.article_id for key, p in zip(keys, passages, strict=True)}
    everything = len(snapshot)
    for key, passage in zip(keys, passages, strict=True):
        if passage.text not in found[passage.article_id]:
            raise BrokenError(f"passage {key} is not of its article")
        words = {k for k, _ in snapshot.lexical(text.terms(passage.text), everything)}
        vector = index.encoder.encode_questions([passage.text])[0]
        near = {k for k, _ in snapshot.dense(vector, everything)}
        if key not in words or near != name_of.keys() or not words <= name_of.keys():
            raise BrokenError(f"passage {key} of {passage.article_id} is not found as it should be")
    return found


def explained(found: State, allowed: list[State]) -> str:
    """Return how a state differs from those allowed; empty if it is one of them."""
    if found in allowed:
        return ""
    known = set().union(*allowed)
    if found.keys() - known:
        return f"removed articles found again: {sorted(found.keys() - known)}"
    if all(found.get(name) in [s.get(name) for s in allowed] for name in known):
        return "a mixture of two states"
    return "an acknowledged change is lost"


def holding(folder: Path, words: list[bytes]) -> list[str]:
    """Return the files below ``folder`` that hold one of these words."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(word in path.read_bytes() for word in words)]
