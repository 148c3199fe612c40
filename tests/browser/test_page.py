"""The page as a person meets it: ``app.py`` over the sample corpus."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from newsqa.web.html import messages
from tests.browser.conftest import Open, ask, sample

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


@pytest.mark.parametrize(("width", "height"), sample(SIZES))
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
        beside_a_sheet_a_tap_closes_it(page, height)
        page.get_by_role("button", name="Citation 1", exact=True).last.click()
        expect(mark).to_be_in_viewport()
        page.get_by_role("button", name="Close").click()
        expect(mark).not_to_be_in_viewport()


def beside_a_sheet_a_tap_closes_it(page: Page, height: int) -> None:
    sheet = page.locator("#nq-reader")
    assert sheet.evaluate("el => getComputedStyle(el).position") == "fixed"
    box = sheet.bounding_box()
    assert box
    assert box["y"] + box["height"] == pytest.approx(height, abs=1)
    assert height / 10 < box["y"] < height / 2
    page.touchscreen.tap(6, box["y"] - 10)
    expect(sheet).not_to_be_visible()
    expect(page.get_by_role("button", name="Citation 1", exact=True).last).to_be_focused()


@pytest.mark.parametrize(("width", "height"), sample(SIZES))
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
    expect(page.locator("#nq-filters-set")).to_have_text("from 1 November 2026")
    ask(page, ANSWERED)
    status = page.locator(".nq-turn").last.get_by_role("status")
    expect(status).to_contain_text("No answer within these dates")
    page.get_by_role("button", name="Reset").click()
    page.get_by_role("checkbox", name="Port Ostrey Packet").check()
    ask(page, ANSWERED)
    expect(page.locator(".nq-lead .nq-outlet")).to_have_text("Port Ostrey Packet")


@pytest.mark.parametrize("width", sample([320, 390]))
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
    page.get_by_role("button", name="Switch between light and dark").click()
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
    expect(progress).to_contain_text("1 article added, 2 not added", timeout=60_000)
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


def test_search_finds_passages_and_opens_them_at_their_place(visit: Open, address: str) -> None:
    page = visit(address)
    page.get_by_role("tab", name="Search").click()
    page.get_by_label("Search for").fill("earthquake Sarn hills")
    page.keyboard.press("Enter")
    hit = page.locator(".nq-hits li").first
    expect(hit.locator("b").first).to_be_visible()
    title = hit.locator(".nq-read").inner_text()
    hit.locator(".nq-read").click()
    region = page.get_by_role("region", name="Article", exact=True)
    expect(region.get_by_role("heading")).to_have_text(title)
    expect(region.locator("mark").first).to_be_in_viewport()
    page.get_by_label("Sort by").select_option("date")
    expect(page.locator("#nq-hits .nq-shown")).to_contain_text("newest first")
    days = page.locator(".nq-hits time").evaluate_all("all => all.map(t => t.dateTime)")
    assert days == sorted(days, reverse=True)
    page.get_by_label("Search for").fill('"no such words together"')
    page.keyboard.press("Enter")
    expect(page.locator("#nq-hits")).to_contain_text("No article matches")


def test_a_month_is_picked_from_the_timeline(visit: Open, address: str) -> None:
    page = visit(address)
    page.get_by_text("Filters", exact=True).click()
    bar = page.get_by_role("button", name=re.compile(r"March 2026: \d+ articles"))
    bar.click()
    expect(bar).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("From", exact=True)).to_have_value("2026-03-01")
    expect(page.get_by_label("To", exact=True)).to_have_value("2026-03-31")
    count = re.search(r"\d+", bar.get_attribute("aria-label").split(":")[1])  # type: ignore[union-attr]
    assert count
    expect(page.locator("#nq-remain")).to_contain_text(f"{count.group()} of ")
    bar.click()
    expect(page.get_by_label("From", exact=True)).to_have_value("")


def test_a_thread_is_exported_with_citations_that_prove(
    visit: Open, address: str, tmp_path: Path
) -> None:
    page = visit(address, accept_downloads=True)
    ask(page, ANSWERED)
    ask(page, UNANSWERED)
    saved = {}
    for name in ("Markdown", "Web page", "JSON"):
        page.get_by_text("Export", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        saved[name] = path.read_text()
    quote = quote_of(page)
    assert f"> {quote}" in saved["Markdown"]
    assert "Not in these articles" in saved["Markdown"]
    assert quote in saved["Web page"]
    first, second = json.loads(saved["JSON"])["turns"]
    assert first["answered"] is True
    assert second["reason"]["code"]
    cited = first["quotes"][0]
    article = page.request.get(f"{address}api/v1/articles/{cited['article_id']}").json()
    assert article["body"][cited["start"] : cited["end"]] == cited["quote"]
    assert article["content_sha256"] == cited["content_sha256"]


def test_copying_takes_quote_and_source(visit: Open, address: str) -> None:
    page = visit(address, permissions=["clipboard-read", "clipboard-write"])
    ask(page, ANSWERED)
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"“{quote_of(page)}” [1]" in copied
    assert "[1] " in copied.split("\n\n")[1]


def test_a_link_asks_again_under_its_filters(visit: Open, address: str) -> None:
    page = visit(address, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_text("Filters", exact=True).click()
    page.get_by_role("checkbox", name="Port Ostrey Packet").check()
    ask(page, ANSWERED)
    page.get_by_role("button", name="Copy link").click()
    link = page.evaluate("navigator.clipboard.readText()")
    again = visit(link)
    expect(again.locator(".nq-lead .nq-outlet")).to_have_text("Port Ostrey Packet", timeout=60_000)
    expect(again.locator("#nq-filters-set")).to_have_text("Port Ostrey Packet")


def test_a_verdict_is_kept(visit: Open, address: str) -> None:
    page = visit(address)
    ask(page, ANSWERED)
    page.get_by_role("button", name="Not helpful").click()
    with page.expect_response("**/api/v1/feedback") as answer:
        page.get_by_role("button", name="out of date").click()
    assert answer.value.json() == {"kept": True}
    expect(page.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")


def test_the_keys_are_listed(visit: Open, address: str) -> None:
    page = visit(address)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_be_visible()
    keys = zip(
        dialog.locator("dt").all_inner_texts(), dialog.locator("dd").all_inner_texts(), strict=True
    )
    assert tuple(keys) == messages.KEY_LIST
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()


def test_edit_and_ask_again(visit: Open, address: str) -> None:
    page = visit(address)
    ask(page, ANSWERED)
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Question", exact=True)).to_have_value(ANSWERED)
    page.get_by_label("Question", exact=True).fill("")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".nq-question")).to_have_text([ANSWERED, ANSWERED], timeout=30_000)


def test_text_is_pasted_as_an_article(visit: Open, address: str) -> None:
    page = visit(address)
    page.get_by_role("tab", name="Articles").click()
    page.get_by_text("Or paste an article").click()
    page.get_by_label("Title", exact=True).fill("Kite record")
    page.get_by_label("Text", exact=True).fill("A kite flew over Quillmere for nine days.")
    page.get_by_role("button", name="Add this text").click()
    expect(page.locator("#nq-progress")).to_contain_text("1 article added", timeout=60_000)
    page.get_by_role("tab", name="Ask", exact=True).click()
    ask(page, "How long did the kite fly over Quillmere?")
    expect(page.locator(".nq-lead").last).to_contain_text("nine days")
    page.get_by_role("tab", name="Articles").click()
    page.get_by_label("Find an article").fill("Kite record")
    for _ in range(2):
        page.get_by_role("button", name="Remove Kite record").click()
    expect(page.locator("#nq-progress")).to_have_text("1 article removed.", timeout=30_000)
