"""The web chat over the articles in ``corpus/``: ``make run`` starts this."""

import sys
from pathlib import Path

from newsqa import settings
from newsqa.cli.output import leave
from newsqa.errors import NewsQAError
from newsqa.web.server import serve


def main() -> int:
    """Serve until stopped."""
    try:
        serve(settings.load(), corpus=Path(__file__).parent / "corpus")
    except NewsQAError as error:
        print(f"newsqa: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(leave(main()))
