"""The reader pane: where else, the original, other scripts, what is marked and what left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from newsqa.web.html import messages
from tests.browser import foreign
from tests.browser.conftest import Open, ask, sample

pytestmark = pytest.mark.browser
PRINTED_TWICE = "How strong was the earthquake in the Sarn hills?"
SCRIPTS = [
    (foreign.ARABIC, "متى افتتح الوزير جسر الميناء؟", "افتتح الوزير", "rtl"),
    (foreign.CHINESE, "港口大桥什么时候通车？", "港口大桥", "ltr"),
    (foreign.HEBREW, "מתי חזרה הרכבת לנמל?", "הרכבת לנמל", "rtl"),
    (foreign.JAPANESE, "水族館はいつ再開した？", "水族館", "ltr"),
]
NAMES = [article["language"] for article, *_ in SCRIPTS]


def reader(page: Page) -> Locator:
    return page.get_by_role("region", name="Article", exact=True)


def cite(page: Page, n: int = 1) -> None:
    page.get_by_role("button", name=f"Citation {n}", exact=True).last.click()
    expect(reader(page).locator("mark").first).to_be_in_viewport()


def direction(of: Locator) -> str:
    found: str = of.evaluate("el => getComputedStyle(el).direction")
    return found


# -- printed elsewhere --


def test_a_copy_is_named_opened_and_leads_back(visit: Open, address: str) -> None:
    page = visit(address)
    ask(page, PRINTED_TWICE)
    lead = page.locator(".nq-lead")
    first = lead.locator(".nq-outlet").inner_text()
    second = lead.locator(".nq-copies .nq-read").inner_text()
    assert first != second
    cite(page)
    marked = reader(page).locator("mark").first.inner_text()
    printed = reader(page).locator("#nq-printed")
    expect(printed).to_have_text(f"Also printed by {second}")
    printed.get_by_role("button", name=second).click()
    expect(reader(page).locator(".nq-meta .nq-outlet")).to_have_text(second)
    expect(reader(page).locator("mark").first).to_have_text(marked)
    expect(reader(page).locator("mark").first).to_be_focused()
    expect(printed).to_have_text(f"Also printed by {first}")
    page.keyboard.press("Escape")
    lead.locator(".nq-copies .nq-read").click()  # from under the quote, the way back is there too
    expect(reader(page).locator(".nq-meta .nq-outlet")).to_have_text(second)
    printed.get_by_role("button", name=first).click()
    expect(reader(page).locator(".nq-meta .nq-outlet")).to_have_text(first)


def test_an_article_from_the_list_names_its_copies(visit: Open, address: str) -> None:
    page = visit(address)
    ask(page, PRINTED_TWICE)
    first = page.locator(".nq-lead .nq-outlet").inner_text()
    second = page.locator(".nq-lead .nq-copies .nq-read").inner_text()
    title = page.locator(".nq-lead .nq-title").inner_text()
    page.get_by_role("tab", name="Articles").click()
    page.get_by_label("Find an article").fill(title)
    expect(page.locator("#nq-articles tbody tr")).to_have_count(1)
    page.locator("#nq-articles .nq-read").click()
    expect(reader(page).locator(".nq-meta .nq-outlet")).to_have_text(first)
    printed = reader(page).locator("#nq-printed")
    expect(printed).to_have_text(f"Also printed by {second}")
    printed.get_by_role("button", name=second).click()
    expect(reader(page).locator(".nq-meta .nq-outlet")).to_have_text(second)
    expect(printed).to_have_text(f"Also printed by {first}")


FERRY = (
    "The ferry from Orrin to Tessel sails three times a day from the first of June, the harbour "
    "master Ida Brand said on Monday. It carries nine cars and sixty people, and a ticket costs "
    "four crowns. In winter the boat lies in the yard at Quay Hill, where its engine is mended."
)


@pytest.mark.slow
def test_another_version_keeps_the_copies(visit: Open, address: str) -> None:
    old = {"id": "ferry", "title": "Ferry", "source": "Orrin Post", "text": FERRY}
    new = {**old, "text": FERRY.replace("four crowns", "five crowns")}
    copy = {**new, "id": "ferry-2", "source": "Tessel Echo"}
    with foreign.held(address, [new, copy], earlier=[old]):
        page = visit(address)
        ask(page, "What does a ticket of the ferry to Tessel cost?")
        cite(page)
        outlet = reader(page).locator(".nq-meta .nq-outlet")
        if outlet.inner_text() == "Tessel Echo":
            reader(page).locator("#nq-printed button").click()
        expect(outlet).to_have_text("Orrin Post")
        reader(page).get_by_role("button", name="Version 1", exact=True).click()
        expect(reader(page)).to_contain_text("four crowns")
        expect(reader(page).locator("#nq-printed")).to_have_text("Also printed by Tessel Echo")


# -- when the server does not answer with an article --


BUSY = {"type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": "later"}


def test_a_busy_server_is_told_in_words(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    ask(page, "When did the tunnel open?")
    page.route(
        re.compile(r"/page/(articles?|search|coverage)\?"),
        lambda route: route.fulfill(
            status=503, json=BUSY, headers={"content-type": "application/problem+json"}
        ),
    )
    said = re.compile("^This cannot be shown: the server is busy")
    page.get_by_role("button", name="Citation 1", exact=True).click()
    expect(page.locator("#nq-reader-content")).to_have_text(said)
    page.get_by_role("tab", name="Search").click()
    page.get_by_label("Search for").fill("tunnel")
    page.keyboard.press("Enter")
    expect(page.locator("#nq-hits")).to_have_text(said)
    page.get_by_role("tab", name="Articles").click()
    expect(page.locator("#nq-articles")).to_have_text(said)
    page.unroute_all()
    page.get_by_label("Find an article").fill("tunnel")
    expect(page.locator("#nq-articles table")).to_be_visible()


# -- the original --


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """The paper's own site, on this machine."""
    handler = partial(_Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


FIRST = "Half-price, says the mayor of Quarrow - Ilse Tamm, 61 - is “100% & more” than fair."
SECOND = "Nobody else said a word about it."
PAGES = {"one": f"{FIRST} {SECOND}", "two": f"{FIRST}\n\n{SECOND}"}


@pytest.mark.parametrize("kind", sample(PAGES))
def test_the_original_opens_at_the_quoted_words(
    visit: Open, address: str, tmp_path: Path, kind: str
) -> None:
    filler = "".join(f"<p>Line {n} of something else.</p>" for n in range(200))
    told = "".join(f"<p id='p{n}'>{p}</p>" for n, p in enumerate(PAGES[kind].split("\n\n")))
    head = "<!doctype html><meta charset=utf-8><title>Original</title>"
    (tmp_path / "story.html").write_text(f"{head}{filler}{told}{filler}", "utf-8")
    with site(tmp_path) as origin:
        story = {
            "id": f"quarrow-{kind}",
            "title": "Tickets at Quarrow",
            "text": PAGES[kind],
            "url": f"{origin}story.html",
        }
        with foreign.held(address, [story]):
            page = visit(address)
            page.get_by_role("tab", name="Search").click()
            page.get_by_label("Search for").fill("mayor of Quarrow Ilse Tamm")
            page.keyboard.press("Enter")
            page.locator(".nq-hits .nq-read", has_text="Tickets at Quarrow").click()
            link = reader(page).get_by_role("link", name=messages.ORIGINAL)
            assert "#:~:text=" in (link.get_attribute("href") or "")
            with page.expect_popup() as opened:
                link.click()
            original = opened.value
            expect(original).to_have_title("Original")
            expect(original.locator("#p0")).to_be_in_viewport(timeout=10_000)
            assert original.evaluate("document.referrer") == ""
            assert original.evaluate("window.opener") is None


# -- what is shown of an article --


def test_furniture_is_left_out_and_other_quotes_are_marked_lightly(
    visit: Open, fake_address: str
) -> None:
    page = visit(fake_address)
    ask(page, "When did the tunnel open?")
    cite(page, 2)
    expect(reader(page).locator("mark")).to_have_text("Tolls will not rise.")
    assert reader(page).locator(".nq-also").all_text_contents() == [
        "The harbour tunnel opened on Friday morning, ",
        "four months late",
        ".",
        "Engineers had found",
        "11 milli",
    ]
    expect(reader(page)).to_contain_text("Ann Bell")
    expect(reader(page)).to_contain_text(messages.FURNITURE_LEFT_OUT)
    expect(reader(page)).not_to_contain_text("SHARE THIS ARTICLE")


def test_the_nearest_passages_of_an_abstention_are_read(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    ask(page, "not_stated at all")
    cite(page)
    expect(reader(page).locator("mark")).to_have_text("Tolls will not rise.")


def test_beside_an_open_article_the_thread_still_scrolls(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    ask(page, "When did the tunnel open?")
    ask(page, "When did it open?")
    expect(page.locator(".nq-turn").last).to_be_in_viewport()
    cite(page)
    before = page.evaluate("scrollY")
    assert before > 0
    page.mouse.move(300, 300)
    page.mouse.wheel(0, -300)
    page.wait_for_function("before => scrollY < before", arg=before)


@pytest.mark.parametrize("width", sample([1280, 390]))
def test_nothing_lies_over_the_head_of_an_article(visit: Open, address: str, width: int) -> None:
    page = visit(address, width, 800)
    ask(page, "Where was the stolen painting found?")
    cite(page)
    parts = "#nq-steps, .nq-close, .nq-meta .nq-outlet, .nq-meta time, .nq-article h2"
    boxes = page.locator("#nq-reader").locator(parts).evaluate_all(
        "all => all.map(el => { const b = el.getBoundingClientRect();"
        " return [b.left, b.top, b.right, b.bottom]; })"
    )  # fmt: skip
    assert len(boxes) == 5
    for at, (left, top, right, bottom) in enumerate(boxes):
        for l2, t2, r2, b2 in boxes[at + 1 :]:
            assert right <= l2 + 1 or r2 <= left + 1 or bottom <= t2 + 1 or b2 <= top + 1


def test_closing_leaves_nothing_open(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    ask(page, "When did the tunnel open?")
    cite(page)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator("#nq-reader-content")).to_have_text(messages.READER_EMPTY)
    expect(page.get_by_role("button", name="Citation 1", exact=True)).to_be_focused()
    cite(page)
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.locator("#nq-reader-content")).to_have_text(messages.READER_EMPTY)
    expect(page.locator(".nq-turn")).to_have_count(0)
    expect(page.get_by_label("Question", exact=True)).to_be_focused()


# -- other scripts --


@pytest.fixture(scope="module")
def with_scripts(address: str) -> Iterator[str]:
    with foreign.held(address, [article for article, *_ in SCRIPTS]):
        yield address


@pytest.mark.parametrize(("article", "question", "words", "runs"), sample(SCRIPTS, 2), ids=NAMES)
def test_another_script_is_asked_quoted_and_read(
    visit: Open, with_scripts: str, article: dict[str, str], question: str, words: str, runs: str
) -> None:
    page = visit(with_scripts)
    ask(page, question)
    asked = page.locator(".nq-question")
    assert direction(asked) == runs
    quote = page.locator(".nq-lead blockquote p")
    expect(quote).to_contain_text(words)
    assert direction(quote) == runs
    expect(page.locator(".nq-lead .nq-outlet")).to_have_text(article["source"])
    cite(page)
    mark = reader(page).locator("mark").first
    said = re.sub(r"\s*1$", "", quote.inner_text()).strip()
    assert "".join(reader(page).locator("mark").all_inner_texts()).strip() == said
    assert said in article["text"]
    assert direction(mark) == runs
    title = reader(page).get_by_role("heading")
    expect(title).to_have_text(article["title"])
    assert direction(title) == runs
    expect(reader(page).locator("article")).to_have_attribute("lang", article["language"])
    start = mark.evaluate(
        "el => { const p = el.closest('p').getBoundingClientRect(), m = el.getClientRects()[0];"
        " return [m.left - p.left, p.right - m.right]; }"
    )
    # The first words stand where the line begins: at the right, or at the left.
    assert start[1 if runs == "rtl" else 0] <= 4, start


@pytest.mark.parametrize(("article", "question", "words", "runs"), sample(SCRIPTS, 2), ids=NAMES)
def test_another_script_is_searched_for(
    visit: Open, with_scripts: str, article: dict[str, str], question: str, words: str, runs: str
) -> None:
    page = visit(with_scripts)
    page.get_by_role("tab", name="Search").click()
    field = page.get_by_label("Search for")
    field.fill(words)
    assert direction(field) == runs
    page.keyboard.press("Enter")
    hit = page.locator(".nq-hits li").first
    expect(hit.locator(".nq-read")).to_have_text(article["title"])
    # The words, and not the whole sentence that they stand in, nor each letter apart.
    assert set(hit.locator("p b").all_inner_texts()) & {words, *words.split()}
    field.fill(f'"{words}"')
    page.keyboard.press("Enter")
    expect(page.locator(".nq-hits li")).to_have_count(1)
    expect(hit.locator(".nq-read")).to_have_text(article["title"])
    field.fill(f'"{words[::-1]}"')
    page.keyboard.press("Enter")
    expect(page.locator("#nq-hits")).to_have_text(messages.NO_HITS)
