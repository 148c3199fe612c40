"""`newsqa size`, and what `newsqa index info --measure` adds."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsqa.cli.options import Json, Quiet, Verbose, examples
from newsqa.cli.session import begin

if TYPE_CHECKING:
    from newsqa.cli.session import Session

TITLES = 20


def register(app: typer.Typer) -> None:
    """Give the program this command."""
    app.command(epilog=examples("newsqa size --passages 1000000"))(size)


def size(
    ctx: typer.Context,
    passages: Annotated[
        int, typer.Option("--passages", metavar="N", min=1, help="Passages of the index.")
    ],
    dim: Annotated[
        int | None,
        typer.Option("--dim", metavar="N", min=1, help="Dimensions of its vectors (else 384)."),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Estimate what an index of so many passages takes on disk and in memory.

    A news article has about five to thirteen passages. The figures come from measured indexes;
    a reader's model comes on top of the memory.
    """
    from newsqa.index.size_estimate import DIM, estimate

    session = begin(ctx, index=None, quiet=quiet, verbose=verbose)
    told = estimate(passages, dim=dim or DIM)
    if json:
        session.screen.json(told)
        return
    for part, count in told["disk_bytes"].items():
        session.screen.text(f"disk, {part + ':':<10} {readable(count):>9}")
    for part, mb in told["memory_mb"].items():
        session.screen.text(f"memory, {part + ':':<10} {readable(mb * 1_000_000):>9}")
    session.screen.text(f"measured on {told['measured_on']}")


def readable(count: float) -> str:
    """Return a number of bytes for people: three figures and a unit of a thousand."""
    for unit in ("B", "kB", "MB"):
        if count < 999.5:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.3g} GB" if count < 999.5 else f"{count:,.0f} GB"


def measured(session: Session, facts: dict[str, Any]) -> dict[str, Any]:
    """Return what the index that ``facts`` tell of takes, and how long a search in it does."""
    from statistics import median

    from newsqa.index.size_estimate import memory_mb, sizes_of

    sizes = sizes_of(session.settings.index)
    times = _search_ms(session, facts["articles"])
    return {
        "disk_bytes": sizes.parts | {"total": sizes.total},
        "bytes_a_passage": sizes.a_passage(facts["passages"]),
        "searches": len(times),
        "search_ms_p50": round(median(times), 1) if times else None,
        "search_ms_slowest": round(max(times), 1) if times else None,
        "memory_mb": memory_mb(),
    }


def _search_ms(session: Session, articles: int) -> list[float]:
    """Search for some stored titles, evenly spread over the articles; time each once."""
    with session.stored() as stored:
        places = sorted({articles * at // TITLES for at in range(TITLES)})
        found = [stored.articles(offset=place, limit=1).articles for place in places]
    titles = [listed.title for some in found for listed in some if listed.title]
    times = []
    with session.opened() as engine:
        for title in titles[:1] + titles:  # the first opens what is opened on first use
            began = perf_counter()
            engine.search(title)
            times.append(1000 * (perf_counter() - began))
    return times[1:]
