"""Asks held-aside questions of small indexes, with and without what answers them.

Five sets that the reader was not trained on: the news quizzes from September 2023 on, over pages of
realtimeqa-2022-2023; the held-aside paragraphs of squad-train-part; those of nq-gold, which were
asked of a search engine by people who had not seen the text; held-aside stories of newsqa-dev,
each alone, as its questions speak of "the" story; and the passages of authored-news that are kept
aside, with their near misses. Each question is asked

- as it is: "inside";
- as its content words alone, in lower case: "keywords" (authored-news);
- without every passage of its own texts, and every passage that holds the answer: "outside"; a
  question on a story is asked of another story;
- as a near miss of it that somebody wrote (authored-news), or with a name, a year, a number or a
  word exchanged (`data/swaps.py`): "near";

and a third as many questions on paragraphs are asked of the quiz pages: "off".
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import newsqa
from newsqa.evaluation.metrics import contains_answer
from newsqa.protocols import Reader
from newsqa.replies import Answer
from newsqa.retrieval.search import Retriever
from newsqa.settings import load
from newsqa.types import Filters, Hit
from training.data.realtime import HELD_FROM
from training.data.records import read_lines
from training.data.sources import ASIDE, AUTHORED, passage_part
from training.data.wording import content_words
from training.plan import RUNS

FOLDER = RUNS / "decision"
QUIZ, PARAGRAPHS = "realtimeqa-2022-2023", "squad-train-part"
SEARCHED, STORIES = "nq-gold", "newsqa-dev"
TEXTS = 300  # of a set of paragraphs, those with questions among them
DEEP = 150  # hits looked through for those that may be read


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as it is asked: without the articles `barred`, of the article `only` if any.

    ``day`` is the day of asking, where it is known; questions of one ``group`` are fitted, or
    reported, together.
    """

    id: str
    kind: str
    text: str
    answers: tuple[str, ...]
    barred: frozenset[str] = frozenset()
    only: str = ""
    day: date | None = None
    group: str = ""


