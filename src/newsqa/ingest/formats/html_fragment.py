"""The text of a piece of HTML that is no page: an entry of a feed, the body of a mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from newsqa.ingest.formats.html_blocks import is_layout, unwrap_table
from newsqa.ingest.formats.html_tree import BLOCKS, remove, show_text

_DROPPED = frozenset("script style template noscript head title iframe object svg".split())
_CELLS = frozenset("td th".split())
_HIDING_RULE = re.compile(r"([^{}]+)\{[^{}]*(?:display\s*:\s*none|mso-hide\s*:\s*all)[^{}]*\}")
_MEDIA_RULE = re.compile(r"@[^{}]+\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_CLASS_SELECTOR = re.compile(r"(?:\w+)?\.([\w-]+)\Z")
MAX_ELEMENTS = 100_000


def text_of(markup: str, *, change: Callable[[Any], None] | None = None) -> str:
    """Return the words of a piece of HTML, an empty line between its paragraphs.

    Args:
        markup: The HTML.
        change: Is given the tree before its words are read.
    """
    from lxml import html

    if not markup.strip():
        return ""
    if "<" not in markup and "&" not in markup:
        return _paragraphs(markup)
    # A NUL ends the text for the parser; the declaration of an encoding is not for a str.
    cleaned = re.sub(r"^\s*<\?xml[^>]*>", "", markup.replace("\0", "\ufffd"))
    root = html.fromstring(f"<div>{cleaned}</div>")
    _remove_hidden_by_rule(root)
    show_text(root)
    for table in reversed(list(root.iter("table"))):
        if is_layout(table):
            unwrap_table(table)
    if change is not None:
        change(root)
    return _paragraphs("".join(_words(root)))


def _remove_hidden_by_rule(root: Any) -> None:
    """Remove elements of a class that the piece's own style sheet never shows."""
    for style in list(root.iter("style")):
        rules = _MEDIA_RULE.sub("", (style.text or "")[:200_000])
        for selectors in _HIDING_RULE.findall(rules):
            for selector in selectors.split(","):
                if name := _CLASS_SELECTOR.match(selector.strip()):
                    hidden = f" {name[1]} "
                    for element in list(root.iter()):
                        if isinstance(element.tag, str) and hidden in f" {element.get('class')} ":
                            remove(element)


def _words(root: Any) -> list[str]:
    parts: list[str] = []
    hidden: Any = None
    for count, (event, element) in enumerate(_walk(root)):
        if count > MAX_ELEMENTS:
            break
        if event in ("comment", "pi"):
            parts.append("" if hidden is not None else re.sub(r"\s+", " ", element.tail or ""))
            continue
        if hidden is None and element.tag in _DROPPED:
            hidden = element
        if event == "start" and hidden is None:
            # White space within a paragraph is a space; only blocks part lines.
            parts += [_gap(element), re.sub(r"\s+", " ", element.text or "")]
        if event == "end":
            hidden = None if hidden is element else hidden
            if hidden is None:
                tail = element.tail if element is not root else ""
                gap = "" if element.tag in _CELLS else _gap(element)
                parts += [gap, re.sub(r"\s+", " ", tail or "")]
    return parts


def _gap(element: Any) -> str:
    """Return what stands before an element: cells of a data table are on one line."""
    if element.tag in _CELLS:
        is_first = not any(cell.tag in _CELLS for cell in element.itersiblings(preceding=True))
        return "" if is_first else " | "
    in_cell = element.tag in BLOCKS and element.tag not in ("table", "tr")
    if in_cell and next(element.iterancestors(*_CELLS), None) is not None:
        return " "
    return "\n\n" if element.tag in BLOCKS or element.tag == "br" else ""


def _walk(root: Any) -> Any:
    from lxml import etree

    return etree.iterwalk(root, events=("start", "end", "comment", "pi"))


def _paragraphs(text: str) -> str:
    lines = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    return "\n\n".join(line for line in lines if line)
