"""What axe has against a page as it stands."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Ids of Gradio's own elements that axe has something against; ours must be clean.
GRADIOS: set[str] = set()
OPTIONS = {"rules": {"target-size": {"enabled": True}}}  # WCAG 2.2, off by default in axe
WIDTHS = ((1280, 800), (390, 844))


def violations(page: Page) -> list[str]:
    # Through the protocol: the page's policy lets nothing be added to it.
    results: dict[str, Any] = Axe().run(page, options=OPTIONS).response
    return [
        f"{v['id']}: {[n['target'] for n in v['nodes'][:3]]} {v['nodes'][0]['failureSummary']}"
        for v in results["violations"]
        if v["id"] not in GRADIOS
    ]


def violations_light_dark_and_narrow(page: Page) -> list[str]:
    found = []
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        for _ in range(2):
            found += violations(page)
            page.evaluate("document.body.classList.toggle('dark')")
    return found
