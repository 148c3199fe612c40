"""`newsqa size`, and what `newsqa index info --measure` adds."""

from __future__ import annotations

from time import perf_counter
from typing import Annotated, Any

import typer

from newsqa.cli.session import Session, command

MEASURED_TITLES = 20

app = typer.Typer()


@command(app, "newsqa size --passages 1000000", index=False)
def size(
    session: Session,
    passages: Annotated[
        int, typer.Option("--passages", metavar="N", min=1, help="Passages of the index.")
    ],
    dim: Annotated[
        int | None,
        typer.Option("--dim", metavar="N", min=1, help="Dimensions of its vectors (else 384)."),
    ] = None,
) -> None:
    """Estimate what an index of so many passages takes on disk and in memory.

    A news article has about five to thirteen passages. The figures come from measured indexes;
    a reader's model comes on top of the memory.
    """
    from newsqa.index.size_estimate import DIM, estimate

    sizes = estimate(passages, dim=dim or DIM)
    if session.json:
        session.screen.json(sizes)
        return
    for part, count in sizes["disk_bytes"].items():
        session.screen.text(f"disk, {part + ':':<10} {readable(count):>9}")
    for part, mb in sizes["memory_mb"].items():
        session.screen.text(f"memory, {part + ':':<10} {readable(mb * 1_000_000):>9}")
    session.screen.text(f"measured on {sizes['measured_on']}")


def readable(count: float) -> str:
    """Return a number of bytes for people: three digits and a decimal unit."""
    for unit in ("B", "kB", "MB"):
        if count < 999.5:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.3g} GB" if count < 999.5 else f"{count:,.0f} GB"


def measured(session: Session, facts: dict[str, Any]) -> dict[str, Any]:
    """Measure disk, memory and search time of the index that ``facts`` describe."""
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
    """Time one search for each of some stored titles, evenly spread over the articles."""
    with session.index() as index:
        places = sorted({articles * at // MEASURED_TITLES for at in range(MEASURED_TITLES)})
        pages = [index.articles(offset=place, limit=1).articles for place in places]
    titles = [listed.title for page in pages for listed in page if listed.title]
    times = []
    with session.engine() as engine:
        for title in titles[:1] + titles:  # the first opens what is opened on first use
            began = perf_counter()
            engine.search(title)
            times.append(1000 * (perf_counter() - began))
    return times[1:]
