"""`newsqa index build`, `add`, `sync`, `remove` and `info`.

Articles that come through a pipe are saved under the index, as a file that is then read: the
index remembers the files it read, and would take one that vanished for a deletion. The file is
named by its content: records without an id are known by file and line, and two pipes must not
give them the same name.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from newsqa.cli.commands import maintain
from newsqa.cli.commands.maintain import end_with, print_report
from newsqa.cli.commands.size import measured
from newsqa.cli.options import Allow, ArticleIds, Model, existing, path_or_stdin
from newsqa.cli.output import Screen, one_line, stdin
from newsqa.cli.session import Session, command, group_options
from newsqa.errors import CorpusError, IndexNotFoundError, NewsQAError
from newsqa.files.atomic import move_into_place, temp_path

if TYPE_CHECKING:
    from newsqa.engine import NewsQA
    from newsqa.index import Report
    from newsqa.protocols import Progress

WATCH_PAUSE_S = 2.0
WATCH_MAX_PAUSE_S = 32.0  # after failures
WATCH_SHARE = 10  # the pause is at least so many times the time of looking at the files
_CHUNK_BYTES = 1 << 20
_GZIP = b"\x1f\x8b"

app = typer.Typer()
_group = typer.Typer(
    name="index", help="Build an index, change it and check it.", no_args_is_help=True
)
_group.callback()(group_options)
app.add_typer(_group)


@command(
    _group,
    "newsqa index build corpus/ --index index",
    "newsqa index build --model sentence-transformers/all-MiniLM-L6-v2",
)
def build(
    session: Session,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH",
            parser=path_or_stdin,
            help="Files and folders; '-': JSONL on stdin; none: the stored articles again.",
        ),
    ] = None,
    model: Model = None,
    allow: Allow = None,
) -> None:
    """Make exactly these articles current.

    Earlier ones stay in the history. Exit code 4 if some input failed.
    """
    session.override(encoder=model)
    is_new = not session.settings.index.exists()
    try:
        with _resumable(session) as progress:
            files = with_stdin(paths or (), session.settings.index)
            report = session.services.build(
                files, session.settings, progress=progress, allow=allow or ()
            )
    except CorpusError:
        if is_new:  # what came by stdin
            shutil.rmtree(session.settings.index, ignore_errors=True)
        raise
    end_with(session, report)


@command(_group, "newsqa index add tuesday.jsonl wednesday/", "newsqa index add - < more.jsonl")
def add(
    session: Session,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH", parser=path_or_stdin, help="Files and folders; '-' is JSONL on stdin."
        ),
    ],
    allow: Allow = None,
) -> None:
    """Add new and changed articles; the others stay. Exit code 4 if some input failed."""
    with session.engine() as engine, _resumable(session) as progress:
        files = with_stdin(paths, session.settings.index)
        report = engine.add(files, allow=allow or (), progress=progress)
    end_with(session, report)


@command(_group, "newsqa index sync corpus/ --dry-run", "newsqa index sync corpus/ --watch")
def sync(
    session: Session,
    folder: Annotated[Path, typer.Argument(metavar="DIR", parser=existing, help="The folder.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Report what would be done, and do nothing.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Follow the folder until interrupted.")
    ] = False,
) -> None:
    """Make the index follow a folder; build it where there is none.

    New and changed articles are added; articles whose file is gone are removed. Exit code 4 if
    some input failed.
    """
    if not folder.is_dir():
        raise typer.BadParameter(f"{str(folder)!r} is not a folder")
    if watch and dry_run:
        raise typer.BadParameter("--watch and --dry-run exclude each other")
    report = _first_sync(session, folder, dry_run)
    if report is None or watch:
        with session.engine() as engine:
            if report is None:
                with _resumable(session) as progress:
                    report = engine.sync(folder, dry_run=dry_run, progress=progress)
            if watch:
                _watch(session, engine, folder, report)
    end_with(session, report)


def _first_sync(session: Session, folder: Path, dry_run: bool) -> Report | None:
    """Build an index, or report what that would do; return None if there is one."""
    try:
        with session.index():
            return None
    except IndexNotFoundError:
        with _resumable(session) as progress:
            if dry_run:
                return session.services.preview(folder, session.settings, progress=progress)
            return session.services.build([folder], session.settings, progress=progress)


@contextmanager
def _resumable(session: Session) -> Iterator[Progress | None]:
    """Give the progress of work that the same command continues after an interrupt."""
    try:
        with session.progress() as progress:
            yield progress
    except KeyboardInterrupt:
        session.screen.error("newsqa: interrupted; the same command continues where it stopped")
        raise


@command(_group, "newsqa index remove reports/flood.txt abc-17")
def remove(session: Session, ids: ArticleIds) -> None:
    """Hide articles; the history keeps them. Exit code 1 if one is unknown."""
    with session.engine() as engine:
        report = engine.remove(ids)
    end_with(session, report)


@command(_group, "newsqa index info --json", "newsqa index info --measure")
def info(
    session: Session,
    measure: Annotated[
        bool, typer.Option("--measure", help="Also measure disk, memory and search time.")
    ] = False,
) -> None:
    """Show what is in the index."""
    with session.index() as index:
        facts = index.describe()
    if measure:
        facts["measured"] = measured(session, facts)
    if session.json:
        session.screen.json(facts)
    else:
        _print_facts(session.screen, facts)


_group.add_typer(maintain.app)


def _watch(session: Session, engine: NewsQA, folder: Path, report: Report) -> NoReturn:
    """Print every change on one line until interrupted."""
    style, failure, pause = "jsonl" if session.json else "text", "", WATCH_PAUSE_S
    print_report(session, report, style)
    while True:
        time.sleep(pause)
        began = time.monotonic()
        try:
            changed = engine.changed_paths(under=folder)
            took = time.monotonic() - began
            later = engine.sync(folder) if changed else None
        except (NewsQAError, OSError) as error:  # a locked index, a full disk; another round comes
            if str(error) != failure:
                session.screen.error(f"not now: {one_line(str(error))}")
            failure, pause = str(error), min(2 * pause, WATCH_MAX_PAUSE_S)
            continue
        failure, pause = "", max(WATCH_PAUSE_S, WATCH_SHARE * took)
        if later is not None:
            print_report(session, later, style)


def _print_facts(screen: Screen, facts: dict[str, Any]) -> None:
    """Print one fact a line, with its parts indented below."""
    for name, value in facts.items():
        if isinstance(value, dict):
            screen.text(f"{name}:" if value else f"{name}: none")
            for key, inner in value.items():
                screen.text(f"  {one_line(str(key)) or '(none)'}: {_plain(inner)}")
        elif isinstance(value, list):
            screen.text(f"{name}:" if value else f"{name}: none")
            for inner in value:
                screen.text(f"  {_plain(inner)}")
        else:
            screen.text(f"{name}: {_plain(value)}")


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(inner)}" for key, inner in value.items())
    return "none" if value is None else one_line(str(value))


def with_stdin(paths: Sequence[Path], index: Path) -> list[Path]:
    """Replace "-" in ``paths`` by a file saved from stdin: JSONL, gzipped or not."""
    if not any(str(path) == "-" for path in paths):
        return list(paths)
    saved = _save_stdin(index / "stdin")
    return [saved if str(path) == "-" else path for path in paths]


def _save_stdin(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    digest = sha256()
    with temp_path(folder / "stdin") as temporary:
        with temporary.open("xb") as out:
            stream, ending = stdin(), ".jsonl"
            while chunk := stream.read(_CHUNK_BYTES):
                if not out.tell() and chunk.startswith(_GZIP):
                    ending = ".jsonl.gz"
                digest.update(chunk)
                out.write(chunk)
        path = folder / f"stdin-{digest.hexdigest()[:12]}{ending}"
        move_into_place(temporary, path)
    return path
