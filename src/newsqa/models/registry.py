"""Open encoders and readers by name. Weights are loaded when the first text comes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Lock

from newsqa.errors import ModelNotFoundError
from newsqa.models.bert_encoder import BertEncoder
from newsqa.models.model_files import Checksums, bert_recipe, locate
from newsqa.models.onnx_reader import WEIGHTS, OnnxReader
from newsqa.models.sentence_reader import SentenceReader
from newsqa.models.torch_encoder import TorchEncoder
from newsqa.protocols import Encoder, Reader

log = logging.getLogger(__name__)


def open_encoder(name: str, *, threads: int, cache_dir: Path) -> Encoder:
    """Return the encoder of that name.

    Plain BERT models are served by onnxruntime, all others by sentence-transformers.

    Args:
        name: The packaged model's name, a folder, or a hub id.
        threads: How many processor threads it may use.
        cache_dir: Where converted models and checksums are kept.

    Raises:
        ModelNotFoundError: The weights are not on this machine, or their checksum is wrong.
    """
    folder = locate(name)
    checksums = Checksums(cache_dir)
    recipe = bert_recipe(folder, checksums)
    if recipe is None:
        return TorchEncoder(folder, checksums.of_all(folder)[:32], threads=threads)
    return BertEncoder(folder, recipe, threads=threads, cache_dir=cache_dir)


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
    """Return the trained reader of that name, None where the model-free one is meant or must do."""
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
