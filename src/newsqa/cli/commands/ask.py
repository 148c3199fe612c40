"""`newsqa search` and `newsqa ask`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from newsqa.answering.explanation import tables
from newsqa.cli.citing import Cite, check_alone, cite_each
from newsqa.cli.exit_codes import DONE, NO_ANSWER
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
    input_file,
)
from newsqa.cli.output import Screen, one_line, shortened
from newsqa.cli.session import Session, begin, filters_of
from newsqa.cli.streams import stdin

if TYPE_CHECKING:
    from newsqa.replies import Hits, Reply
    from newsqa.types import Hit

WIDTH = 96
SNIPPET_LINES = 3

MostPassages: TypeAlias = Annotated[
    int, typer.Option("-k", metavar="N", min=1, help="At most this many passages.")
]
Offset: TypeAlias = Annotated[
    int, typer.Option(metavar="N", min=0, help="Leave out the first so many.")
]
MaxTokens: TypeAlias = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="As many passages as fit into so many tokens."),
]
Questions: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", parser=input_file, help="One question a line; '-' is stdin."),
]
# Both commands take the flags of both, so that a script can change one word.
UnusedRerank: TypeAlias = Annotated[
    bool, typer.Option("--rerank", hidden=True, help="As with search; ask always does.")
]


def register(app: typer.Typer) -> None:
    """Give the program these commands."""
    app.command(
        epilog=examples(
            'newsqa search "harbour wall" -k 5',
            'newsqa search \'"state of emergency" floods\' --source "Example Times"',
            'newsqa search "mayor" --since 2024-11-01 --until 2024-11-30 --json',
        )
    )(search)
    app.command(
        epilog=examples(
            'newsqa ask "When do the foreign ministers meet?"',
            'newsqa ask "Who resigned last week?" --today 2024-11-29 --json',
            "newsqa ask --file questions.txt --jsonl > replies.jsonl",
            'newsqa ask "Who wrote the letter?" --cite bibtex >> sources.bib',
        )
    )(ask)


def search(
    ctx: typer.Context,
    question: Annotated[
        str, typer.Argument(metavar="QUESTION", help='Words to find; a part in "quotes" as it is.')
    ],
    k: MostPassages = 10,
    offset: Offset = 0,
    since: Since = None,
    until: Until = None,
    source: Sources = None,
    as_of: AsOf = None,
    today: Today = None,
    rerank: Annotated[bool, typer.Option("--rerank", help="Let the reader order them.")] = False,
    reader: ReaderName = None,
    max_tokens: MaxTokens = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show what each leg scored.")] = False,
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Find passages, best first. Exit code 1 if there are none."""
    wanted = filters_of(since, until, source, as_of) | {"today": today}
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose, reader=reader)
    with session.opened() as engine:
        hits = engine.search(
            question, k=k, offset=offset, rerank=rerank, max_tokens=max_tokens, **wanted
        )
    if json:
        session.screen.json(hits.to_dict())
    else:
        _print_hits(session.screen, hits, explain)
    raise typer.Exit(DONE if hits else NO_ANSWER)


def ask(
    ctx: typer.Context,
    question: Annotated[
        str | None, typer.Argument(metavar="QUESTION", help="What is asked.")
    ] = None,
    file: Questions = None,
    k: Annotated[int, typer.Option("-k", metavar="N", min=1, help="At most this many quotes.")] = 3,
    since: Since = None,
    until: Until = None,
    source: Sources = None,
    as_of: AsOf = None,
    today: Today = None,
    reader: ReaderName = None,
    rerank: UnusedRerank = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say how it came about.")] = False,
    json: Json = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Print one JSON object a line.")] = False,
    cite: Cite = None,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Answer in the articles' own words. Exit code 1 if the articles do not say."""
    if (question is None) == (file is None):
        raise typer.BadParameter("give a question, or a file of questions with --file")
    wanted = filters_of(since, until, source, as_of)
    wanted |= {"k": k, "today": today, "explain": explain}
    session = begin(ctx, index=index, quiet=quiet, verbose=verbose, reader=reader)
    questions = iter([question]) if question is not None else _lines(file)
    if cite is not None:
        check_alone(json or jsonl or explain)
        raise typer.Exit(cite_each(session, questions, wanted, cite))
    style = "jsonl" if jsonl or (json and file) else "json" if json else "text"
    answered = _ask_each(session, questions, wanted, style)
    raise typer.Exit(DONE if answered else NO_ANSWER)


def _ask_each(
    session: Session, questions: Iterator[str], wanted: dict[str, Any], style: str
) -> int:
    """Ask one after another, each reply out before the next question; count the answers."""
    answered = 0
    with session.opened() as engine:
        for number, question in enumerate(questions):
            reply = engine.ask(question, **wanted)
            answered += reply.answered
            if number and style == "text":
                session.screen.text("")
            print_reply(session.screen, reply, style)
            session.screen.flush()
    return answered


def print_reply(screen: Screen, reply: Reply, style: str) -> None:
    """Print a reply as "text", "json" or one line of "jsonl"."""
    if style == "text":
        screen.text(str(reply))
        if reply.asked.explain is not None:
            for table in tables(reply.asked.explain):
                screen.text("")
                screen.text("\n".join(table.lines()))
    else:
        screen.json(reply.to_dict(), indent=2 if style == "json" else None)


def _lines(file: Path | None) -> Iterator[str]:
    """Give the lines of the file as they come; an empty line is an empty question."""
    if file is None or str(file) == "-":
        yield from (decoded(line, number) for number, line in enumerate(stdin()))
    else:
        with file.open("rb") as stream:
            yield from (decoded(line, number) for number, line in enumerate(stream))


def decoded(line: bytes, number: int = 1) -> str:
    """Return a line without its end; the first, number 0, also without a byte order mark."""
    text = line.decode("utf-8", errors="replace").rstrip("\r\n")
    return text.removeprefix("\ufeff") if number == 0 else text


def _print_hits(screen: Screen, hits: Hits, explain: bool) -> None:
    for hit in hits:
        _print_hit(screen, hit, explain)
    for note in hits.notes:
        screen.note(note)
    if not hits:
        screen.note("nothing found")


def _print_hit(screen: Screen, hit: Hit, explain: bool) -> None:
    p = hit.passage
    screen.line(f"{hit.rank}. {one_line(p.title) or one_line(p.article_id)}", style="bold")
    parts = [p.source, p.published, p.page and f"page {p.page}"]
    about = ", ".join(one_line(str(part)) for part in parts if part)
    where = f"{one_line(p.article_id)} {p.span.start}-{p.span.end}"
    screen.line(f"   {about} ({where})" if about else f"   ({where})", style="dim")
    for copy in hit.copies:
        screen.line(f"   also {one_line(copy.source or copy.article_id)}", style="dim")
    if explain:
        legs = [("score", hit.score), ("dense", hit.dense), ("lexical", hit.lexical)]
        screen.line("   " + "  ".join(f"{n} {v:.3f}" for n, v in legs if v is not None))
    lines = 1000 if screen.level > 0 else SNIPPET_LINES
    for line in shortened(p.text, WIDTH - 3, lines):
        screen.line(f"   {line}")
    screen.line("")
