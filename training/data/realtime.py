"""realtimeqa-2022-2023: finds in each judged page the sentence that answers the question.

The labels are made by rule: a sentence is right when it holds the answer and shares enough weighted
words with question and evidence; the page's other sentences with the answer count neither way.
"""

from __future__ import annotations

from pathlib import Path

from training.data.records import Corpora, Doc, Question, Span, read_lines
from training.data.sources import key
from training.data.wording import content_words, holds, inverse_frequencies, overlap, sentence_spans

SET = "realtimeqa-2022-2023"
HELD_FROM = "2023-09-01"
MAX_CHARS = 12_000
MIN_OVERLAP = 0.28
PAGES_A_QUESTION = 4


def read_realtime(out: Corpora, folder: Path) -> None:
    """Adds pages and questions; those asked from HELD_FROM on are held aside."""
    pages = {row["id"]: row for row in read_lines(folder / "corpus.jsonl.gz")}
    texts = [f"{p['title']} {p['text'][:2000]}" for p in pages.values()]
    weight = inverse_frequencies(texts)
    for row in pages.values():
        doc = _page(row)
        if doc.spans:
            out.docs[doc.id] = doc
    judged = _judgements(folder / "qrels.tsv")
    for row in read_lines(folder / "questions.jsonl"):
        if not row["answerable"] or not row["answers"]:
            continue
        answers = [a.strip(" “”\"'.") for a in row["answers"]]
        asked = content_words(row["question"])
        wanted = [asked, asked + content_words(row.get("evidence") or "")]
        found: list[tuple[float, Question]] = []
        for page in judged.get(row["id"], []):
            judged_doc = out.docs.get(key(SET, page))
            if judged_doc is not None:
                found += _labelled(row, judged_doc, answers, wanted, weight)
        found.sort(key=lambda pair: (-pair[0], pair[1].doc))
        out.questions += [question for _, question in found[:PAGES_A_QUESTION]]


def _page(row: dict[str, str]) -> Doc:
    text = row["text"][:MAX_CHARS]
    spans = tuple((s, e) for s, e in sentence_spans(text) if e - s <= 600)
    doc_id = key(SET, row["id"])
    group = f"{SET}:{row['id']}"
    return Doc(doc_id, SET, group, text, spans, row["title"] or "", row["date"] or "")


def _judgements(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[tuple[int, str]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        question, page, grade = line.split("\t")
        found.setdefault(question, []).append((-int(grade), page))
    return {q: [page for _, page in sorted(pages)] for q, pages in found.items()}


def _labelled(
    row: dict[str, str],
    doc: Doc,
    answers: list[str],
    wanted: list[list[str]],
    weight: dict[str, float],
) -> list[tuple[float, Question]]:
    shares: dict[int, float] = {}
    for i, (s, e) in enumerate(doc.spans):
        if any(holds(doc.text[s:e], a) for a in answers):
            shares[i] = max(overlap(w, doc.text[s:e], weight, 8.0) for w in wanted)
    if not shares or max(shares.values()) < MIN_OVERLAP:
        return []
    best = max(shares.values())
    right = tuple(i for i, share in shares.items() if share >= max(MIN_OVERLAP, best - 0.05))
    ignored = tuple(i for i in shares if i not in right)
    spans: list[Span] = []
    for i in right:
        spans += _places(doc, i, answers)
    question = Question(
        id=f"{SET}:{row['id']}:{doc.id}",
        set=SET,
        text=row["question"],
        doc=doc.id,
        right=right,
        ignored=ignored,
        answers=tuple(spans),
        avoid=tuple(answers),
        held=row["date"] >= HELD_FROM,
    )
    return [(best, question)]


def _places(doc: Doc, sentence: int, answers: list[str]) -> list[Span]:
    """Where the answer's letters stand in a sentence; none if only its normalised form does."""
    start, end = doc.spans[sentence]
    text = doc.text[start:end].lower()
    found = []
    for answer in answers:
        at = text.find(answer.lower())
        if at >= 0:
            found.append((start + at, start + at + len(answer)))
    return found
