"""Run the trained reader: one pass of a small BERT over question, header and passage.

`training/` made the weights; ``weights/reader.json`` says how to feed them and how their logits
become scores. Sentence scores are probabilities in (0, 1) on the training side's held-out
questions; relevance and no-answer are logits. Each window is a run of its own, so that a score is
the same to the last bit whatever is read beside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsqa.errors import ModelNotFoundError
from newsqa.text.analysis import clean
from newsqa.types import Candidate, Passage, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Logits = NDArray[np.float32]
    Forward = Callable[[Sequence[int], int], tuple[Logits, Logits]]

WEIGHTS = Path(__file__).parent / "weights"
CLS, SEP = 101, 102
EVIDENCE, START, END = 0, 1, 2  # columns of the token logits
RELEVANCE, NO_ANSWER = 0, 1  # columns of the passage logits
MAX_ANSWER_TOKENS = 24


@dataclass(frozen=True, slots=True)
class Limits:
    """How many tokens of each part are read; the rest of a question or header is cut."""

    total: int
    question: int
    header: int


@dataclass(frozen=True, slots=True)
class Weighing:
    """The logistic model that turns logits into the probability that a sentence answers."""

    bias: float
    evidence: float
    span: float
    relevance: float
    no_answer: float

    def probability(self, evidence: float, span: float, passage: tuple[float, float]) -> float:
        """Return the probability, rounded to 6 places, always above 0 and below 1."""
        logit = self.bias + self.evidence * evidence + self.span * span
        logit += self.relevance * passage[RELEVANCE] + self.no_answer * passage[NO_ANSWER]
        return round(1.0 / (1.0 + exp(-max(-13.0, min(13.0, logit)))), 6)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Part of a passage that fits the model: token ids, their characters, sentence numbers."""

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    sentences: tuple[tuple[int, int, int], ...]  # number, first token, last + 1


@dataclass(frozen=True, slots=True)
class _Read:
    passage: tuple[float, float]
    scores: dict[int, float]
    best: float
    answer: tuple[int, int]


