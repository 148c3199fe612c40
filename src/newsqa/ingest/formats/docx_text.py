"""The text of a Word document as Word prints it with all tracked changes accepted.

Insertions and moved text are kept where they went; deletions, hidden and struck words are left
out. Text boxes follow the paragraph they are anchored to; foot- and endnotes stand at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from newsqa.ingest.formats.superscripts import lowered, raised

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_REMOVED = {f"{W}del", f"{W}moveFrom", f"{W}rPr", f"{W}pPr", f"{W}sdtPr", f"{W}rt", f"{W}delText"}
_REMOVED |= {f"{W}instrText", f"{W}delInstrText", f"{W}commentReference", f"{W}annotationRef"}
_REMOVED |= {f"{W}footnoteReference", f"{W}endnoteReference", f"{W}footnoteRef", f"{W}endnoteRef"}
_BREAKS = {f"{W}br": "\n", f"{W}cr": "\n", f"{W}tab": "\t", f"{W}noBreakHyphen": "-"}
_OFF = {"0", "false", "off", "none"}
_LAYOUT_CHARS = 400  # a row with more than that in one of its cells is prose side by side


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or the row of a table, and the name of the paragraph's style."""

    text: str
    style: str = ""


@dataclass(slots=True)
class _Styles:
    """What a document's styles say of hiding and of names, by style id."""

    names: dict[str, str] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Any) -> _Styles:
        styles = cls()
        for element in document.styles.element.iterfind(f"{W}style"):
            style_id = element.get(f"{W}styleId") or ""
            name, parent = element.find(f"{W}name"), element.find(f"{W}basedOn")
            styles.names[style_id] = "" if name is None else name.get(f"{W}val") or ""
            styles.properties[style_id] = element.find(f"{W}rPr")
            styles.parents[style_id] = "" if parent is None else parent.get(f"{W}val") or ""
        return styles

    def flag(self, style_id: str, name: str) -> bool:
        """Return whether a style, or one it is based on, sets a toggle such as ``vanish``."""
        for _ in range(20):
            value = _flag(self.properties.get(style_id), name)
            if value is not None:
                return value
            style_id = self.parents.get(style_id, "")
        return False


def document_blocks(document: Any) -> list[Block]:
    """Return the blocks of a python-docx document in reading order; empty ones are left out."""
    reader = _Reader(_Styles.of(document))
    blocks = list(reader.blocks(document.element.body))
    for kind in ("footnotes", "endnotes"):
        for root in _related(document, kind):
            blocks += reader.notes(root)
    return [block for block in blocks if block.text.strip()]


def _related(document: Any, kind: str) -> Iterator[Any]:
    from docx.oxml import parse_xml

    for relation in document.part.rels.values():
        if relation.reltype.endswith(f"/{kind}") and not relation.is_external:
            yield parse_xml(relation.target_part.blob)


def _flag(properties: Any, name: str) -> bool | None:
    """Return what run properties say of a toggle, None where they do not say."""
    toggle = None if properties is None else properties.find(f"{W}{name}")
    return None if toggle is None else (toggle.get(f"{W}val") or "1").lower() not in _OFF


