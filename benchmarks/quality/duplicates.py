"""How well near-copies are found: edited copies of newswire stories, and the stories themselves.

    python -m benchmarks.quality.duplicates [--show N]

Reads ``data/reuters21578`` under NEWSQA_SHARED (default ``../shared``). Copies are made with a
fixed seed from some stories: words replaced by words of other stories, head and tail cut, another
headline. Thresholds are chosen on one half of the stories (by the hash of their ids) and reported
on the other. Pairs of stories carry no labels: where under .7 of the shorter one's runs of three
words stand in the other the pair is called doubtful; ``--show`` prints found pairs at random for a
person to judge. Choosing: of the rules that find at least 85% of the copies of every kind, the
one with the fewest doubtful pairs.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from benchmarks.lib.places import SETS, save
from newsqa.index.catalog.near_duplicates import candidates
from newsqa.text.analysis import words
from newsqa.text.near_duplicates import (
    HASHES,
    RULE,
    Rule,
    TextSignature,
    groups,
    is_near_duplicate,
    sketch,
    text_signature,
)

SEED = 21578
COPIED = 1_500  # stories of each half that copies are made of
DOUBTFUL = 0.7
RESEMBLANCES = (0.36, 0.39, 0.42, 0.45)
SHARES = (0.15, 0.2, 0.25, 0.3)
MOST = (0.3, 0.4, 0.5)
SHORT = (0.45, 0.6)
LEAST_RECALL = 0.85
LONG_WORDS = 30

Edit = Callable[[str, random.Random], str]


@dataclass(frozen=True, slots=True)
class Story:
    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy: the kind of edit and the place of its original among the stories."""

    kind: str
    original: int
    text: TextSignature


def stories() -> list[Story]:
    path = SETS / "reuters21578" / "corpus.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [Story(row["id"], row["title"], row["text"]) for row in rows if words(row["text"])]


def is_for_choosing(story: Story) -> bool:
    return sha256(story.name.encode()).digest()[0] % 2 == 0


def edits(vocabulary: Sequence[str]) -> dict[str, Edit]:
    """Every kind of copy, by its name in the table."""

    def changed(share: float) -> Edit:
        def edit(text: str, draw: random.Random) -> str:
            parts = re.split(r"(\s+)", text)
            places = [at for at, part in enumerate(parts) if part and not part.isspace()]
            for at in draw.sample(places, round(share * len(places))):
                parts[at] = draw.choice(vocabulary)
            return "".join(parts)

        return edit

    def cut(share: float, then: Edit | None = None) -> Edit:
        def edit(text: str, draw: random.Random) -> str:
            parts = text.split()
            off = round(share * len(parts))
            kept = " ".join(parts[off : len(parts) - off])
            return then(kept, draw) if then else kept

        return edit

    return {
        "another headline": lambda text, draw: text,
        "5% of words changed": changed(0.05),
        "10% of words changed": changed(0.10),
        "20% of words changed": changed(0.20),
        "head and tail cut, 15% each": cut(0.15),
        "head and tail cut, 25% each": cut(0.25),
        "cut 15% each, 10% changed": cut(0.15, changed(0.10)),
    }


class Half:
    """One half of the stories, copies of some, and every pair that the sketches bring together."""

    def __init__(self, chosen: Sequence[Story], vocabulary: Sequence[str]) -> None:
        began = time.process_time()
        draw = random.Random(SEED)
        self.stories = chosen
        self.texts = [text_signature(story.text) for story in chosen]
        self.copies: list[Copied] = []
        for at in sorted(draw.sample(range(len(chosen)), min(COPIED, len(chosen)))):
            for kind, edit in edits(vocabulary).items():
                self.copies.append(Copied(kind, at, text_signature(edit(chosen[at].text, draw))))
        raw = b"".join(sketch(text) for text in [*(c.text for c in self.copies), *self.texts])
        self.prepared_s = time.process_time() - began
        sketches = np.frombuffer(raw, dtype=np.uint8).reshape(-1, HASHES)
        first = len(self.copies)  # copies are not compared with one another
        self.own: list[int] = []  # copies brought together with their original
        self.foreign: list[tuple[int, int]] = []  # (copy, another story)
        self.pairs: list[tuple[int, int]] = []  # two stories
        for one, other in candidates(sketches, first):
            if one >= first:
                self.pairs.append((one - first, other - first))
            elif self.copies[one].original == other - first:
                self.own.append(one)
            else:
                self.foreign.append((one, other - first))
        self.runs: dict[int, frozenset[str]] = {}

    def doubtful(self, one: int, other: int) -> bool:
        """Whether two stories share too little to be called copies unread."""
        first, second = self._runs(one), self._runs(other)
        return len(first & second) < DOUBTFUL * min(len(first), len(second))

    def _runs(self, at: int) -> frozenset[str]:
        if at not in self.runs:
            found = words(self.stories[at].text)
            three = (" ".join(found[i : i + 3]) for i in range(max(1, len(found) - 2)))
            self.runs[at] = frozenset(three)
        return self.runs[at]

    def measured(self, rule: Rule) -> dict[str, object]:
        """What the rule finds and misses."""
        found = {at for at in self.own if self._copied(at, rule)}
        kinds: dict[str, list[bool]] = {}
        for at, copy in enumerate(self.copies):
            kinds.setdefault(copy.kind, []).append(at in found)
            if self.texts[copy.original].length >= LONG_WORDS:
                kinds.setdefault(copy.kind + " *", []).append(at in found)
        pairs = [
            p for p in self.pairs if is_near_duplicate(self.texts[p[0]], self.texts[p[1]], rule)
        ]
        wrong = sum(self.doubtful(*pair) for pair in pairs)
        strange = sum(
            is_near_duplicate(self.copies[at].text, self.texts[other], rule)
            and self.doubtful(self.copies[at].original, other)
            for at, other in self.foreign
        )
        sizes = sorted((len(group) for group in groups(pairs)), reverse=True)
        return {
            "rule": repr(rule),
            "recall": {kind: sum(hits) / len(hits) for kind, hits in kinds.items()},
            "recall_all": len(found) / len(self.copies),
            "copies": len(self.copies),
            "found": len(found),
            "strange": strange,
            "precision_of_made": len(found) / max(1, len(found) + strange),
            "stories": len(self.stories),
            "story_pairs": len(pairs),
            "doubtful_pairs": wrong,
            "largest_groups": sizes[:5],
            "found_pairs": pairs,
        }

    def _copied(self, at: int, rule: Rule) -> bool:
        copy = self.copies[at]
        return is_near_duplicate(copy.text, self.texts[copy.original], rule)


