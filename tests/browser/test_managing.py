"""The Articles tab: what is in the index, dropping files, folders, rebuilding, and the token."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from newsqa.ingest.draft import MAX_FIELD_CHARS
from newsqa.web.html.layout import SOURCES_LISTED
from tests.browser import foreign
from tests.browser.axe import violations_light_dark_and_narrow
from tests.browser.conftest import Open, ask
from tests.browser.serving import served

pytestmark = pytest.mark.browser
IDS = "all => all.map(el => el.dataset.article)"
DROP = """(target, [name, text]) => {
  const moved = new DataTransfer();
  moved.items.add(new File([text], name, { type: 'text/plain' }));
  const how = { bubbles: true, cancelable: true, dataTransfer: moved };
  for (const kind of ['dragover', 'drop']) target.dispatchEvent(new DragEvent(kind, how));
}"""


def open_articles(page: Page) -> None:
    page.get_by_role("tab", name="Articles").click()
    expect(page.locator("#nq-articles table")).to_be_visible(timeout=30_000)


def remove(page: Page, title: str) -> None:
    page.get_by_label("Find an article").fill(title)
    button = page.get_by_role("button", name=f"Remove {title}")
    for _ in range(2):
        button.click()
    expect(page.locator("#nq-progress")).to_have_text("1 article removed.", timeout=60_000)


def fact(page: Page, name: str) -> str:
    return page.locator(f".nq-facts div:has(dt:text-is('{name}')) dd").inner_text()


def test_the_tab_says_what_is_in_the_index(visit: Open, address: str) -> None:
    page = visit(address)
    open_articles(page)
    expect(page.locator(".nq-facts")).to_contain_text("14 January 2026 – 19 November 2026")
    assert int(fact(page, "Articles")) >= 73
    assert int(fact(page, "Passages")) > int(fact(page, "Articles"))
    assert re.fullmatch(r"\d+ \w+ \d{4}, \d\d:\d\d UTC", fact(page, "Last change"))
    page.locator(".nq-outlet-list button", has_text="Selmark Wire").click()
    rows = page.locator("#nq-articles tbody tr")
    expect(rows).to_have_count(5)
    assert set(rows.locator("td:nth-child(2)").all_inner_texts()) == {"Selmark Wire"}


def test_while_files_are_added_their_names_are_shown(visit: Open, fake_address: str) -> None:
    page = visit(fake_address)
    open_articles(page)
    held: list[Route] = []
    page.route("**/api/v1/articles", lambda route: held.append(route))
    names = ("calm.txt", "storm.txt")
    files: list[FilePayload] = [
        {"name": n, "mimeType": "text/plain", "buffer": b"x"} for n in names
    ]
    page.locator("#nq-files").set_input_files(files)
    progress = page.locator("#nq-progress")
    expect(progress).to_have_text("Adding 1–2 of 2: calm.txt, storm.txt")
    expect(progress.locator(".nq-bar")).to_be_visible()
    held[0].abort()
    expect(progress).to_have_text("0 articles added, 2 not added.")
    for name in names:
        row = page.locator("#nq-report tr", has_text=name)
        expect(row).to_contain_text("the server cannot be reached")


def test_the_list_is_leafed_through(visit: Open, address: str) -> None:
    page = visit(address)
    open_articles(page)
    shown = page.locator("#nq-articles .nq-shown")
    titles = page.locator("#nq-articles .nq-read")
    expect(shown).to_contain_text(re.compile(r"^1–50 of \d+ articles"))
    expect(page.get_by_role("button", name="Previous", exact=True)).to_have_count(0)
    first = titles.evaluate_all(IDS)
    page.get_by_role("button", name="Next", exact=True).click()
    expect(shown).to_contain_text(re.compile(r"^51–\d+ of \d+ articles"))
    assert not set(titles.evaluate_all(IDS)) & set(first)
    expect(page.get_by_role("button", name="Next", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Previous", exact=True).click()
    expect(shown).to_contain_text(re.compile(r"^1–50 of"))
    assert titles.evaluate_all(IDS) == first


@pytest.mark.slow
def test_an_outlet_with_a_very_long_name_is_looked_through_and_asked(
    visit: Open, address: str
) -> None:
    longest = ("The Gazette of Orrin and all its valleys " * 30)[: MAX_FIELD_CHARS - 1] + "!"
    story = {"id": "long", "title": "Kites", "text": "Kites flew over Orrin.", "source": longest}
    with foreign.held(address, [story]):
        page = visit(address, 390, 844)
        open_articles(page)
        page.locator(".nq-outlet-list button", has_text="all its valleys").click()
        rows = page.locator("#nq-articles tbody tr")
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text("Kites")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("tab", name="Ask", exact=True).click()
        page.locator("#nq-filters summary").click()
        page.get_by_role("checkbox", name="all its valleys").check()
        expect(page.locator("#nq-remain")).to_have_text(re.compile(r"^1 of \d+ articles selected"))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        ask(page, "What flew over Orrin?")
        expect(page.locator(".nq-lead .nq-outlet")).to_have_text(longest)


@pytest.mark.timeout(600)
@pytest.mark.slow
def test_of_many_outlets_some_are_drawn_and_the_others_found(visit: Open, tmp_path: Path) -> None:
    names = [f"Outlet {n:03}" for n in range(100)]
    (tmp_path / "names.json").write_text(json.dumps(names))
    command = ["-m", "tests.browser.fake_server", str(tmp_path / "names.json")]
    with served(command, tmp_path) as address:
        page = visit(address)
        page.locator("#nq-filters summary").click()
        boxes = page.locator("#nq-boxes input")
        expect(boxes).to_have_count(SOURCES_LISTED)
        field = page.get_by_label("Search 101 outlets")  # and that of the stand-in's own articles
        field.fill("outlet 09")
        expect(boxes).to_have_count(10)
        page.get_by_role("checkbox", name="Outlet 097").check()
        expect(page.locator("#nq-filters-set")).to_have_text("Outlet 097")
        field.fill("outlet 08")
        expect(boxes).to_have_count(11)
        expect(boxes.first).to_be_checked()
        field.fill("outlet 097")
        expect(boxes).to_have_count(1)
        expect(page.locator("#nq-remain")).to_have_text("1 of 102 articles selected")
        page.get_by_role("button", name="Reset").click()
        expect(boxes).to_have_count(SOURCES_LISTED)
        expect(page.locator("#nq-boxes :checked")).to_have_count(0)
        page = visit(f"{address}?sources=Outlet+098")
        expect(page.locator("#nq-filters-set")).to_have_text("Outlet 098")
        page.get_by_role("tab", name="Articles").click()
        outlets = page.locator(".nq-outlet-list")
        expect(outlets.locator("button")).to_have_count(SOURCES_LISTED)
        expect(outlets).to_contain_text("and 61 more")


def test_a_file_is_dropped_and_asked(visit: Open, address: str) -> None:
    page = visit(address)
    open_articles(page)
    story = "The long swim\n\nIda Brand swam from Orrin to Tessel in nine hours.\n"
    page.locator("#nq-drop").evaluate(DROP, ["swim.txt", story])
    expect(page.locator("#nq-progress")).to_have_text("1 article added.", timeout=60_000)
    page.get_by_role("tab", name="Ask", exact=True).click()
    ask(page, "Who swam from Orrin to Tessel?")
    expect(page.locator(".nq-lead").last).to_contain_text("Ida Brand")
    open_articles(page)
    remove(page, "The long swim")


def test_a_folder_is_added_by_its_path(visit: Open, address: str, app_folder: Path) -> None:
    storms = app_folder / "shelf" / "storms"
    storms.mkdir(exist_ok=True)
    story = "Roofs gone at Quay Hill\n\nThe storm tore nine roofs off houses at Quay Hill.\n"
    (storms / "roofs.txt").write_text(story)
    (storms / "sheet.xlsx").write_bytes(b"PK")
    page = visit(address)
    open_articles(page)
    page.get_by_text("Or add a folder on this server").click()
    for path in ("/etc", "../..", "nowhere", str(app_folder)):
        page.get_by_label("Path", exact=True).fill(path)
        page.get_by_role("button", name="Add this folder").click()
        expect(page.locator("#nq-report td").first).to_have_text(path, timeout=30_000)
        expect(page.locator("#nq-report")).to_contain_text("nothing there may be added")
    page.get_by_label("Path", exact=True).fill("storms")
    page.get_by_role("button", name="Add this folder").click()
    progress = page.locator("#nq-progress")
    expect(progress).to_have_text("1 article added, 1 not added.", timeout=60_000)
    expect(page.locator("#nq-report")).to_contain_text("sheet.xlsx")
    page.get_by_role("tab", name="Ask", exact=True).click()
    ask(page, "How many roofs did the storm tear off at Quay Hill?")
    expect(page.locator(".nq-lead").last).to_contain_text("nine roofs")
    open_articles(page)
    remove(page, "Roofs gone at Quay Hill")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_index_is_rebuilt_when_the_settings_have_changed(visit: Open, tmp_path: Path) -> None:
    def rebuild(page: Page) -> None:
        page.get_by_text("Or rebuild the index").click()
        page.get_by_role("button", name="Rebuild", exact=True).click()

    with served(["app.py"], tmp_path) as address:
        page = visit(address)
        open_articles(page)
        before = int(fact(page, "Passages"))
        rebuild(page)
        expect(page.locator("#nq-progress")).to_contain_text("Nothing to rebuild", timeout=60_000)
    with served(["app.py"], tmp_path, NEWSQA_PASSAGE_TOKENS="96") as address:
        page = visit(address)
        open_articles(page)
        assert int(fact(page, "Passages")) == before
        rebuild(page)
        expect(page.locator("#nq-progress")).to_contain_text("Rebuilt with", timeout=240_000)
        expect(page.locator(".nq-facts")).not_to_contain_text(f"{before:,}")
        assert int(fact(page, "Passages")) > before
        page.get_by_role("tab", name="Ask", exact=True).click()
        ask(page, "How strong was the earthquake in the Sarn hills?")
        expect(page.locator(".nq-lead").last).to_contain_text("4.1")


@pytest.mark.timeout(600)
def test_changes_need_the_token_where_one_is_set(visit: Open, tmp_path: Path) -> None:
    (tmp_path / "shelf").mkdir()
    more = {"NEWSQA_ADMIN_TOKEN": "sesame", "NEWSQA_FOLDER_ROOTS": str(tmp_path / "shelf")}
    with served(["-m", "tests.browser.fake_server"], tmp_path, **more) as address:
        page = visit(address)
        open_articles(page)
        story = "Quiet day\n\nNothing happened in Orrin."
        page.locator("#nq-drop").evaluate(DROP, ["quiet.txt", story])
        report = page.locator("#nq-report")
        expect(report).to_contain_text("the admin token is missing or wrong", timeout=30_000)
        page.get_by_text("Or rebuild the index").click()
        page.get_by_role("button", name="Rebuild", exact=True).click()
        expect(page.locator("#nq-progress")).to_contain_text("Failed: the admin token")
        assert page.request.get(f"{address}page/manage/doing").status == 401
        page.get_by_text("Or add a folder on this server").click()
        assert violations_light_dark_and_narrow(page) == []
        page.get_by_label("Admin token").fill("sesame")
        page.locator("#nq-drop").evaluate(DROP, ["quiet.txt", story])
        expect(page.locator("#nq-progress")).to_have_text("1 article added.", timeout=30_000)
        page.get_by_role("button", name="Rebuild", exact=True).click()
        expect(page.locator("#nq-progress")).to_contain_text("Rebuilt with")


@pytest.mark.timeout(600)
def test_a_read_only_page_offers_no_change(visit: Open, tmp_path: Path) -> None:
    more = {"NEWSQA_READ_ONLY": "true", "NEWSQA_FOLDER_ROOTS": str(tmp_path)}
    with served(["-m", "tests.browser.fake_server"], tmp_path, **more) as address:
        page = visit(address)
        open_articles(page)
        for offer in ("#nq-drop", "#nq-folder", ".nq-remove", "[data-action=rebuild]"):
            expect(page.locator(offer)).to_have_count(0)
        assert violations_light_dark_and_narrow(page) == []
        page.get_by_role("tab", name="Ask", exact=True).click()
        ask(page, "When did the tunnel open?")
        expect(page.get_by_role("button", name="Not helpful")).not_to_be_visible()
        expect(page.locator(".nq-facts")).to_have_count(1)
        for path in ("folder", "rebuild"):
            sent = page.request.post(f"{address}page/manage/{path}", data={"path": "."})
            assert sent.status == 403


def test_a_version_is_chosen_in_the_reader(visit: Open, address: str) -> None:
    page = visit(address)
    open_articles(page)
    page.get_by_text("Or paste an article").click()
    for said in ("The ferry sails at noon from Orrin.", "The ferry sails at dusk from Orrin."):
        page.get_by_label("Title", exact=True).fill("Ferry times")
        page.get_by_label("Text", exact=True).fill(said)
        page.get_by_role("button", name="Add this text").click()
        expect(page.get_by_label("Text", exact=True)).to_have_value("", timeout=60_000)
    page.get_by_label("Find an article").fill("Ferry times")
    expect(page.locator("#nq-articles tbody tr")).to_have_count(1)
    page.locator("#nq-articles .nq-read").click()
    region = page.get_by_role("region", name="Article", exact=True)
    expect(region).to_contain_text("Version 2 of 2")
    expect(region).to_contain_text("at dusk")
    region.get_by_role("button", name="Version 1").click()
    expect(region).to_contain_text("at noon")
    expect(region).to_contain_text("A newer version of this article exists.")
    remove(page, "Ferry times")
