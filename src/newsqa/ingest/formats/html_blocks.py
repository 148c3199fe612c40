"""Give the words of a page's tree the form in which an extractor of articles keeps them.

Extractors drop words in rare elements, text that stands right in a ``div``, and pages that are laid
out with a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from newsqa.ingest.formats.html_tree import BARE, BLOCKS, is_within_words, remove

_SENTENCE_END = re.compile(r"[.!?…。！？:;][\"'”’»)\]]*\s*$")
_BARE_CHARS = 25  # of words in a ``div`` that are taken for a paragraph, if they end a sentence
_LONG_BARE_CHARS = 80  # of others
_LEAF_TAGS = frozenset({"div", "section"})
_LEAVES = 3  # of ``div`` with prose side by side: a page's own form of paragraphs
_SPACES = re.compile(r"[ \t\r\n\f]+")
_MADE = "p[@data-nq='p']"  # a paragraph that was a ``div``
_CELL_CHARS = 200  # a longer cell, or one with paragraphs, is prose: the table is layout

Node = tuple[Any, str]  # an element, or None for its parent's own text, and the text after it


def ease_extraction(tree: Any) -> None:
    """Change ``tree`` so that an extractor of articles keeps the words of rare elements."""
    _join_lines(tree)
    for element in list(tree.iter("time", "button", "label")):
        if is_within_words(element):
            element.drop_tag()
    for element in list(tree.iter("cite")):
        element.tag = "span"
    for element in list(tree.iter("center")):
        words = "".join(element.itertext())
        is_paragraph = _SENTENCE_END.search(words) and not _has_block(element)
        element.tag = "p" if is_paragraph else "div"
    for table in reversed(list(tree.iter("table"))):
        if is_layout(table):
            unwrap_table(table)
    for element in reversed(list(tree.iter(*BARE))):
        _wrap_bare_text(element)
        if _is_bare_wrapper(element):
            element.drop_tag()


def _is_bare_wrapper(element: Any) -> bool:
    """Whether a ``div`` without a name holds nothing but paragraphs and stands among others."""
    parent = element.getparent()
    named = element.get("class") or element.get("id")
    if element.tag != "div" or named or parent is None or not len(element):
        return False
    texts = [element.text, *(child.tail for child in element)]
    plain = all(child.tag == "p" for child in element) and not any(t and t.strip() for t in texts)
    return plain and any(child.tag == "p" for child in parent)


def _join_lines(tree: Any) -> None:
    """Make white space a single space, as a browser does: ends of lines in the source are none."""
    kept = {part for element in tree.iter("pre", "textarea", "script") for part in element.iter()}
    for element in tree.iter():
        if element not in kept and element.text and isinstance(element.tag, str):
            element.text = _SPACES.sub(" ", element.text)
        if element.tail and element.getparent() not in kept:
            element.tail = _SPACES.sub(" ", element.tail)


def is_layout(table: Any) -> bool:
    """Return whether a table lays out a page: its cells hold prose, not data."""
    if table.get("role") in ("presentation", "none"):
        return True
    if table.find(".//table") is not None:
        return True
    cells = list(table.iter("td", "th"))
    if len(cells) < 2:
        return True
    if any(True for _ in table.iter("h1", "h2")):
        return True
    if any(len(list(cell.iter("p", "div"))) > 2 for cell in cells if cell.tag == "td"):
        return any(_is_prose_cell(cell) for cell in cells)
    return any(_is_prose_cell(cell) for cell in cells) and table.find(".//th") is None


def _is_prose_cell(cell: Any) -> bool:
    return len(" ".join("".join(cell.itertext()).split())) > _CELL_CHARS


def unwrap_table(table: Any) -> None:
    """Make a table's cells blocks that follow one another."""
    for part in list(table.iter("tr", "td", "th", "tbody", "thead", "tfoot", "caption")):
        if next(part.iterancestors("table"), None) is table:
            part.tag = "div"
    for part in list(table.iter("colgroup", "col")):
        remove(part)
    table.tag = "div"


def _has_block(element: Any) -> bool:
    return any(child.tag in BLOCKS for child in element.iterdescendants())


def _wrap_bare_text(parent: Any) -> None:
    """Put words that stand right in a block into paragraphs, parted at empty lines (two ``br``).

    A ``div`` without blocks in it becomes a paragraph itself, with all others beside it.
    """
    leaves = [child for child in parent if child.tag in _LEAF_TAGS and _is_leaf(child)]
    leaves = [leaf for leaf in leaves if _is_prose([(None, ""), (leaf, "")], least=1)]
    paragraphs = sum(child.tag == "p" for child in parent)
    if leaves and (paragraphs or len(leaves) >= _LEAVES or parent.find(f".//{_MADE}") is not None):
        for leaf in leaves:
            if not _has_empty_line(leaf):
                leaf.tag = "p"
                leaf.set("data-nq", "p")
    if _holds_words(parent) and (paragraphs or _has_empty_line(parent)):
        for run in list(_runs(parent)):
            if _is_prose(run):
                _wrap(parent, run)


def _is_leaf(element: Any) -> bool:
    return not _has_block(element) and bool("".join(element.itertext()).strip())


def _has_empty_line(parent: Any) -> bool:
    """Whether two line breaks follow one another in a block."""
    for child in parent:
        if child.tag == "br" and not (child.tail or "").strip():
            following = child.getnext()
            if following is not None and following.tag == "br":
                return True
    return False


def _holds_words(parent: Any) -> bool:
    texts = [parent.text, *(child.tail for child in parent)]
    return any(text and len(text.strip()) > 2 for text in texts)


def _runs(parent: Any) -> Iterator[list[Node]]:
    """Yield the runs of words and phrases between the blocks of ``parent``."""
    run: list[Node] = [(None, parent.text or "")]
    for child in parent:
        is_block = child.tag in BLOCKS or _has_block(child)
        if is_block or child.tag in ("script", "style", "iframe", "form"):
            yield run
            run = [(child, child.tail or "")]
            continue
        double = child.tag == "br" and run[-1][0] is not None and run[-1][0].tag == "br"
        if double and not run[-1][1].strip():
            yield run[:-1]
            run = [(child, child.tail or "")]
            continue
        run.append((child, child.tail or ""))
    yield run


def _words(run: Iterable[Node]) -> tuple[str, int]:
    """Return the words of a run, and how many of its characters are links."""
    parts, linked = [], 0
    for at, (element, tail) in enumerate(run):
        if at and element is not None and isinstance(element.tag, str):
            text = "".join(element.itertext())
            links = [element] if element.tag == "a" else element.iter("a")
            linked += sum(len("".join(link.itertext())) for link in links)
            parts.append(text)
        parts.append(tail)
    return " ".join("".join(parts).split()), linked


def _is_prose(run: list[Node], *, least: int = _BARE_CHARS) -> bool:
    words, linked = _words(run)
    least = least if _SENTENCE_END.search(words) else _LONG_BARE_CHARS
    return len(words) >= least and linked <= 0.5 * len(words)


def _wrap(parent: Any, run: list[Node]) -> None:
    """Put a run into a paragraph of its own."""
    first, text = run[0]
    paragraph = parent.makeelement("p")
    paragraph.text = text
    if first is None:
        parent.text = None
        parent.insert(0, paragraph)
    else:
        first.tail = None
        first.addnext(paragraph)
    for element, _ in run[1:]:
        paragraph.append(element)  # with its tail
