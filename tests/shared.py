"""Where the shared evaluation data is, for tests that read it in place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("NEWSQA_SHARED", ROOT / ".." / "shared")).resolve()


def shared(part: str) -> Path:
    """Return a path below the shared data, or skip the test with the reason."""
    path = SHARED / "data" / part
    if not path.exists():
        pytest.skip(f"shared data is absent: {path} (set NEWSQA_SHARED)")
    return path
