"""What every test may rely on, however the checks were started."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings


def pytest_configure() -> None:
    """Undo an inherited "ignore" of Ctrl-C, which a shell gives to background jobs.

    Children inherit it, and the tests of interruption would wait for ever.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # On a busy machine any example may take long; what hangs is ended by pytest-timeout.
    settings.register_profile("newsqa", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("newsqa")


@pytest.fixture(autouse=True)
def loggers_as_they_were() -> Iterator[None]:
    """Undo what a command line run in this process does to our loggers: `caplog` needs them."""
    ours = logging.getLogger("newsqa")
    kept = (ours.level, ours.propagate, list(ours.handlers))
    yield
    ours.level, ours.propagate, ours.handlers = kept
