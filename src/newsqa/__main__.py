"""``python -m newsqa`` is the same as ``newsqa``."""

from __future__ import annotations

import sys

from newsqa.cli import main

if __name__ == "__main__":
    sys.exit(main())
