"""What is worth what that is made of a question before it is searched: the rankings it leads to.

    python -m benchmarks.quality.question_ablations [--no-page]

News quizzes (``realtimeqa-2025``, the half that is not reported) as typed; with a letter wrong in
one word; as keywords; with words fed back from the best passages. Questions of the sample corpus
with the outlet of an article that answers named. Of both, those that name a year, month or date.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.lib import places, reporting
from benchmarks.lib.baselines import ranking_scores
from benchmarks.quality import question_sets
from newsqa.engine import NewsQA
from newsqa.evaluation.index_cache import cached_index
from newsqa.evaluation.metrics import rank_articles
from newsqa.evaluation.question_sets import Question, QuestionSet, halves, read_set
from newsqa.question.dates import dates_mentioned
from newsqa.question.query import Query
from newsqa.retrieval.spelling import Correction
from newsqa.settings import load
from newsqa.text.analysis import content_terms, words

SEED = 2025
NAME = "ablations-questions"
BEST = 5  # passages that words are fed back from
Ask = Callable[[Question], str]
Exchange = Callable[[NewsQA, Question], AbstractContextManager[Any]]


def main() -> int:
    """Measure both sets and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--no-page", action="store_true", help="leave docs/evaluation.md alone")
    options = parser.parse_args()
    table = {**_quizzes(), **_outlets(), **_dates()}
    results = {
        "set": NAME,
        "reported": "realtimeqa-2025: the half to choose on; sample corpus: all questions",
        "ablations": table,
    }
    places.save(
        NAME, results, " ".join(["python -m benchmarks.quality.question_ablations", *sys.argv[1:]])
    )
    kept = places.saved(NAME)
    assert kept is not None
    print(reporting.text(kept))
    if not options.no_page:
        reporting.write(kept)
    return 0


def as_it_is(qa: NewsQA, question: Question) -> AbstractContextManager[Any]:
    """Exchange nothing."""
    return nullcontext()


def unmended(qa: NewsQA, question: Question) -> AbstractContextManager[Any]:
    """Leave misspelt words as they are."""
    return mock.patch("newsqa.engine.correct", lambda asked, *_: Correction(asked))


def feeding(count: int) -> Exchange:
    """Search for the ``count`` words too that tell the best passages from the others.

    Pseudo-relevance feedback for the words of a question; the dense leg is asked as before.
    Source: Rocchio 1971, with terms chosen by frequency in the best passages times idf.
    """

    def exchange(qa: NewsQA, question: Question) -> AbstractContextManager[Any]:
        asked = content_terms(question.text)
        hits = qa.search(question.text, k=BEST, today=question.asked)
        snapshot = qa.index.snapshot()
        seen = Counter(term for hit in hits for term in content_terms(hit.passage.text))
        worth = {term: n * snapshot.idf(term) for term, n in seen.items() if term not in asked}
        added = sorted(worth, key=lambda term: (-worth[term], term))[:count]
        analyse = Query.of

        def fed(text: str, names: Sequence[str] | None = None) -> Query:
            query = analyse(text, names)
            return replace(query, content_terms=(*query.content_terms, *added))

        return mock.patch.object(Query, "of", fed)

    return exchange


def keywords(text: str) -> str:
    """Return the words of a question that say what it is about."""
    return " ".join(word for word in re.findall(r"[\w.'’-]+", text) if content_terms(word))


def misspelt(text: str, chance: random.Random) -> str:
    """Return the question with two letters exchanged inside its longest word.

    Not the first letter, and letters that differ; a question without such a word stays.
    """
    for word in sorted(set(re.findall(r"[^\W\d_]{6,}", text)), key=lambda word: (-len(word), word)):
        places_ = [at for at in range(1, len(word) - 1) if word[at] != word[at + 1]]
        if places_ and words(word):
            at = chance.choice(places_)
            wrong = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            return re.sub(rf"\b{word}\b", wrong, text)
    return text


