"""Accessibility as axe sees it: every tab and state, light and dark, wide and narrow.

The states of other servers (a token, read-only) are looked at where these are: `test_managing`.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from newsqa.web.html import messages
from tests.browser.axe import WIDTHS, violations
from tests.browser.conftest import Open, ask

pytestmark = pytest.mark.browser
# Two of the four looks with every run, the other two with the slow tests.
SLOW = {("light", WIDTHS[1]), ("dark", WIDTHS[0])}
LOOKS = pytest.mark.parametrize(
    ("scheme", "width", "height"),
    [
        pytest.param(scheme, *size, marks=[pytest.mark.slow] if (scheme, size) in SLOW else [])
        for scheme in ("light", "dark")
        for size in WIDTHS
    ],
)


@LOOKS
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


@LOOKS
def test_axe_has_nothing_to_say_of_what_comes_and_opens(
    visit: Open, fake_address: str, scheme: str, width: int, height: int
) -> None:
    page = visit(fake_address, width, height, color_scheme=scheme)
    page.get_by_label("Question", exact=True).fill("slower")
    page.keyboard.press("Enter")
    expect(page.locator(".nq-state")).to_contain_text("Reading")
    assert violations(page) == []
    page.locator("#nq-question .stop-button").click()
    expect(page.locator(".nq-turn")).to_contain_text(messages.STOPPED)
    assert violations(page) == []
    for code in ("nothing_found", "outside_dates", "filtered_out"):
        ask(page, f"{code} then")
    assert violations(page) == []
    ask(page, "When did the tunnel open?")
    page.get_by_role("button", name="Not helpful").last.click()
    expect(page.get_by_role("group", name="Why")).to_be_visible()
    page.route("**/api/v1/feedback", lambda route: route.fulfill(status=503))
    page.get_by_role("button", name="Helpful", exact=True).last.click()
    expect(page.get_by_role("alert").last).to_be_visible()
    page.get_by_text("Export", exact=True).click()
    expect(page.get_by_role("button", name="Web page", exact=True)).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="History").click()
    expect(page.locator("#nq-asked li").first).to_be_visible()
    assert violations(page) == []


@LOOKS
def test_axe_has_nothing_to_say_of_how_it_came_about_and_what_went_wrong(
    visit: Open, address: str, scheme: str, width: int, height: int
) -> None:
    page = visit(address, width, height, color_scheme=scheme)
    ask(page, "How strong was the earthquake in the Sarn hills?")
    page.get_by_text(messages.HOW).click()
    expect(page.locator(".nq-how table").first).to_be_visible()
    assert violations(page) == []
    page.get_by_role("tab", name="Articles").click()
    expect(page.locator("#nq-articles table")).to_be_visible()
    for summary in (messages.FOLDER, messages.REBUILD):
        page.get_by_text(summary).click()
    page.locator("#nq-files").set_input_files(
        {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 rubbish"}
    )
    expect(page.locator("#nq-report table")).to_be_visible(timeout=60_000)
    assert violations(page) == []
