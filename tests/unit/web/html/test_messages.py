"""The words of the page are in one module; neither templates nor modules have any of their own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import nodes

from newsqa.web.html import messages
from newsqa.web.html.markup import environment

HTML = Path(messages.__file__).parent
ELSEWHERE = {"messages.py", "markup.py"}
MODULES = sorted(path for path in HTML.glob("*.py") if path.name not in ELSEWHERE)
MODULES.append(HTML.parent / "chat" / "filters.py")
TEMPLATES = sorted((HTML / "templates").glob("*.html"))
# A class, an attribute, an address, or what a value is put into; the rest is what people read.
NOT_READ = re.compile(r"nq-\w*|\{[^{}]*\}|[\w{}]+\.html")
SPOKEN = re.compile(r"[^\W\d_]{2,}.* | .*[^\W\d_]{2,}|^[A-Z][a-z]+$")
READ_ATTRIBUTES = {"title", "aria-label", "placeholder", "alt"}
NAMES = {name for name in vars(messages) if name.isupper()}


class Words(HTMLParser):
    """The text of a template, and the values of attributes that people read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in READ_ATTRIBUTES]

    def handle_data(self, data: str) -> None:
        self.found.append(data)


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


def spoken_in_template(source: str) -> list[str]:
    words = Words()
    words.feed(re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", source, flags=re.DOTALL))
    constants = environment().parse(source).find_all(nodes.Const)
    texts = [NOT_READ.sub("", node.value) for node in constants if isinstance(node.value, str)]
    said = [text for text in texts if SPOKEN.search(text)]
    # A macro may give attributes without a tag around them.
    shown = [re.sub(r'[\w-]+=""', "", text) for text in words.found]
    return said + [text for text in shown if re.search(r"[^\W\d_]", text)]


def used(path: Path) -> set[str]:
    """The messages that a file names, and those that they are made of."""
    prefix = "" if path.name == "messages.py" else r"(?:strings|messages)\."
    return set(re.findall(rf"\b{prefix}([A-Z][A-Z_]+)\b", path.read_text("utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_has_no_words_of_the_page(path: Path) -> None:
    assert spoken(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_has_no_words_of_the_page(path: Path) -> None:
    assert spoken_in_template(path.read_text("utf-8")) == []


def test_every_message_is_used_and_every_one_used_is_there() -> None:
    sources = [*HTML.parent.rglob("*.py"), *TEMPLATES]
    names = set().union(*(used(path) for path in sources if path.name != "messages.py"))
    assert names <= NAMES
    own = (HTML / "messages.py").read_text("utf-8")
    within = {name for name in NAMES if len(re.findall(rf"\b{name}\b", own)) > 1}
    assert NAMES - names - within == set()


@pytest.mark.parametrize(
    "line",
    [
        'label = f"Citation {n}"',
        'words += f" from {count}"',
        'return f"{first} to {last}"',
        'raise ValueError("too many sources")',
        'days += f" (updated {day})"',
    ],
)
def test_a_word_in_a_module_is_noticed(line: str) -> None:
    assert spoken(line)


@pytest.mark.parametrize(
    "template",
    ["<p>Nothing</p>", '<p title="Open {{ x }}"></p>', '{{ "Not here" }}', "{{ x }} by"],
)
def test_a_word_in_a_template_is_noticed(template: str) -> None:
    assert spoken_in_template(template)
