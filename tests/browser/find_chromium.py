"""Finds a Chromium for the browser tests, or gets one; run by ``make browser``.

In this order: ``CHROMIUM``, the system's, Playwright's own. Where there is none, Playwright is
asked to install its own, then apt-get where this is root. Without one the browser tests are
skipped, unless ``NEWSQA_REQUIRE_BROWSER=1``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-liberation", "fonts-noto-core", "fonts-noto-color-emoji")
REQUIRED = "NEWSQA_REQUIRE_BROWSER"
MISSING = "no Chromium: set CHROMIUM to one, or run `playwright install chromium`"


def find() -> str | None:
    """Return the path of a Chromium, or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    return _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def required() -> bool:
    """Whether a missing browser fails the tests."""
    return os.environ.get(REQUIRED) == "1"


def get() -> str | None:
    """Return a Chromium, installing one where that can be done; None where it cannot."""
    found = find()
    if found:
        return found
    print("no Chromium found; asking Playwright for one", file=sys.stderr)
    _try([sys.executable, "-m", "playwright", "install", "chromium"])
    found = find()
    if found or os.geteuid() != 0 or not shutil.which("apt-get"):
        return found
    print("trying apt-get", file=sys.stderr)
    _try(["apt-get", "update", "-qq"])
    _try(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES])
    return find()


def _try(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, timeout=600)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"  did not work: {error}", file=sys.stderr)


def main() -> int:
    """Say which Chromium the tests will use."""
    found = get()
    if found:
        print(f"browser tests use {found}")
        return 0
    print(f"browser tests are skipped: {MISSING}", file=sys.stderr)
    return 1 if required() else 0


if __name__ == "__main__":
    sys.exit(main())
