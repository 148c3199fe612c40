"""Run any sentence encoder with sentence-transformers. Loads torch with the first text."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from newsqa.errors import ModelNotFoundError
from newsqa.models.model_files import WEIGHTS, ModelFolder
from newsqa.models.token_counter import whole

if TYPE_CHECKING:
    from newsqa.protocols import Vectors


class TorchEncoder:
    """See `newsqa.protocols.Encoder`. Thread-safe.

    The prompts a model names in its configuration are put before questions and passages by
    sentence-transformers itself.
    """

    def __init__(self, folder: ModelFolder, fingerprint: str, *, threads: int) -> None:
        self._folder = folder
        self._fingerprint = fingerprint
        self._threads = threads
        self._loaded: Any = None
        self._dim: int | None = None
        self._lock = Lock()

    @property
    def name(self) -> str:
        """What the user calls the model."""
        return self._folder.name

    @property
    def fingerprint(self) -> str:
        """See `newsqa.protocols.Encoder.fingerprint`."""
        return self._fingerprint

    @property
    def dim(self) -> int:
        """Length of a vector. Loads the model."""
        if self._dim is None:
            self._dim = int(self.encode(["a"]).shape[1])
        return self._dim

    @property
    def max_tokens(self) -> int:
        """How many tokens of a text are read. Loads the model."""
        return int(self._model().max_seq_length or 512)

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """See `newsqa.protocols.Encoder.encode_questions`."""
        return self._encode("encode_query", questions)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `newsqa.protocols.Encoder.encode_passages`."""
        return self._encode("encode_document", texts)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of texts as they are, without a prompt."""
        return self._encode("encode", texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `newsqa.protocols.Encoder.count_tokens`."""
        if not texts:
            return []
        tokens = self._model().tokenizer(
            [whole(text) for text in texts],
            add_special_tokens=False,
            truncation=False,
            padding=False,
            verbose=False,
        )
        return [len(ids) for ids in tokens["input_ids"]]

    def _encode(self, verb: str, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        model = self._model()
        encode = getattr(model, verb, model.encode)  # the verbs came with version 5
        vectors = encode(
            [whole(text) for text in texts],
            batch_size=32,
            show_progress_bar=False,
            convert_to_numpy=True,
            normalize_embeddings=True,
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def _model(self) -> Any:
        with self._lock:
            if self._loaded is None:
                self._folder.check(WEIGHTS)
                self._loaded = _load(self._folder, self._threads)
        return self._loaded


def _load(folder: ModelFolder, threads: int) -> Any:
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    try:
        return SentenceTransformer(
            str(folder.path),
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except Exception as error:  # its errors come from several libraries
        raise ModelNotFoundError(
            f"model {folder.name!r} in {folder.path} cannot be loaded: {error}; a "
            "sentence-transformers model with its weights as safetensors is needed"
        ) from error
