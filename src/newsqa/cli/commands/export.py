"""`newsqa export`: the whole current corpus as JSONL, from which the same index can be built."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO, cast

import typer

from newsqa.cli.options import output_file
from newsqa.cli.output import json_text, one_line
from newsqa.cli.session import Session, command
from newsqa.files.atomic import replacing

MB = 1_000_000

app = typer.Typer()


@command(
    app,
    "newsqa export > corpus.jsonl",
    "newsqa export --output corpus.jsonl.gz",
    "newsqa export | newsqa index build - --index copy",
    "newsqa export --feedback > verdicts.jsonl",
    json=False,
)
def export(
    session: Session,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            parser=output_file,
            help="Write to this file; gzipped if its name ends in .gz.",
        ),
    ] = None,
    feedback: Annotated[
        bool,
        typer.Option("--feedback", help="Instead: the feedback given on the page, one a line."),
    ] = False,
) -> None:
    """Write the current articles as JSONL, one a line, by id.

    An index built from it gives the same replies. It leaves out earlier versions; `newsqa index
    backup` keeps them.
    """
    write, what = (_verdicts, "verdicts") if feedback else (_write, "articles")
    if output is None:
        write(session, lambda record: session.screen.json(record, indent=None))
        return
    with _opened(output) as stream:
        count = write(
            session, lambda record: stream.write(json_text(record, indent=None).encode() + b"\n")
        )
    session.screen.note(f"{count} {what} written to {output}")


def _write(session: Session, put: Callable[[dict[str, Any]], object]) -> int:
    """Pass the record of every article to ``put`` and return their number."""
    from newsqa.ingest.formats.jsonl import MAX_LINE_BYTES
    from newsqa.ingest.formats.jsonl_schema import record_of

    articles = total = 0
    with session.index() as index:
        for article in index.current():
            articles += 1
            record = record_of(article)
            size = len(json_text(record, indent=None).encode()) + 1
            total += size
            if size > MAX_LINE_BYTES:
                session.screen.error(
                    f"{one_line(article.article_id)}: a line of more than "
                    f"{MAX_LINE_BYTES // MB} MB; `newsqa index build` refuses it"
                )
            put(record)
    if total > session.settings.max_file_mb * MB:
        session.screen.error(
            f"more than {session.settings.max_file_mb} MB: to build from it, gzip it, or set "
            f"NEWSQA_MAX_FILE_MB={total // MB + 1}"
        )
    return articles


def _verdicts(session: Session, put: Callable[[dict[str, Any]], object]) -> int:
    """Pass every verdict of a visitor to ``put``, oldest first, and return their number."""
    import json

    from newsqa.errors import IndexNotFoundError
    from newsqa.index import exists
    from newsqa.index.maintenance import FEEDBACK

    folder, verdicts = session.settings.index, 0
    if not exists(folder):
        raise IndexNotFoundError(folder)
    file = folder / FEEDBACK
    for number, line in enumerate(file.read_bytes().splitlines() if file.exists() else (), 1):
        try:
            put(dict(json.loads(line)))
        except (ValueError, TypeError):  # the last one, where a server was killed
            session.screen.error(one_line(f"{file}: line {number} is no verdict"))
        else:
            verdicts += 1
    return verdicts


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Yield a stream into ``path``, which is replaced once it is whole; gzipped by its name."""
    if path.exists() and not path.is_file():  # a pipe or a device is written to as it is
        with path.open("wb") as stream:
            yield stream
        return
    with replacing(path) as stream:
        if path.suffix == ".gz":
            import gzip

            with gzip.GzipFile("", "wb", fileobj=stream, mtime=0) as packed:
                yield cast(BinaryIO, packed)
        else:
            yield stream
