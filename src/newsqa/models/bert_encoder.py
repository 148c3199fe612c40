"""Run plain BERT sentence encoders on onnxruntime, without torch.

The model is converted once into the cache folder. Its file is named by fingerprint, graph and
checksum, so processes that convert at the same time cannot disagree, and a damaged file is
noticed and made again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from newsqa.errors import ModelNotFoundError
from newsqa.files.atomic import replace_file
from newsqa.models.bert_onnx_graph import GRAPH_RECIPE, onnx_bytes
from newsqa.models.model_files import TOKENIZER, WEIGHTS, ModelFolder, Recipe
from newsqa.models.token_counter import text_tokenizer, whole
from newsqa.models.torch_encoder import TorchEncoder

if TYPE_CHECKING:
    from newsqa.protocols import Vectors

_log = logging.getLogger(__name__)

# Larger batches are no faster on a processor, and cost memory.
_BATCH_TEXTS = 32
_BATCH_TOKENS = 4096
# Texts tokenized at once: bounds memory, and is plenty to sort by length.
_WINDOW = 2048


class BertEncoder:
    """See `newsqa.protocols.Encoder`. Thread-safe."""

    def __init__(
        self, folder: ModelFolder, recipe: Recipe, *, threads: int, cache_dir: Path
    ) -> None:
        self._folder = folder
        self._recipe = recipe
        self._threads = threads
        self._cache = cache_dir / "encoders"
        self._config = folder.setting("config.json")
        self._session: Any = None
        self._substitute: TorchEncoder | None = None
        self._tokenizers: tuple[Any, Any] | None = None
        self._lock = Lock()

    @property
    def name(self) -> str:
        """What the user calls the model."""
        return self._folder.name

    @property
    def fingerprint(self) -> str:
        """See `newsqa.protocols.Encoder.fingerprint`."""
        return self._recipe.fingerprint

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._config["hidden_size"])

    @property
    def max_tokens(self) -> int:
        """How many tokens of a text are read, special tokens included."""
        return self._recipe.max_tokens

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """See `newsqa.protocols.Encoder.encode_questions`."""
        return self._encode(questions, self._recipe.question_prefix)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `newsqa.protocols.Encoder.encode_passages`."""
        return self._encode(texts, self._recipe.passage_prefix)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `newsqa.protocols.Encoder.count_tokens`."""
        _, counting = self._tokenize()
        encodings = counting.encode_batch_fast([whole(t) for t in texts], add_special_tokens=False)
        return [len(one.ids) for one in encodings]

    def _encode(self, texts: Sequence[str], prefix: str) -> Vectors:
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        self._load()
        for start in range(0, len(texts), _WINDOW):
            window = [prefix + whole(text) for text in texts[start : start + _WINDOW]]
            if self._substitute is not None:
                vectors[start : start + _WINDOW] = self._substitute.encode(window)
                continue
            reading, _ = self._tokenize()
            ids = [one.ids for one in reading.encode_batch_fast(window)]
            for batch in _batches([len(one) for one in ids]):
                rows = [start + i for i in batch]
                vectors[rows] = self._run([ids[i] for i in batch])
        return vectors

    def _run(self, ids: Sequence[Sequence[int]]) -> Vectors:
        tokens = np.zeros((len(ids), max(map(len, ids))), dtype=np.int64)
        mask = np.zeros_like(tokens)
        for row, one in enumerate(ids):
            tokens[row, : len(one)] = one
            mask[row, : len(one)] = 1
        out = self._session.run(["vectors"], {"input_ids": tokens, "attention_mask": mask})
        vectors: Vectors = out[0]
        return vectors

    def _tokenize(self) -> tuple[Any, Any]:
        """Return two tokenizers: one cuts texts at ``max_tokens``, the other counts all."""
        if self._tokenizers is None:
            self._folder.check(TOKENIZER)
            path = self._folder.path / TOKENIZER
            self._tokenizers = (text_tokenizer(path, self.max_tokens), text_tokenizer(path, None))
        return self._tokenizers

    def _load(self) -> None:
        with self._lock:
            if self._session is None and self._substitute is None:
                try:
                    self._session = _session(self._model(), self._threads)
                except ModelNotFoundError:
                    raise
                except Exception as error:  # of onnx, onnxruntime or safetensors
                    _log.warning(
                        "%s could not be converted for onnxruntime (%s); sentence-transformers "
                        "serves it, more slowly",
                        self.name,
                        error,
                    )
                    self._substitute = TorchEncoder(
                        self._folder, self.fingerprint, threads=self._threads
                    )

    def _model(self) -> bytes:
        """Return the converted model, from the cache if a sound one is there."""
        stem = f"{self.fingerprint}.{GRAPH_RECIPE}"
        for path in sorted(self._cache.glob(f"{stem}.*.onnx")):
            try:
                content = path.read_bytes()
            except OSError:
                continue
            if sha256(content).hexdigest() == path.name.split(".")[-2]:
                return content
            _log.warning("%s is damaged; it is made again", path)
        self._folder.check(WEIGHTS)
        content = onnx_bytes(self._folder.path / WEIGHTS, self._config, self._recipe.pooling)
        path = self._cache / f"{stem}.{sha256(content).hexdigest()}.onnx"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, content)
        except OSError as error:
            _log.warning("%s is not kept for the next start: %s", path, error)
        return content


def _session(model: bytes, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Batches differ in shape; the plans onnxruntime keeps for each shape would add up.
    options.enable_mem_pattern = False
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the positions of texts of like length, the longest first."""
    batch: list[int] = []
    longest = 0
    for i in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        longest = max(longest, lengths[i])
        batch.append(i)
        if len(batch) == _BATCH_TEXTS or (len(batch) + 1) * longest > _BATCH_TOKENS:
            yield batch
            batch, longest = [], 0
    if batch:
        yield batch
