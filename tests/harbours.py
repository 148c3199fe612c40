"""Thirty short articles for the tests of the framework adapters, and an index of them."""

from __future__ import annotations

import json
from pathlib import Path

import newsqa
from newsqa.settings import load

QUESTION = "Which harbour was closed by the storm?"
# All are about the same; those of the Gazette say it most plainly and rank first.
ARTICLES = [
    {
        "id": f"gazette/{n}",
        "title": f"Storm closes the harbour of Port {n}",
        "text": f"The storm closed the harbour of Port {n} on Monday, and no ship left it.",
        "date": f"2026-05-{n + 1:02}",
        "source": "Gazette",
    }
    for n in range(25)
] + [
    {
        "id": f"post/{n}",
        "title": f"Notes from Quay {n}",
        "text": f"Fishermen of Quay {n} drank tea and talked of the storm and the harbour.",
        "date": f"2026-01-{n + 1:02}",
        "source": "Post",
    }
    for n in range(5)
]


def harbours(folder: Path) -> newsqa.NewsQA:
    """Build the index in ``folder`` with the packaged encoder; opened without a reader model."""
    lines = "".join(json.dumps(article) + "\n" for article in ARTICLES)
    (folder / "news.jsonl").write_text(lines, encoding="utf-8")
    settings = load({"reader": "none", "min_confidence": 0.2})
    return newsqa.build([folder / "news.jsonl"], index=folder / "index", settings=settings)
