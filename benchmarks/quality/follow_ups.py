"""Follow-up questions: searched as asked, as we rewrite them, and as people did.

Neither set comes with a collection to search, so each is turned into one: the answers of a
dialogue (canard-a), or the passages of the conversations (mtrag-un-a), are the articles; right is
the dialogue's own article, or the conversation's own passages.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.lib import places
from benchmarks.lib.baselines import ranking_scores
from newsqa.engine import NewsQA
from newsqa.evaluation.index_cache import cached_index
from newsqa.evaluation.metrics import token_f1
from newsqa.evaluation.question_sets import Question, QuestionSet, halves
from newsqa.protocols import Progress
from newsqa.settings import Settings
from newsqa.types import Turn

CARRIED = 6  # turns that the page hands on


@dataclass(frozen=True)
class FollowUp:
    """A question late in a conversation, with the article that was meant and a human rewrite."""

    question: Question
    articles: frozenset[str]
    rewrite: str = ""


@dataclass(frozen=True)
class Collection:
    """What is searched, and the questions."""

    articles: Mapping[str, dict[str, str]]
    follow_ups: Sequence[FollowUp]


def canard() -> Collection:
    """Articles: the answers of each dialogue, under its two titles."""
    path = places.SETS / "canard-a" / "rewrites.jsonl"
    dialogues: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        dialogues[row["QuAC_dialog_id"]].append(row)
    articles = {}
    follow_ups = []
    for name, rows in dialogues.items():
        longest = max(rows, key=lambda row: len(row["History"]))["History"]
        answers = [text for text in longest[3::2] if text != "I don't know."]
        articles[name] = {"title": ", ".join(longest[:2]), "text": "\n\n".join(answers)}
        for row in rows:
            turns = _pairs(row["History"][2:])
            if not turns:
                continue  # the first question of a dialogue follows nothing
            follow_ups.append(
                FollowUp(
                    question=Question(
                        id=f"{name}:{row['Question_no']}",
                        text=row["Question"],
                        answerable=True,
                        turns=turns,
                    ),
                    articles=frozenset({name}),
                    rewrite=row["Rewrite"],
                )
            )
    return Collection({k: v for k, v in articles.items() if v["text"].strip()}, follow_ups)


def _pairs(history: Sequence[str]) -> tuple[Turn, ...]:
    answers = [*history[1::2], ""]
    return tuple(
        Turn(question=question, quotes=(answer,) if answer and answer != "I don't know." else ())
        for question, answer in zip(history[0::2], answers, strict=False)
    )


def mtrag() -> Collection:
    """Articles: every passage that a conversation was written on; no human rewrites."""
    articles: dict[str, dict[str, str]] = {}
    follow_ups = []
    for row in _mtrag_rows(places.SETS / "mtrag-un-a" / "conversations.jsonl.gz"):
        passages = {p["document_id"]: p for p in row["contexts"] if p["text"].strip()}
        articles |= {
            id: {"title": p.get("title") or "", "text": p["text"]} for id, p in passages.items()
        }
        said = row["input"]
        if not passages or row["answerability"] != ["ANSWERABLE"] or len(said) < 3:
            continue
        turns = tuple(
            Turn(question=said[at]["text"], quotes=(said[at + 1]["text"],))
            for at in range(0, len(said) - 1, 2)
        )
        question = Question(id=row["task_id"], text=said[-1]["text"], answerable=True, turns=turns)
        follow_ups.append(FollowUp(question, frozenset(passages)))
    return Collection(articles, follow_ups)


def _mtrag_rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


LOADERS = {"canard-a": canard, "mtrag-un-a": mtrag}


def evaluate(name: str, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Search every reported follow-up in each form and return ranking metrics by form."""
    collection = LOADERS[name]()
    path = _written(name, collection, settings)
    wanted, _ = {}, None
    by_id = {item.question.id: item for item in collection.follow_ups}
    reported = halves([item.question for item in collection.follow_ups])[1]
    part = [by_id[question.id] for question in reported]
    with cached_index((path,), settings, progress) as opened:
        # One passage read is enough: only what was searched is looked at.
        brief = settings.model_copy(update={"read_passages": 1, "reader": "none"})
        with cached_index((path,), brief) as rewriting:
            forms = _forms(rewriting.qa, part, progress, name)
        for form, texts in forms.items():
            wanted[form] = _scores(opened.qa, part, texts, progress, f"{name}, {form}")
    ours = forms["newsqa"]
    rewrites = [item.rewrite for item in part if item.rewrite]
    return {
        "set": name,
        "reported": "the half not used for choosing",
        "articles": len(collection.articles),
        "follow_ups": len(part),
        "systems": wanted,
        "recovered": _recovered(wanted),
        "rewritten": sum(o != a for o, a in zip(ours, forms["as asked"], strict=True)) / len(part),
        "token_f1_with_human": _mean(
            [token_f1(o, [r]) for o, r in zip(ours, rewrites, strict=True)] if rewrites else []
        ),
    }


