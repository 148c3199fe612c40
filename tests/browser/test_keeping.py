"""Kept and shared: questions asked before, links with their filters, exports that prove."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from newsqa.web.html import messages
from tests.browser.conftest import Open, ask, sample
from tests.browser.serving import ROOT

pytestmark = pytest.mark.browser
ANSWERED = "How strong was the earthquake in the Sarn hills?"
OTHER = "Where was the stolen painting found?"
UNANSWERED = "Who won the 1998 World Cup?"


def open_history(page: Page) -> None:
    page.get_by_role("button", name="History").click()
    expect(page.get_by_role("dialog", name="History")).to_be_visible()


def asked_before(page: Page) -> list[str]:
    return page.locator("#nq-asked .nq-again bdi").all_inner_texts()


# -- history --


def test_questions_are_kept_and_asked_again_under_their_filters(visit: Open, address: str) -> None:
    page = visit(address)
    page.locator("#nq-filters summary").click()
    page.get_by_role("checkbox", name="Port Ostrey Packet").check()
    ask(page, ANSWERED)
    page.get_by_role("button", name="Reset").click()
    ask(page, OTHER)
    page.reload()
    expect(page.locator("body[data-nq-ready]")).to_have_count(1, timeout=60_000)
    open_history(page)
    assert asked_before(page) == [OTHER, ANSWERED]
    expect(page.locator("#nq-asked li").last).to_contain_text("Port Ostrey Packet")
    page.locator("#nq-asked .nq-again", has_text=ANSWERED).click()
    expect(page.locator(".nq-lead .nq-outlet")).to_have_text("Port Ostrey Packet", timeout=60_000)
    expect(page.locator("#nq-filters-set")).to_have_text("Port Ostrey Packet")
    open_history(page)
    assert asked_before(page) == [ANSWERED, OTHER]  # once each, the last one first


def test_history_is_forgotten_by_one_and_as_a_whole(visit: Open, address: str) -> None:
    page = visit(address)
    ask(page, ANSWERED)
    ask(page, UNANSWERED)
    open_history(page)
    page.get_by_role("button", name=f"Delete “{UNANSWERED}”").click()
    assert asked_before(page) == [ANSWERED]
    page.get_by_role("button", name="Delete all").click()
    expect(page.locator("#nq-asked")).to_have_text("No questions yet.")
    assert page.evaluate("localStorage.getItem('nq-history')") == "[]"
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_history_leaves_the_browser_in_no_request(visit: Open, address: str) -> None:
    page = visit(address)
    page.evaluate(
        "q => localStorage.setItem('nq-history', JSON.stringify([{question: q, at: ''}]))",
        "zanzibar",
    )
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
    open_history(page)
    page.get_by_role("button", name="Close", exact=True).last.click()
    ask(page, ANSWERED)
    assert sent
    assert not [line for line in sent if "zanzibar" in line]


def test_what_lies_in_the_store_is_shown_as_text(visit: Open, address: str) -> None:
    page = visit(address)
    nasty = "<img src=x onerror='window.P=1'><b>bold</b>"
    entries = [
        {"question": nasty, "at": nasty, "filter": {"sources": [nasty, 5], "since": nasty}},
        {"question": 7}, None, "x", {"question": "   "}, {"question": "Fine?", "filter": "x"},
    ]  # fmt: skip
    page.evaluate("e => localStorage.setItem('nq-history', JSON.stringify(e))", entries)
    open_history(page)
    assert asked_before(page) == [nasty, "Fine?"]
    assert page.locator("#nq-asked").evaluate("el => el.querySelectorAll('img, b').length") == 0
    assert page.evaluate("window.P") is None
    page.evaluate("localStorage.setItem('nq-history', '{')")
    page.keyboard.press("Escape")
    open_history(page)
    expect(page.locator("#nq-asked")).to_have_text("No questions yet.")


# -- links --


def test_a_link_carries_what_the_question_was_asked_under(visit: Open, address: str) -> None:
    page = visit(address, permissions=["clipboard-read", "clipboard-write"])
    page.locator("#nq-filters summary").click()
    page.get_by_label("As of", exact=True).fill("2026-03-01")
    ask(page, "How many people were ill in Lindle?")
    expect(page.locator(".nq-turn .nq-limits")).to_have_text("as of 1 March 2026")
    page.get_by_role("button", name="Reset").click()  # the link is the question's, not the bar's
    page.get_by_role("button", name="Copy link").click()
    link = page.evaluate("navigator.clipboard.readText()")
    query = parse_qs(urlsplit(link).query)
    assert query == {"q": ["How many people were ill in Lindle?"], "as_of": ["2026-03-01"]}
    again = visit(link)
    expect(again.locator(".nq-turn .nq-limits")).to_have_text("as of 1 March 2026", timeout=60_000)
    expect(again.locator(".nq-lead time")).to_have_attribute(
        "datetime", re.compile("2026-0[12]"), timeout=60_000
    )


def test_a_question_goes_with_what_is_chosen_though_the_framework_forgot(
    visit: Open, address: str
) -> None:
    page = visit(address)
    page.locator("#nq-filters summary").click()
    page.get_by_label("As of", exact=True).fill("2026-03-01")
    page.evaluate("newsqa.fill(document.querySelector('#nq-filter textarea'), '')")
    ask(page, "How many people were ill in Lindle?")
    expect(page.locator(".nq-turn .nq-limits")).to_have_text("as of 1 March 2026")


def test_as_of_an_early_day_nothing_later_is_known(visit: Open, address: str) -> None:
    page = visit(address)
    page.locator("#nq-filters summary").click()
    page.get_by_label("As of", exact=True).fill("2026-01-20")
    expect(page.locator("#nq-remain")).to_contain_text(
        re.compile(r"^[1-9] of \d+ articles selected")
    )
    ask(page, ANSWERED)
    days = page.locator(".nq-answer time").evaluate_all("all => all.map(t => t.dateTime)")
    assert all(day <= "2026-01-20" for day in days)
    expect(page.locator(".nq-answer")).not_to_contain_text("4.1")


# -- exports --


def proved(citations: str, index: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """What `newsqa prove` says of them, as a person runs it."""
    file = folder / "citations.json"
    file.write_text(citations)
    return subprocess.run(
        [sys.executable, "-m", "newsqa", "prove", str(file), "--index", str(index), "--json"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "NEWSQA_READER": "none"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def exported(page: Page, name: str, folder: Path) -> str:
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path.read_text()


@pytest.mark.timeout(600)
@pytest.mark.slow
def test_exported_citations_are_accepted_by_newsqa_prove(
    visit: Open, address: str, app_folder: Path, tmp_path: Path
) -> None:
    page = visit(address, accept_downloads=True)
    for question in (ANSWERED, UNANSWERED, OTHER):
        ask(page, question)
    as_json = exported(page, "JSON", tmp_path)
    fenced = re.search(r"```json\n(.*)\n```", exported(page, "Markdown", tmp_path), re.DOTALL)
    assert fenced
    reading = visit(address)
    reading.set_content(exported(page, "Web page", tmp_path))
    assert reading.locator("h2").all_inner_texts() == [ANSWERED, UNANSWERED, OTHER]
    within = reading.locator("pre").text_content()
    quotes = json.loads(as_json)["quotes"]
    assert len(quotes) >= 2
    for citations in (as_json, fenced.group(1), str(within)):
        said = proved(citations, app_folder / "index", tmp_path)
        assert said.returncode == 0, said.stderr
        assert len(json.loads(said.stdout)["quotes"]) == len(quotes)
    forged = as_json.replace(quotes[0]["quote"][:12], "Nobody said ", 1)
    assert proved(forged, app_folder / "index", tmp_path).returncode == 3


def test_copying_as_markdown_quotes_and_cites(visit: Open, address: str) -> None:
    page = visit(address, permissions=["clipboard-read", "clipboard-write"])
    ask(page, ANSWERED)
    page.get_by_role("button", name="Copy as Markdown").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("> ")
    assert re.search(r"^1\. .*https", copied, re.MULTILINE)


@pytest.mark.parametrize("how", sample(["Copy", "Web page", "Copy as Markdown", "Markdown"], 2))
def test_what_differs_from_the_answer_is_labelled_in_every_copy(
    visit: Open, fake_address: str, tmp_path: Path, how: str
) -> None:
    page = visit(
        fake_address, accept_downloads=True, permissions=["clipboard-read", "clipboard-write"]
    )
    ask(page, "When did the tunnel open?")
    if how.startswith("Copy"):
        page.get_by_role("button", name=how, exact=True).click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        kept = page.evaluate("navigator.clipboard.readText()")
    else:
        kept = exported(page, how, tmp_path)
    quotes = {
        "supports": "Tolls will not rise.",
        "conflicts": "Engineers had found",
        "earlier": "four months late",
        "correction": "11 milli",
    }
    told = re.sub(r"<[^>]+>|[“>*\s]+", " ", kept)
    for role, quote in quotes.items():
        label = messages.ROLE_LABELS[role]  # type: ignore[index]
        assert not label or f"{label}: {quote}" in " ".join(told.split()), role
    assert f": {quotes['supports']}" not in " ".join(told.split())


class Loads(HTMLParser):
    """What a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if tag in {"script", "link", "img", "iframe", "object", "base"} or names & {
            "src",
            "srcset",
        }:
            self.found.append(tag)
        self.found += [name for name in names if name.startswith("on")]


