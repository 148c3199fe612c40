"""`newsqa fetch URL...`: pages of the web into the index; off unless a setting allows it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsqa.cli.commands.maintain import end_with
from newsqa.cli.options import Allow, Index, Json, Quiet, Verbose, examples
from newsqa.cli.session import begin

if TYPE_CHECKING:
    from newsqa.cli.services import Report
    from newsqa.errors import Problem


def register(app: typer.Typer) -> None:
    """Give the program this command."""
    app.command(epilog=examples("NEWSQA_FETCH=true newsqa fetch https://news.example/storm"))(fetch)


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What adding the pages reported, and the addresses that gave none."""

    report: Report
    lost: tuple[Problem, ...]

    @property
    def skipped(self) -> Sequence[Problem]:
        return self.report.skipped

    @property
    def failed(self) -> Sequence[Problem]:
        return (*self.lost, *self.report.failed)

    def to_dict(self) -> dict[str, Any]:
        form = self.report.to_dict()
        lost = [{"path": problem.path, "reason": problem.reason} for problem in self.lost]
        return {**form, "failed": [*lost, *form["failed"]]}


def fetch(
    ctx: typer.Context,
    urls: Annotated[
        list[str], typer.Argument(metavar="URL", help="Addresses of pages, http or https.")
    ],
    allow: Allow = None,
    json: Json = False,
    index: Index = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Fetch pages and add them; each is known by the address it came from.

    Off unless the setting `fetch` is true. Only public addresses are asked, for at most 10 seconds
    and 10 MB each. The pages are kept beside the index. Exit code 4 if one failed.
    """
    from newsqa.errors import CorpusError, Problem, SettingsError
    from newsqa.ingest.fetch import FetchError

    session = begin(ctx, index=index, quiet=quiet, verbose=verbose)
    if not session.settings.fetch:
        raise SettingsError(
            "fetching is off; `fetch = true` in newsqa.toml or NEWSQA_FETCH=true turns it on"
        )
    files, lost = [], []
    with session.opened() as engine:
        for url in dict.fromkeys(urls):
            try:
                files.append(_kept(url, session.settings.index / "fetched"))
            except FetchError as error:
                lost.append(Problem(url, str(error)))
        if not files:
            raise CorpusError("no page was fetched; the index is as it was", lost)
        with session.progress() as progress:
            report = engine.add(files, allow=allow or (), progress=progress)
    end_with(session, _Fetched(report, tuple(lost)), json)


def _kept(url: str, folder: Path) -> Path:
    """Fetch a page and return the file it is kept in, named by its address."""
    from hashlib import sha256

    from newsqa.ingest import fetch as fetching

    page = fetching.fetch(url)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{sha256(page.url.encode('utf-8', 'replace')).hexdigest()[:16]}.html"
    part = path.with_suffix(".part")
    part.write_bytes(page.document())
    os.replace(part, path)
    return path
