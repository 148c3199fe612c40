"""Open or build an index: join settings, encoder, index and engine."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from newsqa.engine import NewsQA, Paths
from newsqa.index import Index
from newsqa.index.stores import LOCAL_STORES
from newsqa.models import open_encoder
from newsqa.protocols import Encoder, Progress, Reader, Stores
from newsqa.settings import Settings


def open_index(
    index: str | PathLike[str] = "index",
    *,
    settings: Settings | None = None,
    encoder: Encoder | None = None,
    reader: Reader | None = None,
    stores: Stores = LOCAL_STORES,
) -> NewsQA:
    """Open an index that exists; `newsqa.open`.

    Raises:
        IndexNotFoundError: There is none in that folder.
        IndexMismatchError: It was built with another encoder.
        IndexDamagedError: It is not what was written.
        IndexFileError: It has another format.
    """
    settings, encoder = _parts(index, settings, encoder)
    opened = Index.open(settings.index, encoder=encoder, settings=settings, stores=stores)
    return NewsQA(opened, encoder=encoder, settings=settings, reader=reader)


def build_index(
    paths: Paths,
    *,
    index: str | PathLike[str] = "index",
    settings: Settings | None = None,
    encoder: Encoder | None = None,
    reader: Reader | None = None,
    progress: Progress | None = None,
    allow: Sequence[str] = (),
    stores: Stores = LOCAL_STORES,
) -> NewsQA:
    """Make exactly the articles of ``paths`` current, and open the index; `newsqa.build`.

    ``report`` of what comes back says what was indexed, skipped and failed.

    Raises:
        FileNotFoundError: A path does not exist.
        CorpusError: Nothing readable under the paths; the index is as it was.
        IndexLockedError: Another writer is at work.
    """
    settings, encoder = _parts(index, settings, encoder)
    report = Index.build(
        [Path(p) for p in paths],
        settings.index,
        encoder=encoder,
        settings=settings,
        progress=progress,
        allow=allow,
        stores=stores,
    )
    opened = Index.open(settings.index, encoder=encoder, settings=settings, stores=stores)
    return NewsQA(opened, encoder=encoder, settings=settings, reader=reader, report=report)


def _parts(
    index: str | PathLike[str], settings: Settings | None, encoder: Encoder | None
) -> tuple[Settings, Encoder]:
    from newsqa.settings import load

    settings = (settings or load()).model_copy(update={"index": Path(index)})
    encoder = encoder or open_encoder(
        settings.encoder, threads=settings.threads, cache_dir=settings.cache_dir
    )
    return settings, encoder
