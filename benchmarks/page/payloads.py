"""Every string of ``data/badinput`` through the page, in Chromium; what it made is counted.

    python -m benchmarks.page.payloads [--most N]

Reads ``data/badinput`` under NEWSQA_SHARED (default ``../shared``): lines of the lists, and texts
and pages as one string each. Each becomes an article that is nothing but it (title, body, outlet,
byline, url, id), shown as a quote and opened in the reader pane; the name of a dropped file; a
question and a filter value: 300 by seed typed into the page, all of them in batches through the
same thread. Prints counts, keeps ``build/payloads.json``; 1 where a count is not 0. First each
count is shown to work: what is put in unescaped must be noticed.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Dialog, Page, Request, expect, sync_playwright

from benchmarks.lib import operations_page, places
from benchmarks.lib.chromium import chromium_for
from benchmarks.lib.server import started
from benchmarks.page.payload_server import TURNS
from tests.browser.fake_server import BATCH
from tests.browser.test_hostile import FOREIGN

SEED = 20261124
LIVE = 300
CHARS = 10_000  # of a text that is one payload
FILES = 20
FOLDER = places.SETS / "badinput"
PLACE = operations_page.BUILD / "payloads"
TEXTS = {".txt", ".md", ".html", ".jsonl"}
HERE = re.compile(r"(http://127\.0\.0\.1:\d+/|data:|blob:)")
COUNTS = ("scripts run", "elements made of text", "requests to other hosts", "dialogs",
          "windows opened or page left")  # fmt: skip
# Whoever calls one of these ran a script of ours or theirs; ours call none.
CALLS = """
window.nqRan = [];
for (const name of ['alert', 'confirm', 'prompt', 'open', 'print']) {
  const was = window[name];
  window[name] = (...given) => { nqRan.push(name); return was.apply(window, given); };
}
for (const name of ['write', 'writeln']) document[name] = () => { nqRan.push(name); };
"""
OWN_SCRIPTS = "[...document.scripts].filter((s) => !s.src && !document.head.contains(s)).length"
NAMES = "['P', 'XSS', 'pwned', 'x1'].filter((n) => n in window && !document.getElementById(n))"
PROBE = """() => {
  const root = document.querySelector('#nq-thread .md');
  root.insertAdjacentHTML('beforeend', '<p id=probe><img src="http://other.example/x" ' +
    'onerror="alert(1)"></p>');
}"""
DROP = """(target, names) => {
  const moved = new DataTransfer();
  for (const name of names) moved.items.add(new File(['x'], name, { type: 'text/plain' }));
  for (const kind of ['dragover', 'drop'])
    target.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: moved }));
}"""  # noqa: E501
# Opens one citation after the other, each when the one before is shown: in the page, as asking from
# outside whether it is shown takes longer than showing it.
OPEN_EACH = f"""async () => {{
  const told = {{ opened: 0, foreign: [], late: null }}, look = {FOREIGN};
  for (const chip of document.querySelectorAll('.nq-turn .nq-chip')) {{
    const wanted = chip.dataset.article, until = performance.now() + 30000;
    const at = () => document.querySelector('#nq-reader .nq-article')?.dataset.article;
    chip.click();
    while (at() !== wanted && performance.now() < until) await new Promise((r) => setTimeout(r, 5));
    if (at() !== wanted) return {{ ...told, late: wanted }};
    told.foreign.push(...look(document.querySelector('#nq-reader-content')));
    told.opened += 1;
  }}
  return told;
}}"""


class Counts:
    """Watches a context; ``found`` says what was made, with examples."""

    def __init__(self, context: BrowserContext) -> None:
        self.found: dict[str, list[str]] = {name: [] for name in COUNTS}
        context.add_init_script(CALLS)
        context.on("request", self._requested)
        context.on("page", self._opened)
        self._pages = 0

    def _opened(self, page: Page) -> None:
        self._pages += 1
        if self._pages > 1:
            self.found["windows opened or page left"].append(page.url)
        page.on("dialog", self._asked)

    def _requested(self, request: Request) -> None:
        if not HERE.match(request.url):
            self.found["requests to other hosts"].append(request.url)

    def _asked(self, dialog: Dialog) -> None:
        self.found["dialogs"].append(dialog.message)
        dialog.dismiss()

    def look(self, page: Page, selector: str) -> None:
        """Count what stands below ``selector`` and what ran since the last look."""
        foreign = page.locator(selector).first.evaluate(FOREIGN)
        self.found["elements made of text"] += foreign
        ran = page.evaluate(f"[...nqRan.splice(0), ...{NAMES}]")
        self.found["scripts run"] += ran
        if not HERE.match(page.url):
            self.found["windows opened or page left"].append(page.url)

    def told(self) -> dict[str, int]:
        """Return the counts."""
        return {name: len(found) for name, found in self.found.items()}


def main() -> int:
    """Run it as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--most", type=int, help="only so many payloads, by seed")
    parser.add_argument("--json", type=Path, help="where the figures are kept")
    given = parser.parse_args()
    chromium = chromium_for("payloads", FOLDER)
    if chromium is None:
        return 0
    every = payloads_of(FOLDER)
    if given.most:
        every = random.Random(SEED).sample(every, min(given.most, len(every)))
    told = operations_page.stamp("payloads") | run(every, chromium)
    full = not given.most
    operations_page.tell("payloads", table(told), told, kept=given.json, full=full)
    return 0 if not any(told["counts"].values()) and all(told["noticed"].values()) else 1


