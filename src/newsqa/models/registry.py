"""Which reader answers to which name."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

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
    _check(name)
    if name == "none":
        return SentenceReader(encoder, idf)
    try:
        return OnnxReader.load(folder, threads=threads)
    except ModelNotFoundError as error:
        if name == "shipped":
            raise
        log.warning("%s; the model-free reader answers instead", error)
        return SentenceReader(encoder, idf)


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
