"""Pictures of the running page into ``docs/images/``: ``python -m tests.browser.shots``.

Ten states of the page, each light, dark and on a phone. They are made from ``app.py`` over the
sample corpus with the shipped reader, one (``roles``) from a stand-in engine, since the corpus
does not bring it about.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from newsqa.settings import Settings
from tests.browser import find_chromium
from tests.browser.conftest import ARGS, ask
from tests.browser.serving import ROOT, served

IMAGES = ROOT / "docs" / "images"
COLOURS = 96
ANSWERED = "How strong was the earthquake in the Sarn hills?"
FOLLOWED = "Where was the stolen painting found?"
UNANSWERED = "Who won the 1998 World Cup?"


def start(page: Page) -> None:
    expect(page.locator(".nq-example").first).to_be_visible(timeout=120_000)


def answer(page: Page) -> None:
    ask(page, ANSWERED)
    if page.viewport_size and page.viewport_size["width"] > 900:
        cite(page)


def cite(page: Page) -> None:
    page.get_by_role("button", name="Citation 1", exact=True).last.click()
    expect(page.locator("#nq-reader mark").first).to_be_in_viewport()


def no_answer(page: Page) -> None:
    ask(page, UNANSWERED)


def roles(page: Page) -> None:
    ask(page, "When did the tunnel open?")


def filters(page: Page) -> None:
    ask(page, FOLLOWED)
    page.locator("#nq-filters summary").click()
    page.get_by_role("checkbox", name="Halvern Courier").check()
    expect(page.locator("#nq-remain")).to_contain_text("selected")


def articles(page: Page) -> None:
    page.get_by_role("tab", name="Articles").click()
    expect(page.locator("#nq-articles table")).to_be_visible()
    page.locator("#nq-files").set_input_files(
        {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 rubbish"}
    )
    expect(page.locator("#nq-report table")).to_be_visible(timeout=60_000)


def search(page: Page) -> None:
    page.get_by_role("tab", name="Search").click()
    page.get_by_label("Search for").fill('"Sarn hills" earthquake')
    page.keyboard.press("Enter")
    expect(page.locator(".nq-hits li").first).to_be_visible()


def reader(page: Page) -> None:
    ask(page, FOLLOWED)
    cite(page)
    page.keyboard.press("n")
    expect(page.locator("#nq-step")).to_contain_text("Citation 2")
    expect(page.locator("#nq-reader mark").first).to_be_in_viewport()


def history(page: Page) -> None:
    for question in (ANSWERED, UNANSWERED, FOLLOWED):
        ask(page, question)
    page.get_by_role("button", name="History").click()
    expect(page.locator("#nq-asked li")).to_have_count(3)


def keys(page: Page) -> None:
    page.get_by_role("button", name="Keyboard").click()
    expect(page.get_by_role("dialog")).to_be_visible()


STATES: dict[str, Callable[[Page], None]] = {
    "start": start,
    "answer": answer,
    "no-answer": no_answer,
    "filters": filters,
    "articles": articles,
    "search": search,
    "reader": reader,
    "history": history,
    "keys": keys,
}
LOOKS = ("", "-dark", "-phone")  # what is added to a state's name


def opened(browser: Browser, address: str, look: str) -> Page:
    phone = look == "-phone"
    context = browser.new_context(
        viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 800},
        color_scheme="dark" if look == "-dark" else "light",
        reduced_motion="reduce",
        is_mobile=phone,
        has_touch=phone,
        device_scale_factor=2 if phone else 1,
    )
    page = context.new_page()
    page.goto(address, timeout=120_000)
    expect(page.locator("body[data-nq-ready]")).to_have_count(1, timeout=120_000)
    return page


def shoot(page: Page, name: str) -> int:
    page.wait_for_timeout(400)
    IMAGES.mkdir(parents=True, exist_ok=True)
    whole = Image.open(BytesIO(page.screenshot())).convert("RGB")
    few = whole.quantize(COLOURS, dither=Image.Dither.NONE)  # a third of the size, no loss to see
    path = IMAGES / f"{name}.png"
    few.save(path, optimize=True)
    return path.stat().st_size


def pictures(browser: Browser, address: str, states: dict[str, Callable[[Page], None]]) -> int:
    """Make the pictures of these states; return their bytes."""
    total = 0
    for name, reach in states.items():
        for look in LOOKS:
            page = opened(browser, address, look)
            reach(page)
            total += shoot(page, f"{name}{look}")
            page.context.close()
        print(name, flush=True)
    return total


def main() -> int:
    """Make all pictures."""
    path = find_chromium.get()
    if path is None:
        print(find_chromium.MISSING, file=sys.stderr)
        return 1
    least = Settings.model_fields["min_confidence"].default
    shipped = {"NEWSQA_READER": "auto", "NEWSQA_MIN_CONFIDENCE": f"{least}"}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        with served(["app.py"], Path(folder), **shipped) as address:
            total = pictures(browser, address, STATES)
        with served(["-m", "tests.browser.fake_server"], Path(folder)) as address:
            total += pictures(browser, address, {"roles": roles})
        browser.close()
    print(f"{len(LOOKS) * (len(STATES) + 1)} pictures, {total / 1e6:.1f} MB in {IMAGES}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
