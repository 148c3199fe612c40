"""Pictures of the running page into ``docs/images/``: ``python -m tests.browser.shots``.

They are made from ``app.py`` over the sample corpus, light and dark, wide and narrow; with
``--fake`` also from a stand-in engine, for states the corpus does not bring about.
"""

from __future__ import annotations

import sys
import tempfile
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


def opened(browser: Browser, address: str, width: int, height: int, scheme: str) -> Page:
    phone = width < 500
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        is_mobile=phone,
        has_touch=phone,
        device_scale_factor=2 if phone else 1,
    )
    page = context.new_page()
    page.goto(address, timeout=120_000)
    expect(page.locator("body[data-nq-ready]")).to_have_count(1, timeout=120_000)
    expect(page.locator(".nq-example").first).to_be_visible(timeout=120_000)
    return page


def shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(400)
    IMAGES.mkdir(parents=True, exist_ok=True)
    whole = Image.open(BytesIO(page.screenshot())).convert("RGB")
    few = whole.quantize(COLOURS, dither=Image.Dither.NONE)  # a third of the size, no loss to see
    few.save(IMAGES / f"{name}.png", optimize=True)
    print(IMAGES / f"{name}.png")


def cited(page: Page, question: str) -> None:
    ask(page, question)
    page.get_by_role("button", name="Citation 1", exact=True).last.click()
    expect(page.locator("#nq-reader mark").first).to_be_in_viewport()


def wide(browser: Browser, address: str) -> None:
    page = opened(browser, address, 1280, 800, "light")
    shoot(page, "start")
    cited(page, ANSWERED)
    shoot(page, "answer")
    ask(page, UNANSWERED)
    shoot(page, "no-answer")
    page.get_by_text("Filters", exact=True).click()
    shoot(page, "filters")
    page.get_by_role("tab", name="Articles").click()
    expect(page.locator("#nq-articles table")).to_be_visible()
    page.locator("#nq-files").set_input_files(
        {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 rubbish"}
    )
    expect(page.locator("#nq-report table")).to_be_visible(timeout=60_000)
    shoot(page, "articles")
    page = opened(browser, address, 1280, 800, "dark")
    cited(page, FOLLOWED)
    shoot(page, "answer-dark")


def narrow(browser: Browser, address: str) -> None:
    for scheme in ("light", "dark"):
        page = opened(browser, address, 390, 844, scheme)
        shoot(page, f"phone-start-{scheme}")
        ask(page, ANSWERED)
        shoot(page, f"phone-answer-{scheme}")
        page.get_by_role("button", name="Citation 1", exact=True).last.click()
        expect(page.locator("#nq-reader mark").first).to_be_in_viewport()
        shoot(page, f"phone-article-{scheme}")


def roles(browser: Browser, address: str) -> None:
    page = opened(browser, address, 1280, 1000, "light")
    ask(page, "When did the tunnel open?")
    shoot(page, "roles")


def main() -> int:
    """Make all pictures."""
    path = find_chromium.get()
    if path is None:
        print(find_chromium.MISSING, file=sys.stderr)
        return 1
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        if "--fake" in sys.argv:
            with served(["-m", "tests.browser.fake_server"], Path(folder)) as address:
                roles(browser, address)
        else:
            least = Settings.model_fields["min_confidence"].default
            shipped = {"NEWSQA_READER": "auto", "NEWSQA_MIN_CONFIDENCE": f"{least}"}
            with served(["app.py"], Path(folder), **shipped) as address:
                wide(browser, address)
                narrow(browser, address)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
