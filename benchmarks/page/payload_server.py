"""Serves the page over payloads: ``python -m benchmarks.page.payload_server PAYLOADS``.

As `tests.browser.fake_server`, and "questions 0", "questions 1", ... are answered with a thread
that holds a batch of payloads, each as a question and as a filter value.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from newsqa.types import Filters
from newsqa.web.chat import thread as threads
from newsqa.web.html.reply import render_reply
from tests.browser.fake_server import Hostile, serve
from tests.fakes import engine as web_fakes

TURNS = 100


def exchange(number: int, payload: str) -> threads.Exchange:
    """Return a turn as the page makes it of a question and a filter that are ``payload``."""
    body = render_reply(web_fakes.no_answer("not_stated", question=payload))
    return threads.Exchange(number, payload, body, filters=Filters(sources=(payload,)))


def main() -> None:
    """Serve until stopped."""
    payloads: list[str] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    engine = Hostile()
    engine.hold(payloads)
    usual = threads.html_of

    def html_of(thread: threads.Thread) -> str:
        word, _, number = (thread[-1].question if thread else "").partition(" ")
        if word != "questions" or thread[-1].busy:
            return usual(thread)
        batch: Sequence[str] = payloads[int(number) * TURNS :][:TURNS]
        return usual(tuple(exchange(n, payload) for n, payload in enumerate(batch, 1)))

    # The page asks the module for it each time: what comes after is the page's own way.
    threads.html_of = html_of
    serve(engine)


if __name__ == "__main__":
    main()
