"""Tell near-duplicates, copies lightly edited or cut, from texts that are merely similar.

Texts are compared as sets of shingles, runs of two folded words. A sketch of a text, one byte of
each of 256 minimal hashes, finds the texts worth comparing among many; what decides is the texts
themselves. Furniture and headlines do not count: sources print one text under headlines of their
own.

A form that is filled in anew (a dividend, a bond, the catch of the day) shares most of its words
with the last one and is no copy of it. What tells them apart is where they differ: an editor
changes any words, a form changes in its numbers and names. So these must agree as well.

Source: A. Z. Broder, "On the resemblance and containment of documents", 1997 (shingles, min-wise
sketches); P. Li and A. C. König, "b-Bit Minwise Hashing", 2010 (one byte of each); J. Leskovec,
A. Rajaraman and J. Ullman, "Mining of Massive Datasets", section 3.4 (bands). The thresholds were
measured by ``python -m benchmarks.quality.duplicates``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from newsqa.text.analysis import STOPWORDS, words
from newsqa.types import Span

SHINGLE_WORDS = 2
BANDS = 64  # texts are compared when all hashes of one band agree: of pairs that share .42 of
ROWS = 4  # their shingles 87% do, at .45 93%, at .5 98%, at .2 10%, at .1 1%
HASHES = BANDS * ROWS
AGREEING = 84  # and when so many hashes agree: at .42 of the shingles 108 do, give or take 8
SEED = 1997
REPEATED = 0.5  # share of a passage's shingles that stand in another text which prints it

_TOKEN = re.compile(r"\d+(?:[.,/-]\d+)*|[^\W\d_]+(?:['’.&-][^\W_]+)*")
_SMALL = frozenset(
    "one two three four five six seven eight nine ten eleven twelve twenty thirty".split()
)


@dataclass(frozen=True, slots=True)
class Rule:
    """When two texts are copies; see `is_near_duplicate`."""

    resemblance: float = 0.42
    spare: int = 1
    share: float = 0.25
    most: float = 0.4
    short_words: int = 30
    short_resemblance: float = 0.45
    least_words: int = 12


RULE = Rule()


@dataclass(frozen=True, slots=True)
class TextSignature:
    """A text as it is compared.

    ``code`` is shared by texts that differ in white space alone. ``numbers`` counts every number,
    in digits or as a small word; ``names`` are the words written with a capital, folded.
    """

    code: int
    length: int
    shingles: frozenset[str]
    numbers: Mapping[str, int]
    names: frozenset[str]


def recipe() -> str:
    """Return what sketches and copies are made by: equal recipes mean equal results."""
    from rensa import RMinHash

    made = f"rensa-{RMinHash.ALGORITHM_VERSION}/{SEED}/{BANDS}x{ROWS}/{AGREEING}"
    return f"words-{SHINGLE_WORDS}/2 {made} {RULE}"


def text_signature(body: str, furniture: Sequence[Span] = ()) -> TextSignature:
    """Return the text of an article as it is compared, without its furniture."""
    text = _outside(body, furniture)
    plain = " ".join(text.split())
    folded = words(text)
    tokens = _TOKEN.findall(plain)
    low = [token.casefold() for token in tokens]
    numbers = Counter(token for token in low if token[0].isdigit() or token in _SMALL)
    names = {
        token
        for token, written in zip(low, tokens, strict=True)
        if written[0].isupper() and token not in STOPWORDS and token not in _SMALL
    }
    return TextSignature(
        code=text_code(text),
        length=len(folded),
        shingles=_runs(folded or [plain]),
        numbers=numbers,
        names=frozenset(names),
    )


def text_code(text: str) -> int:
    """Return a 64-bit code that texts share when they differ in white space alone."""
    digest = blake2b(" ".join(text.split()).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def shingles(text: str) -> frozenset[str]:
    """Return the runs of two words of a text; a text of one word is one run."""
    return _runs(words(text) or [" ".join(text.split())])


def _runs(folded: Sequence[str]) -> frozenset[str]:
    starts = range(max(1, len(folded) - SHINGLE_WORDS + 1))
    return frozenset(" ".join(folded[at : at + SHINGLE_WORDS]) for at in starts)


def _outside(body: str, furniture: Sequence[Span]) -> str:
    kept, at = [], 0
    for span in sorted(furniture):
        kept.append(body[at : span.start])
        at = max(at, span.end)
    return "\n".join([*kept, body[at:]]) if kept else body


def sketch(text: TextSignature) -> bytes:
    """Return the 256 hashes, a byte each; the share of equal ones is about that of the shingles."""
    from rensa import RMinHash

    made = RMinHash(num_perm=HASHES, seed=SEED)
    made.update(sorted(text.shingles))
    return bytes(value & 0xFF for value in made.digest())


def is_near_duplicate(one: TextSignature, other: TextSignature, rule: Rule = RULE) -> bool:
    """Whether two texts are copies: the same words, but for light edits or a cut head and tail.

    They share at least ``resemblance`` of all their shingles. The numbers and names of the one that
    has fewer stand in the other, but for ``spare`` and ``share`` of each, and never more than
    ``most`` of the numbers. Where a text has fewer than ``short_words`` words,
    ``short_resemblance`` is asked for, every number, and all names but ``spare``; where it has
    fewer than ``least_words``, nothing but the same words. The order of the two makes no
    difference.
    """
    if one.code == other.code:
        return True
    shorter = min(one.length, other.length)
    if shorter < rule.least_words:
        return False
    shared = len(one.shingles & other.shingles)
    total = len(one.shingles) + len(other.shingles) - shared
    short = shorter < rule.short_words
    if shared < (rule.short_resemblance if short else rule.resemblance) * total:
        return False
    fewer = min(sum(one.numbers.values()), sum(other.numbers.values()))
    both = sum(min(n, other.numbers.get(number, 0)) for number, n in one.numbers.items())
    if fewer - both > (0 if short else min(rule.spare + rule.share * fewer, rule.most * fewer)):
        return False
    fewer = min(len(one.names), len(other.names))
    missing = fewer - len(one.names & other.names)
    return missing <= rule.spare + (0 if short else rule.share * fewer)


def stands_in(part: frozenset[str], whole: frozenset[str]) -> float:
    """Return the share of the shingles of ``part`` that ``whole`` holds, 0 for an empty part.

    Source: Broder 1997, containment.
    """
    return len(part & whole) / len(part) if part else 0.0


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of the smaller set's shingles that the other one holds."""
    return max(stands_in(one, other), stands_in(other, one))


def groups(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, ...]]:
    """Return the groups that the pairs connect, each ascending, in order of their first member.

    A copy of a copy is a copy: neither is a source of its own. The order of the pairs and the
    order within one make no difference.
    """
    parent: dict[int, int] = {}

    def root(member: int) -> int:
        parent.setdefault(member, member)
        while parent[member] != member:
            parent[member] = member = parent[parent[member]]
        return member

    for one, other in pairs:
        first, second = sorted((root(one), root(other)))
        parent[second] = first
    grouped: dict[int, list[int]] = {}
    for member in sorted(parent):
        grouped.setdefault(root(member), []).append(member)
    return [tuple(members) for members in grouped.values()]