class OnnxReader:
    """See `newsqa.protocols.Reader`. Thread-safe: the session is, and nothing else changes."""

    name = "shipped"

    def __init__(
        self, forward: Forward, tokenizer: Any, limits: Limits, weighing: Weighing
    ) -> None:
        """Take the network as a function of (token ids, first token of the second segment)."""
        self._forward = forward
        self._tokenizer = tokenizer
        self._limits = limits
        self._weighing = weighing

    @classmethod
    def load(cls, folder: Path = WEIGHTS, *, threads: int = 2) -> OnnxReader:
        """Return the reader whose files lie in ``folder``, their checksums verified.

        Raises:
            ModelNotFoundError: A file is missing, unreadable, or not what reader.json says.
        """
        card = _card(folder)
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        try:
            limits = Limits(
                card["max_tokens"], card["max_question_tokens"], card["max_header_tokens"]
            )
            weighing = Weighing(**card["weighing"])
        except (KeyError, TypeError) as error:
            raise ModelNotFoundError(f"{folder / 'reader.json'} lacks {error}") from error
        return cls(_session(folder / "reader.onnx", threads), tokenizer, limits, weighing)

    def read(self, question: str, passages: Sequence[Passage]) -> list[Candidate]:
        """See `newsqa.protocols.Reader.read`."""
        asked = self._asked(clean(question))  # a lone surrogate is no text to the tokenizer
        return [self._candidate(asked, passage) for passage in passages]

    def _asked(self, question: str) -> list[int]:
        """Both ends of a long question: what is asked tends to stand in the last sentence."""
        ids: list[int] = self._tokenizer.encode(question, add_special_tokens=False).ids
        limit = self._limits.question
        if len(ids) > limit:
            ids = ids[: limit // 2] + ids[-(limit - limit // 2) :]
        return [CLS, *ids, SEP]

    def _header(self, passage: Passage) -> list[int]:
        day = passage.published.isoformat() if passage.published else ""
        text = " | ".join(part for part in (passage.title.strip(), day) if part)
        if not text:
            return []
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        return [*ids[: self._limits.header], SEP]

    def _candidate(self, asked: list[int], passage: Passage) -> Candidate:
        header = self._header(passage)
        room = self._limits.total - len(asked) - len(header) - 1
        reads = [
            self._read(asked, header, piece) for piece in _pieces(self._tokenizer, passage, room)
        ]
        best = max(reads, key=lambda read: read.best)
        scores = {number: score for read in reads for number, score in read.scores.items()}
        first, last = best.answer
        answer = Span(first, last).shifted(passage.span.start) if first < last else None
        return Candidate(
            passage=passage,
            relevance=max(read.passage[RELEVANCE] for read in reads),
            no_answer=min(read.passage[NO_ANSWER] for read in reads),
            sentences=tuple((s, scores.get(n, 0.0)) for n, s in enumerate(passage.sentences)),
            answer=answer,
        )

    def _read(self, asked: list[int], header: list[int], piece: _Piece) -> _Read:
        shift = len(asked) + len(header)
        tokens, logits = self._forward([*asked, *header, *piece.ids, SEP], len(asked))
        passage = (float(logits[RELEVANCE]), float(logits[NO_ANSWER]))
        scores: dict[int, float] = {}
        best, answer = -1.0, (0, 0)
        for number, a, b in piece.sentences:
            rows = tokens[shift + a : shift + b]
            span, (first, last) = best_span(rows[:, START], rows[:, END])
            score = self._weighing.probability(float(rows[:, EVIDENCE].mean()), span, passage)
            scores[number] = score
            if score > best:
                best, answer = score, (piece.spans[a + first][0], piece.spans[a + last][1])
        return _Read(passage, scores, best, answer)


def best_span(starts: Logits, ends: Logits) -> tuple[float, tuple[int, int]]:
    """Return the highest start plus end logit and its tokens (last one included); first one wins.

    A span has at most MAX_ANSWER_TOKENS tokens.
    """
    import numpy as np

    n = len(starts)
    legal = np.tri(n, n, MAX_ANSWER_TOKENS - 1, dtype=bool) & ~np.tri(n, n, -1, dtype=bool)
    total = np.where(legal, starts[:, None] + ends[None, :], -np.inf)
    at = int(total.argmax())
    return float(total.flat[at]), (at // n, at % n)


def _pieces(tokenizer: Any, passage: Passage, room: int) -> list[_Piece]:
    """The passage's tokens in pieces of at most ``room``, each of whole sentences if they fit."""
    coded = tokenizer.encode(passage.text, add_special_tokens=False)
    numbered = _by_sentence(passage, coded.offsets)
    pieces: list[_Piece] = []
    ids: list[int] = []
    spans: list[tuple[int, int]] = []
    sentences: list[tuple[int, int, int]] = []
    for number, (a, b) in numbered.items():
        size = min(b - a, room)
        if ids and len(ids) + size > room:
            pieces.append(_Piece(tuple(ids), tuple(spans), tuple(sentences)))
            ids, spans, sentences = [], [], []
        sentences.append((number, len(ids), len(ids) + size))
        ids += coded.ids[a : a + size]
        spans += coded.offsets[a : a + size]
    pieces.append(_Piece(tuple(ids), tuple(spans), tuple(sentences)))
    return pieces


def _by_sentence(
    passage: Passage, offsets: Sequence[tuple[int, int]]
) -> dict[int, tuple[int, int]]:
    """Return the number of each sentence that has tokens, and which: [first, last + 1)."""
    spans: dict[int, tuple[int, int]] = {}
    at = 0
    for number, sentence in enumerate(passage.sentences):
        start = sentence.start - passage.span.start
        end = sentence.end - passage.span.start
        while at < len(offsets) and offsets[at][0] < start:
            at += 1
        first = at
        while at < len(offsets) and offsets[at][0] < end:
            at += 1
        if first < at:
            spans[number] = (first, at)
    return spans


def _card(folder: Path) -> dict[str, Any]:
    """Return what reader.json says, after every file it names was found to be as it says."""
    path = folder / "reader.json"
    try:
        card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        files = dict(card["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelNotFoundError(f"the reader's weights are missing: {path}: {error}") from error
    for name in ("reader.onnx", "tokenizer.json"):
        try:
            digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            raise ModelNotFoundError(f"the reader's weights are missing: {error}") from error
        if digest != files.get(name):
            raise ModelNotFoundError(
                f"{folder / name} is damaged: SHA-256 {digest}, reader.json has {files.get(name)}; "
                "install newsqa again"
            )
    return card


def _session(path: Path, threads: int) -> Forward:
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Weights are stored as int8: with this they become float32 once, when the session starts.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime raises its own, unrelated classes
        raise ModelNotFoundError(f"{path} can't be loaded: {error}") from error

    def forward(ids: Sequence[int], second: int) -> tuple[Logits, Logits]:
        row = np.array([ids], dtype=np.int64)
        segments = np.zeros_like(row)
        segments[0, second:] = 1
        fed = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": segments}
        tokens, passages = session.run(["token_logits", "passage_logits"], fed)
        return tokens[0], passages[0]

    return forward