class _Reader:
    def __init__(self, styles: _Styles) -> None:
        self._styles = styles
        self._boxes: list[Any] = []
        self._unended = ""  # words of a paragraph whose end was deleted

    def blocks(self, parent: Any) -> Iterator[Block]:
        """Yield the blocks in a body, a cell, a content control or a text box."""
        for element in parent:
            if element.tag == f"{W}p":
                yield from self._paragraph(element)
            elif element.tag == f"{W}tbl":
                yield from self._table(element)
            elif element.tag == f"{_MC}AlternateContent":
                yield from self.blocks(_alternative(element))
            elif element.tag not in _REMOVED and element.tag.startswith(W):
                yield from self.blocks(element)  # sdt, sdtContent, customXml, ins, moveTo

    def notes(self, root: Any) -> Iterator[Block]:
        """Yield the paragraphs of the foot- or endnotes, without the lines that part them."""
        for note in root:
            if note.get(f"{W}type") in (None, "normal"):
                yield from self.blocks(note)

    def _paragraph(self, paragraph: Any) -> Iterator[Block]:
        properties = paragraph.find(f"{W}pPr")
        style = None if properties is None else properties.find(f"{W}pStyle")
        style_id = "" if style is None else style.get(f"{W}val") or ""
        outer, self._boxes = self._boxes, []
        parts: list[str] = [self._unended]
        self._inline(paragraph, style_id, parts)
        text, self._unended = "".join(parts), ""
        if _ends_deleted(properties):
            self._unended = text
        else:
            yield Block(text, self._styles.names.get(style_id, ""))
        boxes, self._boxes = self._boxes, outer
        for box in boxes:
            yield from self.blocks(box)

    def _inline(self, parent: Any, style_id: str, parts: list[str]) -> None:
        for element in parent:
            tag = element.tag
            if tag in _REMOVED or not isinstance(tag, str):
                continue
            if tag == f"{W}r":
                self._run(element, style_id, parts)
            elif tag == f"{_MC}AlternateContent":
                self._inline(_alternative(element), style_id, parts)
            elif tag == f"{W}txbxContent":
                self._boxes.append(element)
            elif tag in (f"{_M}sup", f"{_M}sub"):
                parts.append("^" if tag == f"{_M}sup" else "_")
                self._inline(element, style_id, parts)
            elif tag in (f"{W}t", f"{_M}t"):
                parts.append(element.text or "")
            elif tag == f"{W}sym":
                parts.append(_symbol(element))
            elif tag in _BREAKS:
                parts.append(_BREAKS[tag])
            else:
                self._inline(element, style_id, parts)
                parts.append("/" if tag == f"{_M}num" else "")

    def _run(self, run: Any, paragraph_style: str, parts: list[str]) -> None:
        properties = run.find(f"{W}rPr")
        style = None if properties is None else properties.find(f"{W}rStyle")
        style_id = "" if style is None else style.get(f"{W}val") or ""
        for name in ("vanish", "strike", "dstrike"):
            own = _flag(properties, name)
            inherited = self._styles.flag(style_id, name) or self._styles.flag(
                paragraph_style, name
            )
            if inherited if own is None else own:
                return
        words: list[str] = []
        self._inline(run, paragraph_style, words)
        text, before = "".join(words), "".join(parts[-20:])
        align = None if properties is None else properties.find(f"{W}vertAlign")
        position = "" if align is None else align.get(f"{W}val")
        if position == "superscript":
            text = raised(before, text)
        elif position == "subscript":
            text = lowered(before, text)
        parts.append(text)

    def _table(self, table: Any) -> Iterator[Block]:
        for row in _children(table, f"{W}tr"):
            if row.find(f"{W}trPr/{W}del") is not None:
                continue
            cells = [self._cell(cell) for cell in _children(row, f"{W}tc") if _is_printed(cell)]
            longest = max((len(block.text) for cell in cells for block in cell), default=0)
            nested = any(cell.find(f".//{W}tbl") is not None for cell in row.iterfind(f"{W}tc"))
            if nested or longest > _LAYOUT_CHARS or len(cells) == 1:
                yield from (block for cell in cells for block in cell)
            else:
                texts = (" ".join(" ".join(block.text for block in c).split()) for c in cells)
                yield Block(" | ".join(texts))

    def _cell(self, cell: Any) -> list[Block]:
        return [Block(block.text) for block in self.blocks(cell) if block.text.strip()]


def _children(parent: Any, tag: str) -> Iterator[Any]:
    """Yield rows or cells, also those within content controls."""
    for element in parent:
        if element.tag == tag:
            yield element
        elif element.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins"):
            yield from _children(element, tag)


def _is_printed(cell: Any) -> bool:
    """Whether a cell is one of its own: not deleted, and not the lower part of a merged one."""
    properties = cell.find(f"{W}tcPr")
    if properties is None:
        return True
    for name in ("vMerge", "hMerge"):
        merge = properties.find(f"{W}{name}")
        if merge is not None and merge.get(f"{W}val") in (None, "continue"):
            return False
    return properties.find(f"{W}cellDel") is None


def _ends_deleted(properties: Any) -> bool:
    """Whether the end of a paragraph was deleted, so that the next one goes on in its line."""
    if properties is None:
        return False
    marks = (properties.find(f"{W}rPr/{W}{name}") for name in ("del", "moveFrom"))
    return any(mark is not None for mark in marks)


def _alternative(element: Any) -> Any:
    """Return one of several forms of the same content: the newest that has any text."""
    forms = [form for form in element if form.tag in (f"{_MC}Choice", f"{_MC}Fallback")]
    return next((form for form in forms if form.find(f".//{W}t") is not None), ())


def _symbol(element: Any) -> str:
    """Return the character of a symbol, where its font is not one of pictures."""
    try:
        code = int(element.get(f"{W}char") or "", 16)
    except ValueError:
        return ""
    return "" if 0xE000 <= code <= 0xF8FF or code > 0x10FFFF else chr(code)
