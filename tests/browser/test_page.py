"""The page as a person meets it: ``app.py`` over the sample corpus."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Open, ask

pytestmark = pytest.mark.browser
ANSWERED = "How strong was the earthquake in the Sarn hills?"
UNANSWERED = "Who won the 1998 World Cup?"
SIZES = [(1280, 800), (390, 844)]


def words(raw: str) -> str:
    return " ".join(raw.split())


def quote_of(page: Page) -> str:
    """The last leading quote, without the number on its chip."""
    lead = page.locator(".nq-lead blockquote p").last
    return words(lead.inner_text()).removesuffix(" 1")


def fits(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_citation_opens_the_article_at_the_quote(
    visit: Open, address: str, width: int, height: int
) -> None:
    page = visit(address, width, height, is_mobile=width < 500, has_touch=width < 500)
    ask(page, ANSWERED)
    quote = quote_of(page)
    assert "4.1" in quote
    page.get_by_role("button", name="Citation 1", exact=True).last.click()
    region = page.get_by_role("region", name="Article", exact=True)
    mark = region.locator("mark").first
    expect(mark).to_be_in_viewport(timeout=10_000)
    expect(mark).to_be_focused()
    assert words(" ".join(region.locator("mark").all_inner_texts())) == quote
    fits(page, width)
    if width < 500:
        page.get_by_role("button", name="Close").click()
        expect(mark).not_to_be_in_viewport()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_an_abstention_is_told_and_looks_like_one(
    visit: Open, address: str, width: int, height: int
) -> None:
    page = visit(address, width, height)
    ask(page, UNANSWERED)
    status = page.locator(".nq-turn").get_by_role("status")
    expect(status).to_contain_text("not in these articles")
    expect(page.locator(".nq-lead")).to_have_count(0)
    fits(page, width)


def test_the_page_says_what_is_in_the_index(visit: Open, address: str) -> None:
    page = visit(address)
    expect(page.locator("#nq-about")).to_have_text(
        re.compile(r"\d+ articles from 6 outlets, January to November 2026")
    )


def test_an_example_is_asked_with_one_click(visit: Open, address: str) -> None:
    page = visit(address)
    example = page.locator(".nq-example").first
    question = example.inner_text()
    example.click()
    expect(page.locator(".nq-question")).to_have_text(question)
    expect(page.locator(".nq-lead")).to_have_count(1, timeout=60_000)


def test_shift_enter_breaks_the_line_and_enter_sends(visit: Open, address: str) -> None:
    page = visit(address)
    field = page.get_by_label("Question", exact=True)
    field.fill("How strong was")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("the earthquake?")
    assert field.input_value() == "How strong was\nthe earthquake?"
    page.keyboard.press("Enter")
    expect(page.locator(".nq-lead")).to_have_count(1, timeout=60_000)
    expect(field).to_have_value("")


def test_an_empty_question_is_not_asked(visit: Open, address: str) -> None:
    page = visit(address)
    page.get_by_label("Question", exact=True).fill("   ")
    page.keyboard.press("Enter")
    page.wait_for_timeout(1000)
    expect(page.locator(".nq-turn")).to_have_count(0)
    ask(page, ANSWERED)  # and the field still works


def test_the_thread_keeps_its_turns(visit: Open, address: str) -> None:
    page = visit(address)
    ask(page, ANSWERED)
    page.get_by_role("button", name="Citation 1", exact=True).click()
    ask(page, UNANSWERED)
    expect(page.locator(".nq-question")).to_have_text([ANSWERED, UNANSWERED])
    expect(page.locator(".nq-turn").last).to_be_in_viewport()


def test_by_keyboard_alone(visit: Open, address: str) -> None:
    page = visit(address)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(page.get_by_label("Question", exact=True)).to_be_focused()
    page.keyboard.type(ANSWERED)
    page.keyboard.press("Enter")
    chip = page.get_by_role("button", name="Citation 1", exact=True)
    expect(chip).to_be_visible(timeout=60_000)
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if chip.evaluate("el => el === document.activeElement"):
            break
    expect(chip).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Article", exact=True).locator("mark")).to_be_focused()
    page.keyboard.press("Escape")
    expect(chip).to_be_focused()


def test_filters_narrow_the_answer(visit: Open, address: str) -> None:
    page = visit(address)
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("From", exact=True).fill("2026-11-01")
    expect(page.locator("#nq-filters-set")).to_have_text("from 2026-11-01")
    ask(page, ANSWERED)
    status = page.locator(".nq-turn").last.get_by_role("status")
    expect(status).to_contain_text("Not within these dates")
    page.get_by_role("button", name="Reset").click()
    page.get_by_role("checkbox", name="Port Ostrey Packet").check()
    ask(page, ANSWERED)
    expect(page.locator(".nq-lead .nq-outlet")).to_have_text("Port Ostrey Packet")


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_scrolls_sideways(visit: Open, address: str, width: int) -> None:
    page = visit(address, width, 700)
    fits(page, width)
    ask(page, ANSWERED)
    ask(page, UNANSWERED)
    fits(page, width)
    page.get_by_text("Filters", exact=True).click()
    fits(page, width)
    page.get_by_role("tab", name="Articles").click()
    expect(page.locator("#nq-articles table")).to_be_visible()
    fits(page, width)


def test_the_address_may_carry_a_question(visit: Open, address: str) -> None:
    page = visit(address + "?q=" + ANSWERED.replace(" ", "+").replace("?", "%3F"))
    expect(page.locator(".nq-lead")).to_have_count(1, timeout=60_000)


def test_dark_is_kept(visit: Open, address: str) -> None:
    page = visit(address)
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("body.dark")).to_have_count(1)
    page.reload()
    expect(page.locator("body.dark")).to_have_count(1, timeout=60_000)


def test_articles_are_added_asked_and_removed(visit: Open, address: str) -> None:
    page = visit(address)
    page.get_by_role("tab", name="Articles").click()
    story = b"The glass bridge\n\nThe glass bridge of Tamm was opened by Queen Ada on Monday.\n"
    files: list[FilePayload] = [
        {"name": "bridge.txt", "mimeType": "text/plain", "buffer": story},
        {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 rubbish"},
        {"name": "sheet.xlsx", "mimeType": "a/b", "buffer": b"PK"},
    ]
    page.locator("#nq-files").set_input_files(files)
    progress = page.locator("#nq-progress")
    expect(progress).to_contain_text("1 article added, 2 not taken", timeout=60_000)
    expect(page.locator("#nq-report")).to_contain_text("scan.pdf")
    expect(page.locator("#nq-report")).to_contain_text("sheet.xlsx")
    page.get_by_role("tab", name="Ask", exact=True).click()
    ask(page, "Who opened the glass bridge of Tamm?")
    expect(page.locator(".nq-lead").last).to_contain_text("Queen Ada")

    page.get_by_role("tab", name="Articles").click()
    page.get_by_label("Find an article").fill("glass bridge")
    row = page.locator("#nq-articles tbody tr")
    expect(row).to_have_count(1)
    remove = page.get_by_role("button", name="Remove The glass bridge")
    remove.click()
    remove.click()  # once more, to be sure
    expect(progress).to_have_text("1 article removed.", timeout=30_000)
    page.get_by_role("tab", name="Ask", exact=True).click()
    ask(page, "Who opened the glass bridge of Tamm?")
    expect(page.locator(".nq-turn").last.get_by_role("status")).to_be_visible()


def test_an_article_opens_from_the_list(visit: Open, address: str) -> None:
    page = visit(address)
    page.get_by_role("tab", name="Articles").click()
    page.get_by_label("Find an article").fill("earthquake")
    title = page.locator("#nq-articles .nq-read").first
    expect(page.locator("#nq-articles tbody tr")).to_have_count(1)
    name = title.inner_text()
    title.click()
    region = page.get_by_role("region", name="Article", exact=True)
    expect(region.get_by_role("heading")).to_have_text(name)
