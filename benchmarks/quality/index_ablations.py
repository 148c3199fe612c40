"""What is worth what in an index: sizes, overlap, header, stems; each change a new index.

    python -m benchmarks.quality.index_ablations [--pages N] [--no-page] [CHANGE...]

A pool of 1,000 pages of ``realtimeqa-2025``: those judged for the half of the questions that is
not reported, and others drawn with a fixed seed. That half is asked.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np

from benchmarks.lib import places, reporting
from benchmarks.lib.baselines import ranking_scores
from benchmarks.quality import question_sets
from newsqa.evaluation.metrics import rank_articles
from newsqa.evaluation.question_sets import QuestionSet, halves, read_set
from newsqa.factory import build_index
from newsqa.index.chunking import embedded_text, lexical_text
from newsqa.models import open_encoder
from newsqa.protocols import Encoder
from newsqa.settings import load
from newsqa.types import Passage

if TYPE_CHECKING:
    from newsqa.protocols import Vectors

PAGES = 1000
SEED = 2025
SET = "realtimeqa-2025"


@dataclass(frozen=True)
class Change:
    """Settings, and functions that stand in for others while the index is made and asked."""

    settings: dict[str, int] = field(default_factory=dict)
    functions: dict[str, Callable[..., Any]] = field(default_factory=dict)


def _same(word: str) -> str:
    return word


def _bare(passage: Passage, **_: Any) -> str:
    return passage.text


def _only_title(passage: Passage, **sizes: Any) -> str:
    return embedded_text(replace(passage, source="", published=None), **sizes)


def _title_twice(passage: Passage) -> str:
    return f"{passage.title}\n{lexical_text(passage)}"


def _no_source(passage: Passage) -> str:
    return lexical_text(replace(passage, source=""))


EMBEDDED, WORDS = "newsqa.index.chunking.embedded_text", "newsqa.index.chunking.lexical_text"
STEMS = (
    "newsqa.text.analysis.stem",
    "newsqa.question.query.stem",
    "newsqa.retrieval.search.stem",
    "newsqa.retrieval.spelling.stem",
)
CHANGES = {
    "as shipped": Change(),
    **{f"passage_tokens={n}": Change({"passage_tokens": n}) for n in (96, 128, 256)},
    "overlap_sentences=0": Change({"overlap_sentences": 0}),
    "embedded: no header": Change(functions={EMBEDDED: _bare}),
    "embedded: title only": Change(functions={EMBEDDED: _only_title}),
    "words: no header": Change(functions={WORDS: lambda passage: passage.text}),
    "words: no source": Change(functions={WORDS: _no_source}),
    "words: title twice": Change(functions={WORDS: _title_twice}),
    "words: not stemmed": Change(functions=dict.fromkeys(STEMS, _same)),
}


class Remembering:
    """An encoder that encodes no text twice, whatever index it is for."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Vectors] = {}
        self.name, self.fingerprint = encoder.name, encoder.fingerprint
        self.dim, self.max_tokens = encoder.dim, encoder.max_tokens

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """See `newsqa.protocols.Encoder`."""
        return self._encoder.encode_questions(questions)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `newsqa.protocols.Encoder`."""
        new = [text for text in texts if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.encode_passages(new), strict=True))
        return np.stack([self._known[text] for text in texts])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `newsqa.protocols.Encoder`."""
        return self._encoder.count_tokens(texts)


def main() -> int:
    """Measure each change and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("changes", nargs="*", metavar="CHANGE", help=f"of {', '.join(CHANGES)}")
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--no-page", action="store_true", help="leave docs/evaluation.md alone")
    options = parser.parse_args()
    if unknown := set(options.changes) - set(CHANGES):
        parser.error(f"no change called {', '.join(sorted(unknown))}")
    plan = question_sets.PLANS[SET]
    if not plan.folder.exists():
        print(f"skipped: {plan.folder} is not there (NEWSQA_SHARED)", file=sys.stderr)
        return 0
    whole = read_set(plan.folder, corpus=plan.corpus)
    part = whole.narrowed([q for q in halves(whole.questions)[0] if q.id in whole.qrels])
    with TemporaryDirectory() as folder:
        table = measured(part, options.changes or list(CHANGES), Path(folder), options.pages)
    name = "ablations-index"
    results = {
        "set": name,
        "reported": f"{SET}, {len(part.questions)} questions of the half to choose on, "
        f"a pool of {options.pages:,} pages",
        "ablations": table,
    }
    places.save(
        name,
        results,
        shlex.join(["python", "-m", "benchmarks.quality.index_ablations", *sys.argv[1:]]),
    )
    kept = places.saved(name)
    assert kept is not None
    print(reporting.text(kept))
    if not options.no_page:
        reporting.write(kept)
    return 0


def measured(
    part: QuestionSet, changes: Sequence[str], folder: Path, pages: int
) -> dict[str, dict[str, float]]:
    """Return the ranking metrics of each change over a pool of the set's pages."""
    corpus = folder / "corpus.jsonl"
    wanted = {name for q in part.questions for name in part.qrels[q.id]}
    corpus.write_text("".join(pool(part.paths[0], wanted, pages)), encoding="utf-8")
    settings = load()
    encoder = Remembering(
        open_encoder(settings.encoder, threads=settings.threads, cache_dir=settings.cache_dir)
    )
    table = {}
    for at, name in enumerate(["as shipped", *(n for n in changes if n != "as shipped")]):
        table[name] = _ranked(part, corpus, folder / f"index-{at}", CHANGES[name], encoder)
        shown = {key: round(value, 3) for key, value in table[name].items()}
        print(name, shown, file=sys.stderr, flush=True)
    return table


def pool(path: Path, wanted: set[str], pages: int) -> Iterator[str]:
    """The lines of the wanted articles and of others, ``pages`` in all."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as stream:
        lines = stream.readlines()
    ids = [str(json.loads(line)["id"]) for line in lines]
    others = [name for name in ids if name not in wanted]
    random.Random(SEED).shuffle(others)
    chosen = wanted | set(others[: max(0, pages - len(wanted))])
    return (line for line, name in zip(lines, ids, strict=True) if name in chosen)


def _ranked(
    part: QuestionSet, corpus: Path, index: Path, change: Change, encoder: Encoder
) -> dict[str, float]:
    settings = load(dict(change.settings))
    with (
        exchanged(change.functions),
        build_index(
            [corpus], index=index, settings=settings, encoder=encoder, progress=places.Lines()
        ) as qa,
    ):
        found = {q.id: qa.search(q.text, k=100, today=q.asked) for q in part.questions}
        passages = len(qa.index.snapshot())
    ranked = {
        key: rank_articles([hit.passage.article_id for hit in hits]) for key, hits in found.items()
    }
    return {"passages": float(passages)} | ranking_scores(part, ranked)


@contextmanager
def exchanged(functions: dict[str, Callable[..., Any]]) -> Iterator[None]:
    with ExitStack() as stack:
        for name, function in functions.items():
            stack.enter_context(mock.patch(name, function))
        yield


if __name__ == "__main__":
    sys.exit(main())
