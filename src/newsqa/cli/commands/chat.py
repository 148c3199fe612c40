"""`newsqa chat`: a conversation in the terminal."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from newsqa.cli.commands.ask import decoded, print_reply
from newsqa.cli.commands.show import article_text
from newsqa.cli.options import ReaderName
from newsqa.cli.output import is_terminal, stdin
from newsqa.cli.session import Session, command

if TYPE_CHECKING:
    from newsqa.engine import NewsQA
    from newsqa.replies import Quote, Reply

HELP = """Type a question; a follow-up may refer to the questions before it.
  /show N   the article of quote N of the last reply
  /new      forget the questions so far
  /help     this list
  /quit     leave (also Ctrl-D)"""
MAX_HISTORY_LINES = 500
_LEAVING = {"/quit", "/exit", "quit", "exit", "bye", "goodbye"}
_COURTESIES = {"hello", "hi", "hey", "thanks", "thank you", "thx", "ok", "okay"}

app = typer.Typer()


@command(
    app,
    "newsqa chat",
    "newsqa chat --index index --source 'Example Times'",
    filters=True,
)
def chat(session: Session, reader: ReaderName = None) -> None:
    """Chat in the terminal. /help lists the commands.

    Questions typed at a terminal are saved in a file of your own, and the arrow keys bring them
    back in the next chat; NEWSQA_CHAT_HISTORY=false saves none.
    """
    session.override(reader=reader)
    with session.engine() as engine:
        Conversation(session, engine).run()


class Conversation:
    """One conversation, from the first line typed to the last."""

    def __init__(self, session: Session, engine: NewsQA) -> None:
        self._screen = session.screen
        self._engine = engine
        self._filters = session.filters
        self._style = "jsonl" if session.json else "text"
        self._chat = engine.chat()
        self._last: Reply | None = None
        self._interactive = is_terminal(sys.stdin) and is_terminal(sys.stdout)
        self._save_history = session.settings.chat_history
        self._history: History | None = None

    def run(self) -> None:
        """Answer each line until there are no more."""
        if self._interactive:
            self._history = History(save=self._save_history)
            self._screen.note("Type a question; /help for help, Ctrl-D to leave.")
        while (line := self._next_line()) is not None:
            if _folded(line) in _LEAVING:
                break
            self._answer(line)
            self._screen.flush()

    def _next_line(self) -> str | None:
        if self._interactive:
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
        elif _folded(line) in _COURTESIES:
            self._screen.note("Type a question about the articles; /help for help.")
        else:
            if self._history is not None:
                self._history.add(line)
            self._last = self._chat.ask(line, **self._filters)
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


def _folded(line: str) -> str:
    return " ".join(line.casefold().split()).rstrip("!.,")


class History:
    """The questions of earlier chats for the arrow keys; without its file the chat goes on."""

    def __init__(self, path: Path | None = None, *, save: bool = True) -> None:
        """Enable readline history, loading earlier lines from ``path`` if they are saved."""
        self._path = path or _default_path()
        self._save = save
        with suppress(ImportError):  # then input() takes bare lines
            import readline

            for line in self._earlier() if save else ():
                readline.add_history(line)

    def _earlier(self) -> list[str]:
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        lines = [line for line in text.split("\n") if line]
        if len(lines) > 2 * MAX_HISTORY_LINES:
            self._write("\n".join(lines[-MAX_HISTORY_LINES:]) + "\n", os.O_TRUNC)
        return lines[-MAX_HISTORY_LINES:]

    def add(self, line: str) -> None:
        """Add a line to the file."""
        words = line.split()
        if self._save and words:
            self._write(f"{' '.join(words)}\n", os.O_APPEND)

    def _write(self, text: str, flag: int) -> None:
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | flag, 0o600)
            with os.fdopen(file, "wb") as stream:
                stream.write(text.encode("utf-8", errors="replace"))


def _default_path() -> Path:
    import platformdirs

    return Path(platformdirs.user_state_dir("newsqa")) / "chat-history"
