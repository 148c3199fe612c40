"""BM25 as tantivy computes it, and how terms are made fit to be stored.

    score(q, d) = sum over t in q of  idf(t) * (k1 + 1) * tf / (tf + k1 * (1 - b + b * |d| / avg))
    idf(t) = ln(1 + (N - n + 0.5) / (n + 0.5))

with |d| the length of d in terms, rounded down to a length that fits one byte. A term that
stands twice in a query counts once.

Source: Robertson and Zaragoza 2009, The Probabilistic Relevance Framework, section 3.3; the
idf that cannot become negative is Lucene's, and so is the one-byte length.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

K1 = 1.2
B = 0.75
# tantivy drops terms beyond 65,530 bytes; no word is this long.
MAX_TERM_CHARS = 255


def _lengths() -> list[int]:
    """Return the 256 lengths a byte can stand for: exact to 40, then in ever larger steps."""
    steps = list(range(40))
    steps += [24 + ((8 + (code & 7)) << (code >> 3)) for code in range(8, 224)]
    return steps


LENGTHS: NDArray[np.int64] = np.array(_lengths(), dtype=np.int64)


def rounded_lengths(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the largest storable length not above each of ``lengths``."""
    return LENGTHS[np.searchsorted(LENGTHS, lengths, side="right") - 1]


def saturation(
    counts: NDArray[np.int64], lengths: NDArray[np.int64], average: float
) -> NDArray[np.float64]:
    """Return the part of the formula that depends on the text.

    Args:
        counts: How often the term stands in each text.
        lengths: Length of each of these texts, rounded already.
        average: Mean length of the collection.
    """
    norm = K1 * (1 - B + B * lengths / average)
    return (K1 + 1) * counts / (counts + norm)


def fit(term: str) -> str:
    """Return ``term`` as it is stored: cut to a length, lone surrogates replaced."""
    if len(term) > MAX_TERM_CHARS:
        term = term[:MAX_TERM_CHARS]
    return term if term.isascii() else term.encode("utf-8", "replace").decode()


def query_terms(terms: Iterable[str]) -> list[str]:
    """Return the different terms of a query, in order."""
    return list(dict.fromkeys(fit(term) for term in terms))


def joined(terms: Sequence[str]) -> str:
    """Return terms as one line, split again at its spaces.

    Raises:
        ValueError: A term is empty or holds white space.
    """
    line = " ".join([fit(term) for term in terms])
    if line.split() != [fit(term) for term in terms]:
        bad = next(term for term in terms if fit(term).split() != [fit(term)])
        raise ValueError(f"a term is empty or holds white space: {bad!r}")
    return line