def _forms(
    qa: NewsQA, part: Sequence[FollowUp], progress: Progress, name: str
) -> dict[str, list[str]]:
    ours, moved = [], []
    for done, item in enumerate(part):
        progress("asking", done, len(part), f"{name}, rewriting")
        asked = item.question
        ours.append(qa.ask(asked.text, turns=asked.turns).asked.standalone_question)
        turns = (*_elsewhere(part, done), *asked.turns)[-CARRIED:]
        moved.append(qa.ask(asked.text, turns=turns).asked.standalone_question)
    forms = {
        "as asked": [item.question.text for item in part],
        "with the question before": [
            f"{item.question.turns[-1].question} {item.question.text}" for item in part
        ],
        "with all questions before": [
            " ".join([*(t.question for t in item.question.turns), item.question.text])
            for item in part
        ],
        "newsqa": ours,
        "newsqa, other talk before": moved,
    }
    if all(item.rewrite for item in part):
        forms["human rewrite"] = [item.rewrite for item in part]
    return forms


def _elsewhere(part: Sequence[FollowUp], at: int) -> tuple[Turn, ...]:
    """The last turns of a conversation about something else: the one half a list away."""
    others = (part[(at + len(part) // 2 + step) % len(part)] for step in range(len(part)))
    mine = part[at].articles
    other = next(o for o in others if not o.articles & mine).question
    return (*other.turns, Turn(question=other.text))[-CARRIED // 2 :]


def _scores(
    qa: NewsQA, part: Sequence[FollowUp], texts: Sequence[str], progress: Progress, name: str
) -> dict[str, float]:
    rankings = {}
    for done, (item, text) in enumerate(zip(part, texts, strict=True)):
        progress("asking", done, len(part), name)
        # Quotation marks in a rewrite are a speaker's, not a wish for an exact phrase.
        hits = qa.search(text.replace('"', " "), k=100)
        rankings[item.question.id] = list(dict.fromkeys(h.passage.article_id for h in hits))
    qrels = {item.question.id: dict.fromkeys(item.articles, 1) for item in part}
    questions = QuestionSet(name, tuple(replace(item.question) for item in part), (), qrels)
    return ranking_scores(questions, rankings)


def _recovered(forms: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Share of the way from the question as asked to the human rewrite, by metric."""
    if "human rewrite" not in forms:
        return {}
    raw, best, ours = (forms[name] for name in ("as asked", "human rewrite", "newsqa"))
    return {m: (ours[m] - raw[m]) / (best[m] - raw[m]) for m in raw if best[m] > raw[m]}


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _written(name: str, collection: Collection, settings: Settings) -> Path:
    """Write the articles where indexes are cached: the texts are not ours to keep elsewhere."""
    folder = settings.cache_dir / "eval" / f"articles-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "corpus.jsonl"
    lines = [json.dumps({"id": id} | fields) for id, fields in sorted(collection.articles.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
