"""The lines of a web page as a reader sees them, in order: headings, bylines, days, paragraphs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from newsqa.ingest.formats.html_tree import is_unseen

_BLOCKS = frozenset(
    """address article aside blockquote body br caption dd div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr legend li main nav ol p pre section table tbody td tfoot
    th thead time tr ul""".split()
)
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_ASIDE = frozenset("aside blockquote button figcaption figure footer label nav select".split())
_UNSEEN = frozenset("head iframe math noscript object script style svg template textarea".split())
_POST = re.compile(r"tweet|instagram-media|fb-post|tiktok-embed|bluesky-embed|mastodon-embed")
_OTHERS = re.compile(
    r"(?:^|[\s_-])(?:related|teasers?|events?|upcoming|promo|trending)(?=$|[\s_-])"
)
_PAGE = frozenset("html body main article".split())


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand on a line of their own, with single spaces.

    ``heading`` is ``h1`` to ``h6`` or empty; ``aside`` says that they belong to a menu, a side
    column, a picture or a foot.
    """

    text: str
    heading: str
    aside: bool


def page_lines(tree: Any) -> list[Line]:
    """Return the visible lines of a page; a heading is one line, whatever is inside it."""
    from lxml import etree

    reader = _Reader()
    walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start":
            if _is_unseen(element):
                reader.skipped.append(element)
                walk.skip_subtree()
            else:
                reader.enter(element)
            continue
        if event == "end" and reader.skipped and reader.skipped[-1] is element:
            reader.skipped.pop()
        elif event == "end":
            reader.leave(element)
        if element.tail and not reader.skipped:
            reader.words.append(element.tail)
    reader.end_line()
    return reader.lines


@dataclass(slots=True)
class _Reader:
    lines: list[Line] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    skipped: list[Any] = field(default_factory=list)
    heading: str = ""
    aside: int = 0

    def enter(self, element: Any) -> None:
        if self.heading:
            self.words.append(" " if element.tag in _BLOCKS else "")
        elif element.tag in _BLOCKS:
            self.end_line()
            self.heading = element.tag if element.tag in _HEADINGS else ""
        self.aside += _is_aside(element)
        self.words.append(element.text or "")

    def leave(self, element: Any) -> None:
        if element.tag in _BLOCKS and self.heading in ("", element.tag):
            self.end_line()
            self.heading = ""
        elif element.tag in _BLOCKS:
            self.words.append(" ")
        self.aside -= _is_aside(element)

    def end_line(self) -> None:
        if text := " ".join("".join(self.words).split()):
            self.lines.append(Line(text, self.heading, self.aside > 0))
        self.words.clear()


def _is_unseen(element: Any) -> bool:
    return element.tag in _UNSEEN or is_unseen(element)


def _is_aside(element: Any) -> bool:
    if element.tag in _ASIDE or element.tag in _PAGE:
        return element.tag in _ASIDE
    names = element.get("class") or ""
    return bool(_POST.search(names) or (_OTHERS.search(names) and element.find(".//h1") is None))
