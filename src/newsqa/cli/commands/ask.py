"""`newsqa ask`: replies as text, as JSON, or as citations for other programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from newsqa.cli.exit_codes import DONE, NO_ANSWER
from newsqa.cli.options import ReaderName, input_file
from newsqa.cli.output import Screen, is_terminal, one_line, stdin
from newsqa.cli.session import Session, command

if TYPE_CHECKING:
    from newsqa.engine import NewsQA
    from newsqa.replies import Answer, Reply

app = typer.Typer()


def citation_formats() -> list[str]:
    """Return the citation formats, from which typer chooses those that fit."""
    from newsqa.citation_formats import FORMATS

    return list(FORMATS)


def citation_format(text: str) -> str:
    """Parse the name of a citation format."""
    from newsqa.citation_formats import FORMATS

    if text not in FORMATS:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(FORMATS)}")
    return text


Questions: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        parser=input_file,
        help="One question a line; '-' is stdin. Blank lines and # comments are skipped, except "
        "with --jsonl: one reply a line.",
    ),
]
Cite: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="FORMAT",
        parser=citation_format,
        autocompletion=citation_formats,
        help="Print the quotes as csl-json, bibtex, ris, markdown or w3c (Web Annotation).",
    ),
]


@command(
    app,
    'newsqa ask "When do the foreign ministers meet?"',
    'newsqa ask "Who resigned last week?" --today 2024-11-29 --json',
    "newsqa ask --file questions.txt --jsonl > replies.jsonl",
    'newsqa ask "Who wrote the letter?" --cite bibtex >> sources.bib',
    filters=True,
)
def ask(
    session: Session,
    question: Annotated[
        list[str] | None, typer.Argument(metavar="QUESTION", help="The question, in any words.")
    ] = None,
    file: Questions = None,
    k: Annotated[int, typer.Option("-k", metavar="N", min=1, help="At most this many quotes.")] = 3,
    reader: ReaderName = None,
    # Taken by `search`, so that a script can change one word.
    rerank: Annotated[
        bool, typer.Option("--rerank", hidden=True, help="As with search; ask always does.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show how it was decided.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Print one JSON object a line.")] = False,
    cite: Cite = None,
) -> None:
    """Answer in the articles' own words. Exit code 1 if the articles do not say."""
    if bool(question) == bool(file):
        raise typer.BadParameter("give a question, or a file of questions with --file")
    if cite is not None and (session.json or jsonl or explain):
        raise typer.BadParameter("--cite prints citations; it excludes --json and --explain")
    session.override(reader=reader)
    style = "jsonl" if jsonl or (session.json and file) else "json" if session.json else "text"
    questions = [" ".join(question)] if question else _lines(file or Path("-"), style == "jsonl")
    answered = 0
    with session.engine() as engine:
        for line in questions:
            reply = engine.ask(line, k=k, explain=explain, **session.filters)
            answered += reply.answered
            if cite is not None:
                _print_citations(session.screen, engine, reply, cite)
                continue
            if file and style == "text":
                session.screen.line(one_line(line), style="bold")
            print_reply(session.screen, reply, style)
            if file and style == "text":
                session.screen.line("")
    raise typer.Exit(DONE if answered else NO_ANSWER)


def print_reply(screen: Screen, reply: Reply, style: str) -> None:
    """Print a reply as "text", "json" or one line of "jsonl"."""
    if style == "text":
        from newsqa.replies import lines_of

        for line in lines_of(reply):
            screen.parts(line)
        if reply.asked.explain is not None:
            from newsqa.answering.explanation import tables

            for table in tables(reply.asked.explain):
                screen.text("")
                screen.text("\n".join(table.lines()))
    else:
        screen.json(reply.to_dict(), indent=2 if style == "json" else None)
    screen.flush()  # a reply is out before the next question


def _print_citations(screen: Screen, engine: NewsQA, reply: Reply, form: str) -> None:
    if not reply.answered:
        screen.note(f"no answer: {reply.reason.message}")
        return
    text = _citations(engine, reply, form)
    if is_terminal(sys.stdout):
        screen.text(text.replace("\r\n", "\n").rstrip("\n"))
    elif sys.stdout is not None:
        sys.stdout.write(text)  # as it is: RIS has line ends of its own


def _citations(engine: NewsQA, answer: Answer, form: str) -> str:
    from newsqa.citation_formats import FORMATS, Cited

    cited = [
        Cited(q, engine.article(q.citation.article_id, version=q.citation.version))
        for q in answer.quotes
    ]
    return FORMATS[form](cited)


def _lines(file: Path, whole: bool) -> Iterator[str]:
    """Yield the questions of a file as they come; blank lines and comments too if ``whole``."""
    with nullcontext(stdin()) if str(file) == "-" else file.open("rb") as stream:
        for number, line in enumerate(stream):
            question = decoded(line, number)
            if whole or (not question.lstrip().startswith("#") and question.strip()):
                yield question


def decoded(line: bytes, number: int = 1) -> str:
    """Return a line without its end; the first, number 0, also without a byte order mark."""
    text = line.decode("utf-8", errors="replace").rstrip("\r\n")
    return text.removeprefix("\ufeff") if number == 0 else text
