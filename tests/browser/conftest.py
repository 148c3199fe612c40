"""A browser, pages that watch themselves, and the servers they visit."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Dialog,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests.browser import find_chromium
from tests.browser.serving import served
from tests.shared import shared

ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
    "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
HERE = re.compile(r"(http://127\.0\.0\.1:\d+/|data:|blob:)")
SEED = 20261124
Open = Callable[..., Page]
expect.set_options(timeout=20_000)  # the machine may be busy with something else


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium.find()
    if path is None:
        if find_chromium.required():
            pytest.fail(find_chromium.MISSING)
        pytest.skip(find_chromium.MISSING)
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield made
        made.close()


@pytest.fixture(scope="session")
def app_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where ``app.py`` of `address` keeps its index (``index``); ``shelf`` may be added by path."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "shelf").mkdir()
    return folder


@pytest.fixture(scope="session")
def address(app_folder: Path) -> Iterator[str]:
    """``app.py`` over the sample corpus, with an index of its own."""
    roots = {"NEWSQA_FOLDER_ROOTS": str(app_folder / "shelf")}
    with served(["app.py"], app_folder, **roots) as made:
        yield made


@pytest.fixture(scope="session")
def fake_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page over a stand-in with replies of every role and reason."""
    folder = tmp_path_factory.mktemp("fake")
    with served(["-m", "tests.browser.fake_server"], folder) as made:
        yield made


@pytest.fixture(scope="session")
def payloads() -> list[str]:
    """300 strings that people use to break pages, by seed."""
    lists = [
        shared("badinput/xss_payloadbox/xss-payload-list.txt").read_text("utf-8").splitlines(),
        json.loads(shared("badinput/blns/blns.json").read_text("utf-8")),
    ]
    every = sorted({line for lines in lists for line in lines if line.strip()})
    return random.Random(SEED).sample(every, 300)


@pytest.fixture(scope="session")
def hostile_address(payloads: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page over articles made of payloads."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "payloads.json").write_text(json.dumps(payloads))
    command = ["-m", "tests.browser.fake_server", str(folder / "payloads.json")]
    with served(command, folder) as made:
        yield made


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Opens pages; afterwards none of them had an error, a dialog or a request elsewhere."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []
    elsewhere: list[str] = []
    dialogs: list[str] = []

    def requested(request: Request) -> None:
        if not HERE.match(request.url):
            elsewhere.append(request.url)

    def asked(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    def watched(page: Page) -> None:
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", requested)
        page.on("dialog", asked)

    def visited(address: str, width: int = 1280, height: int = 800, **options: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            reduced_motion=options.pop("reduced_motion", "reduce"),
            **options,
        )
        contexts.append(context)
        context.on("page", watched)
        page = context.new_page()
        page.goto(address, timeout=120_000)
        expect(page.get_by_label("Question", exact=True)).to_be_editable(timeout=120_000)
        expect(page.locator("body[data-nq-ready]")).to_have_count(1, timeout=120_000)
        return page

    yield visited
    for context in contexts:
        context.close()
    assert errors == []
    assert elsewhere == []
    assert dialogs == []


def sample(values: Iterable[Any], quick: int = 1) -> list[Any]:
    """Parameters of which the first ones run with `make test`, the others with the slow tests."""
    each = [value if isinstance(value, tuple) else (value,) for value in values]
    slow = [pytest.param(*value, marks=pytest.mark.slow) for value in each[quick:]]
    return [*(pytest.param(*value) for value in each[:quick]), *slow]


def ask(page: Page, question: str) -> None:
    """Ask as a person does, and wait for the answer."""
    before = page.locator(".nq-turn").count()
    page.get_by_label("Question", exact=True).fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".nq-turn")).to_have_count(before + 1, timeout=30_000)
    expect(page.locator(".nq-turn").last).not_to_have_attribute("aria-busy", "true", timeout=60_000)
