"""Compare words: SQuAD's normalisation, containment, exact match and token F1.

Source: the official SQuAD 2.0 evaluation script (Rajpurkar et al. 2018).
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Collection, Sequence

from newsqa.text.analysis import contains_run

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalised(text: str) -> list[str]:
    """Return the tokens SQuAD compares: lower case, no ASCII punctuation, no a, an, the."""
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()


def contains_answer(text: str, answers: Sequence[str]) -> bool:
    """Whether a whole answer stands in ``text``, token for token, after normalisation.

    "18" does not stand in "2018". An answer without tokens stands nowhere.
    """
    tokens = normalised(text)
    return any(contains_run(tokens, run) for run in map(normalised, answers) if run)


def exact_match(predicted: str, answers: Sequence[str]) -> float:
    """Return 1.0 if the prediction equals an answer after normalisation, else 0.0.

    Without answers, "" is the right prediction.
    """
    return max(float(normalised(predicted) == normalised(gold)) for gold in answers or [""])


def token_f1(predicted: str, answers: Sequence[str]) -> float:
    """Return the best F1 of shared tokens over the answers; without answers, "" scores 1."""
    return max(_f1(normalised(predicted), normalised(gold)) for gold in answers or [""])


def _f1(predicted: Sequence[str], gold: Sequence[str]) -> float:
    if not predicted or not gold:
        return float(list(predicted) == list(gold))
    shared = sum((Counter(predicted) & Counter(gold)).values())
    return 2 * shared / (len(predicted) + len(gold))


def set_scores(chosen: Collection[int], gold: Collection[int]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of a set of chosen things against the right ones.

    Nothing chosen has precision 0, and with nothing to find recall is 0: such questions are
    scored for rejection, not here.
    """
    hit = len(set(chosen) & set(gold))
    precision = hit / len(set(chosen)) if chosen else 0.0
    recall = hit / len(set(gold)) if gold else 0.0
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0
