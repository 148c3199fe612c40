"""The text of a piece of HTML that is no page: an entry of a feed, the body of a mail."""

from __future__ import annotations

import re
from typing import Any

_BLOCKS = frozenset(
    """p div br li ul ol tr table blockquote h1 h2 h3 h4 h5 h6 section article header footer figure
    figcaption pre hr dd dt""".split()
)
_DROPPED = frozenset("script style template noscript head title iframe object svg".split())
MAX_ELEMENTS = 100_000


def text_of(markup: str) -> str:
    """Return the words of a piece of HTML, an empty line between its paragraphs."""
    from lxml import html

    if not markup.strip():
        return ""
    if "<" not in markup and "&" not in markup:
        return _paragraphs(markup)
    # A NUL ends the text for the parser; the declaration of an encoding is not for a str.
    cleaned = re.sub(r"^\s*<\?xml[^>]*>", "", markup.replace("\0", "\ufffd"))
    return _paragraphs("".join(_words(html.fromstring(f"<div>{cleaned}</div>"))))


def _words(root: Any) -> list[str]:
    parts: list[str] = []
    hidden: Any = None
    for count, (event, element) in enumerate(_walk(root)):
        if count > MAX_ELEMENTS:
            break
        if event in ("comment", "pi"):
            parts.append("" if hidden is not None else re.sub(r"\s+", " ", element.tail or ""))
            continue
        tag = element.tag
        if hidden is None and tag in _DROPPED:
            hidden = element
        if event == "start" and hidden is None:
            # White space within a paragraph is a space; only blocks part lines.
            parts += ["\n\n" if tag in _BLOCKS else "", re.sub(r"\s+", " ", element.text or "")]
        if event == "end":
            hidden = None if hidden is element else hidden
            if hidden is None:
                tail = element.tail if element is not root else ""
                parts += ["\n\n" if tag in _BLOCKS else "", re.sub(r"\s+", " ", tail or "")]
    return parts


def _walk(root: Any) -> Any:
    from lxml import etree

    return etree.iterwalk(root, events=("start", "end", "comment", "pi"))


def _paragraphs(text: str) -> str:
    lines = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    return "\n\n".join(line for line in lines if line)
