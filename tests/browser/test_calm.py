"""The page keeps still: nothing jumps when content arrives, and the first words come at once."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import ask, sample

pytestmark = pytest.mark.browser
# Shifts right after a press are the person's own doing and do not count, as in the measure's
# definition (hadRecentInput).
WATCH = """
window.shifts = [];
const name = (source) => source.node && (source.node.id || source.node.className);
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  if (!entry.hadRecentInput) window.shifts.push([entry.value, entry.sources.map(name)]);
})).observe({ type: 'layout-shift', buffered: true });
"""


@pytest.mark.parametrize(("width", "height"), sample([(390, 844), (1280, 800)]))
def test_nothing_jumps(browser: Browser, fake_address: str, width: int, height: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height})
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(fake_address, timeout=120_000)
    expect(page.locator("body[data-nq-ready]")).to_have_count(1, timeout=120_000)
    expect(page.locator(".nq-example").first).to_be_visible(timeout=60_000)
    page.wait_for_timeout(500)
    for question in ("When did the tunnel open?", "slow", "not_stated at all"):
        ask(page, question)
    page.wait_for_timeout(500)
    shifts: list[Any] = page.evaluate("window.shifts")
    context.close()
    assert sum(value for value, _ in shifts) < 0.02, shifts


def test_what_was_found_is_shown_while_it_is_read(browser: Browser, fake_address: str) -> None:
    page = browser.new_page()
    page.goto(fake_address, timeout=120_000)
    expect(page.locator("body[data-nq-ready]")).to_have_count(1, timeout=120_000)
    page.get_by_label("Question", exact=True).fill("slower")
    page.keyboard.press("Enter")
    expect(page.locator(".nq-found li").first).to_be_visible(timeout=10_000)
    expect(page.locator(".nq-state")).to_contain_text("Reading")
    expect(page.locator(".nq-state")).to_contain_text("1 s", timeout=10_000)
    expect(page.locator(".nq-lead")).to_be_visible(timeout=20_000)
    page.close()


def test_reading_can_be_stopped(browser: Browser, fake_address: str) -> None:
    page = browser.new_page()
    page.goto(fake_address, timeout=120_000)
    expect(page.locator("body[data-nq-ready]")).to_have_count(1, timeout=120_000)
    page.get_by_label("Question", exact=True).fill("slower")
    page.keyboard.press("Enter")
    expect(page.locator(".nq-found li").first).to_be_visible(timeout=10_000)
    page.locator("#nq-question .stop-button").click()
    expect(page.locator(".nq-turn")).to_contain_text("Stopped.", timeout=10_000)
    ask(page, "When did the tunnel open?")
    expect(page.locator(".nq-lead")).to_have_count(1)
    page.close()
