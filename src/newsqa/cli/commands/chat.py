"""`newsqa chat`: a conversation in the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import typer

from newsqa.cli.commands.ask import decoded, print_reply
from newsqa.cli.commands.show import article_text
from newsqa.cli.history import History
from newsqa.cli.options import (
    AsOf,
    Index,
    Json,
    Quiet,
    ReaderName,
    Since,
    Sources,
    Today,
    Until,
    Verbose,
    examples,
)
from newsqa.cli.output import is_terminal
from newsqa.cli.session import Session, begin, filters_of
from newsqa.cli.streams import stdin

if TYPE_CHECKING:
    from newsqa.cli.services import Engine
    from newsqa.replies import Quote, Reply

HELP = """Type a question; a follow-up may lean on the questions before it.
  /show N   the article that quote N of the last reply stands in
  /new      forget the questions so far
  /help     this list
  /quit     leave (also Ctrl-D)"""


def register(app: typer.Typer) -> None:
    """Give the program this command."""
    app.command(
        epilog=examples("newsqa chat", "newsqa chat --index index --source 'Example Times'")
    )(chat)


def chat(
    ctx: typer.Context,
    since: Since = None,
    until: Until = None,
    source: Sources = None,
    as_of: AsOf = None,
    today: Today = None,
    reader: ReaderName = None,
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Talk in the terminal. /help lists what can be typed.

    Questions typed at a terminal are kept in a file of the user's own, and the arrow keys bring
    them back in the next chat; NEWSQA_CHAT_HISTORY=false keeps none.
    """
    wanted = {**filters_of(since, until, source, as_of), "today": today}
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose, reader=reader)
    with session.opened() as engine:
        Talk(session, engine, wanted, "jsonl" if json else "text").run()


class Talk:
    """One conversation, from the first line typed to the last."""

    def __init__(
        self, session: Session, engine: Engine, wanted: dict[str, Any], style: str
    ) -> None:
        self._screen = session.screen
        self._engine = engine
        self._wanted = wanted
        self._style = style
        self._chat = engine.chat()
        self._last: Reply | None = None
        self._by_hand = is_terminal(sys.stdin) and is_terminal(sys.stdout)
        self._keeps = session.settings.chat_history
        self._history: History | None = None

    def run(self) -> None:
        """Answer line after line until there are no more."""
        if self._by_hand:
            self._history = History(kept=self._keeps)
            self._screen.note("Ask away; /help for help, Ctrl-D to leave.")
        while (line := self._next_line()) is not None:
            if line.strip() in {"/quit", "/exit"}:
                break
            self._answer(line)
            self._screen.flush()

    def _next_line(self) -> str | None:
        if self._by_hand:
            try:
                return input("\n> ")
            except EOFError:
                self._screen.note("")
                return None
        line = stdin().readline()
        return decoded(line) if line else None

    def _answer(self, line: str) -> None:
        words = line.split()
        if not words:
            return
        if words[0] == "/new":
            self._chat, self._last = self._engine.chat(), None
            self._screen.note("A new conversation.")
        elif words[0] == "/show":
            self._show(words[1:])
        elif words[0].startswith("/"):
            self._screen.note(HELP)
        else:
            if self._history is not None:
                self._history.note(line)
            self._last = self._chat.ask(line, **self._wanted)
            print_reply(self._screen, self._last, self._style)

    def _show(self, words: list[str]) -> None:
        quotes = self._quotes()
        quote = next((q for q in quotes if words == [str(q.n)]), None)
        if quote is None:
            known = ", ".join(str(q.n) for q in quotes)
            self._screen.note(f"/show takes one of {known}" if known else "no quote to show yet")
            return
        cited = quote.citation
        article = self._engine.article(cited.article_id, version=cited.version)
        self._screen.text(article_text(article, marked=cited.span))

    def _quotes(self) -> tuple[Quote, ...]:
        if self._last is None:
            return ()
        return self._last.quotes if self._last.answered else self._last.related
