"""Sets that give the text: the reader alone, and controls that must do badly beside it."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.lib import controls, places
from benchmarks.lib.reading_only import Desk, Found, Given, scores, values_by_question
from benchmarks.quality.question_sets import reader_name
from benchmarks.quality.random_weights import shuffled
from newsqa.evaluation.metrics import paired_difference
from newsqa.evaluation.question_sets import Question
from newsqa.models import open_encoder, open_reader
from newsqa.protocols import Encoder, Progress, Reader
from newsqa.settings import Settings
from newsqa.text.analysis import content_terms, sentences
from newsqa.types import Article, Span

if TYPE_CHECKING:
    from newsqa.protocols import Vectors

SEED = 2016
BLANKED = "question blanked"


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    whole = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    yield from map(json.loads, whole.decode().splitlines())


def squad2() -> list[Given]:
    """Paragraph given: the right sentences are those that a marked answer touches."""
    found = []
    whole = json.loads((places.SETS / "squad2-a" / "squad.json").read_text(encoding="utf-8"))
    for article in whole["data"]:
        for number, paragraph in enumerate(article["paragraphs"]):
            text = Article(
                article_id=f"{article['title']}/{number}",
                title=article["title"].replace("_", " "),
                body=paragraph["context"],
            )
            cut = tuple(sentences(text.body))
            for asked in paragraph["qas"]:
                marks = [(a["answer_start"], a["text"]) for a in asked["answers"]]
                found.append(
                    marked(
                        asked["id"], asked["question"], text, cut, marks, not asked["is_impossible"]
                    )
                )
    return found


def marked(
    id: str,
    question: str,
    text: Article,
    cut: tuple[Span, ...],
    marks: Sequence[tuple[int, str]],
    answerable: bool,
) -> Given:
    spans = (
        [Span(start, start + len(words)) for start, words in marks if words] if answerable else []
    )
    right = frozenset(
        n
        for n, s in enumerate(cut)
        if any(s.start < span.end and span.start < s.end for span in spans)
    )
    return Given(
        id=id,
        question=question,
        article=text,
        sentences=cut,
        answerable=answerable,
        right=(right,) if right else (),
        answers=tuple(words for _, words in marks) if answerable else (),
    )


def newsqa_sentences() -> list[Given]:
    """The whole story given as its sentences; the labels come with the set."""
    return _labelled(places.SETS / "newsqa-a" / "sentences.jsonl.gz")


def newsqa_spans() -> list[Given]:
    """The whole story given as it is, with the marked answers."""
    return [
        marked(
            row["id"],
            row["question"],
            text := Article(article_id=row["id"], title=row["title"] or "", body=row["context"]),
            tuple(sentences(text.body)),
            [(a["start"], a["text"]) for a in row["answers"]],
            row["answerable"],
        )
        for row in _lines(places.SETS / "newsqa-a" / "span.jsonl.gz")
    ]


def trecqa() -> list[Given]:
    """Judged sentences from many articles, read as if they were one text."""
    return _labelled(places.SETS / "trecqa-a" / "sentences.jsonl.gz")


def _labelled(path: Path) -> list[Given]:
    found = []
    for row in _lines(path):
        right = frozenset(n for n, label in enumerate(row["labels"]) if label)
        found.append(
            Given.of_sentences(
                row["id"], row["question"], row["sentences"], right=(right,) if right else ()
            )
        )
    return found


def clapnq() -> list[Given]:
    """A passage with the sentences each annotator selected, or one that does not answer."""
    found = []
    for name in ("answerable", "unanswerable"):
        for row in _lines(places.SETS / "clapnq-a" / f"{name}.jsonl"):
            passage = row["passages"][0]
            texts = passage["sentences"]
            right = [
                frozenset(n for n, text in enumerate(texts) if text in out["selected_sentences"])
                for out in row["output"]
            ]
            found.append(
                Given.of_sentences(
                    f"{name}:{row['id']}",
                    row["input"],
                    texts,
                    title=passage["title"],
                    right=[gold for gold in right if gold] if name == "answerable" else (),
                    answerable=name == "answerable",
                )
            )
    return found


LOADERS: dict[str, Callable[[], list[Given]]] = {
    "squad2-a": squad2,
    "newsqa-a": newsqa_sentences,
    "newsqa-a-spans": newsqa_spans,
    "trecqa-a": trecqa,
    "clapnq-a": clapnq,
}
BESIDES = {"newsqa-a": "newsqa-a-spans"}  # two forms of one set, run together


class Remembering:
    """An encoder that keeps what it encoded: the same sentences are read for many questions."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name, self.fingerprint = encoder.name, encoder.fingerprint
        self.dim, self.max_tokens = encoder.dim, encoder.max_tokens
        self.encode_questions, self.count_tokens = encoder.encode_questions, encoder.count_tokens
        self._kept: dict[str, Vectors] = {}

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        new = list(dict.fromkeys(text for text in texts if text not in self._kept))
        if new:
            self._kept |= dict(zip(new, self._encoder.encode_passages(new), strict=True))
        return np.stack([self._kept[text] for text in texts])


