"""Replies of every kind, and strings made to break pages: shown as text, and nothing else."""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import Page, expect

from newsqa.web.html import messages
from tests.browser.conftest import SEED, Open, ask, sample
from tests.browser.fake_server import BATCH
from tests.fakes.engine import REASONS, ROLES

pytestmark = pytest.mark.browser
# What a payload must not have made: anything that runs, loads, sends or is not ours.
FOREIGN = """(root) => [...root.querySelectorAll('*')].filter((el) =>
  !/^(DIV|SPAN|P|H2|H3|H4|FIGURE|FIGCAPTION|BLOCKQUOTE|BUTTON|BDI|TIME|B|UL|OL|LI|SECTION|ARTICLE|HEADER|MARK|A)$/
    .test(el.tagName) ||
  [...el.attributes].some((a) => /^on/i.test(a.name) || a.name === 'style' || a.name === 'src') ||
  (el.tagName === 'A' && !/^https?:/.test(el.href))).map((el) => el.outerHTML.slice(0, 200))"""
HIT = (
    "['P', 'XSS', 'pwned', 'x1'].filter((name) => name in window && !document.getElementById(name))"
)


def check(page: Page, selector: str) -> None:
    assert page.locator(selector).first.evaluate(FOREIGN) == []


def test_every_role_is_labelled(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    ask(page, "When did the tunnel open?")
    turn = page.locator(".nq-turn")
    for role in ROLES[1:]:
        expect(turn.locator(f".nq-{role} h3")).to_have_text(messages.ROLE_HEADINGS[role])
    expect(turn.locator(".nq-hit")).to_have_text("Friday morning")
    for n in range(1, 6):
        page.get_by_role("button", name=f"Citation {n}", exact=True).click()
        mark = page.get_by_role("region", name="Article", exact=True).locator("mark")
        expect(mark).to_be_in_viewport()


def test_citations_are_walked_by_button_and_by_key(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    ask(page, "When did the tunnel open?")
    page.get_by_role("button", name="Citation 1", exact=True).click()
    step = page.locator("#nq-step")
    expect(step).to_have_text("Citation 1 of 5")
    page.get_by_role("button", name="Next citation").click()
    expect(step).to_have_text("Citation 2 of 5")
    expect(page.locator("#nq-reader mark")).to_have_text("Tolls will not rise.")
    expect(page.locator("#nq-reader mark")).to_be_focused()
    page.keyboard.press("p")
    expect(step).to_have_text("Citation 1 of 5")
    page.keyboard.press("p")
    expect(step).to_have_text("Citation 5 of 5")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Citation 5", exact=True)).to_be_focused()


@pytest.mark.parametrize("code", sample(REASONS, 2))
def test_every_reason_is_told(visit: Open, fake_address: str, code: str) -> None:
    page = visit(fake_address)
    ask(page, f"{code} then")
    status = page.locator(".nq-turn").get_by_role("status")
    expect(status).to_contain_text(f"This is {code}.")
    expect(page.locator(".nq-related")).to_be_visible()


def test_a_failure_is_told_without_its_inside(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    ask(page, "boom")
    expect(page.locator(".nq-turn")).to_contain_text(messages.WENT_WRONG)
    expect(page.locator(".nq-turn")).not_to_contain_text("secret")
    ask(page, "When did the tunnel open?")
    expect(page.locator(".nq-lead")).to_have_count(1)


def test_markup_in_a_question_is_shown_as_it_is(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    question = "<img src=x onerror='window.P=1'> **tunnel** `x` $a$ [b](javascript:1)"
    ask(page, question)
    expect(page.locator(".nq-question")).to_have_text(question)
    check(page, "#nq-thread .md")
    assert page.evaluate("window.P") is None


def test_payloads_as_articles(visit: Open, hostile_address: str, payloads: list[str]) -> None:
    page = visit(hostile_address)
    for batch in range(len(payloads) // BATCH):
        ask(page, f"batch {batch}")
        turn = page.locator(".nq-turn").last
        expect(turn.locator(".nq-chip")).to_have_count(BATCH)
        check(page, "#nq-thread .md")
        for n in range(BATCH):
            title = page.locator("#nq-reader h2")
            turn.locator(".nq-chip").nth(n).evaluate("el => el.click()")
            expect(page.locator("#nq-reader .nq-article")).to_have_attribute(
                "data-article", turn.locator(".nq-chip").nth(n).get_attribute("data-article") or ""
            )
            expect(title).to_have_count(1)
            check(page, "#nq-reader-content")
    assert page.evaluate("document.scripts.length") == page.evaluate(
        "[...document.scripts].filter((s) => s.src || document.head.contains(s) || "
        "s.parentElement === document.body).length"
    )
    page.get_by_role("tab", name="Articles").click()
    expect(page.locator("#nq-articles tbody tr")).to_have_count(50)
    assert page.locator("#nq-articles").evaluate(
        "el => el.querySelectorAll('img,svg,script,iframe,form,input,object,embed,style,link,math')"
        ".length"
    ) == 0  # fmt: skip


def asked_as_questions(page: Page, questions: list[str]) -> None:
    for question in questions:
        if question.strip():
            ask(page, question)
            check(page, "#nq-thread .md")
            page.get_by_role("button", name=messages.CLEAR).click()
            expect(page.locator(".nq-turn")).to_have_count(0)


def test_payloads_as_questions(visit: Open, hostile_address: str, payloads: list[str]) -> None:
    asked_as_questions(visit(hostile_address), random.Random(SEED).sample(payloads, 30))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_all_payloads_as_questions(visit: Open, hostile_address: str, payloads: list[str]) -> None:
    asked_as_questions(visit(hostile_address), payloads)
