"""The words of the page stand in one place; the modules that write its HTML have none."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsqa.web.html import messages as strings

WEB = Path(strings.__file__).parents[1]
MODULES = (
    *("html/reply", "html/article", "html/articles_tab", "html/search_tab", "html/timeline"),
    *("html/layout", "chat/filters"),
)
# A tag, a class, an attribute, or what a value is put into; what is left is what people read.
NOT_READ = re.compile(r"<[^<>]*>|nq-\w*|[\w-]+=\"[^\"]*\"?|\{[^{}]*\}|&\w+;|<.*|.*/>")
SPOKEN = re.compile(r"[^\W\d_]{2,}.* | .*[^\W\d_]{2,}|^[A-Z][a-z]+$")


def literals(source: str) -> Iterator[str]:
    """The strings of a module, values as ``{}``; docstrings and parts of f-strings left out."""
    tree = ast.parse(source)
    inner: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr | ast.JoinedStr):
            inner |= {id(part) for part in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [p.value if isinstance(p, ast.Constant) else "{}" for p in node.values]
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            yield "" if id(node) in inner else str(node.value)


def spoken(source: str) -> list[str]:
    read = [NOT_READ.sub("", literal) for literal in literals(source)]
    return [words for words in read if SPOKEN.search(words)]


@pytest.mark.parametrize("name", MODULES)
def test_no_word_of_the_page_stands_elsewhere(name: str) -> None:
    assert spoken((WEB / f"{name}.py").read_text("utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        'label = f"Citation {n}"',
        'words += f" from {count}"',
        'return f"{first} to {last}"',
        'raise ValueError("too many sources")',
        "return f'<p class=\"x\">Nothing here</p>'",
        'days += f" (updated {day})"',
    ],
)
def test_a_word_that_does_is_found(line: str) -> None:
    assert spoken(line)