def evaluate(name: str, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Run the reader and its controls on one set; the reported half counts."""
    encoder = Remembering(
        open_encoder(settings.encoder, threads=settings.threads, cache_dir=settings.cache_dir)
    )
    results: dict[str, Any] = {
        "set": name,
        "reported": "the half not used for choosing",
        "reader": reader_name(settings),
    }
    for part in (name, BESIDES.get(name)):
        if part:
            items = LOADERS[part]()
            results[part] = _part(part, items, encoder, settings, progress)
    return results


def _part(
    name: str, items: list[Given], encoder: Encoder, settings: Settings, progress: Progress
) -> dict[str, Any]:
    idf = idf_of(items)
    half = [i for i in items if Question(id=i.id, text=i.question, answerable=True).reported]
    found: dict[str, list[Found]] = {}
    for system, reader in _readers(settings, encoder, idf).items():
        asked = controls.NO_QUESTION if system == BLANKED else None
        desk = Desk(reader, encoder, idf, settings, asked=asked)
        of_system = []
        # Ours reads all; what is only compared with it reads the reported half.
        for done, item in enumerate(items if system == "newsqa" else half):
            progress("asking", done, len(items), f"{name}, {system}")
            of_system.append(desk.read(item))
        found[system] = of_system
    reported = {item.id for item in half}
    parts = {s: [f for f in of if f.item.id in reported] for s, of in found.items()}
    return {
        "systems": {system: scores(of) for system, of in parts.items()},
        "all_questions": scores(found["newsqa"]),
        "gains": {s: _gains(parts["newsqa"], of) for s, of in parts.items() if s != "newsqa"},
    }


def _gains(ours: Sequence[Found], theirs: Sequence[Found]) -> dict[str, list[float]]:
    random = np.random.default_rng(SEED)
    a, b = values_by_question(ours), values_by_question(theirs)
    gaps = {n: paired_difference(list(a[n].values()), list(b[n].values()), random) for n in a}
    return {name: [gap.value, gap.low, gap.high] for name, gap in gaps.items()}


def _readers(
    settings: Settings, encoder: Encoder, idf: Callable[[str], float]
) -> dict[str, Reader]:
    def opened(name: str) -> Reader:
        return open_reader(name, threads=settings.threads, encoder=encoder, idf=idf)

    ours = opened(settings.reader)
    random = np.random.default_rng(SEED)
    readers: dict[str, Reader] = {"newsqa": ours}
    if ours.name != "none":
        readers["model-free reader"] = opened("none")
    if ours.name == "shipped":
        readers["random weights"] = shuffled(random, threads=settings.threads)
    return readers | {
        "first sentence": controls.first_sentence(),
        "random": controls.random_sentence(random),
        BLANKED: ours,
        "passage blanked": controls.PassageBlanked(ours),
    }


def idf_of(items: Sequence[Given]) -> Callable[[str], float]:
    """Weights of terms over the different texts of the set, by the formula of the engine."""
    texts = {item.article.body for item in items}
    counts = Counter(term for text in texts for term in set(content_terms(text)))
    total = len(texts)
    return lambda term: log(1.0 + (total - counts[term] + 0.5) / (counts[term] + 0.5))
