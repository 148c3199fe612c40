"""The tables of an explanation: long ids leave room for the figures."""

from __future__ import annotations

from typing import Any

import pytest

from newsqa.answering.explanation import HALF, tables


def explained(article_id: str) -> dict[str, Any]:
    scores = dict.fromkeys(
        ("dense", "lexical", "fused", "relevance", "no_answer", "best_sentence"), 0.5
    )
    passage = {"rank": 1, "article_id": article_id, "start": 3, "end": 90, **scores}
    decision = {"features": {}, "adds_to_log_odds": {"bias": 0.1}, "confidence": 0.5}
    weights: dict[str, Any] = {"sentence_weights": {}, "feature_weights": {"bias": 0.1}}
    return {"reader": "none", "passages": [passage], "sentences": [], **weights, **decision}


@pytest.mark.parametrize("length", [1, 2 * HALF, 2 * HALF + 1, 1000])
def test_of_a_long_id_both_ends_are_shown(length: int) -> None:
    article = ("https://" + "x" * length)[: length - 1] + "9"
    shown = tables(explained(article))[0].rows[0][0]

    assert shown.startswith(f"1. {article[: min(length, HALF - 1)]}")
    assert shown.endswith(f"{article[-HALF:]} 3-90")
    assert len(shown) <= len("1.  3-90") + 2 * HALF
    assert ("…" in shown) == (length > 2 * HALF)