def choose(half: Half) -> list[tuple[Rule, float, int]]:
    """Return (rule, least recall of a kind, doubtful pairs) of every rule tried, best first."""
    tried = []
    for resemblance, share, most, short in itertools.product(RESEMBLANCES, SHARES, MOST, SHORT):
        rule = Rule(
            resemblance=resemblance,
            share=share,
            most=most,
            short_resemblance=max(short, resemblance),
        )
        result = half.measured(rule)
        recall, doubtful = result["recall"], result["doubtful_pairs"]
        assert isinstance(recall, dict)
        assert isinstance(doubtful, int)
        least = min(recall[kind] for kind in recall if not kind.endswith("*"))
        tried.append((rule, least, doubtful))
    return sorted(tried, key=lambda row: (row[1] < LEAST_RECALL, row[2], -row[1]))


def table(result: dict[str, object], brought: Counter[str], totals: Counter[str]) -> None:
    recall = result["recall"]
    assert isinstance(recall, dict)
    print(f"{'copies':30} {'n':>5} {'sketch':>7} {'found':>7} {f'of {LONG_WORDS}+ words':>14}")
    for kind, n in totals.items():
        print(
            f"{kind:30} {n:5} {brought[kind] / n:7.3f} {recall[kind]:7.3f} "
            f"{recall[kind + ' *']:14.3f}"
        )
    for name in ("recall_all", "precision_of_made", "stories", "story_pairs", "doubtful_pairs"):
        value = result[name]
        print(f"{name:30} {value:.4f}" if isinstance(value, float) else f"{name:30} {value}")
    print(f"{'largest groups':30} {result['largest_groups']}")


def show(half: Half, pairs: Sequence[tuple[int, int]], n: int) -> None:
    """Print found pairs of stories at random, for a person to judge."""
    for at, (one, other) in enumerate(random.Random(SEED).sample(list(pairs), n), start=1):
        print(f"\n{at}. {'doubtful' if half.doubtful(one, other) else ''}")
        for story in (half.stories[one], half.stories[other]):
            print(f"  {story.name} | {story.title} | {' '.join(story.text.split())[:600]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--show", type=int, default=0, help="print N found pairs to be judged")
    options = parser.parse_args()
    if not (SETS / "reuters21578").is_dir():
        print(f"skipped: {SETS / 'reuters21578'} is not there", file=sys.stderr)
        return 0
    began = time.process_time()
    everything = stories()
    draw = random.Random(SEED)
    vocabulary = [word for story in draw.sample(everything, 2_000) for word in story.text.split()]
    tried = choose(Half([s for s in everything if is_for_choosing(s)], vocabulary))
    print("on the half to choose on (rule, least recall of a kind, doubtful pairs):")
    for rule, least, doubtful in tried[:6]:
        print(f"  {rule}  {least:.3f} {doubtful}")
    half = Half([s for s in everything if not is_for_choosing(s)], vocabulary)
    result = half.measured(RULE)
    pairs = result.pop("found_pairs")
    assert isinstance(pairs, list)
    print(f"\nthe other half, {RULE}:")
    totals = Counter(copy.kind for copy in half.copies)
    brought = Counter(half.copies[at].kind for at in half.own)
    table(result, brought, totals)
    prepared = len(half.texts) + len(half.copies)
    result |= {
        "sketch_ms": 1000 * half.prepared_s / prepared,
        "candidate_pairs": len(half.pairs),
        "processor_s": round(time.process_time() - began, 1),
        "grid": [[repr(rule), least, doubtful] for rule, least, doubtful in tried],
    }
    print(f"{'ms a text, sketch included':30} {result['sketch_ms']:.2f}")
    print(f"{'processor s in all':30} {result['processor_s']}")
    save("duplicates", result, "python -m benchmarks.quality.duplicates")
    show(half, pairs, min(options.show, len(pairs)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
