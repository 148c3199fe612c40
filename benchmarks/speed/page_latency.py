"""From Enter to the first words, in Chromium, beside the time of `ask` over HTTP. Milliseconds.

    python -m benchmarks.speed.page_latency [--articles 10000] [--questions 100]

Builds an index of the first articles of ``data/reuters21578`` under NEWSQA_SHARED (default
``../shared``) in ``build/page-latency/``, serves it with ``newsqa serve`` and asks the page in
a real browser. Questions are made by rule, with a fixed seed, from titles of the articles. Prints
a table, keeps ``build/page-latency.json`` and, at full size, puts it into ``docs/operations.md``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.lib import operations_page, places
from benchmarks.lib.chromium import chromium_for
from benchmarks.lib.server import Server, build, serving
from benchmarks.speed.load import Asker, quantile

SEED = 20261124
FULL = 10_000
STORIES = places.SETS / "reuters21578" / "corpus.jsonl.gz"
PLACE = operations_page.BUILD / "page-latency"
QUESTION = "What do the reports say about {title}?"
LEAST_WORDS = 4
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
]
# What must hold.
MOST_HIT_MS = 1_000
MOST_OVER_ASK_MS = 300
MOST_SHIFT = 0.02
# A thing is shown when the frame after the one that draws it begins.
WATCH = """
window.nq = { shifts: [], tasks: [], seen: {}, enter: 0, ready: 0 };
const seen = (name) => {
  if (nq.seen[name] !== undefined || !nq.enter) return;
  nq.seen[name] = -1;
  requestAnimationFrame(() => setTimeout(() => { nq.seen[name] = performance.now() - nq.enter; }));
};
addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.isTrusted) { nq.enter = performance.now(); nq.seen = {}; }
}, true);
const watch = (type, note) => new PerformanceObserver((list) =>
  list.getEntries().forEach(note)).observe({ type, buffered: true });
watch('layout-shift', (e) => nq.shifts.push([e.startTime, e.value, e.hadRecentInput]));
watch('longtask', (e) => nq.tasks.push([e.startTime, e.duration]));
new MutationObserver(() => {
  if (!nq.ready && document.body?.dataset.nqReady) nq.ready = performance.now();
  const turn = [...document.querySelectorAll('#nq-thread .nq-turn')].at(-1);
  if (!turn) return;
  if (turn.querySelector('.nq-found li')) seen('hit');
  if (turn.querySelector('.nq-lead blockquote')) seen('quote');
  if (turn.querySelector('.nq-answer')) seen('reply');
}).observe(document, { childList: true, subtree: true, attributes: true });
"""


def main() -> int:
    """Measure as the command line says; 1 where something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=FULL)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--json", type=Path, help="where the figures are kept")
    given = parser.parse_args()
    chromium = chromium_for("page_latency", STORIES)
    if chromium is None:
        return 0
    told = operations_page.stamp("page_latency")
    told |= measure(given.articles, given.questions, chromium)
    full = given.articles >= FULL
    operations_page.tell("page-latency", table(told), told, kept=given.json, full=full)
    return 0 if all(told["held"].values()) else 1


def stories(most: int) -> list[dict[str, Any]]:
    """Return the first articles of the set."""
    with gzip.open(STORIES, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for _, line in zip(range(most), lines, strict=False)]


def questions_of(titles: Iterable[str], most: int, seed: int) -> list[str]:
    """Return questions about titles of at least four words, drawn by seed."""
    fit = sorted({" ".join(title.split()) for title in titles})
    fit = [title for title in fit if len(title.split()) >= LEAST_WORDS]
    drawn = random.Random(seed).sample(fit, min(most, len(fit)))
    return [QUESTION.format(title=title.title()) for title in drawn]


def measure(articles: int, most: int, chromium: str) -> dict[str, Any]:
    """Build, serve, ask in both ways; return the figures."""
    held = stories(articles)
    folder = PLACE / str(articles)
    folder.mkdir(parents=True, exist_ok=True)
    corpus = folder / "corpus.jsonl"
    lines = (json.dumps(story, ensure_ascii=False) + "\n" for story in held)
    corpus.write_text("".join(lines), encoding="utf-8")
    built_s = build(corpus, folder / "index")
    questions = questions_of((story["title"] for story in held), most, SEED)
    with serving(folder / "index", folder / "server.log") as server:
        server.warmed_up()
        seen, page = _asked(server, questions, chromium)
    figures = summary(seen) | page
    return {
        "seed": SEED,
        "articles": len(held),
        "built_s": built_s,
        **figures,
        "held": held_rules(figures),
        "asked": seen,
    }


def _asked(
    server: Server, questions: Sequence[str], chromium: str
) -> tuple[list[dict[str, float | None]], dict[str, Any]]:
    asker, seen = Asker(server.port), []
    asker.ask(questions[0])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(WATCH)
        page.goto(server.address, timeout=120_000)
        page.locator("body[data-nq-ready]").wait_for(timeout=120_000)
        page.wait_for_timeout(1_000)
        _in_page(page, "Is the page awake?")  # the first question of a page is not measured
        for number, question in enumerate(questions):
            before = None if number % 2 else _over_http(asker, question)
            row = _in_page(page, question)
            row["ask"] = _over_http(asker, question) if before is None else before
            seen.append(row)
        page.wait_for_timeout(500)
        told = page.evaluate("({ shifts: nq.shifts, tasks: nq.tasks, ready: nq.ready })")
        browser.close()
    return seen, calm(told["shifts"], told["tasks"], told["ready"])