def _quizzes() -> dict[str, dict[str, float]]:
    part = _judged("realtimeqa-2025")
    if part is None:
        return {}
    chance = random.Random(SEED)
    wrong = {q.id: misspelt(q.text, chance) for q in part.questions}
    forms: dict[str, tuple[Ask, Exchange]] = {
        "as typed": (lambda q: q.text, as_it_is),
        "as typed, 5 words fed back": (lambda q: q.text, feeding(5)),
        "as typed, words not mended": (lambda q: q.text, unmended),
        "a word misspelt, mended": (lambda q: wrong[q.id], as_it_is),
        "a word misspelt, not mended": (lambda q: wrong[q.id], unmended),
        "keywords": (lambda q: keywords(q.text), as_it_is),
        "keywords, 5 words fed back": (lambda q: keywords(q.text), feeding(5)),
        "keywords, 10 words fed back": (lambda q: keywords(q.text), feeding(10)),
    }
    return {f"quizzes: {name}": scores for name, scores in _measured(part, forms).items()}


def _outlets() -> dict[str, dict[str, float]]:
    part = _judged("sample")
    assert part is not None  # it is ours
    with cached_index(part.paths, load(), places.Lines()) as opened:
        by = {name: opened.qa.article(name).source for of in part.qrels.values() for name in of}
    best = {q.id: max(part.qrels[q.id], key=part.qrels[q.id].__getitem__) for q in part.questions}
    named = {q.id: f"{q.text} (according to {by[best[q.id]]})" for q in part.questions}
    table = _measured(part, {"as typed": (lambda q: q.text, as_it_is)})
    for share in (0.0, 0.1, 0.2, 0.3, 0.5):
        with mock.patch("newsqa.retrieval.boosts.SOURCE_SHARE", share):
            form = f"outlet named, share {share:g}"
            table |= _measured(part, {form: (lambda q: named[q.id], as_it_is)})
    return {f"sample: {name}": scores for name, scores in table.items()}


def _dates() -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {}
    for name, shown in (("realtimeqa-2025", "quizzes"), ("sample", "sample")):
        if (part := _judged(name)) is None:
            continue
        part = part.narrowed([q for q in part.questions if dates_mentioned(q.text)])
        for share in (0.0, 0.1, 0.2, 0.3):
            with mock.patch("newsqa.retrieval.boosts.DATE_SHARE", share):
                form = f"{shown}: {len(part.questions)} that name a date, share {share:g}"
                table |= _measured(part, {form: (lambda q: q.text, as_it_is)})
    return table


def _judged(name: str) -> QuestionSet | None:
    """The judged questions that choices may be made on; those with earlier turns are left out."""
    plan = question_sets.PLANS[name]
    if not plan.folder.exists():
        print(f"{name}: skipped, {plan.folder} is not there (NEWSQA_SHARED)", file=sys.stderr)
        return None
    whole = read_set(Path(plan.folder), corpus=plan.corpus)
    asked: Sequence[Question] = whole.questions if plan.whole else halves(whole.questions)[0]
    return whole.narrowed([q for q in asked if q.id in whole.qrels and not q.turns])


def _measured(
    part: QuestionSet, forms: dict[str, tuple[Ask, Exchange]]
) -> dict[str, dict[str, float]]:
    table = {}
    with cached_index(part.paths, load(), places.Lines()) as opened:
        for name, (ask, exchange) in forms.items():
            ranked = {}
            for question in part.questions:
                with exchange(opened.qa, question):
                    hits = opened.qa.search(ask(question), k=100, today=question.asked)
                ranked[question.id] = rank_articles([hit.passage.article_id for hit in hits])
            table[name] = ranking_scores(part, ranked)
            shown = {key: round(value, 3) for key, value in table[name].items()}
            print(name, shown, file=sys.stderr, flush=True)
    return table


if __name__ == "__main__":
    sys.exit(main())
