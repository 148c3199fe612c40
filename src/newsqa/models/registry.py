"""Open readers by name."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Lock

from newsqa.errors import ModelNotFoundError
from newsqa.models.onnx_reader import WEIGHTS, OnnxReader
from newsqa.models.sentence_reader import SentenceReader
from newsqa.protocols import Encoder, Reader

log = logging.getLogger(__name__)


def open_reader(
    name: str,
    *,
    threads: int,
    encoder: Encoder,
    idf: Callable[[str], float],
    folder: Path = WEIGHTS,
) -> Reader:
    """Return the reader called ``name``.

    Args:
        name: "none" for the model-free reader; "auto" for the shipped one, or the model-free
            one with a warning where its weights are missing or damaged; "shipped" for no fallback.
        threads: Processor threads the model may use.
        encoder: What the model-free reader compares texts with.
        idf: Weight of a term in the index, for the model-free reader.
        folder: Where the files of the shipped reader lie.

    Raises:
        ModelNotFoundError: No reader of that name can be loaded.
    """
    load = partial(OnnxReader.load, folder, threads=threads)
    return _trained(name, load) or SentenceReader(encoder, idf)


class ReaderCache:
    """Opens readers by name; a trained one is loaded once, whichever threads ask for it."""

    def __init__(self, *, threads: int, load: Callable[[], Reader] | None = None) -> None:
        """Take the processor threads a model may use, and what loads the shipped reader."""
        self._load = load or partial(OnnxReader.load, threads=threads)
        self._trained: dict[str, Reader | None] = {}
        self._lock = Lock()

    def get(self, name: str, *, encoder: Encoder, idf: Callable[[str], float]) -> Reader:
        """Return the reader called ``name``; see `open_reader`.

        A model-free one is made anew each time: it weighs words by the ``idf`` of one snapshot.
        """
        with self._lock:
            if name not in self._trained:
                self._trained[name] = _trained(name, self._load)
            trained = self._trained[name]
        return trained or SentenceReader(encoder, idf)


def _trained(name: str, load: Callable[[], Reader]) -> Reader | None:
    """The trained reader of that name, None where the model-free one is meant or must do."""
    _check(name)
    if name == "none":
        return None
    try:
        return load()
    except ModelNotFoundError as error:
        if name == "shipped":
            raise
        log.warning("%s; the model-free reader answers instead", error)
        return None


def examine_reader(name: str, *, folder: Path = WEIGHTS) -> str:
    """Return the name of the reader that ``name`` means, its files found sound.

    Raises:
        ModelNotFoundError: There is no such reader; or, also with "auto", the shipped one's files
            are missing or damaged.
    """
    _check(name)
    if name == "none":
        return SentenceReader.name
    return OnnxReader.load(folder, threads=1).name


def _check(name: str) -> None:
    if name not in {"auto", "shipped", "none"}:
        raise ModelNotFoundError(f"no reader {name!r}; known are 'auto', 'shipped' and 'none'")
