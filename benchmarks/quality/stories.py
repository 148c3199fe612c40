"""How well `newsqa story` finds the story lines that ``corpus/SOURCES.md`` names.

    python -m benchmarks.quality.stories

For each labelled article the story found is compared with its line: precision and recall over
(article asked about, article found) pairs. Wanted are the articles of the line which a chain of
steps of at most 30 days reaches. The labels are those of the sample corpus, older than this;
73 articles are few, and another corpus may want another threshold.
"""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import newsqa
from newsqa.engine import NewsQA
from newsqa.retrieval.story_chains import WINDOW_DAYS, story_of
from newsqa.types import Article, Hit

ROOT = Path(__file__).parents[2]
COSINES = (0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
NAMES = (2, 3, 4, 6)


def lines(articles: Sequence[Article]) -> list[list[Article]]:
    """Return the articles of each story line, in order of date, found by their titles."""
    by_title = {article.title: article for article in articles}
    found: dict[str, list[Article]] = defaultdict(list)
    for row in (ROOT / "corpus" / "SOURCES.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in row.split("|")]
        for line in re.findall(r"story line ([A-Z])\b", row):
            found[line].append(by_title[cells[2]])
    return [sorted(line, key=lambda a: str(a.published)) for line in found.values()]


def stretches(line: Sequence[Article]) -> list[set[str]]:
    """Cut a line where more than 30 days pass between one article and the next."""
    parts: list[set[str]] = []
    last = None
    for article in line:
        assert article.published is not None
        if last is None or (article.published - last).days > WINDOW_DAYS:
            parts.append(set())
        parts[-1].add(article.article_id)
        last = article.published
    return parts


def kept(search: Callable[..., Sequence[Hit]]) -> Callable[..., Sequence[Hit]]:
    """Answer each search once."""
    known: dict[Any, Sequence[Hit]] = {}

    def again(question: str, **options: Any) -> Sequence[Hit]:
        key = (question, *sorted(options.items()))
        if key not in known:
            known[key] = search(question, **options)
        return known[key]

    return again


def measure(qa: NewsQA) -> None:
    """Print precision and recall for each pair of thresholds."""
    articles = {article.article_id: article for article in qa.index.current()}
    wholes = lines(list(articles.values()))
    cases = [(seed, part) for line in wholes for part in stretches(line) for seed in sorted(part)]
    of_line = {a.article_id: {b.article_id for b in line} for line in wholes for a in line}
    search = kept(qa.search)
    print(f"{len(articles)} articles, {len(cases)} labelled; cosine, names, precision, recall")
    for close in COSINES:
        for names in NAMES:
            right = found = reached = wanted = 0
            for seed, part in cases:
                told = story_of(
                    articles[seed], search, articles.__getitem__, close=close, shared_names=names
                )
                ids = {piece.article_id for piece in told.parts} - {seed}
                right += len(ids & of_line[seed])
                found += len(ids)
                reached += len(ids & part)
                wanted += len(part) - 1
            rates = f"{right / max(1, found):.2f} {reached / wanted:.2f}"
            print(f"{close:.2f} {names} {rates}", flush=True)


def main() -> None:
    """Build an index of the sample corpus and measure."""
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        with newsqa.build([ROOT / "corpus"], index=index) as qa:
            measure(qa)


if __name__ == "__main__":
    main()
