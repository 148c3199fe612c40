"""`newsqa fetch URL...`: pages of the web into the index; off unless a setting allows it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from newsqa.cli.commands.maintain import end_with
from newsqa.cli.options import Allow
from newsqa.cli.session import Session, command

app = typer.Typer()


@command(app, "NEWSQA_FETCH=true newsqa fetch https://news.example/storm")
def fetch(
    session: Session,
    urls: Annotated[
        list[str], typer.Argument(metavar="URL", help="Addresses of pages, http or https.")
    ],
    allow: Allow = None,
) -> None:
    """Fetch pages and add them to the index.

    Off unless the setting `fetch` is true. Only public addresses are asked, for at most 10 seconds
    and 10 MB each. The pages are saved beside the index. Exit code 4 if one failed.
    """
    from newsqa.errors import CorpusError, Problem, SettingsError
    from newsqa.ingest.fetch import FetchError

    if not session.settings.fetch:
        raise SettingsError(
            "fetching is off; `fetch = true` in newsqa.toml or NEWSQA_FETCH=true turns it on"
        )
    files, problems = [], []
    with session.engine() as engine:
        for url in dict.fromkeys(urls):
            try:
                files.append(_save(url, session.settings.index / "fetched"))
            except FetchError as error:
                problems.append(Problem(url, str(error)))
        if not files:
            raise CorpusError("no page was fetched; the index is as it was", problems)
        with session.progress() as progress:
            report = engine.add(files, allow=allow or (), progress=progress)
    end_with(session, replace(report, failed=(*problems, *report.failed)))


def _save(url: str, folder: Path) -> Path:
    """Fetch a page into a file named by its address and return the path."""
    from hashlib import sha256

    from newsqa.files.atomic import replace_file
    from newsqa.ingest import fetch as fetching

    page = fetching.fetch(url)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{sha256(page.url.encode('utf-8', 'replace')).hexdigest()[:16]}.html"
    replace_file(path, page.document())
    return path
