"""The Chromium of the benchmarks that open the page in a real browser."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.browser import find_chromium


def chromium_for(module: str, needed: Path) -> str | None:
    """Return a Chromium; None, having said why, where it or the set at ``needed`` is missing."""
    found = find_chromium.find()
    missing = None if found else find_chromium.MISSING
    if not needed.exists():
        missing = f"{needed} is not there"
    if missing:
        print(f"{module}: skipped, {missing}", file=sys.stderr)
        return None
    return found
