"""Results into `docs/evaluation.md`: what stands between a set's markers is written anew."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.lib import places, plots
from benchmarks.lib.markdown import markdown_table
from newsqa.evaluation.metrics import RANKING
from newsqa.evaluation.tables import text_table

PAGE = places.PROJECT / "docs" / "evaluation.md"
IMAGES = places.PROJECT / "docs" / "images"
ANSWERS = (
    "answer_in_quote", "answer_in_first_quote", "false_rejection", "rejection", "auroc",
    "rejection_at_5", "precision_at_80", "aurc", "ece",
)  # fmt: skip
QUOTES = (
    "citation_exactness", "evidence_precision", "evidence_recall", "span_em", "span_f1",
    "quotes_median", "seconds_p50", "seconds_p95",
)  # fmt: skip
SENTENCES = (
    "sentence_top1", "sentence_mrr", "sentence_map", "selection_precision", "selection_recall",
    "selection_f1", "span_em", "span_f1", "auroc", "reader_auroc", "rejection_at_5",
)  # fmt: skip
HEADINGS = {
    "answer_in_quote": "answer in a quote",
    "answer_in_first_quote": "in the first",
    "false_rejection": "false rejection",
    "rejection": "rejected",
    "auroc": "AUROC",
    "reader_auroc": "AUROC, reader alone",
    "rejection_at_5": "rejected at 5%",
    "first_right": "first right",
    "precision_at_80": "precision at 80%",
    "aurc": "AURC",
    "ece": "ECE",
    "citation_exactness": "exact citations",
    "evidence_precision": "evidence precision",
    "evidence_recall": "evidence recall",
    "span_em": "span EM",
    "span_f1": "span F1",
    "quotes_median": "quotes (median)",
    "seconds_p50": "seconds p50",
    "seconds_p95": "p95",
    "sentence_top1": "right sentence first",
    "sentence_mrr": "MRR",
    "sentence_map": "MAP",
    "selection_precision": "selection P",
    "selection_recall": "R",
    "selection_f1": "F1",
    "mrr@10": "MRR@10",
    "ndcg@10": "nDCG@10",
}


def text(results: Mapping[str, Any]) -> str:
    """Return the results of one set for a terminal."""
    parts = []
    for title, table in _tables(results):
        parts += [title, text_table(table)]
    if "f1" in results.get("body", {}):
        parts.append(_extraction(results))
    return "\n\n".join(parts)


def _tables(results: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    found = [
        (f"{results['set']}: {key.replace('_', ' ')}", results[key])
        for key in ("rankings", "systems", "off_corpus", "ablations")
        if results.get(key)
    ]
    found += results.get("tables", {}).items()
    for key, value in results.items():
        if isinstance(value, dict) and "systems" in value:
            found.append((key, value["systems"]))
    return found


def write(results: Mapping[str, Any]) -> None:
    """Put the results of one set between its markers; the rest of the page stays."""
    put(results["set"], _section(results))


def put(name: str, body: str) -> None:
    """Put ``body`` between the markers of ``name``."""
    page = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end -->)", re.S)
    if not pattern.search(page):
        raise SystemExit(f"{PAGE}: no markers for {name}")
    page = pattern.sub(lambda match: f"{match[1]}\n{body}\n\n{match[2]}", page)
    PAGE.write_text(page, encoding="utf-8")


def _section(results: Mapping[str, Any]) -> str:
    if "body" in results:
        parts = [_extraction(results)]
    elif "ablations" in results:
        answers = results["set"] == "ablations-answers"
        columns = (*RANKING[:1], *ANSWERS) if answers else ("passages", *RANKING)
        parts = [f"{results['reported']}.", _table(results["ablations"], columns, "change")]
    elif "tables" in results:
        parts = [
            _table(table, list(table["all"]), f"{title}; kind")
            for title, table in results["tables"].items()
        ]
    elif "follow_ups" in results:
        parts = _follow_ups(results)
    elif "rankings" in results:
        parts = _question_set(results)
    else:
        parts = _given(results)
    return "\n\n".join([part for part in parts if part] + [_stamp(results)])


def _question_set(results: Mapping[str, Any]) -> list[str]:
    name = results["set"]
    systems = dict(results["systems"])
    if results["all_questions"]["questions"] > systems["newsqa"]["questions"]:
        systems["newsqa, all questions"] = results["all_questions"]
    counts = f"{systems['newsqa']['questions']:.0f} questions ({results['reported']})"
    index = f"{results['index']['passages']:,} passages"
    parts = [f"{counts}; {index}."]
    if results["rankings"]:
        parts.append(_table(results["rankings"], RANKING, "articles ranked by"))
    if _any(systems, ANSWERS):
        parts.append(_table(systems, ANSWERS, "answers"))
    ours = {k: v for k, v in systems.items() if k in {"newsqa", "model-free reader"}}
    parts.append(_table(ours, QUOTES, "quotes"))
    if results.get("off_corpus"):
        other = results["against_answerable_of"]
        parts.append(f"Against the answerable questions of {other} (the same half):")
        parts.append(_table(results["off_corpus"], ("auroc", "rejection_at_5"), "confidence of"))
    for system, kinds in results["kinds"].items():
        if kinds:
            parts.append(_table(kinds, ("questions", *ANSWERS[:4]), f"{system}, by kind"))
    parts += _right(results["right"])
    return [*parts, _gains(results["gains"]), *_drawn(name, results["plots"])]


def _right(results: Mapping[str, Sequence[int]]) -> list[str]:
    shares = [f"{s} {n} of {of} ({n / of:.0%})" for s, (n, of) in results.items() if of]
    told = "Right without follow-ups, time and who-said-what (an answer in a quote, or none given"
    return [f"{told} where there is none): {', '.join(shares)}."] if shares else []


def _given(results: Mapping[str, Any]) -> list[str]:
    parts = []
    for key, part in results.items():
        if not (isinstance(part, dict) and "systems" in part):
            continue
        systems = dict(part["systems"]) | {"newsqa, all questions": part["all_questions"]}
        questions = systems["newsqa"]["questions"]
        parts.append(f"{key}: {questions:.0f} questions ({results['reported']}).")
        parts += [_table(systems, SENTENCES, "reader"), _gains(part["gains"])]
    return parts


def _follow_ups(results: Mapping[str, Any]) -> list[str]:
    parts = [
        f"{results['follow_ups']} follow-ups ({results['reported']}) over "
        f"{results['articles']:,} articles; {results['rewritten']:.0%} of the questions rewritten.",
        _table(results["systems"], RANKING, "searched"),
    ]
    if results["recovered"]:
        shares = ", ".join(f"{m} {share:.0%}" for m, share in results["recovered"].items())
        parts.append(f"Recovered of the way from as asked to the human rewrite: {shares}.")
    return parts


def _extraction(results: Mapping[str, Any]) -> str:
    lines = ["| text | F1 | ± (95%) | precision | recall |", "|---|--:|--:|--:|--:|"]
    for name in ("body", "indexed"):
        row = results[name]
        cells = " | ".join(f"{row[key]:.4f}" for key in ("f1", "f1_ci", "precision", "recall"))
        lines.append(f"| {name} | {cells} |")
    return "\n".join(lines)


def _table(systems: Mapping[str, Any], columns: Sequence[str], first: str) -> str:
    shown = [c for c in columns if any(c in values for values in systems.values())]
    if not shown:
        return ""
    rows = {s: values for s, values in systems.items() if any(c in values for c in shown)}
    return markdown_table(rows, shown, first=first, headings=HEADINGS)


def _any(systems: Mapping[str, Mapping[str, float]], columns: Sequence[str]) -> bool:
    return any(column in values for values in systems.values() for column in columns)


def _gains(gains: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    names = list(dict.fromkeys(name for of in gains.values() for name in of))
    if not names:
        return ""
    lines = ["| newsqa less | " + " | ".join(HEADINGS.get(n, n) for n in names) + " |"]
    lines.append("|---|" + "--:|" * len(names))
    for system, of in gains.items():
        cells = ["{:+.3f} [{:+.3f}, {:+.3f}]".format(*of[n]) if n in of else "" for n in names]
        lines.append(f"| {system} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _drawn(name: str, drawn: Mapping[str, Any]) -> list[str]:
    if not drawn or len(drawn["risk_coverage"]) < 50:
        return []
    calibration = IMAGES / f"reliability-{name}.svg"
    risk = IMAGES / f"risk-coverage-{name}.svg"
    plots.reliability(drawn["reliability"], calibration, title=name)
    curves = {
        "first quote, all questions": drawn["risk_coverage"],
        "any quote, answerable questions": drawn["risk_coverage_answerable"],
    }
    plots.risk_coverage(curves, risk, title=name)
    return [
        f"![Reliability: confidence against share right, {name}](images/{calibration.name})",
        f"![Risk and coverage, {name}](images/{risk.name})",
    ]


def _stamp(results: Mapping[str, Any]) -> str:
    machine = results["machine"]
    busy = (
        f", load {machine['load_before']} before the start" if machine["load_before"] > 0.5 else ""
    )
    reader = ""
    if "reader" in results:
        shown = "model-free" if results["reader"] == "none" else results["reader"]
        reader = f" Reader: {shown}."
    return (
        f"`{results['command']}`, {results['date']}, commit {results['commit']}, "
        f"{machine['cores']} cores, {machine['memory_gib']} GiB{busy}.{reader}"
    )


__all__ = ["IMAGES", "PAGE", "Path", "text", "write"]
