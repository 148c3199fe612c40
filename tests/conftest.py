"""What every test may rely on, however the checks were started."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Undo an inherited "ignore" of Ctrl-C, which a shell gives to background jobs.

    Children inherit it, and the tests of interruption would wait for ever.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
