"""Markdown files: front matter, then CommonMark turned into plain text.

Emphasis, links and headings keep their words and lose their marks; images and raw HTML tags are
dropped; code is kept; a list item begins with ``- `` or its number. Paragraphs are one line each,
with an empty line between, decided here before any offset exists.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from newsqa.ingest.draft import Draft
from newsqa.ingest.fields.encoding import decode
from newsqa.ingest.fields.heading import read_heading
from newsqa.ingest.formats.front_matter import read_front_matter
from newsqa.ingest.formats.plain_text import headed
from newsqa.text.analysis import clean

if TYPE_CHECKING:
    from markdown_it.token import Token

_TAG = re.compile(r"<[^<>]*>")
_SOFT = "\r"  # a line end inside a paragraph; CR is in no cleaned text


def parse_markdown(content: bytes) -> Draft:
    """Return the article of a Markdown file.

    Raises:
        RefusedError: See `read_front_matter`.
    """
    decoded = decode(content)
    text = clean(decoded.text)
    fields, start = read_front_matter(text)
    blocks = list(_blocks(text[start:]))
    title = str(fields.get("title", ""))
    if blocks and blocks[0][0] == "h1" and (not title or _same(title, blocks[0][1])):
        title = title or blocks.pop(0)[1].replace(_SOFT, " ")
        if blocks and blocks[0][0] == "h1" and _same(title, blocks[0][1]):
            blocks.pop(0)
    body = "\n\n".join(words for _, words in blocks)
    heading = read_heading(body, titled=bool(title))
    draft = headed(heading, body[heading.rest :])
    return replace(
        draft,
        **{
            **fields,
            "title": title or heading.title,
            "body": draft.body.replace(_SOFT, " "),
            "encoding": decoded.encoding,
        },
    )


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield each block as its tag ("h1", "p", ...) and its plain words; a table row is a block."""
    from markdown_it import MarkdownIt

    numbers: list[int | None] = []
    cells: list[str] = []
    mark, tag = "", "p"
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        if token.type == "bullet_list_open":
            numbers.append(None)
        elif token.type == "ordered_list_open":
            numbers.append(int(token.attrGet("start") or 1))
        elif token.type.endswith("_list_close"):
            numbers.pop()
        elif token.type == "list_item_open":
            mark, numbers[-1] = _next_item(numbers[-1])
        elif token.type == "tr_close":
            yield "tr", " | ".join(cells)
            cells = []
        elif token.nesting == 1:
            tag = token.tag
        words = _words(token).strip()
        if tag in ("th", "td") and token.type == "inline":
            cells.append(words)
        elif words:
            yield tag, mark + words
            mark = ""


def _next_item(number: int | None) -> tuple[str, int | None]:
    """The mark of a list item and the number of the next one; None for a list without numbers."""
    return ("- ", None) if number is None else (f"{number}. ", number + 1)


def _words(token: Token) -> str:
    if token.type == "inline":
        return "".join(_inline(token.children or ()))
    if token.type in ("fence", "code_block"):
        return token.content
    return _without_tags(token.content) if token.type == "html_block" else ""


def _inline(children: Sequence[Token]) -> Iterator[str]:
    struck = 0
    for child in children:
        if child.tag == "s":  # struck out: taken back by who wrote it
            struck += child.nesting
        elif struck:
            continue
        elif child.type in ("text", "code_inline", "text_special"):
            yield child.content
        elif child.type == "softbreak":
            yield _SOFT
        elif child.type == "hardbreak":
            yield "\n"


def _without_tags(markup: str) -> str:
    """Drop tags, comments and scripts; linear in the length of ``markup``."""
    for opening, closing in (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>")):
        markup = _without(markup, opening, closing)
    return html.unescape(_TAG.sub(" ", markup))


def _without(markup: str, opening: str, closing: str) -> str:
    folded = markup.lower() if len(markup.lower()) == len(markup) else markup
    kept, at = [], 0
    while (start := folded.find(opening, at)) >= 0:
        kept.append(markup[at:start])
        end = folded.find(closing, start)
        at = len(markup) if end < 0 else end + len(closing)
    return "".join([*kept, markup[at:]])