def quiz(
    data: Path, pages: int, seed: int, questions: int = 1000
) -> tuple[list[Asked], list[dict[str, Any]]]:
    """The quiz questions held aside and the pages to ask them of."""
    rng = random.Random(seed)
    folder = data / "train" / QUIZ
    gold: dict[str, list[str]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        question, page, _ = line.split("\t")
        gold.setdefault(question, []).append(page)
    rows = list(read_lines(folder / "questions.jsonl"))
    held = [r for r in rows if r["answerable"] and r["id"] in gold and r["date"] >= HELD_FROM]
    held = rng.sample(held, min(questions, len(held)))
    swapped = {name.split(":")[1]: text for name, text in _swapped(QUIZ)}
    asked = [
        replace(one, day=date.fromisoformat(row["date"][:10]))
        for row in held
        for one in _forms(row, swapped.get(row["id"]), gold[row["id"]])
    ]
    corpus = {page["id"]: page for page in read_lines(folder / "corpus.jsonl.gz")}
    wanted = dict.fromkeys(page for row in held for page in gold[row["id"]][:4] if page in corpus)
    spare = sorted(corpus.keys() - wanted.keys())
    chosen = [*wanted, *rng.sample(spare, max(0, pages - len(wanted)))]
    return asked, [corpus[page] for page in chosen]


def paragraphs(name: str, questions: int, seed: int) -> tuple[list[Asked], list[dict[str, Any]]]:
    """Held-aside questions of a set of texts, and texts of the set, theirs among them."""
    rng = random.Random(seed)
    docs = _docs(name)
    rows = rng.sample(held := _held(name), min(questions, len(held)))
    swapped = dict(_swapped(name))
    asked = [one for row in rows for one in _forms(_known(row, docs), swapped.get(row["id"]),
                                                   [row["doc"]])]  # fmt: skip
    wanted = dict.fromkeys(row["doc"] for row in rows)
    spare = sorted(docs.keys() - wanted.keys())
    chosen = [*wanted, *rng.sample(spare, min(len(spare), max(0, TEXTS - len(wanted))))]
    return asked, [_page(docs[doc]) for doc in chosen]


def stories(questions: int, seed: int) -> tuple[list[Asked], list[dict[str, Any]]]:
    """Held-aside questions on single stories, and those stories, each an outlet of its own."""
    rng = random.Random(seed)
    docs = _docs(STORIES)
    rows = rng.sample(held := _held(STORIES), min(questions, len(held)))
    ids = sorted({row["doc"] for row in rows})
    swapped = dict(_swapped(STORIES))
    asked: list[Asked] = []
    for row in rows:
        another = rng.choice([doc for doc in ids if doc != row["doc"]])
        for one in _forms(_known(row, docs), swapped.get(row["id"]), []):
            asked.append(replace(one, only=another if one.kind == "outside" else row["doc"]))
    return asked, [_page(docs[doc]) | {"source": doc} for doc in ids]


def authored(passages: int, seed: int) -> tuple[list[Asked], list[dict[str, Any]]]:
    """The questions of authored passages kept aside, near misses among them, and all of those."""
    rng = random.Random(seed)
    docs = {id: doc for id, doc in _docs(AUTHORED).items() if passage_part(doc["text"]) < ASIDE}
    chosen = set(rng.sample(sorted(docs), min(passages, len(docs))))
    rows = read_lines(RUNS / "prepared" / "questions.jsonl")
    asked = []
    for row in rows:
        if row["set"] == AUTHORED and row["doc"] in chosen:
            for one in _authored_forms(_known(row, docs), row["doc"]):
                asked.append(replace(one, group=row["doc"]))
    return asked, [_page(doc) | {"date": doc["date"]} for doc in docs.values()]


def _authored_forms(row: dict[str, Any], doc: str) -> Iterator[Asked]:
    answers = tuple(row["answers"])
    if not answers:
        yield Asked(row["id"], "near", row["question"], ())
        return
    yield Asked(row["id"], "inside", row["question"], answers)
    # By the hash of the id: one of the two costs as much as the question itself.
    if sha256(row["id"].encode()).digest()[2] % 2:
        yield Asked(row["id"], "outside", row["question"], answers, frozenset([doc]))
    else:
        yield Asked(row["id"], "keywords", " ".join(content_words(row["question"])), answers)


def _docs(name: str) -> dict[str, dict[str, Any]]:
    rows = read_lines(RUNS / "prepared" / "docs.jsonl")
    return {row["id"]: row for row in rows if row["set"] == name}


def _held(name: str) -> list[dict[str, Any]]:
    rows = read_lines(RUNS / "prepared" / "questions.jsonl")
    return [row for row in rows if row["set"] == name and row["held"] and row["right"]]


def _known(row: dict[str, Any], docs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    text = docs[row["doc"]]["text"]
    answers = [text[first:last] for first, last in row["answers"]]
    return {"id": row["id"], "question": row["text"], "answers": answers}


def _page(doc: dict[str, Any]) -> dict[str, Any]:
    return {"id": doc["id"], "title": doc["title"], "text": doc["text"]}


def _forms(row: dict[str, Any], swapped: str | None, gold: Sequence[str]) -> Iterator[Asked]:
    answers = tuple(row["answers"])
    yield Asked(row["id"], "inside", row["question"], answers)
    yield Asked(row["id"], "outside", row["question"], answers, frozenset(gold))
    if swapped:
        yield Asked(row["id"], "near", swapped, ())


def _swapped(of: str) -> Iterator[tuple[str, str]]:
    for row in read_lines(RUNS / "prepared" / "negatives.jsonl"):
        if row["id"].startswith(f"{of}:") and row["swapped"]:
            yield row["id"], row["swapped"][0]


def ask_all(
    name: str, asked: Sequence[Asked], pages: Sequence[dict[str, Any]], reader: str | Reader
) -> list[dict[str, Any]]:
    """Build the index if need be; return each question's features and whether it was right."""
    with newsqa.build(
        [written(name, pages)], index=FOLDER / name, settings=load({"min_confidence": 0.0})
    ) as qa:
        rows = []
        for done, one in enumerate(asked):
            if done % 100 == 0:
                print(f"{name}: {done} of {len(asked)} asked", flush=True)
            rows.append(_row(qa, one, reader))
    return [{"set": name, **row} for row in rows if row is not None]


def all_asked(
    data: Path, pages: int, questions: int, seed: int
) -> dict[str, tuple[list[Asked], list[dict[str, Any]]]]:
    """The questions of every set, and the pages they are asked of."""
    asked, texts = quiz(data, pages, seed, questions)
    paragraph_sets = {name: paragraphs(name, questions, seed) for name in (PARAGRAPHS, SEARCHED)}
    plain = [one for one in paragraph_sets[PARAGRAPHS][0] if one.kind == "inside"]
    asked += [Asked(f"off:{one.id}", "off", one.text, ()) for one in plain[: len(asked) // 6]]
    sets = {"quiz": (asked, texts), "squad": paragraph_sets[PARAGRAPHS]}
    sets |= {"nq": paragraph_sets[SEARCHED], "stories": stories(questions, seed)}
    return sets | {"authored": authored(2 * questions, seed)}


def all_rows(
    data: Path, pages: int, questions: int, seed: int, reader: str | Reader
) -> list[dict[str, Any]]:
    """The rows of every set."""
    sets = all_asked(data, pages, questions, seed)
    return [row for name, of in sets.items() for row in ask_all(name, *of, reader)]


def written(name: str, pages: Sequence[dict[str, Any]]) -> Path:
    """Write the texts of an index as JSON lines; return the file."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    corpus = FOLDER / f"{name}.jsonl"
    corpus.write_text("".join(json.dumps(page) + "\n" for page in pages), encoding="utf-8")
    return corpus


def _row(qa: newsqa.NewsQA, one: Asked, reader: str | Reader) -> dict[str, Any] | None:
    work = qa.work(one.text, k=1, today=one.day, reader=reader, explain=True)
    if one.barred:
        r = work.retriever
        assert isinstance(r, Retriever)
        barred = _BarredRetriever(r.snapshot, r.encoder, r.settings, r.query, r.today, asked=one)
        work = replace(work, retriever=barred)
    reply = work.reply(Filters(sources=(one.only,) if one.only else ()))
    if reply.asked.explain is None:
        return None  # nothing was read
    # A missing name is refused whatever the confidence: there is no quote to judge.
    held = isinstance(reply, Answer) and contains_answer(reply.quotes[0].text, one.answers)
    inside = one.kind in ("inside", "keywords")
    return {
        "id": one.id,
        "group": one.group or one.id,
        "form": one.kind,
        "answerable": inside,
        "right": inside and held,
        "confidence": reply.confidence,
        **reply.asked.explain["features"],
    }


@dataclass(frozen=True, kw_only=True)
class _BarredRetriever(Retriever):
    """Finds nothing that is barred for a question or holds its answer."""

    asked: Asked

    def hits(self, filters: Filters, k: int) -> list[Hit]:
        """See `newsqa.retrieval.search.Retriever.hits`; no filter counts."""
        kept = [
            hit
            for hit in super().hits(Filters(), DEEP)
            if hit.passage.article_id not in self.asked.barred
            and not contains_answer(hit.passage.text, self.asked.answers)
        ]
        return kept[:k]