def payloads_of(folder: Path) -> list[str]:
    """Return every string there is, once, sorted."""
    lines = (folder / "xss_payloadbox" / "xss-payload-list.txt").read_text("utf-8").splitlines()
    lines += json.loads((folder / "blns" / "blns.json").read_text("utf-8"))
    for path in sorted((folder / "synthetic").iterdir()):
        if path.suffix in TEXTS and path.name != "SOURCE.txt":
            with path.open("rb") as file:
                lines.append(file.read(CHARS).decode("utf-8", errors="replace"))
    return sorted({line for line in lines if line.strip()})


def run(every: Sequence[str], chromium: str) -> dict[str, Any]:
    """Put them through the page in each way; return the counts."""
    PLACE.mkdir(parents=True, exist_ok=True)
    held = PLACE / "payloads.json"
    held.write_text(json.dumps(every), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.page.payload_server", str(held)]
    settings = {"NEWSQA_PORT": "0", "NEWSQA_INDEX": str(PLACE / "index")}
    live = random.Random(SEED).sample(every, min(LIVE, len(every)))
    with (
        started(command, PLACE / "server.log", settings) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(reduced_motion="reduce")
        noticed = _noticed(_page(context, probe := Counts(context), server.address), probe)
        context.close()
        context = browser.new_context(reduced_motion="reduce")
        counts = Counts(context)
        page = _page(context, counts, server.address)
        done = {"as articles": _articles(page, counts, len(every))}
        done["as questions and filter values"] = _batches(page, counts, len(every))
        done["typed into the page"] = _typed(page, counts, live)
        done["as file names"] = _names(page, counts, every)
        scripts = int(page.evaluate(OWN_SCRIPTS))
        browser.close()
    told = {"payloads": len(every), "done": done, "inline_scripts_at_the_end": scripts}
    few = {name: found[:20] for name, found in counts.found.items()}
    return {"seed": SEED, **told, "counts": counts.told(), "noticed": noticed, "found": few}


def _page(context: BrowserContext, counts: Counts, address: str) -> Page:
    page = context.new_page()
    page.goto(address, timeout=120_000)
    expect(page.locator("body[data-nq-ready]")).to_have_count(1, timeout=120_000)
    return page


def _noticed(page: Page, counts: Counts) -> dict[str, bool]:
    """Put in what must be noticed; the counts of this page are thrown away."""
    page.evaluate(PROBE)
    page.wait_for_timeout(1_500)
    counts.look(page, "#nq-thread .md")
    return {name: count > 0 for name, count in counts.told().items() if name != COUNTS[-1]}


def _ask(page: Page, question: str, turns: int = 1) -> None:
    # Not by its label: every payload is an outlet, and to look through thousands takes too long.
    page.locator("#nq-question textarea").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".nq-turn:not([aria-busy])")).to_have_count(turns, timeout=60_000)


