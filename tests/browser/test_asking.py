"""Asking: what is said of an answer, stopping, too long a wait, asking again, what visitors say."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from newsqa.web.html import messages
from newsqa.web.work_queue import DEADLINE_S
from tests.browser.conftest import Open, ask

pytestmark = pytest.mark.browser
ANSWERED = "How strong was the earthquake in the Sarn hills?"


def work_at_hand(page: Page, address: str) -> int:
    """How much the server is at work with, as it tells those who watch over it."""
    told = page.request.get(f"{address}metrics").text()
    found = re.search(r"^newsqa_work_taken (\d+)$", told, re.MULTILINE)
    assert found
    return int(found.group(1))


def begin(page: Page, question: str) -> None:
    page.get_by_label("Question", exact=True).fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".nq-state")).to_contain_text("Reading")


def test_an_answer_says_how_sure_it_is_and_what_was_read(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    ask(page, "When did the tunnel open?")
    foot = page.locator(".nq-foot")
    expect(foot).to_contain_text("Very likely the answer")
    expect(foot).to_contain_text("Read 2 passages from 2 articles")
    sure = page.get_by_text("Very likely the answer")
    expect(sure).to_have_attribute("title", messages.CERTAINTY_HINT.format(value=0.91))


def test_stopping_ends_the_work(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    begin(page, "endless")
    assert work_at_hand(page, fake_address) == 1
    page.locator("#nq-question .stop-button").click()
    expect(page.locator(".nq-turn")).to_contain_text(messages.STOPPED)
    until = time.monotonic() + DEADLINE_S / 2  # before it would have been ended in any case
    while work_at_hand(page, fake_address):
        assert time.monotonic() < until
    page.get_by_role("button", name="Edit").click()
    field = page.get_by_label("Question", exact=True)
    expect(field).to_have_value("endless")
    field.fill("When did the tunnel open?")
    page.keyboard.press("Enter")
    expect(page.locator(".nq-lead")).to_have_count(1)


def test_a_question_that_takes_too_long_is_ended_and_told(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    begin(page, "endless")
    alert = page.get_by_role("alert")
    expect(alert).to_have_text(messages.TOO_SLOW)
    assert work_at_hand(page, fake_address) == 0


def test_clearing_ends_the_work_too(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    begin(page, "endless")
    page.get_by_role("button", name=messages.CLEAR, exact=True).click()
    expect(page.locator(".nq-turn")).to_have_count(0)
    until = time.monotonic() + DEADLINE_S / 2  # before it would have been ended in any case
    while work_at_hand(page, fake_address):
        assert time.monotonic() < until
    expect(page.locator(".nq-welcome")).to_be_visible()
    ask(page, "When did the tunnel open?")


def test_a_question_that_failed_is_asked_again(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    ask(page, "boom")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".nq-question")).to_have_text(["boom", "boom"])
    expect(page.get_by_role("alert")).to_have_count(2)


def test_a_verdict_with_its_reason_lies_in_the_index_folder(
    visit: Open, address: str, app_folder: Path
) -> None:
    page = visit(address)
    ask(page, ANSWERED)
    page.get_by_role("button", name="Not helpful").click()
    why = page.get_by_role("group", name="Why")
    expect(why.get_by_role("button").first).to_be_focused()
    with page.expect_response("**/api/v1/feedback") as told:
        why.get_by_role("button", name="something else").click()
    assert told.value.ok
    expect(page.get_by_role("button", name="Not helpful")).to_be_focused()
    kept = (app_folder / "index" / "feedback.jsonl").read_text("utf-8").splitlines()
    last = json.loads(kept[-1])
    assert (last["question"], last["verdict"]) == (ANSWERED, "down")
    assert last["reason"] == "something else"
    assert last["quotes"]


def test_words_in_quotation_marks_are_found_as_they_stand(visit: Open, address: str) -> None:
    page = visit(address)
    page.get_by_role("tab", name="Search").click()
    field = page.get_by_label("Search for")
    shown = page.locator(".nq-hits li")
    field.fill("Sarn hills earthquake")
    page.keyboard.press("Enter")
    expect(shown.first).to_be_visible()
    loose = shown.count()
    field.fill('"Sarn hills" earthquake')
    page.keyboard.press("Enter")
    expect(shown).not_to_have_count(loose)
    assert 0 < shown.count() < loose
    article = page.get_by_role("region", name="Article", exact=True)
    for hit in shown.all():
        title = hit.locator(".nq-read").inner_text()
        hit.locator(".nq-read").click()
        expect(article.get_by_role("heading")).to_have_text(title)
        expect(article.locator("mark").first).to_be_visible()
        marked = " ".join(article.locator("mark").all_inner_texts())
        assert "sarn hills" in " ".join(marked.split()).casefold()
    field.fill('"hills Sarn"')
    page.keyboard.press("Enter")
    expect(page.locator("#nq-hits")).to_have_text(messages.NO_HITS)


def test_searching_keeps_to_the_month_that_was_clicked(visit: Open, address: str) -> None:
    page = visit(address)
    page.locator("#nq-filters summary").click()
    page.get_by_role("button", name=re.compile("^March 2026")).click()
    expect(page.locator("#nq-filters-set")).to_have_text("from 1 March 2026 · to 31 March 2026")
    ask(page, "Where was the stolen painting found?")
    days = page.locator(".nq-answer time").evaluate_all("all => all.map(t => t.dateTime)")
    assert days
    assert {day[:7] for day in days} == {"2026-03"}
    page.get_by_role("tab", name="Search").click()
    expect(page.locator(".nq-set")).to_have_text("from 1 March 2026 · to 31 March 2026")
    page.get_by_label("Search for").fill("stolen painting")
    page.get_by_label("Sort by").select_option("date")
    page.keyboard.press("Enter")
    expect(page.locator(".nq-hits time").first).to_be_visible()
    days = page.locator(".nq-hits time").evaluate_all("all => all.map(t => t.dateTime)")
    assert {day[:7] for day in days} == {"2026-03"}
    assert days == sorted(days, reverse=True)


def test_a_server_out_of_reach_is_told_where_it_is_noticed(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    ask(page, "When did the tunnel open?")
    page.context.set_offline(True)
    page.get_by_role("button", name="Citation 1", exact=True).click()
    article = page.get_by_role("region", name="Article", exact=True)
    expect(article).to_contain_text("the server cannot be reached")
    page.get_by_role("button", name="Helpful", exact=True).click()
