"""`newsqa ask --cite FORMAT`: the quotes of a reply as citations for other programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from newsqa.cli.exit_codes import DONE, NO_ANSWER
from newsqa.cli.output import is_terminal

if TYPE_CHECKING:
    from newsqa.cli.services import Engine
    from newsqa.cli.session import Session
    from newsqa.replies import Answer


def _format(text: str) -> str:
    from newsqa.citation_formats import FORMATS

    if text not in FORMATS:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(FORMATS)}")
    return text


Cite: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="FORMAT",
        parser=_format,
        help="Print the quotes as csl-json, bibtex, ris, markdown or w3c (Web Annotation).",
    ),
]


def check_alone(other: bool) -> None:
    """End with a usage error where another form of output is asked for as well."""
    if other:
        raise typer.BadParameter("--cite prints citations; it goes without --json and --explain")


def cite_each(session: Session, questions: Iterator[str], wanted: dict[str, Any], form: str) -> int:
    """Print the citations of every answer and return the exit code."""
    answered = False
    with session.opened() as engine:
        for question in questions:
            reply = engine.ask(question, **wanted)
            if reply.answered:
                answered = True
                _print(session, engine, reply, form)
            else:
                session.screen.note(f"no answer: {reply.reason.message}")
    return DONE if answered else NO_ANSWER


def _print(session: Session, engine: Engine, reply: Answer, form: str) -> None:
    from newsqa.citation_formats import FORMATS, Cited

    cited = [
        Cited(q, engine.article(q.citation.article_id, version=q.citation.version))
        for q in reply.quotes
    ]
    text = FORMATS[form](cited)
    if is_terminal(sys.stdout):
        session.screen.text(text.replace("\r\n", "\n").rstrip("\n"))
    elif sys.stdout is not None:
        sys.stdout.write(text)  # as it is: RIS has line ends of its own
