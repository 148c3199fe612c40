"""Reads each training set into documents and questions. What a set holds: training/DATA.md."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from training.data.records import Corpora, Doc, Question, Span, read_lines
from training.data.wording import joined, sentence_spans

HELD_SHARE = 0.08
AUTHORED = "authored-news"
ASIDE = 2  # tenths of its passages that are not trained on


def key(*parts: str) -> str:
    """A short id that derives from content."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def held_aside(group: str, share: float = HELD_SHARE) -> bool:
    """Whether questions of this article are kept for calibration; the same in every run."""
    return int(hashlib.sha256(f"held:{group}".encode()).hexdigest()[:8], 16) / 2**32 < share


def passage_part(text: str) -> int:
    """Which tenth of the authored passages a text is in, by its hash: 0 to 9.

    The first is kept for calibration and figures, the second for fitting the decision; the rest
    is trained on.
    """
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 10


def read_spans(out: Corpora, folder: Path, name: str, shared: Sequence[str] = ()) -> None:
    """Add a set of spans in the common form (or SQuAD's).

    Questions on a text that a set in ``shared`` has already go to that text, so that answerable
    ones and near misses of one passage meet, and are held aside together.
    """
    for row in _span_rows(folder, name):
        doc = _doc_of(out, row, name, shared)
        if doc is None:
            continue
        text = doc.text
        answers = _answer_spans(row, text)
        right = tuple(sorted({i for a in answers for i in _sentences_of(a, doc.spans)}))
        if row["answerable"] and not right:
            continue
        out.questions.append(
            Question(
                row["id"],
                name,
                row["question"],
                doc.id,
                right,
                answers=answers,
                avoid=tuple(sorted({text[s:e] for s, e in answers})),
                held=passage_part(text) == 0 if name == AUTHORED else held_aside(doc.group),
                decoys=_places(text, row.get("decoy") or ""),
                kind=row.get("kind") or "",
            )
        )


def _doc_of(out: Corpora, row: dict[str, Any], name: str, shared: Sequence[str]) -> Doc | None:
    """Return the text of a row, added to the corpora if it is new; None if it has no sentence."""
    text: str = row["context"]
    for known in (*shared, name):
        if key(known, text) in out.docs:
            return out.docs[key(known, text)]
    spans = tuple(sentence_spans(text))
    if not spans:
        return None
    title = row["title"] if row.get("title") and not _is_code(row["title"]) else ""
    doc_id = key(name, text)
    group = f"{name}:{row.get('title') or key(text)}"
    date = row.get("date") or "" if name == AUTHORED else ""
    doc = Doc(doc_id, name, group, text, spans, title.replace("_", " "), date)
    return out.docs.setdefault(doc_id, doc)


def _places(text: str, words: str) -> tuple[Span, ...]:
    """Every place where the words stand in the text."""
    found, at = [], text.find(words) if words else -1
    while at >= 0:
        found.append((at, at + len(words)))
        at = text.find(words, at + 1)
    return tuple(found)


def _span_rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    if (folder / "train.jsonl.gz").exists():
        yield from read_lines(folder / "train.jsonl.gz")
        return
    import gzip
    import json

    with gzip.open(folder / "squad.json.gz", "rt", encoding="utf-8") as opened:
        articles = json.load(opened)["data"]
    for article in articles:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                answers = [{"text": a["text"], "start": a["answer_start"]} for a in qa["answers"]]
                yield {
                    "id": f"{name}:{qa['id']}",
                    "question": qa["question"],
                    "context": paragraph["context"],
                    "answers": answers,
                    "answerable": bool(answers),
                    "title": article.get("title", ""),
                }


def _is_code(title: str) -> bool:
    """Titles such as 'wikinews:749788' or a bare number name a document without saying anything."""
    return title.split(":")[-1].isdigit() or "/" in title or title.endswith(".txt")


def _answer_spans(row: dict[str, Any], text: str) -> tuple[Span, ...]:
    found = set()
    for answer in row["answers"]:
        span = (answer["start"], answer["start"] + len(answer["text"]))
        if text[span[0] : span[1]] == answer["text"] and answer["text"].strip():
            found.add(span)
    return tuple(sorted(found))