def _clear(page: Page) -> None:
    page.locator("#nq-clear-all").evaluate("el => el.click()")
    expect(page.locator(".nq-turn")).to_have_count(0, timeout=30_000)


def _articles(page: Page, counts: Counts, n: int) -> int:
    """Quote and open every article."""
    opened = 0
    for batch in range(-(-n // BATCH)):
        _ask(page, f"batch {batch}")
        counts.look(page, "#nq-thread .md")
        told = page.evaluate(OPEN_EACH)
        if told["late"] is not None:
            raise RuntimeError(f"the reader did not open {told['late'][:200]!r}")
        counts.found["elements made of text"] += told["foreign"]
        counts.look(page, "#nq-reader-content")
        opened += told["opened"]
        _clear(page)
        _say("articles", opened, n)
    return opened


def _batches(page: Page, counts: Counts, n: int) -> int:
    for batch in range(-(-n // TURNS)):
        _ask(page, f"questions {batch}", min(TURNS, n - batch * TURNS))
        counts.look(page, "#nq-thread .md")
        _clear(page)
        _say("questions", min(n, (batch + 1) * TURNS), n)
    return n


def _typed(page: Page, counts: Counts, live: Sequence[str]) -> int:
    """Type each as a question, under a filter whose outlet, then whose day, it is."""
    for number, payload in enumerate(live, 1):
        for chosen in ({"sources": [payload]}, {"since": payload, "sources": []}):
            page.evaluate(
                "raw => newsqa.fill("
                "document.querySelector('#nq-filter textarea, #nq-filter input'), raw)",
                json.dumps(chosen),
            )
            _ask(page, payload[:2000])
            counts.look(page, "#nq-thread .md")
            _clear(page)
        _say("typed", number, len(live))
    return len(live)


def _names(page: Page, counts: Counts, every: Sequence[str]) -> int:
    """Drop files with these names and no ending that is read: each is told in the table."""
    page.get_by_role("tab", name="Articles").click()
    expect(page.locator("#nq-articles table")).to_be_visible(timeout=60_000)
    rows = page.locator("#nq-report tbody tr")
    for at in range(0, len(every), FILES):
        names = [f"{name[:200]}.xyz" for name in every[at : at + FILES]]
        page.locator("#nq-drop").evaluate(DROP, names)
        expect(rows).to_have_count(len(names), timeout=60_000)
        counts.look(page, "#nq-progress")
        made = page.locator("#nq-report").evaluate(
            "el => [...el.querySelectorAll('*')].filter((e) =>"
            " !/^(TABLE|THEAD|TBODY|TR|TH|TD)$/.test(e.tagName)).map((e) => e.outerHTML)"
        )
        counts.found["elements made of text"] += made
        page.locator("#nq-report").evaluate("el => el.replaceChildren()")
        _say("names", at + len(names), len(every))
    return len(every)


def table(told: dict[str, Any]) -> str:
    """Return the counts as Markdown."""
    done = {name: f"{n:,}" for name, n in told["done"].items()}
    first = operations_page.rows((f"{told['payloads']:,} payloads", "put through"), done)
    counts = {name: f"{n:,}" for name, n in told["counts"].items()}
    noticed = {name: "yes" if seen else "**no**" for name, seen in told["noticed"].items()}
    return "\n\n".join(
        [
            first,
            operations_page.rows(("count", "found"), counts),
            operations_page.rows(("put in unescaped", "noticed"), noticed),
        ]
    )


def _say(what: str, done: int, of: int) -> None:
    if done == of or done % 500 < BATCH:
        print(f"  {what}: {done:,} of {of:,}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
