"""The table of what was asked for says what was missed, whichever way is better."""

from __future__ import annotations

from typing import Any

from benchmarks.quality.floors import table


def quizzes(**changed: float) -> dict[str, Any]:
    ours = {
        "answer_in_quote": 0.6,
        "answer_in_first_quote": 0.4199,
        "rejection_at_5": 0.7,
        "auroc": 0.9,
        "precision_at_80": 0.8,
        "ece": 0.08,
        "citation_exactness": 1.0,
        "seconds_p50": 0.51,
        "seconds_p95": 1.2,
    }
    ranked = {"mrr@10": 0.74, "success@1": 0.65}
    rankings = {"fusion alone": ranked, "fusion, first 12 reread": ranked}
    return {"systems": {"newsqa": ours | changed}, "rankings": rankings}


def rows(**changed: float) -> dict[str, list[str]]:
    found = quizzes(**changed)
    lines = table(lambda name: found if name == "realtimeqa-2025" else None).splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in cells}


def test_what_reaches_its_floor_is_not_missed_and_what_does_not_is() -> None:
    told = rows()
    assert told["answer in a quote"] == ["realtimeqa-2025", ".600", ".750", ".600", ""]
    assert told["answer in the first quote"][3:] == [".420", "missed"]  # before rounding
    assert told["ECE"][3:] == [".080", ""]
    assert rows(ece=0.081)["ECE"][4] == "missed"
    assert told["seconds of `ask`, p50"] == ["realtimeqa-2025", "0.50", "0.30", "0.51", "missed"]
    assert told["exact citations"] == ["realtimeqa-2025", "1.000", "1.000", "1.000", ""]


def test_a_set_that_was_not_measured_has_no_row() -> None:
    assert {row[0] for row in rows().values()} == {"realtimeqa-2025"}
    assert table(lambda _name: None).count("\n") == 1
