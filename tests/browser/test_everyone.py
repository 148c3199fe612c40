"""The page for everyone: by keyboard alone, seen where the focus is, calm, narrow, spoken."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from newsqa.web.html import messages
from tests.browser.conftest import Open, ask, sample

pytestmark = pytest.mark.browser
ANSWERED = "When did the tunnel open?"
# Whether it can be seen that this element has the focus: a ring on it, or on what holds it.
RING = """() => {
  const seen = (el) => {
    const style = getComputedStyle(el);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) ||
      (/ 0px 0px 0px [1-9]/.test(style.boxShadow) && el.matches(':focus-within'));
  };
  for (let el = document.activeElement, up = 0; el && up < 6; el = el.parentElement, up += 1)
    if (seen(el)) return true;
  return false;
}"""
# Whether some of it is in sight and nothing else lies over all of it (WCAG 2.4.11).
COVERED = """() => {
  const el = document.activeElement, box = el.getBoundingClientRect();
  const ours = (x, y) => { const top = document.elementFromPoint(x, y);
    return top && (el.contains(top) || top.contains(el)); };
  return ![0.1, 0.5, 0.9].some((across) => [0.1, 0.5, 0.9].some((down) =>
    ours(box.left + box.width * across, box.top + box.height * down)));
}"""
_SOME = re.compile(r"\S")
NAME = "() => document.activeElement.outerHTML.slice(0, 160)"


def tab_to(page: Page, wanted: Locator, key: str = "Tab", most: int = 60) -> None:
    """Press Tab until this has the focus, as one must who has no mouse."""
    for _ in range(most):
        page.keyboard.press(key)
        if wanted.evaluate("el => el === document.activeElement"):
            return
    pytest.fail(f"not reached by keyboard; the focus is on {page.evaluate(NAME)}")


def no_focus(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")


def fits(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# -- by keyboard alone --


def test_ask_read_step_close_filter_and_export_by_keyboard(
    visit: Open, address: str, tmp_path: Path
) -> None:
    page = visit(address, accept_downloads=True)
    no_focus(page)
    page.keyboard.press("/")
    page.keyboard.type("Where was the stolen painting found?")
    page.keyboard.press("Enter")
    expect(page.locator(".nq-turn .nq-acts")).to_be_visible(timeout=60_000)
    # Open the first citation, go to the next one, and back by its button; close.
    tab_to(page, page.get_by_role("button", name="Citation 1", exact=True), "Shift+Tab")
    page.keyboard.press("Enter")
    mark = page.get_by_role("region", name="Article", exact=True).locator("mark").first
    expect(mark).to_be_focused()
    first = mark.inner_text()
    page.keyboard.press("n")
    expect(page.locator("#nq-step")).to_contain_text("Citation 2 of")
    expect(mark).not_to_have_text(first)
    expect(mark).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Previous citation"), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(mark).to_have_text(first)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Citation 1", exact=True)).to_be_focused()
    # Filter by an outlet.
    tab_to(page, page.locator("#nq-filters summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("checkbox", name="Halvern Courier"))
    page.keyboard.press("Space")
    expect(page.locator("#nq-filters-set")).to_have_text("Halvern Courier")
    expect(page.locator("#nq-remain")).to_have_text(re.compile(r"^\d+ of \d+ articles selected"))
    # Export.
    tab_to(page, page.locator(".nq-export summary"))
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator(".nq-export[open]")).to_have_count(0)
    expect(page.locator(".nq-export summary")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="JSON", exact=True))
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    download.value.save_as(tmp_path / "thread.json")
    assert json.loads((tmp_path / "thread.json").read_text())["quotes"][0]["quote"].startswith(
        first[:20]
    )
    expect(page.locator(".nq-export summary")).to_be_focused()


def test_a_click_on_the_search_tab_puts_the_cursor_into_its_field(
    visit: Open, fake_address: str
) -> None:
    page = visit(fake_address)
    page.get_by_role("tab", name="Search").click()
    expect(page.get_by_label("Search for")).to_be_focused()
    page.keyboard.type("tunnel")
    page.keyboard.press("Enter")
    expect(page.locator(".nq-hits li").first).to_be_visible()
    page.get_by_role("tab", name="Articles").click()
    expect(page.get_by_role("tab", name="Articles")).to_be_focused()


def test_tabs_and_months_by_keyboard(visit: Open, address: str) -> None:
    page = visit(address)
    tab_to(page, page.get_by_role("tab", name="Search"), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Search for")).to_be_visible()
    expect(page.get_by_role("tab", name="Search")).to_be_focused()
    tab_to(page, page.get_by_label("Search for"))
    page.keyboard.type("earthquake")
    page.keyboard.press("Enter")
    hit = page.locator(".nq-hits .nq-read").first
    expect(hit).to_be_visible()
    tab_to(page, hit)
    page.keyboard.press("Enter")
    expect(
        page.get_by_role("region", name="Article", exact=True).locator("#nq-mark")
    ).to_be_focused()
    page.keyboard.press("Escape")
    expect(hit).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Change"), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#nq-filters summary")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="May 2026"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("From", exact=True)).to_have_value("2026-05-01")


@pytest.mark.parametrize("width", sample([1280, 390]))
def test_where_the_focus_is_can_be_seen(visit: Open, fake_address: str, width: int) -> None:
    page = visit(fake_address, width, 700)
    ask(page, ANSWERED)
    page.locator("#nq-filters").evaluate("el => { el.open = true; }")
    no_focus(page)
    wrong, seen = [], set()
    for key in ["Tab"] * 45 + ["Shift+Tab"] * 45:
        page.keyboard.press(key)
        if page.evaluate("document.activeElement === document.body"):
            continue
        name = page.evaluate(NAME)
        seen.add(name)
        if not page.evaluate(RING):
            wrong.append(f"no ring: {name}")
        if page.evaluate(COVERED):
            wrong.append(f"covered: {name}")
    assert wrong == []
    assert len(seen) > 20


# -- keys of one letter (WCAG 2.1.4) --


def test_keys_of_one_letter_are_switched_off_and_stay_so(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    no_focus(page)
    page.keyboard.press("?")
    switch = page.get_by_role("switch", name=messages.SINGLE_KEYS)
    expect(switch).to_be_checked()
    expect(switch).to_have_accessible_description(messages.SINGLE_KEYS_MORE)
    tab_to(page, switch, most=6)
    page.keyboard.press("Space")
    expect(switch).not_to_be_checked()
    page.keyboard.press("Escape")
    for again in (False, True):
        if again:
            page.reload()
            expect(page.locator("body[data-nq-ready]")).to_have_count(1, timeout=60_000)
        ask(page, ANSWERED)
        page.get_by_role("button", name="Citation 1", exact=True).click()
        expect(page.locator("#nq-step")).to_have_text("Citation 1 of 5")
        for key in ("n", "p", "h", "?", "/"):
            page.keyboard.press(key)
            expect(page.get_by_role("dialog")).to_have_count(0)
            expect(page.locator("#nq-step")).to_have_text("Citation 1 of 5")
            expect(page.get_by_label("Question", exact=True)).not_to_be_focused()
        page.keyboard.press("Escape")  # no letter, and no shortcut of one
        expect(page.get_by_role("button", name="Citation 1", exact=True)).to_be_focused()
    page.get_by_role("button", name=messages.KEYS).click()
    expect(switch).not_to_be_checked()
    switch.check()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Citation 1", exact=True).click()
    expect(page.locator("#nq-step")).to_have_text("Citation 1 of 5")
    page.keyboard.press("n")
    expect(page.locator("#nq-step")).to_have_text("Citation 2 of 5")


def test_escape_leaves_the_question_and_the_keys_of_citations_work(
    visit: Open, fake_address: str
) -> None:
    page = visit(fake_address)
    question = page.get_by_label("Question", exact=True)
    ask(page, ANSWERED)
    question.focus()
    page.keyboard.press("Escape")
    expect(question).not_to_be_focused()
    page.keyboard.press("n")  # none is open yet
    expect(page.locator("#nq-step")).to_have_text("Citation 1 of 5")
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    expect(page.locator("#nq-step")).to_have_text("Citation 5 of 5")
    ask(page, ANSWERED)  # the article belongs to the answer before
    expect(page.locator("#nq-reader-content")).to_have_text(messages.READER_EMPTY)
    expect(page.locator(".nq-chip.is-open")).to_have_count(0)
    down = page.locator(".nq-turn").last.get_by_role("button", name="Not helpful")
    down.click()
    expect(page.get_by_role("group", name="Why")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("group", name="Why")).to_have_count(0)
    expect(down).to_be_focused()


def test_arrow_keys_move_between_the_tabs(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    page.get_by_role("tab", name="Ask").focus()
    for key, name in (
        ("ArrowRight", "Search"),
        ("End", "Articles"),
        ("ArrowRight", "Ask"),
        ("ArrowLeft", "Articles"),
        ("Home", "Ask"),
    ):
        page.keyboard.press(key)
        tab = page.get_by_role("tab", name=name, exact=True)
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(tab).to_be_focused()


# -- calm --


MOVING = "document.getAnimations().filter((a) => a.playState === 'running').length"


@pytest.mark.parametrize("motion", sample(["reduce", "no-preference"]))
def test_reduced_motion_is_honoured(visit: Open, fake_address: str, motion: str) -> None:
    page = visit(fake_address, 390, 500, reduced_motion=motion)
    calm = motion == "reduce"
    page.get_by_label("Question", exact=True).fill("slow")
    page.keyboard.press("Enter")
    expect(page.locator(".nq-dots")).to_be_visible()
    assert (page.evaluate(MOVING) == 0) is calm
    expect(page.locator(".nq-lead")).to_be_visible()
    page.evaluate(
        "() => { window.went = []; for (const name of ['scrollTo', 'scrollIntoView']) {"
        " const own = Element.prototype[name];"
        " Element.prototype[name] = function (how) {"
        "  if (this.closest('#nq-reader, .nq-turn')) window.went.push(how.behavior);"
        "  return own.call(this, how); }; } }"
    )
    page.get_by_role("button", name="Citation 2", exact=True).click()
    expect(page.locator("#nq-reader mark")).to_be_in_viewport()
    page.get_by_role("button", name="Close", exact=True).click()
    ask(page, ANSWERED)
    page.wait_for_function("window.went.length >= 2")
    assert set(page.evaluate("window.went")) == {"auto" if calm else "smooth"}


# -- narrow, and at 400% --


def test_nothing_scrolls_sideways_at_320_in_any_tab(visit: Open, address: str) -> None:
    page = visit(address, 320, 700)
    ask(page, "How strong was the earthquake in the Sarn hills?")
    page.get_by_text(messages.HOW).click()
    fits(page, 320)
    page.get_by_role("button", name="Not helpful").click()
    fits(page, 320)
    page.get_by_text("Export", exact=True).click()
    fits(page, 320)
    page.get_by_role("button", name="Citation 1", exact=True).click()
    expect(page.locator("#nq-reader mark").first).to_be_in_viewport()
    fits(page, 320)
    reader = page.locator("#nq-reader")
    assert reader.evaluate("el => el.scrollWidth <= el.clientWidth")
    page.get_by_role("button", name="Close", exact=True).click()
    page.locator("#nq-filters summary").click()
    expect(page.locator(".nq-time").first).to_be_visible()
    fits(page, 320)
    filters = page.locator("#nq-filters-content")
    assert filters.evaluate("el => el.scrollWidth <= el.clientWidth")
    for name in (messages.HISTORY, messages.KEYS):
        page.get_by_role("button", name=name, exact=True).click()
        dialog = page.get_by_role("dialog", name=name)
        assert dialog.evaluate("el => el.scrollWidth <= el.clientWidth")
        fits(page, 320)
        page.keyboard.press("Escape")
    page.get_by_role("tab", name="Search").click()
    page.get_by_label("Search for").fill('"Sarn hills" earthquake')
    page.keyboard.press("Enter")
    expect(page.locator(".nq-hits li").first).to_be_visible()
    fits(page, 320)
    page.get_by_role("tab", name="Articles").click()
    expect(page.locator("#nq-articles table")).to_be_visible()
    page.get_by_text("Or paste an article").click()
    page.get_by_text("Or rebuild the index").click()
    page.locator("#nq-files").set_input_files(
        {"name": f"{'a-very-long-name' * 6}.pdf", "mimeType": "a/b", "buffer": b"%PDF rubbish"}
    )
    expect(page.locator("#nq-report table")).to_be_visible(timeout=60_000)
    fits(page, 320)


def test_at_320_the_filters_that_are_set_have_room(visit: Open, fake_address: str) -> None:
    page = visit(fake_address, 320, 700)
    ask(page, ANSWERED)
    page.locator("#nq-filters summary").click()
    page.get_by_label("From", exact=True).fill("2026-01-01")
    words = page.locator("#nq-filters-set")
    expect(words).to_have_text("from 1 January 2026")
    left, right = words.bounding_box(), page.locator(".nq-thread-acts").bounding_box()
    assert left
    assert right
    beside = left["x"] + left["width"] <= right["x"]
    assert beside or left["y"] + left["height"] <= right["y"]
    fits(page, 320)


def test_at_200_percent_the_question_is_on_the_screen(visit: Open, fake_address: str) -> None:
    page = visit(fake_address, 640, 400)
    expect(page.get_by_label("Question", exact=True)).to_be_in_viewport(ratio=1)


def test_a_source_is_close_under_its_quote(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    ask(page, ANSWERED)
    margins = page.locator(".nq-answer blockquote").evaluate_all(
        "all => all.map((el) => getComputedStyle(el).margin)"
    )
    assert set(margins) == {"0px"}


def test_at_400_percent_what_is_read_is_not_covered(visit: Open, fake_address: str) -> None:
    page = visit(fake_address, 320, 256)  # 1280 by 1024, enlarged four times
    ask(page, ANSWERED)
    fits(page, 320)
    quote = page.locator(".nq-lead blockquote p")
    quote.scroll_into_view_if_needed()
    over = quote.evaluate(
        "el => { const b = el.getBoundingClientRect(), low = Math.min(b.bottom, innerHeight) - 4;"
        " return Boolean(document.elementFromPoint(b.left + 20, low)?.closest('#nq-ask')); }"
    )
    assert not over
    page.get_by_role("button", name="Citation 1", exact=True).click()
    mark = page.locator("#nq-reader mark").first
    expect(mark).to_be_in_viewport()
    assert mark.evaluate(
        "el => { const b = el.getClientRects()[0];"
        " const top = document.elementFromPoint(b.left + 5, b.top + b.height / 2);"
        " return top?.closest('mark') === el; }"
    )


# -- spoken --


def test_what_comes_is_announced(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    live = page.locator("#nq-live")
    expect(live).to_have_attribute("aria-live", "polite")
    page.get_by_label("Question", exact=True).fill("slow")
    page.keyboard.press("Enter")
    expect(live).to_contain_text(messages.SEARCHING)
    expect(live).to_contain_text("The harbour tunnel opened on Friday morning")
    expect(live).to_contain_text("Northport Courier")
    ask(page, "outside_dates then")
    expect(live).to_contain_text(messages.ABSTAIN_HEADS["outside_dates"])
    ask(page, "boom")
    expect(page.get_by_role("alert")).to_have_text(messages.WENT_WRONG)
    page.get_by_role("button", name="Citation 1", exact=True).first.click()
    expect(page.locator("#nq-step")).to_have_role("status")


def test_every_control_has_a_name(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    ask(page, ANSWERED)
    for tab in ("Ask", "Search", "Articles"):
        page.get_by_role("tab", name=tab, exact=True).click()
        for role in ("button", "textbox", "searchbox", "combobox", "checkbox", "link"):
            for control in page.get_by_role(role, include_hidden=False).all():
                expect(control).to_have_accessible_name(_SOME)
