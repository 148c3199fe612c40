"""The adapters without their frameworks, and the filters that they share."""

from __future__ import annotations

import sys
from datetime import date
from importlib import import_module

import pytest

from newsqa.integrations.source import filters_of, flat, merged


@pytest.mark.parametrize(
    ("adapter", "library", "extra"),
    [
        ("langchain", "langchain_core", "langchain"),
        ("llama_index", "llama_index", "llama-index"),
        ("haystack", "haystack", "haystack"),
    ],
)
def test_without_its_framework_an_adapter_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, adapter: str, library: str, extra: str
) -> None:
    for name in [n for n in sys.modules if n.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, f"newsqa.integrations.{adapter}", raising=False)
    with pytest.raises(ImportError, match=rf"pip install 'newsqa\[{extra}\]'"):
        import_module(f"newsqa.integrations.{adapter}")


def test_what_is_given_for_one_search_stands_over_what_was_chosen() -> None:
    chosen = filters_of(since="2026-01-02", sources="Post")
    assert merged(chosen, k=3, since=None, until="2026-02-01") == {
        "k": 3,
        "since": date(2026, 1, 2),
        "until": date(2026, 2, 1),
        "sources": ("Post",),
        "as_of": None,
    }
    assert merged(chosen, sources=["Echo"])["sources"] == ("Echo",)


@pytest.mark.parametrize("day", ["yesterday", "20260102", "2026-W01-1", "2026-13-01", ""])
def test_what_is_no_day_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match=r"YYYY-MM-DD|isoformat|month"):
        filters_of(as_of=day)


def test_a_flat_record_has_neither_text_nor_lists() -> None:
    assert flat({"a": 1, "b": None, "c": [], "d": {}, "quote": "x"}) == {"a": 1, "b": None}
