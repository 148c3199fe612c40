"""Accessibility as axe sees it: every tab and state, light and dark, wide and narrow."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, ask

pytestmark = pytest.mark.browser
# Ids of Gradio's own elements that axe has something against; ours must be clean.
GRADIOS: set[str] = set()
OPTIONS = {"rules": {"target-size": {"enabled": True}}}  # WCAG 2.2, off by default in axe


def violations(page: Page) -> list[str]:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    # Through the protocol: the page's policy lets nothing be added to it.
    results: dict[str, Any] = axe.run(page, options=OPTIONS).response
    return [
        f"{v['id']}: {[n['target'] for n in v['nodes'][:3]]} {v['nodes'][0]['failureSummary']}"
        for v in results["violations"]
        if v["id"] not in GRADIOS
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_axe_has_nothing_to_say(
    visit: Open, fake_address: str, scheme: str, width: int, height: int
) -> None:
    page = visit(fake_address, width, height, color_scheme=scheme)
    expect(page.locator("#nq-about")).not_to_be_empty()
    assert violations(page) == []
    ask(page, "When did the tunnel open?")
    page.get_by_role("button", name="Citation 1", exact=True).click()
    expect(page.locator("#nq-reader mark").first).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    ask(page, "not_stated at all")
    ask(page, "boom")
    page.get_by_text("Filters", exact=True).click()
    assert violations(page) == []
    page.get_by_role("tab", name="Search").click()
    page.get_by_label("Search for").fill("tunnel")
    page.keyboard.press("Enter")
    expect(page.locator(".nq-hits li").first).to_be_visible()
    assert violations(page) == []
    page.get_by_role("tab", name="Articles").click()
    page.get_by_text("Or paste an article").click()
    expect(page.locator("#nq-articles table")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Keyboard").click()
    assert violations(page) == []