def _sentences_of(answer: Span, spans: Sequence[Span]) -> list[int]:
    return [i for i, (s, e) in enumerate(spans) if s < answer[1] and answer[0] < e]


def read_sentences(
    out: Corpora, folder: Path, name: str, loose: bool, keep: Callable[[str], bool] | None = None
) -> None:
    """Adds a set of answer-sentence selection; `keep` chooses rows by id."""
    for row in read_lines(folder / "sentences.jsonl.gz"):
        pairs = [(s.strip(), n) for s, n in zip(row["sentences"], row["labels"], strict=True)]
        pairs = [(s, n) for s, n in pairs if s]
        if not pairs or (keep is not None and not keep(row["id"])):
            continue
        text, spans = joined([s for s, _ in pairs])
        doc_id = key(f"{name}-sentences", text)
        asked = key(row["question"])
        group = f"question:{asked}" if loose else f"{name}:{doc_id}"
        out.docs.setdefault(doc_id, Doc(doc_id, name, group, text, spans, loose=loose))
        right = tuple(i for i, (_, n) in enumerate(pairs) if n == 1)
        held = held_aside(out.docs[doc_id].group)
        question_id = f"{row['id']}:sentences"
        out.questions.append(Question(question_id, name, row["question"], doc_id, right, held=held))


SPAN_SETS = (
    "newsqa-dev",
    "squad-train-part",
    "squadshifts-new_wiki",
    "squadshifts-reddit",
    "squadshifts-amazon_reviews",
    "qadiscourse",
    "nq-gold",
    "tweetqa",
    "ester",
    "fairytaleqa",
    "mrqa-small",
    AUTHORED,
    "timeqa-human",
    "newsquiz-silver",
    "ace-whqa",
    "condaqa-unknown",
    "tydiqa-en",
    "afriqa-en",
)


def read_all(train: Path) -> Corpora:
    """Every training set but qamr's and realtimeqa's, which need more than their own rows."""
    out = Corpora()
    for name in SPAN_SETS:
        read_spans(out, train / name, name)
    read_spans(out, train / "squad2-unanswerable", "squad2-unanswerable", ("squad-train-part",))
    read_sentences(out, train / "wikiqa", "wikiqa", loose=False)
    read_sentences(out, train / "selqa", "selqa", loose=False)
    read_sentences(out, train / "multirc", "multirc", False, lambda i: i.startswith("multirc:News"))
    read_sentences(out, train / "nq-gold", "qed", loose=False)
    read_sentences(out, train / "trecqa", "trecqa", loose=True)
    read_sentences(out, train / "trecqa-negex", "trecqa-negex", loose=True)
    read_sentences(out, train / "squad-train-sentences", "squad-train-sentences", loose=True)
    read_qamr(out, train / "qamr")
    return out


def read_qamr(out: Corpora, folder: Path) -> None:
    """QAMR asks about one sentence; the text is made of the pool's sentences of that document."""
    pool: dict[str, list[str]] = {}
    for row in read_lines(folder / "pool.jsonl.gz"):
        pool.setdefault(row["doc"], []).append(row["text"])
    for row in read_lines(folder / "train.jsonl.gz"):
        sentences = pool.get(row["title"], [])
        if row["context"] not in sentences:
            continue
        text, spans = joined(sentences)
        doc_id, group = key("qamr", text), f"qamr:{row['title']}"
        out.docs.setdefault(doc_id, Doc(doc_id, "qamr", group, text, spans))
        at = sentences.index(row["context"])
        answers = [(a["start"], a["start"] + len(a["text"])) for a in row["answers"]]
        moved = tuple(sorted({(spans[at][0] + s, spans[at][0] + e) for s, e in answers}))
        avoid = tuple(sorted({text[s:e] for s, e in moved}))
        held = held_aside(group)
        out.questions.append(
            Question(row["id"], "qamr", row["question"], doc_id, (at,), (), moved, avoid, held)
        )