def _over_http(asker: Asker, question: str) -> float | None:
    outcome = asker.ask(question)
    return outcome.taken_s * 1000 if outcome.kind == "served" else None


def _in_page(page: Page, question: str) -> dict[str, float | None]:
    """Ask in a thread of its own, so that page and HTTP are asked the same."""
    page.get_by_label("Question", exact=True).fill(question)
    page.keyboard.press("Enter")
    turn = page.locator(".nq-turn:not([aria-busy])")
    turn.locator(".nq-answer").wait_for(timeout=60_000)
    page.wait_for_timeout(200)  # two frames and more: what is drawn is shown by then
    seen: dict[str, float] = page.evaluate("nq.seen")
    page.locator("#nq-clear-all").click()
    turn.wait_for(state="detached", timeout=30_000)
    time.sleep(0.6)  # shifts within half a second of a click do not count: let those of ours
    shown = {name: at for name, at in seen.items() if at >= 0}
    return {name: shown.get(name) for name in ("hit", "quote", "reply")}


def summary(seen: Sequence[dict[str, float | None]]) -> dict[str, Any]:
    """Return the quantiles, and how much later than `ask` a quote is, question by question."""
    told: dict[str, Any] = {"questions": len(seen)}
    for name in ("hit", "quote", "reply", "ask"):
        values = [value for row in seen if (value := row[name]) is not None]
        told[name] = _quantiles(values)
    quotes = [(row["quote"], row["ask"]) for row in seen]
    told["quote_over_ask"] = _quantiles(
        [q - a for q, a in quotes if q is not None and a is not None]
    )
    asked = [a for q, a in quotes if q is not None and a is not None]
    told["ask_of_the_quoted"] = _quantiles(asked)
    return told


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    return {"n": len(values), "p50": quantile(values, 0.5), "p95": quantile(values, 0.95)}


def calm(
    shifts: Sequence[tuple[float, float, bool]],
    tasks: Sequence[tuple[float, float]],
    ready: float,
) -> dict[str, Any]:
    """Return the layout shift and the long tasks (over 50 ms), before and after the page is ready.

    CLS is the largest sum of a window: shifts less than 1 s apart, 5 s at most, none after input.
    Source: https://web.dev/articles/cls
    """
    most = total = first = last = 0.0
    for at, value, by_input in sorted(shifts):
        if by_input:
            continue
        fits = total and at - last < 1_000 and at - first < 5_000
        first, total = (first, total + value) if fits else (at, value)
        most, last = max(most, total), at
    later = [length for at, length in tasks if at >= ready]
    return {
        "cls": most,
        "shifts_sum": sum(value for _, value, _ in shifts),
        "long_tasks_loading": len(tasks) - len(later),
        "long_tasks_asking": len(later),
        "longest_task_loading_ms": max((n for at, n in tasks if at < ready), default=0.0),
        "longest_task_asking_ms": max(later, default=0.0),
    }


def held_rules(figures: dict[str, Any]) -> dict[str, bool]:
    """Return what must hold and whether it did."""
    quoted = figures["quote"]["p95"], figures["ask_of_the_quoted"]["p95"]
    return {
        "p95 to the first hit under 1 s": 0 < figures["hit"]["p95"] < MOST_HIT_MS,
        "p95 to the first quote under that of `ask` + 0.3 s": (
            0 < quoted[0] < quoted[1] + MOST_OVER_ASK_MS
        ),
        "CLS under 0.02": figures["cls"] < MOST_SHIFT,
    }


def table(told: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    names = {
        "hit": "Enter to the first hit",
        "quote": "Enter to the first quote",
        "reply": "Enter to the reply, answer or not",
        "ask": "`ask` over HTTP",
        "ask_of_the_quoted": "`ask` over HTTP, those with a quote",
        "quote_over_ask": "first quote less `ask`, same question",
    }
    lines = [f"{told['articles']:,} articles, {told['questions']} questions.", ""]
    lines += ["| | questions | p50, ms | p95, ms |", "|---|--:|--:|--:|"]
    for key, name in names.items():
        of = told[key]
        lines.append(f"| {name} | {of['n']} | {of['p50']:.0f} | {of['p95']:.0f} |")
    found = {
        "CLS": f"{told['cls']:.4f}",
        "sum of all layout shifts, those after input too": f"{told['shifts_sum']:.4f}",
        "long tasks while loading (longest, ms)": (
            f"{told['long_tasks_loading']} ({told['longest_task_loading_ms']:.0f})"
        ),
        "long tasks while asking (longest, ms)": (
            f"{told['long_tasks_asking']} ({told['longest_task_asking_ms']:.0f})"
        ),
    }
    rules = {rule: "yes" if kept else "**no**" for rule, kept in told["held"].items()}
    parts = [operations_page.rows(("page", "found"), found)]
    parts.append(operations_page.rows(("must", "held"), rules))
    return "\n\n".join(["\n".join(lines), *parts])


if __name__ == "__main__":
    sys.exit(main())