def test_an_exported_page_stands_alone_and_prints_every_quote(
    visit: Open, fake_address: str, tmp_path: Path
) -> None:
    page = visit(fake_address, accept_downloads=True)
    for question in ("When did the tunnel open?", "When did it open?"):
        ask(page, question)
    made = exported(page, "Web page", tmp_path)
    loads = Loads()
    loads.feed(made)
    assert loads.found == []
    assert "url(" not in made
    assert "@import" not in made
    printed = visit(fake_address)
    printed.goto("about:blank")  # the page's own scripts would look for what is gone
    printed.set_content(made)
    printed.emulate_media(media="print")
    quotes = printed.locator("blockquote")
    expect(quotes).to_have_count(10)
    for quote in quotes.all():
        expect(quote).to_be_visible()
        assert quote.evaluate("el => el.scrollWidth <= el.clientWidth + 1")
    for source in printed.locator("ol li").all():
        expect(source).to_contain_text("Northport Courier")


# -- where the browser or the server does not help --

NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined }); "


def answered_without_a_clipboard(visit: Open, address: str, script: str) -> Page:
    page = visit(address, permissions=["clipboard-read", "clipboard-write"])
    page.evaluate(script)
    ask(page, "When did the tunnel open?")
    return page


def test_copying_needs_no_secure_context(visit: Open, fake_address: str) -> None:
    page = answered_without_a_clipboard(visit, fake_address, NO_CLIPBOARD)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_focused()
    page.get_by_label("Question", exact=True).focus()
    page.keyboard.press("Control+V")
    pasted = page.get_by_label("Question", exact=True).input_value()
    assert pasted == f"{fake_address}?q=When+did+the+tunnel+open%3F"


def test_copying_that_is_not_allowed_is_told(visit: Open, fake_address: str) -> None:
    refused = NO_CLIPBOARD + "document.execCommand = () => false; 0"
    page = answered_without_a_clipboard(visit, fake_address, refused)
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("This browser does not allow copying.")
    expect(page.get_by_role("button", name="Copied")).to_have_count(0)


def test_a_verdict_that_was_not_kept_is_told(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    ask(page, "When did the tunnel open?")
    page.route("**/api/v1/feedback", lambda route: route.fulfill(status=503, json={"detail": "x"}))
    helpful = page.get_by_role("button", name="Helpful", exact=True)
    helpful.click()
    told = page.locator(".nq-turn").get_by_role("alert")
    expect(told).to_have_text(re.compile("^Feedback not saved: the server is busy"))
    expect(helpful).to_have_attribute("aria-pressed", "false")
    page.route("**/api/v1/feedback", lambda route: route.fulfill(json={"kept": True}))
    helpful.click()
    expect(helpful).to_have_attribute("aria-pressed", "true")
    expect(told).to_have_count(0)
