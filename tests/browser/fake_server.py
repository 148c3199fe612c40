"""Serves the page over a stand-in engine: ``python -m tests.browser.fake_server [PAYLOADS]``.

PAYLOADS is a JSON list of strings. Each becomes an article that is nothing but this string, and
"batch 0", "batch 1", ... are answered with the articles of that batch.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from newsqa import settings
from newsqa.ingest.draft import MAX_FIELD_CHARS
from newsqa.replies import Answer, Asked, Hits, Quote, Reply
from newsqa.text.analysis import clean
from newsqa.types import Article, Citation, Copy, Span
from newsqa.web import server
from tests.fakes import engine as web_fakes

BATCH = 20


class Hostile(web_fakes.FakeEngine):
    """Answers "batch N" with articles made of payloads, everything else as usual."""

    def hold(self, payloads: list[str]) -> None:
        self.batches: list[list[Article]] = []
        for number, payload in enumerate(payloads):
            if number % BATCH == 0:
                self.batches.append([])
            made = web_fakes.article(
                clean(f"{number} {payload}")[:MAX_FIELD_CHARS],  # as every id in an index
                title=payload,
                body=f"{payload}\n\n{payload} {number}.",
                source=payload,
                byline=payload,
                url=payload,
                language=payload[:20],
                furniture=(),
            )
            self.batches[-1].append(made)
            self.articles_held[made.article_id] = made

    def search(self, question: str, **options: Any) -> Hits:
        batch = self._batch(question)
        return web_fakes.hits_of(*batch) if batch else super().search(question, **options)

    def ask(self, question: str, **options: Any) -> Reply:
        batch = self._batch(question)
        if not batch:
            return super().ask(question, **options)
        quotes = []
        for n, article in enumerate(batch, 1):
            span = Span(0, len(article.body))
            copy = Copy(
                article_id=article.article_id,
                version=1,
                title=article.title,
                source=article.source,
                published=None,
                url=article.url,
                span=span,
            )
            citation = Citation.of(article, span)
            role = web_fakes.ROLES[0 if n == 1 else 1 + n % 4]
            quotes.append(Quote(n=n, citation=citation, role=role, copies=(copy,)))
        payload = batch[0].title
        asked = Asked(
            question=question, standalone_question=payload, resolution=payload, notes=(payload,)
        )
        return Answer(asked=asked, quotes=tuple(quotes), confidence=0.8)

    def _batch(self, question: str) -> list[Article]:
        word, _, number = question.partition(" ")
        if word == "batch" and number.isdecimal() and int(number) < len(self.batches):
            return self.batches[int(number)]
        return []


def serve(engine: web_fakes.FakeEngine) -> None:
    """Serve the page over ``engine`` until stopped."""
    options = settings.load()
    with server.listening(options.host, options.port) as listener:
        server.run(engine, options, listener)


def main() -> None:
    engine = Hostile()
    engine.hold(json.loads(Path(sys.argv[1]).read_text()) if len(sys.argv) > 1 else [])
    serve(engine)


if __name__ == "__main__":
    main()
